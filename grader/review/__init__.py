"""Reviewing: a person marks what the machine leaves open, for a whole cohort, question by question."""
