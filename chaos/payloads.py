"""Corrupt answers: on the wire they must not pass, and in a body they must never end a night."""

import gzip
import random
from collections.abc import Iterator
from typing import Final

import orjson

from chaos.scripted_server import scripted
from connectors.archive import Archive, Capture
from connectors.errors import SourceError, StopSourceError
from connectors.http import HttpClient, Response
from connectors.replay import NoBreakers, NoLimits
from connectors.retry import RetryPolicy
from connectors.sample import SAMPLE_FETCHED_AT
from connectors.sec import parse
from flows.night.open import Night
from flows.sources.subject import Source, Subject
from flows.steps.collect import collect
from flows.steps.gate import load_all
from warehouse.ops import CaptureTable

TRUNCATIONS: Final = 99
FLIPS: Final = 1_000
CIK: Final = 1_234_567
_FACTS: Final = 12


def good_body() -> bytes:
    """Company facts of a made-up filer, small enough to be parsed a thousand times."""
    facts = [
        {
            "start": f"{2010 + n}-01-01",
            "end": f"{2010 + n}-12-31",
            "val": 1_000_000 + n,
            "accn": f"0001234567-{11 + n}-000001",
            "fy": 2010 + n,
            "fp": "FY",
            "form": "10-K",
            "filed": f"{2011 + n}-02-15",
        }
        for n in range(_FACTS)
    ]
    return orjson.dumps(
        {
            "cik": CIK,
            "entityName": "Made Up Inc",
            "facts": {"us-gaap": {"Revenues": {"label": "", "units": {"USD": facts}}}},
        }
    )


def special_bodies() -> dict[str, bytes]:
    """Bodies that break parsers: numbers that are none, text that is none, depth, size."""
    good = good_body()
    value = b'"val":1000000,'
    changed = {
        "NaN": b'"val":NaN,',
        "Infinity": b'"val":Infinity,',
        "1e400": b'"val":1e400,',
        "-1e-400": b'"val":-1e-400,',
        "a number of 5,000 digits": b'"val":' + b"9" * 5_000 + b",",
        "null": b'"val":null,',
        "true": b'"val":true,',
        "text": b'"val":"1,000,000",',
        "a list": b'"val":[1],',
        "NUL in a text": b'"val":1000000,"frame":"a\\u0000b",',
        "raw NUL": b'"val":1000000,"frame":"a\x00b",',
        "a lone high surrogate": b'"val":1000000,"frame":"\\ud800",',
        "a lone low surrogate": b'"val":1000000,"frame":"\\udc00",',
        "invalid UTF-8": b'"val":1000000,"frame":"\xff\xfe",',
    }
    bodies = {name: good.replace(value, text, 1) for name, text in changed.items()}
    depth = 10_000
    return bodies | {
        "10,000 lists in each other": b"[" * depth + b"]" * depth,
        "10,000 objects in each other": b'{"a":' * depth + b"1" + b"}" * depth,
        "deep facts": good.replace(b'"facts":', b'"facts":' + b'{"a":' * depth, 1),
        "an empty body": b"",
        "a page": b"<html>consent</html>",
        "UTF-16": good.decode().encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "twice the same key": good.replace(b'"cik":', b'"cik":7,"cik":', 1),
    }


def torn_bodies(body: bytes, seed: int) -> dict[str, bytes]:
    """The body cut off at 99 places, and with one byte flipped a thousand times."""
    chosen = random.Random(seed)
    cuts = {
        f"cut at {n} %": body[: len(body) * n // (TRUNCATIONS + 1)]
        for n in range(1, TRUNCATIONS + 1)
    }
    flips = {}
    for n in range(FLIPS):
        place, change = chosen.randrange(len(body)), chosen.randrange(1, 256)
        flipped = bytearray(body)
        flipped[place] ^= change
        flips[f"flip {n}: byte {place} by {change}"] = bytes(flipped)
    return cuts | flips


def load_corrupt(night: Night, seed: int) -> None:
    """Load a thousand corrupt bodies as one source's answers; each must come to a verdict.

    A flipped digit is a good answer to any parser: what is loaded here stays in this warehouse.
    """
    bodies = special_bodies() | torn_bodies(good_body(), seed)
    source = Source(
        "sec",
        ("sec_facts",),
        lambda night: _subjects(night, bodies),
        lambda night: len(bodies),
        is_bundled=True,
    )
    load_all(night, [collect(night, source, lambda _count: None)])
    with night.warehouse.engine.connect() as connection:
        told = connection.exec_driver_sql(
            "select count(distinct subject) from ops.outcomes"
            f" where run_id = {night.run_id} and step = 'parse'"
        ).scalar_one()
        [(status,)] = connection.exec_driver_sql(
            f"select status from ops.loads where run_id = {night.run_id}"
        ).all()
    if told != len(bodies) or status != "loaded":
        raise AssertionError(f"{told} of {len(bodies)} corrupt answers were told; {status}")


def _subjects(night: Night, bodies: dict[str, bytes]) -> Iterator[Subject]:
    for number, (name, body) in enumerate(bodies.items()):
        yield Subject(
            name,
            lambda client, number=number, body=body: [_kept(client, number, body)],  # type: ignore[misc]
            lambda response: parse.parse_companyfacts(response.body, CIK),
        )


def _kept(client: HttpClient, number: int, body: bytes) -> Response:
    return client.keep("sec", f"https://data.sec.gov/corrupt/{number}", body, SAMPLE_FETCHED_AT)


def refuse_on_the_wire(night: Night, seed: int) -> None:
    """Send torn and flipped packed answers: what comes through is the good body and no other."""
    good = good_body()
    sent = list(torn_bodies(gzip.compress(good, mtime=0), seed).items())
    sent.append(("a gzip bomb", gzip.compress(bytes(300_000_000))))
    sent.append(("the good one", gzip.compress(good)))
    with scripted(lambda rest: ("application/json", sent[int(rest)][1])) as server:
        client = HttpClient(
            archive=Archive(night.settings.archive_url),
            log=CaptureTable(night.warehouse, Capture),
            limits=NoLimits(),
            breakers=NoBreakers(),
            user_agent="drill drill@example.com",
            allowed_hosts={"sec": {"127.0.0.1"}},
            trusted_hosts={"127.0.0.1"},
            # Each answer is judged for itself, however many before it were bad.
            retry=RetryPolicy(attempts=1, breaker_failures=len(sent) + 1),
        )
        refused = 0
        with client:
            for number, (name, _) in enumerate(sent):
                try:
                    got = client.get("sec", f"{server.url}/encoded/{number}").body
                except StopSourceError:
                    raise
                except SourceError:
                    refused += 1
                    continue
                if got != good:
                    raise AssertionError(f"{name}: a torn answer passed for a good one")
        # The header of a packed body has bytes that say nothing: a flip there does no harm.
        if len(server.arrivals) != len(sent) or not 0.9 < refused / len(sent) < 1:
            raise AssertionError(f"{len(server.arrivals)} answers, {refused} of them refused")
