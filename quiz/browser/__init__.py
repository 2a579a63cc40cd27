"""Practice in a browser: pages over the same desk as the terminal.

    app = practice_app(site, desk_of)      # quiz.browser.app: mount it where you like

`site` is the server (see `web`), and `desk_of(user)` the desk of whoever is asking: for one student the same one each
time, for a class one for each name over a shared store. The app has no protection of its own: `web.guard.guarded`
stands around whatever it is mounted in. What a page shows of a question comes from `look`, which is where keys end:
before a part is settled, nothing of its key leaves it.
"""
