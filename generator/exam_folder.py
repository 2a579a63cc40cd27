"""What stands in the folder of an exam beside the forms' own folders: every name there is in this one place.

A form's folder bears its label, for a student the student's id; so none of these can be an id.
"""

from __future__ import annotations

EXAM_FILE = "exam.json"
# The record while the exam is being made; a folder with it goes on where it was stopped.
UNFINISHED = "exam.json.unfinished"
SEATS_CSV = "seats.csv"
SEATS_PDF = "seats.pdf"
SEAT_FILES = (SEATS_CSV, SEATS_PDF)
CERTIFICATE_JSON = "certificate.json"
CERTIFICATE_PDF = "certificate.pdf"
CERTIFICATE_FILES = (CERTIFICATE_JSON, CERTIFICATE_PDF)
FILES_OF_AN_EXAM = (EXAM_FILE, UNFINISHED, *SEAT_FILES, *CERTIFICATE_FILES)
