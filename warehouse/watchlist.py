"""The watchlist: which companies a night covers, with their dated tickers, from a YAML file."""

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

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


def _filled(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("must be lower-case letters and digits, joined by _ or -")
    return value


def _symbol(value: str) -> str:
    if not _SYMBOL.fullmatch(value.upper()):
        raise ValueError("must be a ticker of at most 15 letters, digits, dots and dashes")
    return value.upper()


def _cik(value: Any) -> int:
    text = str(value).strip()
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) == 0:
        raise ValueError("must be a CIK: a whole number of at most 10 digits")
    return int(text)


def _day(value: Any) -> date:
    text = value.strip() if isinstance(value, str) else ""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date as YYYY-MM-DD") from None


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


def _list_of(items: str) -> BeforeValidator:
    """A list, or nothing at all; `items` says of what, with an example."""

    def listed(value: Any) -> tuple[Any, ...]:
        given = _none_if_blank(value) or []
        if not isinstance(given, list):
            raise ValueError(f"must be a list of {items}")
        return tuple(given)

    return BeforeValidator(listed)


def _one_of_those(allowed: tuple[str, ...]) -> BeforeValidator:
    def chosen(value: Any) -> Any:
        if value not in allowed:
            raise ValueError(_one_of(str(value), allowed))
        return value

    return BeforeValidator(chosen)


def _unless_blank(check: Callable[[Any], Any]) -> BeforeValidator:
    def checked(value: Any) -> Any:
        given = _none_if_blank(value)
        return None if given is None else check(given)

    return BeforeValidator(checked)


_Blank = BeforeValidator(_none_if_blank)
_Text = Annotated[str, AfterValidator(_filled)]
_Date = Annotated[date | None, _unless_blank(_day)]
GithubLogin = Annotated[str, AfterValidator(_github_login)]
FeedUrl = Annotated[str, AfterValidator(_feed_url)]
_Addresses = Annotated[tuple[FeedUrl, ...], _list_of("addresses, such as [https://example.com]")]
Slug = Annotated[str, AfterValidator(_slug)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, str_strip_whitespace=True, validate_default=True
    )


class Ticker(_Strict):
    """A symbol and the days it was the company's, both inclusive; None has no end on that side."""

    symbol: Annotated[str, AfterValidator(_symbol)]
    valid_from: _Date = Field(default=None, alias="from")
    valid_to: _Date = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> "Ticker":
        if (self.valid_from or date.min) > (self.valid_to or date.max):
            raise _problem(f"{self} must not end before it begins")
        return self

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

    cik: Annotated[int, BeforeValidator(_cik)]
    name: _Text
    valid_to: _Date = Field(default=None, alias="to")


class Company(_Strict):
    """One company to watch, by its CIK, its tickers, or both."""

    id: Slug
    name: _Text
    cik: Annotated[int | None, _unless_blank(_cik)] = None
    segment: str
    delivery_model: Annotated[DeliveryModel, _one_of_those(get_args(DeliveryModel))]
    annual_form: Annotated[AnnualForm, _one_of_those(get_args(AnnualForm))] = "10-K"
    reporting_currency: Annotated[str, AfterValidator(_currency)] = "USD"
    fiscal_year_end: Annotated[str | None, _unless_blank(_month_day)] = None
    status: Annotated[Status, _one_of_those(get_args(Status))] = "listed"
    tickers: Annotated[tuple[Ticker, ...], _list_of("tickers, such as [{symbol: ABC}]")] = ()
    predecessors: Annotated[
        tuple[Predecessor, ...], _list_of("predecessors, such as [{cik: 1, name: Old Inc}]")
    ] = ()
    # By which names other sources know the company; without one they are not asked about it.
    github: Annotated[tuple[GithubLogin, ...], _list_of("logins, such as [example]")] = ()
    crunchbase: Annotated[Slug | None, _Blank] = None
    news_query: Annotated[str | None, _Blank] = None
    press_rooms: _Addresses = ()
    # Pages of documents, or documents themselves: HTML or PDF.
    investor_pages: _Addresses = ()

    @model_validator(mode="after")
    def _can_be_asked_about(self) -> "Company":
        if self.cik is None and not self.tickers:
            raise _problem("needs at least one ticker, or a cik", "tickers")
        if self.cik is None and self.predecessors:
            raise _problem("need the cik under which the company files now", "predecessors")
        for one, other in combinations(self.tickers, 2):
            if one.overlaps(other):
                raise _problem(f"{one} overlaps {other}; a day may have only one ticker", "tickers")
        return self

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


def _label(entry: Any, number: int) -> str:
    named = entry.get("id") or entry.get("name") if isinstance(entry, dict) else None
    return f"company {named} (#{number})" if isinstance(named, str) else f"company #{number}"


def _problem(told: str, *place: str | int) -> ValidationError:
    """An error that says all itself, at a place below the model that raises it."""
    return _several([_line(told, *place)])


def _line(told: str, *place: str | int) -> InitErrorDetails:
    # The message is no template: what it quotes from the file may hold braces.
    kind = PydanticCustomError("problem", "{told}", {"told": told})
    return InitErrorDetails(type=kind, loc=place, input=None)


def _several(lines: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data("watchlist", lines)


def _lines(error: ValidationError) -> Iterator[InitErrorDetails]:
    for detail in error.errors(include_url=False):
        told = {"ctx": detail["ctx"]} if "ctx" in detail else {}
        if detail["type"] == "problem":
            yield _line(detail["msg"], *detail["loc"])
        else:
            yield InitErrorDetails(
                type=detail["type"],
                loc=detail["loc"],
                input=detail["input"],
                **told,  # type: ignore[typeddict-item]
            )


def _segments(given: Any) -> Any:
    if _none_if_blank(given) is None:
        return dict(EDTECH_SEGMENTS)
    if not isinstance(given, dict) or not given:
        raise ValueError("must be a mapping of slug to label")
    return given


def _companies(
    given: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
) -> tuple[Company, ...]:
    """The companies; problems between entries are told beside those of their fields."""
    if not isinstance(given, list) or not given:
        raise _problem("must be a list of at least one company")
    problems = [*_unknown_segments(given, info.data.get("segments")), *_repeated(given)]
    try:
        companies: tuple[Company, ...] = validate(tuple(given))
    except ValidationError as error:
        raise _several([*_lines(error), *problems]) from None
    problems += _shared_tickers(companies)
    if problems:
        raise _several(problems)
    return companies


def _unknown_segments(
    entries: list[Any], segments: Mapping[str, str] | None
) -> Iterator[InitErrorDetails]:
    """Segments that the list does not have; none where the list of segments is wrong itself."""
    for index, entry in enumerate(_mappings(entries)):
        given = entry.get("segment")
        if segments is not None and isinstance(given, str) and given.strip() not in segments:
            yield _line(f"{_short(given)} {_one_of(given, segments)}", index, "segment")


def _repeated(entries: list[Any]) -> Iterator[InitErrorDetails]:
    """Ids and CIKs given to two companies, of companies with other problems too."""
    first: dict[tuple[str, str], str] = {}
    for index, entry in enumerate(_mappings(entries)):
        label = _label(entry, index + 1)
        former = [("cik", given.get("cik")) for given in _mappings(entry.get("predecessors"))]
        for name, given in [("id", entry.get("id")), ("cik", entry.get("cik")), *former]:
            value = _none_if_blank(given)
            if not isinstance(value, str):
                continue
            key = (name, value.strip().lstrip("0") if name == "cik" else value.strip())
            if key in first:
                told = f"{_short(value)} is also the {name} of {first[key]}"
                yield _line(told, index, name)
            first.setdefault(key, label)


def _mappings(given: Any) -> list[dict[str, Any]]:
    """The entries of a list, an empty one in place of what is no mapping."""
    entries = given if isinstance(given, list) else []
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def _shared_tickers(companies: tuple[Company, ...]) -> Iterator[InitErrorDetails]:
    owners: defaultdict[str, list[tuple[int, Company, Ticker]]] = defaultdict(list)
    for index, company in enumerate(companies):
        for mine in company.tickers:
            for number, owner, theirs in owners[mine.symbol]:
                if number != index and mine.overlaps(theirs):
                    whose = f"company {owner.id} (#{number + 1}), as {theirs}"
                    yield _line(f"{mine} is also a ticker of {whose}", index, "tickers")
            owners[mine.symbol].append((index, company, mine))


class Watchlist(_Strict):
    """The companies in file order, the label of each segment, and feeds of the trade press."""

    segments: Annotated[dict[Slug, _Text], BeforeValidator(_segments)] = Field(
        default_factory=lambda: dict(EDTECH_SEGMENTS)
    )
    companies: Annotated[tuple[Company, ...], WrapValidator(_companies)] = ()
    trade_press: _Addresses = ()

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
    """Read and check a watchlist; WatchlistError lists the problems of the whole file at once."""
    document = _read(path)
    try:
        return Watchlist.model_validate(document)
    except ValidationError as error:
        details: list[Any] = error.errors(include_url=False)
    # An unknown key is often why another is missing, so it is told first.
    details.sort(key=lambda detail: detail["type"] != "extra_forbidden")
    raise WatchlistError("\n".join(f"{path}: {_told(detail, document)}" for detail in details))


class _TextLoader(yaml.BaseLoader):
    """Keeps every scalar as text: YAML 1.1 reads ticker ON as true and CIK 0001234567 as octal."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            # A few lines of aliases of aliases would unfold to more than memory holds.
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, f"alias *{event.anchor} must be written out", event.start_mark
            )
        return super().compose_node(parent, index)

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
    except RecursionError:
        reason = f"{path}: is nested too deeply for a list of companies"
    else:
        if isinstance(document, dict):
            return document
        given = f"not {_short(document)}" if document else "and the file is empty"
        reason = f"{path}: must be a mapping with `companies`, {given}"
    raise WatchlistError(reason)


_MAPPINGS: Final[Mapping[type[BaseModel], str]] = {
    Watchlist: "segments, companies and trade_press",
    Company: "id, name and so on",
    Ticker: "symbol, from and to",
    Predecessor: "cik, name and to",
}
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "companies": Company,
    "tickers": Ticker,
    "predecessors": Predecessor,
}


def _told(detail: Mapping[str, Any], document: dict[str, Any]) -> str:
    """One problem as a line: whose field, the value, and what is allowed or the cure."""
    label, place = "watchlist", [part for part in detail["loc"] if part != "[key]"]
    if place[0] == "companies" and len(place) > 1:
        label, place = _label(document["companies"][place[1]], place[1] + 1), place[2:]
    shown, kind = _short(detail["input"]), detail["type"]
    if kind == "extra_forbidden":
        *place, key = place
        known = [
            field.alias or name for name, field in _model_at(detail["loc"]).model_fields.items()
        ]
        what = f"{key}: unknown key with value {shown}; {_one_of(str(key), known)}"
    elif kind == "missing":
        allowed = _ALLOWED.get(str(place[-1]))
        what = "is missing" + (f"; must be one of {', '.join(allowed)}" if allowed else "")
    elif kind == "problem":
        what = detail["msg"]
    elif kind == "model_type":
        what = f"{shown} must be a mapping of {_MAPPINGS[_model_at((*detail['loc'], ''))]}"
    elif kind == "string_type":
        what = f"{shown} must be text"
    else:
        what = f"{shown} {detail['msg'].removeprefix('Value error, ')}"
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return ": ".join(part for part in (label, where.removeprefix("."), what) if part)


def _model_at(location: tuple[str | int, ...]) -> type[BaseModel]:
    """The model that a key at that place belongs to."""
    lists = [part for part in location[:-1] if part in _MODELS]
    return _MODELS[str(lists[-1])] if lists else Watchlist


def _one_of(given: str, allowed: Iterable[str]) -> str:
    allowed = list(allowed)
    by_lower = {value.lower(): value for value in allowed}
    close = difflib.get_close_matches(given.lower(), list(by_lower), n=1)
    suggestion = f"; did you mean {by_lower[close[0]]}?" if close else ""
    return f"must be one of {', '.join(allowed)}{suggestion}"


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
