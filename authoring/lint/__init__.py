"""The item-writing linter: rules on one question, on a draw of it, on a whole bank, and on an exam.

The rules are those of Haladyna, Downing and Rodriguez (2002), with what public banks were measured to get wrong.
"""
