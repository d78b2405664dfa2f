"""The window as a program: how it starts, and how it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.conftest import Filled

ROOT = Path(__file__).parents[2]


def start(data_dir: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept.pop("QT_QPA_PLATFORM", None)
    return subprocess.Popen(
        [sys.executable, "-m", "pos_app", "--data-dir", str(data_dir), *arguments],
        cwd=ROOT,
        env=kept | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(data_dir: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    process = start(data_dir, *arguments, **environ)
    _, complaint = process.communicate(timeout=60)
    return process.returncode, complaint


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there a display can be missing")
def test_without_a_display_one_line_says_so_and_what_to_do(tmp_path: Path) -> None:
    code, complaint = run(tmp_path)
    assert code == 1
    assert complaint.count("\n") == 1
    assert "no display" in complaint
    assert "--screenshot" in complaint


def test_the_window_is_shown_before_the_database_is_loaded_and_imports_stay_fast() -> None:
    code = (
        "import builtins, sys; plain = builtins.__import__; import ui.main\n"
        "assert builtins.__import__ is plain, 'still wrapped'\n"
        "assert not {'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules), 'loaded too early'\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_new_shop_is_drawn_as_the_questions_it_asks(tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    assert run(tmp_path, "--screenshot", str(picture), "--size", "1024x768") == (0, "")
    drawn = QImage(str(picture))
    assert (drawn.width(), drawn.height()) == (1024, 768)


def test_where_there_is_no_shop_nobody_signs_in_and_one_line_says_so(tmp_path: Path) -> None:
    code, complaint = run(tmp_path, "--sign-in", "Ana:1111", "--screenshot", str(tmp_path / "page.png"))
    assert code == 1
    assert complaint.count("\n") == 1
    assert "There is no shop in" in complaint


def test_a_wrong_pin_at_start_is_one_line(tmp_path: Path, sqlite_shop: Filled) -> None:
    shutil.copyfile(sqlite_shop.database, tmp_path / "shop.db")
    code, complaint = run(tmp_path, "--sign-in", "Ana:9999", "--screenshot", str(tmp_path / "page.png"))
    assert code == 1
    assert complaint.count("\n") == 1
    assert "Wrong PIN" in complaint


@pytest.mark.parametrize("flags", [["--screenshot"], ["--smoke-report"], ["receipt", "1-1", "--pdf"]])
def test_a_picture_a_report_or_a_paper_is_written_over_nothing_else(tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "shop.db").write_bytes(b"SQLite format 3\0 and a shop")
    code, complaint = run(tmp_path / "data", *flags, str(tmp_path / "shop.db"))
    assert (code, complaint.count("\n")) == (1, 1)
    assert "is there already" in complaint
    assert (tmp_path / "shop.db").read_bytes().endswith(b"a shop")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs in another way")
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_system_that_shuts_down_lets_the_window_end_its_work(tmp_path: Path, name: signal.Signals) -> None:
    process = start(tmp_path, QT_QPA_PLATFORM="offscreen")
    deadline = time.monotonic() + 30
    # It has asked where the shop is by then, or is about to.
    while not (tmp_path / "till-1.lock").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(name)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 0, complaint
    assert "Traceback" not in complaint


# The program with somebody at it who reads what the window says and closes it.
READER = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
from ui import loop
from ui.main_window import MainWindow
plain = loop.run
def run(qt, main):
    timer = QTimer(qt)
    def look():
        for window in qt.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                said = [one.text() for one in window.start_page.findChildren(QLabel)]
                if any("settings.toml" in one for one in said):
                    print(*said, flush=True)
                    window.close()
    timer.timeout.connect(look)
    timer.start(20)
    return plain(qt, main)
loop.run = run
from pos_app.cli import main
sys.exit(main(sys.argv[1:]))
"""


def attended(code: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Start the program as `code` does, which is also whoever sits before it."""
    return subprocess.run(
        [sys.executable, "-c", code, "--data-dir", str(data_dir)],
        cwd=ROOT,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there a box tells it")
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("till = = 1\n", "cannot be read: Invalid value"),
        ("till = 0\n", "The setting till cannot be “0”"),
        ('line_display = "xx"\ncard_terminal = "foo"\n', "The setting card_terminal cannot be “foo”"),
    ],
)
def test_settings_that_keep_a_till_from_starting_are_told_in_a_window(tmp_path: Path, settings: str, told: str) -> None:
    (tmp_path / "settings.toml").write_text(settings, "utf-8")
    done = attended(READER, tmp_path)
    assert done.returncode == 1, done.stderr
    assert told in done.stdout
    assert str(tmp_path / "settings.toml") in done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "shop.db").exists()


# Somebody mends the file meanwhile, and presses the button for it.
MENDER = READER.replace(
    "window.close()",
    """if not open(sys.argv[2] + "/settings.toml").read().startswith("till = 7"):
                        open(sys.argv[2] + "/settings.toml", "w").write("till = 7\\n")
                        for one in window.findChildren(QPushButton):
                            if one.accessibleName() == "Try again":
                                one.click()
                elif window.windowTitle().startswith("Set up"):
                    print("It asks on.", flush=True)
                    window.close()""",
).replace("QApplication, QLabel", "QApplication, QLabel, QPushButton")


@pytest.mark.skipif(sys.platform == "win32", reason="there a box tells it")
@pytest.mark.parametrize("settings", ["till = = 1\n", 'line_display = "xx"\n'])
def test_settings_that_are_mended_meanwhile_are_tried_again(tmp_path: Path, settings: str) -> None:
    (tmp_path / "settings.toml").write_text(settings, "utf-8")
    done = attended(MENDER, tmp_path)
    assert "It asks on." in done.stdout, done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert (tmp_path / "till-7.lock").exists()
