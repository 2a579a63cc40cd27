"""A class on a server: who belongs to it, how they come in, and the rooms that they find.

    roster     a table of users, read
    tables     members and sign-ins, in the store
    roll       who belongs to the class: links, codes, sign-ins, and their end
    admission  the class follows its roster when a server starts
    links      links and codes, handed out and revoked
    door       the pages that let in and out; `Door.watched` finds out who is asking
    house      rooms under one roof: a front page, and each room behind its door
    boards     the boards as a room, with the ranks of whoever looks
    place      where the data lie

A room is an app of its own that knows nothing of who may enter: practice (`quiz.browser.app.practice_app`), hand-in
(`grader.hand_in.room`), the boards (`leaderboard.serving.room`).
"""
