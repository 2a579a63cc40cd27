"""A submission in, a score with reasons out."""
