"""`make bench`: everything, or what is named: python -m tests.bench [start] [scan] [day] [pay] [search] [list] [import]
[report] [customers] [tills].

`--titles N` says how large the generated catalogue, and the file to import, is; `--seconds N` how long many tills sell at
once."""

import argparse
import asyncio
import os
import shutil
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from pos_app.app import App
from pos_app.config import Config
from tests.bench import (
    bench_customers,
    bench_day,
    bench_import,
    bench_list,
    bench_pay,
    bench_report,
    bench_scroll,
    bench_search,
    bench_start,
    bench_tills,
    bench_window,
    catalogue,
)
from tests.bench.harness import machine
from tests.postgres import running_server
from ui import loop
from ui.style import theme

PARTS = ("start", "scan", "day", "pay", "search", "list", "import", "report", "customers", "tills")


async def main(qt: QApplication, parts: list[str], titles: int, seconds: int) -> None:
    print(machine())
    if "tills" in parts:
        await asyncio.to_thread(bench_tills.run_postgres, catalogue.FOLDER / "tills-server", seconds)
        await asyncio.to_thread(bench_tills.run_sqlite, catalogue.FOLDER / "tills-file", seconds)
    demo = await catalogue.sqlite_demo()
    if "start" in parts:
        began, worked = time.perf_counter(), time.process_time()
        made = await fresh_demo("made", f"sqlite:///{catalogue.FOLDER / 'made' / 'shop.db'}")
        print(
            f"Demo shop made: {time.perf_counter() - began:.1f} s, {time.process_time() - worked:.1f} s of processor\n"
        )
        await made.db.close()
        await asyncio.to_thread(bench_start.run, demo.config.data_dir)
    if "scan" in parts:
        await bench_window.run(qt, demo, "demo catalogue")
    if "day" in parts:
        app = await fresh_demo("day", f"sqlite:///{catalogue.FOLDER / 'day' / 'shop.db'}")
        await bench_day.run(qt, app, 2_000)
        await app.printing.close()
        await app.db.close()
    if "pay" in parts:
        await bench_pay.run_sqlite(catalogue.FOLDER / "pay")
    if "search" in parts:
        await bench_search.run(demo, "Demo catalogue")
    if "import" in parts:
        await bench_import.run_sqlite(catalogue.FOLDER / "import", titles)
    if "report" in parts:
        await bench_report.run(
            await fresh_demo("report", f"sqlite:///{catalogue.FOLDER / 'report' / 'shop.db'}"), titles
        )
    if "customers" in parts:
        url = f"sqlite:///{catalogue.FOLDER / 'customers' / 'shop.db'}"
        await bench_customers.run(await fresh_demo("customers", url))
    await demo.db.close()
    if {"search", "scan", "list"} & set(parts):
        million = await catalogue.sqlite_million(titles)
        if "scan" in parts:
            await bench_window.run(qt, million, f"{titles:,} titles")
        if "search" in parts:
            await bench_search.run(million, "Generated catalogue")
        if "list" in parts:
            await bench_list.run(million, "Generated catalogue")
            await bench_scroll.run(million.config, "Generated catalogue")
        await million.db.close()
        if "list" in parts:
            await scroll_copy(titles)
    if {"pay", "search", "list", "import", "report", "customers"} & set(parts):
        await on_postgres(parts, titles)


async def fresh_demo(name: str, url: str) -> App:
    """A demo shop that nothing was done in yet."""
    shutil.rmtree(catalogue.FOLDER / name, ignore_errors=True)
    return await catalogue.demo_app(catalogue.FOLDER / name, url)


async def scroll_copy(titles: int) -> None:
    """While a file is imported into a copy, as the catalogue is used again."""
    folder = catalogue.FOLDER / "scroll"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(catalogue.FOLDER / f"titles-{titles}", folder)
    config = Config(folder.absolute(), f"sqlite:///{folder.absolute() / 'shop.db'}")
    await bench_scroll.run(config, "Generated catalogue", importing=True)
    shutil.rmtree(folder)


async def on_postgres(parts: list[str], titles: int) -> None:
    """The server's own defaults: durable, as a shop's is."""
    with running_server(options=()) as server:
        if "pay" in parts:
            await bench_pay.run_postgres(server, catalogue.FOLDER / "pay")
        if "import" in parts:
            await bench_import.run_postgres(server, catalogue.FOLDER / "import", titles)
        if "report" in parts:
            await bench_report.run(await fresh_demo("report", server.create_database()), titles)
        if "customers" in parts:
            await bench_customers.run(await fresh_demo("customers", server.create_database()))
        if {"search", "list"} & set(parts):
            app = await catalogue.demo_app(catalogue.FOLDER / "postgres", server.create_database())
            await bench_search.run(app, "Demo catalogue")
            await catalogue.grow(app, titles)
            await bench_search.run(app, "Generated catalogue")
            await bench_list.run(app, "Generated catalogue")
            if "list" in parts:
                await bench_scroll.run(app.config, "Generated catalogue")
                await bench_scroll.run(app.config, "Generated catalogue", importing=True)
            await app.db.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="tests.bench")
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--titles", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=300)
    given = parser.parse_args()
    made = QApplication(sys.argv[:1])
    made.setQuitOnLastWindowClosed(False)
    theme.apply(made, "light")
    loop.run(made, lambda: main(made, given.parts or list(PARTS), given.titles, given.seconds))
