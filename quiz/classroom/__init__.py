"""`quiz serve`: practice for a class, behind a reverse proxy. The class itself is the package `classroom`.

command    `quiz serve`, and its rooms: one line of `command.rooms_of` each
figures    what the class found hard, from the answers that are kept
instructor the instructor's room: those figures as pages and CSV
warm       what is made before the first student comes
"""
