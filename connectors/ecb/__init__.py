"""European Central Bank: euro reference rates of every business day since 1999."""

SOURCE = "ecb"
