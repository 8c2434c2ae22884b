"""Whether SEC's name of a filer is the company that a watchlist means."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_LEGAL_FORMS = frozenset(
    {
        "ab",
        "ag",
        "and",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "inc",
        "incorporated",
        "limited",
        "llc",
        "lp",
        "ltd",
        "nv",
        "plc",
        "sa",
        "se",
        "spa",
        "the",
    }
)
# These can be all that tells two companies apart: Graham Holdings Co is not Graham Corp. So one
# side may lack them only where two other words agree.
_LOOSE_WORDS = frozenset({"adr", "group", "holding", "holdings"})
# EDGAR marks namesakes by state or country: "NVIDIA CORP/CA", "PLUG POWER INC /DE/".
_STATE = re.compile(r"\s*[/\\]\s*[a-z]{2,4}\s*[/\\]?\s*$")


def names_match(watchlist_name: str, sec_names: Iterable[str]) -> bool:
    """True when one of SEC's names is the watchlist's but for spelling and legal form.

    Word order is free, as EDGAR writes surnames first ("WILEY JOHN & SONS").
    """
    wanted = _words(watchlist_name)
    return any(_same(wanted, _words(name)) for name in sec_names)


def _same(left: Counter[str], right: Counter[str]) -> bool:
    if not left or not right:
        return False
    common = left & right
    rest_left, rest_right = left - common, right - common
    if not rest_left and not rest_right:
        return True
    if rest_left and rest_right:
        return False
    is_loose = set(rest_left + rest_right) <= _LOOSE_WORDS
    return is_loose and len(set(common) - _LOOSE_WORDS) >= 2


def _words(name: str) -> Counter[str]:
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    bare = re.sub(r"[.'\u2019]", "", _STATE.sub("", letters))
    words = re.findall(r"\w+", bare)
    distinctive = [word for word in words if word not in _LEGAL_FORMS]
    # A name of nothing but such words ("The Limited") is still a name.
    return Counter(distinctive or words)
