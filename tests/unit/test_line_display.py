"""The customer's two lines: the latest text wins, and no fault holds the till up."""

import asyncio
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_app.devices.line_display import LineDisplay
from pos_app.errors import Refused
from pos_app.receipts.two_lines import START, two_lines


async def until(holds) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.002)


async def test_what_is_shown_reaches_the_display(tmp_path: Path) -> None:
    display = LineDisplay(f"file:{tmp_path / 'display'}")
    display.show(two_lines("Emma", "Total", "8.99"))
    await until(lambda: (tmp_path / "display").exists() and (tmp_path / "display").read_bytes())
    await display.close()
    assert (tmp_path / "display").read_bytes() == START + b"Emma                Total           8.99"


async def test_only_the_latest_text_waits_for_a_slow_display() -> None:
    shown, free = [], threading.Event()

    def slow(_setting: str, data: bytes) -> None:
        free.wait(5)
        shown.append(data)

    display = LineDisplay("file:/unused")
    display._send = slow
    began = time.perf_counter()
    for number in range(1000):
        display.show(b"%d" % number)
        if number == 0:
            await asyncio.sleep(0.02)
    assert time.perf_counter() - began < 0.5
    free.set()
    await until(lambda: shown and shown[-1] == b"999")
    assert shown == [b"0", b"999"]
    await display.close()


async def test_a_display_that_is_off_is_told_once_and_works_again_when_it_is_back(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    folder = tmp_path / "not there yet"
    display = LineDisplay(f"file:{folder / 'display'}")
    for _ in range(3):
        display.show(b"x")
        await until(display._task.done)
        assert display.fault is not None
    assert len(caplog.records) == 1
    folder.mkdir()
    display.show(b"back")
    await until(display._task.done)
    assert display.fault is None
    assert (folder / "display").read_bytes() == b"back"
    await display.close()


async def test_a_display_on_the_network_that_takes_nothing_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        display = LineDisplay(f"tcp:127.0.0.1:{server.getsockname()[1]}")
        display.show(b"x" * 20)
        longest, last = 0.0, time.perf_counter()
        for _ in range(40):
            await asyncio.sleep(0.002)
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
        began = time.perf_counter()
        await display.close()
        assert time.perf_counter() - began < 0.2
        assert longest < 0.2


async def test_nothing_is_shown_once_it_is_closed_and_none_shows_nothing(tmp_path: Path) -> None:
    display = LineDisplay(f"file:{tmp_path / 'display'}")
    display.show(b"before")
    await until(display._task.done)
    await display.close()
    display.show(b"after")
    await asyncio.sleep(0.01)
    assert (tmp_path / "display").read_bytes() == b"before"
    nothing = LineDisplay("none")
    nothing.show(b"x")
    assert nothing._task is None
    await nothing.close()


@pytest.mark.parametrize("setting", ["pigeon", "tcp:host", "serial:", "file:"])
def test_an_address_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(Refused, match=r"printer\.setting"):
        LineDisplay(setting)


@pytest.mark.parametrize("figure", ["0.00", "1,234.56", "-1,234,567,890.00", "12345678901234567890"])
@pytest.mark.parametrize(
    "title",
    [
        "",
        "Emma",
        "é" * 30,
        "e\u0301" * 30,
        "漢字" * 15,
        "\x1b\x0cReset\n\r\x00",
        "\u202e reversed",
        "😀" * 25,
        "x" * 10_000,
    ],
)
def test_two_lines_are_forty_letters_with_the_figure_whole(title: str, figure: str) -> None:
    body = two_lines(title, title, figure).removeprefix(START)
    assert len(body) == 40
    assert body.endswith(figure.encode())
    assert all(byte >= 0x20 for byte in body)


@given(upper=st.text(max_size=60), lower=st.text(max_size=60), amount=st.integers(-(10**13), 10**13))
def test_whatever_is_said_the_figure_stands_at_the_right_end(upper: str, lower: str, amount: int) -> None:
    figure = f"{amount / 100:,.2f}"
    body = two_lines(upper, lower, figure).removeprefix(START)
    assert len(body) == 40
    assert body[20:].endswith((" " + figure).encode())
    assert body.decode("cp858").isprintable()


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Война и мир", b"Voyna i mir"),
        ("Щелкунчик", b"Shchelkunchik"),
        ("Οδύσσεια", b"Odysseia"),
        ("Őszi – Łódź", b"Oszi - L\xa2dz"),
        ("漢字 Manga", b"Manga"),
        ("Who?", b"Who?"),
    ],
)
def test_the_line_display_shows_what_can_be_read(title: str, shown: bytes) -> None:
    body = two_lines(title, "Total", "8.99").removeprefix(START)
    assert body[:20].rstrip() == shown
