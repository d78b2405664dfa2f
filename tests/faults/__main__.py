"""The fault campaign: `python -m tests.faults [--short] [--only NAME] [--seed N] [--write]`.

Prints a line for each fault, and with `--write` puts it into docs/reliability.md. The same seed does the same to the
same acts; when each process gets its turn is the machine's. Ends with an error where anything was lost, doubled, left
out or broken.
"""

import argparse
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from pos_app.config import Config
from tests.faults import clock, cut_link, disk, failover, kill_server, kill_till, power_cut, two_migrations
from tests.faults.campaign import ROOT, Row
from tests.faults.disk_image import why_not
from tests.postgres import PostgresServer, running_server

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- campaign -->", "<!-- /campaign -->"
HEAD = (
    "| fault | database | runs | acknowledged | lost | double | gaps | rules broken | longest stop | seed |",
    "|---|---|---|---|---|---|---|---|---|---|",
)
# How often each fault happens: in a long campaign, and in a short one.
COUNTS = {
    "kill_till": (500, 16),
    "kill_server": (100, 3),
    "cut_link": (200, 10),
    "disk": (20, 2),
    "clock": (48, 6),
    "failover": (20, 1),
    "two_migrations": (20, 2),
    "power_cut": (100, 3),
}
NEEDS_IMAGE = ("disk", "power_cut")


@contextmanager
def on_a_file(folder: Path) -> Iterator[Config]:
    folder.mkdir()
    yield Config(folder, f"sqlite:///{folder / 'shop.db'}")


@contextmanager
def on_a_server(folder: Path) -> Iterator[tuple[Config, PostgresServer]]:
    """A database on a server of its own, as durable as a shop's."""
    folder.mkdir()
    with running_server(options=()) as server:
        yield Config(folder, server.create_database()), server


def rows(name: str, folder: Path, seed: int, count: int) -> Iterator[Row]:
    """Carry one fault out on each database it can happen to."""
    match name:
        case "kill_till" | "clock":
            run = {"kill_till": kill_till.run, "clock": clock.run}[name]
            with on_a_file(folder / "file") as config:
                yield run(config, folder / "file-diaries", seed, count)
            with on_a_server(folder / "server") as (config, _):
                yield run(config, folder / "server-diaries", seed, count)
        case "kill_server" | "cut_link" | "failover":
            alone = {"kill_server": kill_server.run, "cut_link": cut_link.run, "failover": failover.run}[name]
            yield alone(folder / "server", seed, count)
        case "disk":
            yield disk.run_file(folder / "file", seed, count)
            yield disk.run_server(folder / "server", seed, max(count // 2, 1))
        case "power_cut":
            yield power_cut.run(folder / "file", seed, count)
        case "two_migrations":
            with on_a_file(folder / "file") as config:
                yield two_migrations.run(config, folder / "file-diaries", seed, count, two_migrations.copied_file)
            with on_a_server(folder / "server") as (config, server):

                def copied(of: Config, _number: int) -> Config:
                    return Config(of.data_dir, server.create_database(make_url(of.database_url).database or ""))

                yield two_migrations.run(config, folder / "server-diaries", seed, count, copied)


def line(row: Row, seed: int) -> str:
    """One line of the table."""
    numbers = (row.runs, row.acknowledged, row.lost, row.double, row.gaps, row.broken)
    stop = f"{row.longest_stop_s:.1f} s" if row.longest_stop_s else "–"
    return f"| {row.fault} | {row.database} | {' | '.join(f'{number:,}' for number in numbers)} | {stop} | {seed} |"


def write(fresh: list[str]) -> None:
    """Put lines in the place of those about the same fault and database, the others stay."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    table = {key(one): one for one in old.splitlines() if one.startswith("|") and one not in HEAD}
    table |= {key(one): one for one in fresh}
    PAGE.write_text("\n".join([before + BEGIN, *HEAD, *table.values(), END + after]), encoding="utf-8")


def key(row: str) -> str:
    """What a line is about."""
    return "|".join(row.split("|")[:3])


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a slice of some minutes instead of an hour and more")
    parser.add_argument("--only", action="append", choices=COUNTS, help="one fault, named as often as wanted")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--count", type=int, help="so often instead")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}; seed {given.seed}", flush=True)
    clean = True
    for name in given.only or COUNTS:
        if name in NEEDS_IMAGE and (reason := why_not()):
            print(f"{name}: not done, {reason}")
            continue
        count = given.count or COUNTS[name][given.short]
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="pos-faults-") as folder:
            for row in rows(name, Path(folder), given.seed, count):
                said = line(row, given.seed)
                print(f"{said}  {time.monotonic() - began:.0f} s", flush=True)
                for what in row.said:
                    print(f"    {what}", flush=True)
                clean = clean and row.clean
                if given.write:
                    write([said])
                began = time.monotonic()
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
