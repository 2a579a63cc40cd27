"""`leaderboard serve`: the boards as a live page; and what the commands of all servers have in common.

address    how browsers reach a server
options    the options that say so, and the sockets that are opened for it
live       the page of the boards, made again only when something has changed
room       that page as an app
command    `leaderboard serve`
"""
