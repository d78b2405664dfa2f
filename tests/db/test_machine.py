"""What a machine decides for itself, kept in its file; and looking for devices."""

import asyncio
import socket
import tomllib
from pathlib import Path

import pytest

from pos_app import config as configuration
from pos_app.devices import find
from pos_app.devices.find import Found, find_printers, reach_terminal
from pos_app.errors import Refused, Unavailable
from pos_app.receipts.escpos_decode import decode
from pos_app.services import machine
from tests.shop import Shop


def test_one_setting_changes_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('# the till at the door\ntill = 3 # not 2\nprinter = "none"\n', encoding="utf-8")
    machine.write_setting(path, "printer", 'system:Bär "3"\\x')
    assert path.read_text(encoding="utf-8").startswith("# the till at the door\ntill = 3 # not 2\n")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {"till": 3, "printer": 'system:Bär "3"\\x'}
    assert configuration.load({"data_dir": tmp_path}, {}).printer == 'system:Bär "3"\\x'


@pytest.mark.parametrize("text", ["till = ", 'printer = """\nnone"""\n', "\x00"])
def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unavailable, match=r"config\.not_kept"):
        machine.write_setting(path, "printer", "simulated")
    assert path.read_text(encoding="utf-8") == text


async def test_another_printer_holds_at_once_and_after_a_start(shop: Shop) -> None:
    app, admin = shop.app, shop.people["Max"]
    await machine.change_printer(app, admin, " simulated ")
    assert app.printing.printer == "simulated"
    assert configuration.load({"data_dir": app.config.data_dir}, {}).printer == "simulated"
    with pytest.raises(Refused, match=r"printer\.setting"):
        await machine.change_printer(app, admin, "tcp:nowhere")
    with pytest.raises(Refused, match=r"right\.missing"):
        await machine.change_printer(app, shop.people["Ana"], "none")
    assert app.printing.printer == "simulated"


async def test_another_terminal_is_kept_for_the_next_start(shop: Shop) -> None:
    await machine.change_card_terminal(shop.app, shop.people["Max"], "simulated")
    assert configuration.load({"data_dir": shop.app.config.data_dir}, {}).card_terminal == "simulated"
    with pytest.raises(Refused, match=r"card\.setting"):
        await machine.change_card_terminal(shop.app, shop.people["Max"], "carrier pigeon")


async def test_a_test_page_is_as_wide_as_the_paper(shop: Shop) -> None:
    app = shop.app
    with pytest.raises(Refused, match=r"printer\.none"):
        await machine.print_test(app)
    app.printing.printer = "simulated"
    await machine.print_test(app)
    while app.printing.jobs:
        await asyncio.sleep(0.01)
    paper = decode(app.printing.simulated[-1])
    assert paper.pulses == 0
    assert not paper.strange
    assert "1234567890" * 4 + "12" in paper.text.splitlines()
    assert machine.LETTERS[:18] in paper.text


async def test_trying_the_drawer_is_noted_as_opening_it(shop: Shop) -> None:
    app, ana = shop.app, shop.people["Ana"]
    with pytest.raises(Refused, match=r"printer\.none"):
        await machine.try_drawer(app, ana)
    app.printing.printer = "simulated"
    await machine.try_drawer(app, ana)
    while app.printing.jobs:
        await asyncio.sleep(0.01)
    assert decode(app.printing.simulated[-1]).pulses == 1


def test_device_files_are_found_and_a_source_that_fails_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lp0").touch()

    def fails() -> list[Found]:
        raise RuntimeError("no such driver")

    monkeypatch.setattr(find, "_on_the_bus", fails)
    monkeypatch.setattr(find, "_serial", lambda: [Found("serial:/dev/ttyS9", "A line")])
    monkeypatch.setattr(find, "_queues", fails)
    path = f"file:{tmp_path / 'lp0'}"
    assert [one.setting for one in find_printers(tmp_path)] == [path, "serial:/dev/ttyS9"]


async def test_a_terminal_is_there_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        setting = f"tcp:127.0.0.1:{server.getsockname()[1]}"
        await reach_terminal(setting)
    with pytest.raises(Unavailable, match=r"card\.unreachable"):
        await reach_terminal(setting)
    await reach_terminal("simulated")
