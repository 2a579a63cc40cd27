"""Grading on many machines: `grade --cluster ADDRESS`, on Ray.

    command   the options' way to a driver; a driver that is lost is started again
    driver    claims submissions, sends them to the cluster, records what comes back
    bench     what runs on the cluster: it computes, and touches no store

The records are the truth, and the cluster holds nothing that could be lost: a submission that is away with a worker, a
machine, or the whole cluster is still claimed in the store, and its claim comes to an end.
"""
