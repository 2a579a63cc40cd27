"""Practice: a session over fresh variants, and the faces that show it."""
