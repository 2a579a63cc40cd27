"""What the results of an exam say about its questions."""
