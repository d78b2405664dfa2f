"""What the customer sees, and that it never gets in the cashier's way."""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from pos_app.receipts.two_lines import START, two_lines
from tests.shop import KLARA, PRIDE, Shop
from tests.ui.keyboard import until
from tests.ui.till import Run, Till
from ui.customer_display import follow
from ui.customer_display.display import CustomerDisplay
from ui.customer_display.pictures import Slide, read_picture, read_slide, read_words
from ui.style import theme

Key = Qt.Key
SHOP = b"Marlow & Daughters"


@pytest.fixture(autouse=True)
def quick_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "TURN_S", 0.01)


@pytest.fixture
def till(shop: Shop, run: Run, tmp_path: Path) -> Iterator[Till]:
    lines = tmp_path / "lines"
    lines.touch()
    config = replace(shop.app.config, customer_display="window", line_display=f"file:{lines}")
    made = Till(replace(shop, app=replace(shop.app, config=config)), run)
    yield made
    made.close()


def display(till: Till) -> CustomerDisplay:
    window = till.page.displays.window
    assert isinstance(window, CustomerDisplay)
    return window


def start(till: Till) -> None:
    """Sign in; off the screen there is no window manager that keeps the focus from a window that does not want it."""
    till.sign_in()
    till.do(till.window.activateWindow)


def test_the_customer_sees_lines_total_change_and_then_the_shop(till: Till, tmp_path: Path) -> None:
    start(till)
    till.scan(PRIDE, KLARA)
    seen = display(till)
    assert seen.isVisible()
    assert seen.accessibleDescription() == "Pride and Prejudice 8.99; Klara and the Sun 16.95; Total £25.94"
    assert not seen.grab().toImage().isNull()
    till.type("30")
    till.key(Key.Key_F12)
    assert seen.accessibleDescription() == "Change £4.06; Thank you"
    till.do(seen.show_idle)
    assert seen.accessibleDescription() == ""
    assert not seen.grab().toImage().isNull()
    till.close()
    shown = (tmp_path / "lines").read_bytes()
    assert b"Change          4.06" in shown


def test_the_display_takes_neither_focus_nor_keys(till: Till) -> None:
    start(till)
    till.scan(PRIDE)
    assert QApplication.activeWindow() is till.window
    assert display(till).windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
    till.type("klara")
    assert till.page.entry.text() == "klara"
    till.close()


def test_a_line_display_never_cuts_the_figure() -> None:
    data = two_lines("The Left Hand of Darkness", "A long word before", "1,234.56").removeprefix(START)
    assert data == b"The Left Hand of Dar" + b"A long word 1,234.56"
    assert len(two_lines("é", "Total", "8.99").removeprefix(START)) == 40


def shows(till: Till, tmp_path: Path, lines: bytes) -> None:
    """Wait until the line display, which is written to beside the sale, shows two lines."""
    till.run(until(lambda: (tmp_path / "lines").read_bytes().split(START)[-1].rstrip() == lines))


def test_nothing_of_a_parked_sale_stays_for_the_next_customer(till: Till, tmp_path: Path) -> None:
    start(till)
    till.scan(PRIDE)
    till.key(Key.Key_F6)
    assert display(till).idle
    shows(till, tmp_path, SHOP)
    till.close()


def test_between_people_it_shows_the_shop_and_nothing_of_the_sale(till: Till, tmp_path: Path) -> None:
    start(till)
    till.scan(PRIDE)
    seen = display(till)
    till.key(Key.Key_L, modifier=Qt.KeyboardModifier.ControlModifier)
    assert seen.isVisible()
    assert seen.idle
    shows(till, tmp_path, SHOP)
    start(till)
    assert display(till) is seen
    assert seen.accessibleDescription().endswith("Total £8.99")


def test_a_return_says_what_is_given_back(till: Till, tmp_path: Path) -> None:
    start(till)
    till.scan(PRIDE)
    till.key(Key.Key_F12)
    till.scan("1-000001", PRIDE)
    assert display(till).accessibleDescription().endswith("We give back £8.99")
    shows(till, tmp_path, b"Pride and Prejudice We give back    8.99")
    till.key(Key.Key_F12)
    assert display(till).accessibleDescription() == "We give back £8.99; Thank you"
    shows(till, tmp_path, b"Thank you           We give back    8.99")
    till.close()


def test_a_screen_that_comes_after_the_till_was_left_finds_no_window(
    till: Till, capfd: pytest.CaptureFixture[str]
) -> None:
    start(till)
    screen = QGuiApplication.primaryScreen()
    seen = display(till)
    seen.hide()
    till.do(lambda: QGuiApplication.instance().screenAdded.emit(screen))
    assert seen.isVisible()
    till.run(till.page.displays.close())
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    till.do(lambda: QGuiApplication.instance().screenAdded.emit(screen))
    assert not shiboken6.isValid(seen)
    # Qt prints what a slot raises, and goes on.
    assert "Error" not in capfd.readouterr().err
    till.close()


def test_pictures_and_a_sentence_stand_between_customers(till: Till, tmp_path: Path) -> None:
    folder = tmp_path / "customer-display"
    folder.mkdir()
    QImage(640, 400, QImage.Format.Format_RGB32).save(str(folder / "a.png"))
    (folder / "words.txt").write_text("<b>Read</b> more.\n")
    start(till)
    seen = display(till)
    till.run(until(lambda: seen.slide.picture is not None))
    assert seen.slide.words == "<b>Read</b> more."
    till.scan(PRIDE)
    assert not seen.idle
    till.close()


SIZES = [(800, 480), (1024, 600), (1366, 768), (1080, 1920)]


def test_it_is_drawn_in_every_size_and_theme(till: Till) -> None:
    start(till)
    app = QApplication.instance()
    try:
        for choice, scale, size in product(("light", "dark"), (100, 150), SIZES):
            theme.apply(app, choice, scale)
            till.scan(PRIDE)
            seen = display(till)
            seen.resize(*size)
            pictures = [seen.grab().toImage()]
            seen.show_waiting(123_456_789)
            pictures.append(seen.grab().toImage())
            seen.show_idle()
            pictures.append(seen.grab().toImage())
            seen.slide = Slide(QImage(2000, 10, QImage.Format.Format_RGB32), "W" * 160)
            pictures.append(seen.grab().toImage())
            seen.slide = Slide()
            assert all(picture.size() == QSize(*size) for picture in pictures)
            assert len({picture.constBits().tobytes() for picture in pictures}) == 4
    finally:
        theme.apply(app, "light")
    till.close()


def png(width: int, height: int) -> bytes:
    """A picture that says it is as large as that, and is not."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("huge.png", png(60_000, 60_000)),
        ("empty.png", b""),
        ("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("drawing.png", SVG),
        ("long.png", b"\0" * 10_000_001),
    ],
    ids=["huge", "empty", "cut", "drawing", "long"],
)
def test_what_is_no_picture_or_too_large_is_passed_over(
    qapp: QApplication, tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    assert read_picture(tmp_path / name, QSize(800, 480)) is None
    QImage(3000, 2000, QImage.Format.Format_RGB32).save(str(tmp_path / "z.jpg"))
    slide = read_slide(tmp_path, 0, QSize(800, 480))
    assert slide.picture is not None
    assert (slide.picture.width(), slide.picture.height()) == (720, 480)


def test_what_is_not_there_or_no_sentence_leaves_the_slide_empty(tmp_path: Path) -> None:
    assert read_slide(tmp_path / "nowhere", 3, QSize(800, 480)) == Slide()
    (tmp_path / "words.txt").write_bytes(b"\n\n \x1b[2J\xff bad\x00 \n second")
    assert "\x1b" not in read_words(tmp_path)
    assert read_words(tmp_path).endswith("bad")
    (tmp_path / "words.txt").write_text("x" * 100_000)
    assert len(read_words(tmp_path)) == 160
    (tmp_path / "words.txt").unlink()
    (tmp_path / "words.txt").mkdir()
    assert not read_words(tmp_path)


TWO_SCREENS = """
import sys
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
from pos_app.clock import Clock
from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from ui.customer_display.display import CustomerDisplay
from ui.format import Formatter
till = QLineEdit()
till.show()
till.activateWindow()
seen = CustomerDisplay(Formatter(ShopSettings(), currency("GBP")), Clock())
seen.place()
app.processEvents()
others = [screen.geometry() for screen in app.screens() if screen is not app.primaryScreen()]
print(seen.isVisible(), [seen.geometry()] == others)
"""


@pytest.mark.parametrize("screens", [1, 2])
def test_it_fills_the_second_screen_and_stays_away_without_one(tmp_path: Path, screens: int) -> None:
    sizes = [("till", 0, 1366, 768), ("customer", 1366, 1024, 600)][:screens]
    described = [
        {
            "name": name,
            "x": x,
            "y": 0,
            "width": width,
            "height": height,
            "logicalDpi": 96,
            "logicalBaseDpi": 96,
            "dpr": 1,
        }
        for name, x, width, height in sizes
    ]
    (tmp_path / "screens.json").write_text(json.dumps({"screens": described}))
    platform = f"offscreen:configfile={tmp_path / 'screens.json'}"
    done = subprocess.run(
        [sys.executable, "-c", TWO_SCREENS],
        env={**os.environ, "QT_QPA_PLATFORM": platform},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split()[:2] == (["True", "True"] if screens == 2 else ["False", "False"])
