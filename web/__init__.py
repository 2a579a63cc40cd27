"""The shell of every browser face: what a small server needs so that its pages are safe and alike.

A room (practice, hand-in, board) is a Starlette app without any protection of its own; `guarded` puts all of it around
the outermost app, once:

    site = Site(secret=kept_secret(file), clock=now, hosts=frozenset({"127.0.0.1:8734"}),
                environment=joined(environment()), assets=assets(folder / "page.css", folder / "practice.css"))
    room = Starlette(routes=[Route("/", show), Route("/answer", posted(answer), methods=["POST"])],
                     exception_handlers=error_pages(site))
    app = guarded(Starlette(routes=[Mount("/assets", asset_files(site)), Mount("/", room)]), site, Limits())
    with until_stopped():
        serve(app, listening(8734))

web.site      Site, what a server is made of; `render` a template with the request's addresses and form token
web.pages     `joined`: a room's Jinja environment, which then finds `web/base.html`; `assets`, `asset_files`
web.guard     `guarded`: Host and Origin, size of bodies, rate for each user, security headers, who is asking
web.visitors  the cookie that says who is asking: `admit`, `dismiss`, `visitor_of`
web.links     signed text with an expiry, for addresses that are handed out: `sign`, `read_signed`
web.forms     `posted`: a handler of a form, called with its fields after the token was checked; files too
web.problems  `Problem`: what a page says went wrong, and what to do; `error_pages` for everything else
web.secret    `kept_secret`: the server's secret in a file of its owner
web.limits    `Limits`: requests and bytes for each user
web.own       a room for the one person who started it: `Passes`, `own_listener`, `own_site`, `own_app`
web.below     `below`: the app below the path that a proxy leaves in front of every address
web.gate      `gated`: what takes long, so many at once
web.server    `listening`, `serve`, `until_stopped`: uvicorn on loopback
web.processes `run_processes`: several server processes on one port, and others beside them
web.followers `end_with`: a process that ends with the one that started it

`page.css` is the room's: colours and type, the same as on its printed and exported pages; `shell.css` builds on its
variables. The shell has no script: pages work without any, and a room's own adds comfort. No page asks anything of
another server: the content policy allows this server's own style sheets, scripts and pictures, and nothing else. Where
an app is mounted below a prefix, `root_path` is part of every address that `render` gives; a proxy that adds one of its
own is told to the Site (`prefix`).
"""
