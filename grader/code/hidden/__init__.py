"""Hidden test sets for trained models: read from a course's data, or drawn under a secret."""
