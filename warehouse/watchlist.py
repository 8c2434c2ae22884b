"""The watchlist: which companies a night covers, with their dated tickers, from a YAML file."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

DEFAULT_WATCHLIST: Final = Path(__file__).with_name("watchlists") / "edtech.yaml"

EDTECH_SEGMENTS: Final[Mapping[str, str]] = {
    "early_childhood": "Early childhood",
    "k12": "K-12",
    "higher_education": "Higher education",
    "corporate_learning": "Corporate learning",
    "direct_to_consumer": "Direct to consumer",
    "publishing": "Publishing",
    "enabling_technology": "Enabling technology",
}

DeliveryModel = Literal["B2C", "B2B", "B2B2C"]
AnnualForm = Literal["10-K", "20-F", "40-F"]
Status = Literal["listed", "renamed", "delisted", "unknown"]

_SLUG: Final = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
_SYMBOL: Final = re.compile(r"[A-Z0-9][A-Z0-9.=-]{0,14}")
_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "delivery_model": get_args(DeliveryModel),
    "annual_form": get_args(AnnualForm),
    "status": get_args(Status),
}
_SHOWN: Final = 60


class WatchlistError(ValueError):
    """A wrong watchlist; one line for each problem: company, field, value and what is allowed."""


def _none_if_blank(value: Any) -> Any:
    # The file is read as plain text, so that ticker ON or TRUE stays a ticker; so does `null`.
    return None if isinstance(value, str) and value.strip() in ("", "~", "null") else value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("must be lower-case letters and digits, joined by _ or -")
    return value


def _symbol(value: str) -> str:
    if not _SYMBOL.fullmatch(value.upper()):
        raise ValueError("must be a ticker of at most 15 letters, digits, dots and dashes")
    return value.upper()


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("must be a currency code of three capital letters, such as USD")
    return value


def _month_day(value: str) -> str:
    try:
        if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", value):
            raise ValueError
        # A leap year, since some years end on 29 February.
        date(2000, int(value[:2]), int(value[3:]))
    except ValueError:
        raise ValueError("must be a day of the year as MM-DD, such as 12-31") from None
    return value


def _github_login(value: str) -> str:
    if len(value) > 39 or not re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9])*", value):
        raise ValueError("must be the login of a GitHub organization: letters, digits and dashes")
    return value


def _feed_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s#]*)?", value):
        raise ValueError("must be the http:// or https:// address of a feed or page")
    try:
        port = urlsplit(value).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("must name no port, or one from 1 to 65535")
    return value


_Blank = BeforeValidator(_none_if_blank)
_Listed = BeforeValidator(lambda v: _none_if_blank(v) or ())
GithubLogin = Annotated[str, AfterValidator(_github_login)]
FeedUrl = Annotated[str, AfterValidator(_feed_url)]
Slug = Annotated[str, AfterValidator(_slug)]
_Date = Annotated[date | None, _Blank]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Ticker(_Strict):
    """A symbol and the days it was the company's, both inclusive; None has no end on that side."""

    symbol: Annotated[str, AfterValidator(_symbol)]
    valid_from: _Date = Field(default=None, alias="from")
    valid_to: _Date = Field(default=None, alias="to")

    def covers(self, on: date) -> bool:
        """Whether the symbol was in use on that day."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)

    def overlaps(self, other: "Ticker") -> bool:
        """Whether both were in use on some day."""
        begin = max(self.valid_from or date.min, other.valid_from or date.min)
        return begin <= min(self.valid_to or date.max, other.valid_to or date.max)

    def __str__(self) -> str:
        return f"{self.symbol} ({self.valid_from or 'ever'} to {self.valid_to or 'now'})"


class Predecessor(_Strict):
    """A registrant that filed for the company before, under a CIK of its own."""

    cik: Annotated[int, Field(gt=0, lt=10**10)]
    name: Annotated[str, StringConstraints(min_length=1)]
    valid_to: _Date = Field(default=None, alias="to")


class Company(_Strict):
    """One company to watch, by its CIK, its tickers, or both."""

    id: Slug
    name: Annotated[str, StringConstraints(min_length=1)]
    cik: Annotated[Annotated[int, Field(gt=0, lt=10**10)] | None, _Blank] = None
    segment: str
    delivery_model: DeliveryModel
    annual_form: AnnualForm = "10-K"
    reporting_currency: Annotated[str, AfterValidator(_currency)] = "USD"
    fiscal_year_end: Annotated[
        Annotated[str, AfterValidator(_month_day)] | None,
        _Blank,
    ] = None
    status: Status = "listed"
    tickers: Annotated[tuple[Ticker, ...], BeforeValidator(lambda v: _none_if_blank(v) or ())] = ()
    predecessors: Annotated[
        tuple[Predecessor, ...], BeforeValidator(lambda v: _none_if_blank(v) or ())
    ] = ()
    # By which names other sources know the company; without one they are not asked about it.
    github: Annotated[tuple[GithubLogin, ...], _Listed] = ()
    crunchbase: Annotated[Slug | None, _Blank] = None
    news_query: Annotated[str | None, _Blank] = None
    press_rooms: Annotated[tuple[FeedUrl, ...], _Listed] = ()
    # Pages of documents, or documents themselves: HTML or PDF.
    investor_pages: Annotated[tuple[FeedUrl, ...], _Listed] = ()

    def handles(self) -> Iterator[tuple[str, str]]:
        """Pairs of a source and the name by which it knows the company."""
        for login in self.github:
            yield "github", login
        if self.crunchbase is not None:
            yield "crunchbase", self.crunchbase
        if self.news_query is not None:
            yield "newsapi", self.news_query
        for url in self.press_rooms:
            yield "feeds", url
        for url in self.investor_pages:
            yield "investor_pages", url


class Watchlist(_Strict):
    """The companies in file order, the label of each segment, and feeds of the trade press."""

    segments: dict[str, str] = dict(EDTECH_SEGMENTS)
    companies: tuple[Company, ...]
    trade_press: tuple[str, ...] = ()

    def current_ticker(self, company: Company, on: date) -> str | None:
        """The company's symbol on that day, or None where it had none."""
        return next((ticker.symbol for ticker in company.tickers if ticker.covers(on)), None)

    def find(self, ticker: str) -> Company | None:
        """The company that has or had this symbol; of several, the one that had it last."""
        owners = [
            (dated.valid_to or date.max, company)
            for company in self.companies
            for dated in company.tickers
            if dated.symbol == ticker.strip().upper()
        ]
        return max(owners, key=lambda owner: owner[0])[1] if owners else None


def load_watchlist(path: Path = DEFAULT_WATCHLIST) -> Watchlist:
    """Read and check a watchlist; WatchlistError lists every problem of the file at once."""
    document = _read(path)
    problems: list[str] = []
    problems += _unknown_keys("watchlist", document, Watchlist.model_fields)
    segments = _segments(document.get("segments"), problems)
    entries = document.get("companies")
    if not isinstance(entries, list) or not entries:
        problems.append("watchlist: companies: must be a list of at least one company")
        entries = []
    mappings: list[tuple[str, dict[str, Any]]] = []
    companies: list[tuple[str, Company]] = []
    for number, entry in enumerate(entries, start=1):
        label = _label(entry, number)
        if not isinstance(entry, dict):
            problems.append(f"{label}: {_short(entry)} must be a mapping of id, name and so on")
            continue
        mappings.append((label, entry))
        problems += _entry_problems(label, entry, segments)
        try:
            company = Company.model_validate(entry)
        except ValidationError as error:
            problems += _field_problems(label, error)
        else:
            companies.append((label, company))
            problems += _ticker_problems(label, company)
    trade_press = _trade_press(document.get("trade_press"), problems)
    problems += [*_repeated(mappings), *_shared_tickers(companies)]
    if problems:
        raise WatchlistError("\n".join(f"{path}: {problem}" for problem in problems))
    return Watchlist(
        segments=segments,
        companies=tuple(company for _, company in companies),
        trade_press=trade_press,
    )


class _TextLoader(yaml.BaseLoader):
    """Keeps every scalar as text: YAML 1.1 reads ticker ON as true and CIK 0001234567 as octal."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {twice!r} is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def _read(path: Path) -> dict[str, Any]:
    try:
        # The loader builds nothing but text, lists and mappings.
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader)  # noqa: S506
    except OSError as error:
        reason = (
            f"{path}: cannot be read ({error.strerror}); set CORPINTEL_WATCHLIST to a YAML file"
        )
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = f"{path}: is not YAML: {' '.join(str(error).split())}"
    else:
        if isinstance(document, dict):
            return document
        given = f"not {_short(document)}" if document else "and the file is empty"
        reason = f"{path}: must be a mapping with `companies`, {given}"
    raise WatchlistError(reason)


def _segments(given: Any, problems: list[str]) -> dict[str, str]:
    if _none_if_blank(given) is None:
        return dict(EDTECH_SEGMENTS)
    if not isinstance(given, dict) or not given:
        problems.append(f"watchlist: segments: {_short(given)} must be a mapping of slug to label")
        return {}
    for slug, label in given.items():
        if not _SLUG.fullmatch(slug):
            problems.append(
                f"watchlist: segments: {_short(slug)} must be lower-case letters and digits, "
                f"joined by _ or -"
            )
        if not isinstance(label, str) or not label.strip():
            problems.append(f"watchlist: segments.{slug}: {_short(label)} must be a label")
    return {slug: str(label).strip() for slug, label in given.items()}


def _trade_press(given: Any, problems: list[str]) -> tuple[str, ...]:
    urls = _none_if_blank(given) or []
    if not isinstance(urls, list):
        problems.append(f"watchlist: trade_press: {_short(given)} must be a list of addresses")
        return ()
    for index, url in enumerate(urls):
        try:
            _feed_url(url if isinstance(url, str) else "")
        except ValueError as error:
            problems.append(f"watchlist: trade_press[{index}]: {_short(url)} {error}")
    return tuple(url for url in urls if isinstance(url, str))


def _label(entry: Any, number: int) -> str:
    named = entry.get("id") or entry.get("name") if isinstance(entry, dict) else None
    return f"company {named} (#{number})" if isinstance(named, str) else f"company #{number}"


def _entry_problems(label: str, entry: dict[str, Any], segments: dict[str, str]) -> Iterator[str]:
    """What the model cannot say well, or at all, of one company."""
    yield from _unknown_keys(label, entry, Company.model_fields)
    segment = entry.get("segment")
    if isinstance(segment, str) and segments and segment not in segments:
        yield f"{label}: segment: {_short(segment)} {_one_of(segment, segments)}"
    if not _none_if_blank(entry.get("cik")) and not _none_if_blank(entry.get("tickers")):
        yield f"{label}: tickers: needs at least one ticker, or a cik"
    if _none_if_blank(entry.get("predecessors")) and not _none_if_blank(entry.get("cik")):
        yield f"{label}: predecessors: need the cik under which the company files now"
    for index, predecessor in enumerate(_mappings(entry.get("predecessors"))):
        yield from _unknown_keys(
            f"{label}: predecessors[{index}]", predecessor, ("cik", "name", "to")
        )
    tickers = entry.get("tickers")
    for index, ticker in enumerate(tickers if isinstance(tickers, list) else []):
        if isinstance(ticker, dict):
            yield from _unknown_keys(f"{label}: tickers[{index}]", ticker, ("symbol", "from", "to"))


def _mappings(given: Any) -> list[dict[str, Any]]:
    return [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []


def _unknown_keys(label: str, given: Mapping[str, Any], known: Iterable[str]) -> Iterator[str]:
    known = list(known)
    for key in given:
        if key not in known:
            value = _short(given[key])
            yield f"{label}: {key}: unknown key with value {value}; {_one_of(key, known)}"


def _field_problems(label: str, error: ValidationError) -> Iterator[str]:
    for detail in error.errors():
        if detail["type"] == "extra_forbidden":
            continue  # told above, with the closest known key
        place = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]
        )
        name = place.removeprefix(".")
        if detail["type"] == "missing":
            yield f"{label}: {name}: is missing{_allowed_hint(name)}"
        elif detail["type"] == "literal_error":
            yield f"{label}: {name}: {_short(detail['input'])} " + _one_of(
                str(detail["input"]), _ALLOWED[name]
            )
        else:
            told = _told(detail["type"], detail["msg"])
            yield f"{label}: {name}: {_short(detail['input'])} {told}"


def _told(kind: str, message: str) -> str:
    if kind.startswith("date"):
        return "must be a date as YYYY-MM-DD"
    if kind.startswith(("int", "greater", "less")):
        return "must be a CIK: a whole number of at most 10 digits"
    if kind == "model_type":
        return "must be a mapping of symbol, from and to"
    if kind == "tuple_type":
        return "must be a list of tickers, such as [{symbol: ABC}]"
    if kind == "string_too_short":
        return "must not be empty"
    return message.removeprefix("Value error, ")


def _allowed_hint(name: str) -> str:
    return f"; must be one of {', '.join(_ALLOWED[name])}" if name in _ALLOWED else ""


def _one_of(given: str, allowed: Iterable[str]) -> str:
    allowed = list(allowed)
    by_lower = {value.lower(): value for value in allowed}
    close = difflib.get_close_matches(given.lower(), list(by_lower), n=1)
    suggestion = f"; did you mean {by_lower[close[0]]}?" if close else ""
    return f"must be one of {', '.join(allowed)}{suggestion}"


def _ticker_problems(label: str, company: Company) -> Iterator[str]:
    for index, ticker in enumerate(company.tickers):
        if (ticker.valid_from or date.min) > (ticker.valid_to or date.max):
            yield f"{label}: tickers[{index}]: {ticker} must not end before it begins"
    for one, other in combinations(company.tickers, 2):
        if one.overlaps(other):
            yield f"{label}: tickers: {one} overlaps {other}; a day may have only one ticker"


def _repeated(entries: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Ids and CIKs given to two companies, of companies with other problems too."""
    first: dict[tuple[str, str], str] = {}
    for label, entry in entries:
        former = [("cik", p.get("cik")) for p in _mappings(entry.get("predecessors"))]
        for name, given in [("id", entry.get("id")), ("cik", entry.get("cik")), *former]:
            value = _none_if_blank(given)
            if not isinstance(value, str):
                continue
            key = (name, value.strip().lstrip("0") if name == "cik" else value.strip())
            if key in first:
                yield f"{label}: {name}: {_short(value)} is also the {name} of {first[key]}"
            first.setdefault(key, label)


def _shared_tickers(companies: list[tuple[str, Company]]) -> Iterator[str]:
    for (first, one), (label, other) in combinations(companies, 2):
        for mine in other.tickers:
            for theirs in one.tickers:
                if mine.symbol == theirs.symbol and mine.overlaps(theirs):
                    yield f"{label}: tickers: {mine} is also a ticker of {first}, as {theirs}"


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
