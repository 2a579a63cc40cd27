"""Pages for those who mark: what scans leave open, and answers that wait for a person.

The same decisions as in the terminal, written down in the same places: `grader.scans.decisions` and the store. A room holds
what one person walks; `serving` puts it on loopback, behind `web.guard`, until that person is done.
"""
