"""How much of a text is searched: the store's index and those who ask it must say the same."""

# PostgreSQL's index of words holds no megabyte.
SEARCHED_CHARACTERS = 400_000
