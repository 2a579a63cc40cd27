"""Taking submissions in, and grading what was taken in: from a folder (`--watch`), from browsers (`--serve`), on many machines (`--cluster`).

    offers    what may be handed in, and by the rule of its board whether it is still in time
    grading   from the queue to the job processes and back, until it is told to stop
    keep      what a worker of any kind does with the outcome of a claim
    folder    a folder that hand-ins are dropped into
    whose     the user in the name of a file
    room      the pages: what to hand in, receipts, reports
    sending   how a submission gets in over HTTP: the form, and POST /submissions
    server    `grade --serve`: door, rooms, and grading beside them
    command   `grade --watch` and `--serve`, from their options

What is taken in is on record before it is graded (`leaderboard.queue.hand_in`), and its time is that of the intake.
"""
