"""From the start of the process to the first scan accepted, beside a bare window with an open database."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.harness import Sample, report

ROUNDS = 9
ISBN = "9780439023481"
BARE = """
import sys
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow
app = QApplication([])
window = QMainWindow(); window.setCentralWidget(QLineEdit()); window.resize(1366, 768); window.show(); app.processEvents()
import pysqlite3
connection = pysqlite3.connect(sys.argv[1])
connection.execute("SELECT title FROM books WHERE isbn = ?", (sys.argv[2],)).fetchone()
print("ready", flush=True)
"""
OURS = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer, Qt
from PySide6.QtTest import QTest
from pos_app.config import load
from ui import main
shown = main._show
def show(window, wish):
    shown(window, wish)
    timer = QTimer(window)
    state = {"sent": False}
    def look():
        page = window.current_page if window._operator is not None else None
        if page is None or getattr(page, "cart", None) is None:
            return
        if page.lines.lines:
            print("ready", flush=True)
            timer.stop()
            window.close()
        elif not state["sent"]:
            state["sent"] = True
            for letter in sys.argv[2]:
                QTest.keyClick(window.windowHandle(), letter)
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)
    timer.timeout.connect(look)
    timer.start(2)
main._show = show
main.run_window(load({"data_dir": sys.argv[1]}), sign_in=("Ana", "1111"))
"""


def seconds(script: str, *arguments: str) -> float:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    started = time.perf_counter()
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != b"ready":
            raise RuntimeError("the program did not start")
        took = (time.perf_counter() - started) * 1000
        process.wait()
    return took


def empty_basket(folder: Path) -> None:
    from pos_app.database import sqlite_driver

    connection = sqlite_driver().connect(str(folder / "shop.db"))
    connection.execute("DELETE FROM cart_items")
    connection.commit()
    connection.close()


def run(folder: Path) -> None:
    ours, limit = [], []
    for _ in range(ROUNDS):
        limit.append(seconds(BARE, str(folder / "shop.db"), ISBN))
        empty_basket(folder)
        ours.append(seconds(OURS, str(folder), ISBN))
    pair = (Sample("start → first scan accepted (PIN checked)", ours), Sample("limit", limit))
    report("Start: demo shop on SQLite, window without a screen", [pair])
