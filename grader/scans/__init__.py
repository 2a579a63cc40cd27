"""Scanned exams: pages in, what was marked on their answer sheets out, and what a person must look at."""
