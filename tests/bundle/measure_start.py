"""From the start of the process to the first scan accepted: the bundle beside the checkout, in a real window.

    python -m tests.bundle.measure_start [PROGRAM]       needs Xvfb and xdotool; PROGRAM is dist/bookstore-pos's else

Both open the same demo shop, in turn, so that whatever else the machine does meets both alike.
"""

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("ROUNDS", "9"))
ISBN = "9780439023481"
LIMIT = 1.2
DISPLAY = ":78"


def lines(folder: Path) -> int:
    """How many lines are in baskets."""
    with closing(sqlite3.connect(f"file:{folder / 'shop.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM cart_items").fetchone()[0])


def empty(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        connection.execute("DELETE FROM cart_items")
        connection.commit()


def keys(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


def measured(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Start it, scan as soon as its window asks for it, wait until the line is stored: milliseconds, and of the processor."""
    empty(folder)
    started = time.perf_counter()
    program = subprocess.Popen(
        [*command, "--data-dir", str(folder), "--sign-in", "Ana:1111"], env=environment, cwd=ROOT
    )
    search = ["xdotool", "search", "--onlyvisible", "--name", "^Checkout", "windowfocus"]
    while subprocess.run(search, env=environment, capture_output=True, check=False).returncode:
        time.sleep(0.005)
    again = 0.0
    while not lines(folder):
        # The first keys may come before the window has the focus.
        if time.perf_counter() > again:
            keys(environment, "key", "--delay", "1", "Escape", *ISBN, "Return")
            again = time.perf_counter() + 2
        time.sleep(0.005)
    took = (time.perf_counter() - started) * 1000
    program.terminate()
    _, _, used = os.wait4(program.pid, 0)
    program.returncode = 0
    return took, (used.ru_utime + used.ru_stime) * 1000


def main() -> None:
    bundle = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "dist" / "bookstore-pos" / "bookstore-pos")
    programs = {"checkout": [sys.executable, "-m", "pos_app"], "bundle": [bundle]}
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        environment = {**os.environ, "DISPLAY": DISPLAY, "PYTHONPATH": str(ROOT)}
        environment.pop("QT_QPA_PLATFORM", None)
        screen = subprocess.Popen(
            ["Xvfb", DISPLAY, "-screen", "0", "1366x768x24", "-nolisten", "tcp"], stderr=subprocess.DEVNULL
        )
        stack.callback(screen.wait)
        stack.callback(screen.terminate)
        while subprocess.run(
            ["xdotool", "getdisplaygeometry"], env=environment, capture_output=True, check=False
        ).returncode:
            time.sleep(0.05)
        subprocess.run(
            [*programs["checkout"], "--demo", "--data-dir", str(folder), "--screenshot", str(folder / "x.png")],
            env=environment, cwd=ROOT, check=True,
        )  # fmt: skip
        for _ in range(ROUNDS):
            for name, command in programs.items():
                took[name].append(measured(command, folder, environment))
    for place, what in enumerate(("until the scan is stored", "of the processor, to the end")):
        ours, theirs = ([one[place] for one in took[name]] for name in ("bundle", "checkout"))
        for name, times in (("checkout", theirs), ("bundle", ours)):
            print(
                f"{name:<9}{statistics.median(times):7.0f} ms {what} (median of {len(times)}), fastest {min(times):.0f}"
            )
        ratio, fastest = statistics.median(ours) / statistics.median(theirs), min(ours) / min(theirs)
        print(f"bundle / checkout: {ratio:.2f} (median), {fastest:.2f} (fastest); limit {LIMIT}")


if __name__ == "__main__":
    main()
