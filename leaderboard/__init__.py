"""The results that were kept, ranked and exported.

`store` keeps submissions and results, `ranking` turns results into a board, `exports` and `page`
write a board down, `cli` is the `leaderboard` command.
"""
