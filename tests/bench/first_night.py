"""How much of SEC's limit a live first night uses: `python -m tests.bench.first_night [COMPANIES]`.

SEC's stand-in answers after a tenth of a second, with a main document and the bundled company facts
for each company. Counted is by its clock, from the first request to the last; ends with code 1
where less than the wanted share is used, or a second has more requests than the limit.
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import clones, machine
from chaos.scripted_server import scripted
from connectors.service import limits
from flows.night.open import open_night
from flows.sources import SOURCES
from flows.steps.collect import collect
from flows.steps.gate import load_all, prepare
from tests.nights import make_home
from tests.sources.examples import variables

LATENCY_SECONDS = 0.1
LEAST_SHARE = 0.85


def answers(count: int) -> Callable[[str], tuple[str, bytes]]:
    """SEC as the stand-in has it: so many filers, from clones.FIRST_CLONE on."""
    found = clones.templates(None)

    def answer(path: str) -> tuple[str, bytes]:
        time.sleep(LATENCY_SECONDS)
        number = re.search(r"CIK(\d{10})", path)
        if number is None:
            raise KeyError(path)
        cik = int(number[1])
        if "companyfacts" in path:
            template, body = found[cik % len(found)]
            named = re.sub(rb'"entityName":\s*"[^"]*"', b'"entityName":"Clone"', body, count=1)
            return "application/json", re.sub(
                rb'"cik":\s*"?0*%d"?' % template, b'"cik":%d' % cik, named, count=1
            )
        columns = ("accessionNumber", "form", "filingDate")
        recent: dict[str, list[str]] = {name: [] for name in columns}
        for filing in range(1_000):
            recent["accessionNumber"].append(f"{cik:010d}-{filing % 25:02d}-{filing:06d}")
            recent["form"].append("8-K")
            recent["filingDate"].append("2025-03-03")
        document = {"cik": cik, "name": "Clone", "filings": {"recent": recent, "files": []}}
        return "application/json", json.dumps(document).encode()

    return answer


def watchlist(count: int) -> str:
    companies = [
        f'  - {{id: clone-{cik}, name: "Clone", cik: {cik}, segment: k12, delivery_model: B2C,'
        f" tickers: [{{symbol: {clones.ticker(cik)}}}]}}"
        for cik in clones.clones(count)
    ]
    return "companies:\n" + "\n".join(companies) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("companies", type=int, nargs="?", default=80)
    count: int = parser.parse_args().companies
    home = Path(make_home())
    (home / "watchlist.yaml").write_text(watchlist(count))
    with scripted(answers(count)) as server, machine.peak_memory() as most:
        os.environ |= variables(server.url) | {
            "CORPINTEL_HOME": str(home),
            "CORPINTEL_WATCHLIST": str(home / "watchlist.yaml"),
        }
        prepare()
        with open_night("live") as night:
            load_all(night, [collect(night, SOURCES["sec"], lambda _: None)])
        arrivals = sorted(at for at, path in server.arrivals if "CIK" in path)
    [limit] = limits()["sec"]
    took = arrivals[-1] - arrivals[0]
    share = (len(arrivals) - 1) / took / limit.units
    busiest = max(sum(at <= other < at + 1 for other in arrivals) for at in arrivals)
    print(
        f"{len(arrivals)} requests for {count} companies in {took:.1f} s: {share:.1%} of the limit "
        f"of {limit.units} a second used, at least {LEAST_SHARE:.0%} wanted; at most {busiest} "
        f"within a second; {most[0]:,.0f} MiB"
    )
    return 0 if share >= LEAST_SHARE and busiest <= limit.units else 1


if __name__ == "__main__":
    sys.exit(main())
