"""The judge's tests, one subject a file. Each module lists its own in TESTS: id -> CodeTest."""
