"""Measuring two things in turn, so that what else the machine does meets both alike."""

import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Sample:
    """Times in milliseconds."""

    name: str
    times: list[float]

    def at(self, per_cent: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]

    @property
    def p50(self) -> float:
        return statistics.median(self.times)


async def timed(act: Act) -> float:
    started = time.perf_counter()
    await act()
    return (time.perf_counter() - started) * 1000


async def interleave(name: str, ours: Act, limit: Act, rounds: int, warm: int = 5) -> tuple[Sample, Sample]:
    """Time two acts in the order A B B A."""
    for _ in range(warm):
        await ours()
        await limit()
    mine: list[float] = []
    floor: list[float] = []
    for turn in range(rounds):
        pair = [(ours, mine), (limit, floor)]
        for act, times in pair if turn % 2 else reversed(pair):
            times.append(await timed(act))
    return Sample(name, mine), Sample(f"{name}, limit", floor)


def report(title: str, pairs: list[tuple[Sample, Sample]]) -> None:
    """Print a table: milliseconds at p50, p95, p99, and the ratio of the medians."""
    print(f"\n{title}")
    print(f"{'':44}{'n':>6}{'p50':>9}{'p95':>9}{'p99':>9}{'limit p50':>11}{'p99':>9}{'ratio':>8}")
    for ours, limit in pairs:
        ratio = ours.p50 / limit.p50 if limit.p50 else float("nan")
        print(
            f"{ours.name:44}{len(ours.times):>6}{ours.p50:>9.2f}{ours.at(95):>9.2f}{ours.at(99):>9.2f}"
            f"{limit.p50:>11.2f}{limit.at(99):>9.2f}{ratio:>7.2f}x",
            flush=True,
        )


def machine() -> str:
    return f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores; times in milliseconds"
