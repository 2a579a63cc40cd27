"""Grading code: a judge with references and verdicts, and locked workers with the submission."""
