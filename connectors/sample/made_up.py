"""A company that nobody can have met, so that every mart of the sample has something to show.

It stands for what the recorded figures lack: segments, guidance, risks that came and went, news, a
repository and a funding round. No real company says any of it. Its accounts add up, and on the
sample's last day it files a quarter that restates the one of the year before.
"""

CIK = 999_999_999
TICKER = "MADEUP"
NAME = "Made-Up Learning, Inc."
# How GitHub and Crunchbase know it, and what NewsAPI is asked for.
HANDLE = "made-up-learning"
QUERY = "Made-Up Learning"

# Said in every text, so that nobody takes one for somebody's words.
NOTICE = "Made up for the bundled sample: no such company exists, and no real one says this."
