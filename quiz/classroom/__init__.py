"""`quiz serve`: practice for a class, behind a reverse proxy.

    roster     a table of users, read
    tables     members and sign-ins, in the store
    roll       who belongs to the class: links, codes, sign-ins, and their end
    door       the pages that let in and out; `Door.watched` finds out who is asking
    house      rooms under one roof: a front page, and each room behind its door
    figures    what the class found hard, from the answers that are kept
    instructor the instructor's room: those figures as pages and CSV
    processes  several server processes on one port
    place      where the data lie, and which addresses the server answers to
    gate       what takes long, so many at once
    warm       what is made before the first student comes
    command    `quiz serve`
    links      `quiz serve links`, `quiz serve revoke`

A room is an app of its own (`quiz.browser.app.practice_app` is one), named in one line of `command.rooms_of`.
"""
