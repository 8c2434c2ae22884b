"""corpintel bench: what loads and nights cost here, in tables and JSON."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from flows.cli.ending import tidied
from flows.night.bad_request import BadRequestError

_MOST_FILERS = 20_000

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: corpintel bench --load 128 --companies 100")
def bench(
    load: Annotated[
        int, typer.Option(metavar="N", help="Load so many filers in each way; 0: no load.")
    ] = 128,
    companies: Annotated[
        str, typer.Option(metavar="N,N", help="Nights of so many filers; empty: no nights.")
    ] = "100",
    facts: Annotated[
        Path | None,
        typer.Option(help="A folder of companyfacts files (CIK*.json) in place of the sample."),
    ] = None,
    only_first: Annotated[
        bool, typer.Option("--only-first", help="Measure first publications, no night after.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")
    ] = None,
) -> None:
    """Measure loads and nights here, beside the limit and beside common ways.

    Everything runs in throw-away homes under the folder for temporary files. Loading takes a
    minute, nights of 100 filers two, of 2,000 three quarters of an hour and 20 GB of disk. dlt is
    measured where it is installed (pip install "dlt[postgres]").
    """
    counts = _counts(companies)
    if not 0 <= load <= _MOST_FILERS:
        raise BadRequestError(f"--load {load} is no number of filers from 0 to {_MOST_FILERS:,}")
    if facts is not None and not any(facts.glob("CIK*.json")):
        raise BadRequestError(
            f"--facts {facts} holds no file CIK*.json; give a folder of SEC's companyfacts"
        )
    with tidied():
        run(load, counts, facts, only_first, to)


def _counts(text: str) -> list[int]:
    """The numbers of filers; BadRequestError for anything else."""
    parts = [part.strip().replace("_", "") for part in text.split(",") if part.strip()]
    wrong = [part for part in parts if not (part.isdecimal() and 0 < int(part) <= _MOST_FILERS)]
    if wrong:
        raise BadRequestError(
            f"--companies {text}: {wrong[0]} is no number of filers from 1 to {_MOST_FILERS:,}; "
            "give numbers such as 100,500"
        )
    return [int(part) for part in parts]


def run(
    load: int, counts: list[int], facts: Path | None, only_first: bool, to: Path | None
) -> None:
    """Measure, print each table as soon as it is there, and write all of it to the file."""
    from bench import loads, machine, nights

    console = Console(highlight=False, soft_wrap=True)
    found: dict[str, Any] = {"machine": machine.described()}
    console.print(", ".join(found["machine"].values()))
    if load:
        print(f"loads of {load:,} filers …", file=sys.stderr, flush=True)
        measured = loads.measure(load, facts)
        found["loads"] = asdict(measured)
        _print_loads(console, measured)
    found["nights"] = []
    before: Any = None
    for count in counts:
        print(f"nights of {count:,} filers …", file=sys.stderr, flush=True)
        night = nights.measure(count, facts, only_first)
        found["nights"].append(asdict(night))
        _print_night(console, night, before)
        before = night
        _write(to, found)
    _write(to, found)


def _write(to: Path | None, found: dict[str, Any]) -> None:
    if to is not None:
        to.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _print_loads(console: Console, measured: Any) -> None:
    limit = next(way for way in measured.ways if way.name.startswith("limit"))
    table = Table("way", "facts", "seconds", "facts/s", "of the limit", title="Loads")
    for way in [*measured.ways, measured.parse_one, measured.parse_two]:
        table.add_row(
            way.name,
            f"{way.facts:,}",
            f"{way.seconds:.1f}",
            f"{way.rate:,.0f}",
            f"{way.rate / limit.rate:.0%}",
        )
    console.print(table)
    ours = measured.ways[0]
    whole = sum(ours.parts.values())
    shares = [
        f"{name} {seconds / ours.facts * 1e6:.1f} µs a fact ({seconds / whole:.0%})"
        for name, seconds in ours.parts.items()
    ]
    console.print(f"of ours, the last two beside the first two: {', '.join(shares)}")
    console.print(
        f"two processes read {measured.parse_two.rate / measured.parse_one.rate:.2f} times what "
        f"one does; {measured.bytes_a_fact:.0f} bytes a fact with indexes; at most "
        f"{measured.peak_mib:,.0f} MiB, without the server"
    )


def _print_night(console: Console, night: Any, before: Any) -> None:
    console.print(f"{night.filers:,} filers: first publication {night.first:.1f} s")
    if before is not None:
        each = (night.first - before.first) / (night.filers - before.filers)
        console.print(f"  each filer from {before.filers:,} to {night.filers:,}: {each:.3f} s")
    for name in ("everyone", "unchanged", "filed", "ordinary"):
        seconds = getattr(night, name)
        if seconds is not None:
            console.print(f"  {name}: {seconds:.1f} s, {seconds / night.everyone:.1%} of everyone")
    console.print(f"  most memory, server included: {night.peak_mib:,.0f} MiB")
    sizes = ", ".join(
        f"{name} {size / night.filers / 1e6:.2f}" for name, size in night.bytes_by_schema.items()
    )
    console.print(f"  MB a filer on disk: {sizes}")
    slowest = ", ".join(f"{name} {seconds:.1f}" for name, seconds in night.slowest_models.items())
    console.print(f"  slowest models, in seconds: {slowest}")
