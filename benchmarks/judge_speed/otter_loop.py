"""otter's programmatic interface, kept warm: for each line on stdin it grades once and prints seconds and points.

Started by judge_speed.py under the Python that has otter: NOTEBOOK AUTOGRADER.zip.
"""

import sys
import time

from otter import api

notebook, autograder = sys.argv[1:]
for _ in sys.stdin:
    start = time.perf_counter()
    results = api.grade_submission(notebook, autograder, quiet=True)
    taken = time.perf_counter() - start
    print(f"{taken:.4f} {results.total:g} {results.possible:g}", flush=True)
