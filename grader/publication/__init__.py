"""After marking: grades by a key, tables for gradebooks, and each student's own paper with its points."""
