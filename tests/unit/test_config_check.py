"""A file of settings before it goes to forty tills: all that keeps a till from starting, each with key and value."""

import os
from pathlib import Path

import pytest

from pos_app.config import load
from pos_app.config_check import check_file, faulty_devices
from pos_app.database import Database
from pos_app.errors import PosError, Refused
from pos_app.messages import sentence


def told(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[str]:
    (tmp_path / "config.toml").write_text(text, encoding)
    return [sentence(fault) for fault in check_file(tmp_path / "config.toml")[1]]


SERVER = "postgresql://till@server/shop"


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("printer", "epson", "it is none, simulated, file:PATH"),
        ("printer", "tcp:", "tcp:HOST:PORT"),
        ("printer", "tcp:h:99999999", "tcp:HOST:PORT"),
        ("printer", "usb:zz:1", "four hexadecimal digits"),
        ("printer", "serial:/dev/x@fast", "serial:DEVICE@BAUD"),
        ("card_terminal", "foo", "it is none, simulated or tcp:HOST:PORT"),
        ("card_terminal", "tcp:host", "it is none, simulated or tcp:HOST:PORT"),
        ("line_display", "xx", "it is none"),
        ("database_url", f"{SERVER}?sslmode=requir", "verify-full"),
        ("database_url", f"{SERVER}?sslmod=require", "Did you mean sslmode?"),
        ("direct_url", f"{SERVER}?target_session_attrs=rw", "read-write"),
        ("database_url", "postgresql://till@server:99999/shop", "“99999” is no port"),
        ("database_url", "postgresql://till@server:abc/shop", "“abc” is no port"),
        ("database_url", "postgresql://till@one:1,two:0/shop", "“0” is no port"),
        ("database_url", "postgresql://till@server", "postgresql://user@host:5432/db"),
        ("database_url", f"{SERVER}?sslrootcert=/no/such.crt", "/no/such.crt"),
        ("database_url", f"{SERVER}?passfile=/nope", "/nope"),
        ("data_dir", "shop", "whole path"),
        ("backup_second_dir", "usb/copies", "it is a whole path, such as /media/usb/copies"),
        ("database_url", "sqlite:///shop.db", "the file's path is whole"),
        ("database_url", f"{SERVER}?passfile=pyproject.toml", "Give its whole path"),
        ("printer", "file:paper.bin", "file:PATH (a whole path)"),
        ("till", 0, "1 to 999"),
    ],
)
def test_a_value_that_no_start_takes_is_told_with_its_key(
    tmp_path: Path, key: str, value: str | int, reason: str
) -> None:
    (said,) = told(tmp_path, f"{key} = {value!r}\n".replace("'", '"'))
    assert f"The setting {key} cannot be “{value}”" in said
    assert reason in said


@pytest.mark.parametrize(
    "line",
    [
        'printer = "usb:04b8:0e15"',
        'printer = "serial:/dev/ttyUSB0@19200"',
        'line_display = "tcp:192.0.2.7:9100"',
        'card_terminal = "tcp:192.0.2.8:7000"',
        f'database_url = "{SERVER}?sslmode=verify-full&connect_timeout=3"',
        'database_url = "postgresql://till@one:5432,two:5433/shop?target_session_attrs=read-write"',
        'database_url = "postgresql://till@[::1]:5432/shop"',
        'database_url = "postgresql:///shop?host=/run/postgresql"',
        'database_url = "sqlite:////srv/shop/shop.db"',
        f'backup_second_dir = "{"D:/copies" if os.name == "nt" else "/media/usb"}"',
        'backup_second_dir = "~/copies"',
        'backup_second_dir = ""',
        f'data_dir = "{"C:/shop" if os.name == "nt" else "/srv/shop"}"',
    ],
)
def test_what_a_start_takes_is_taken(tmp_path: Path, line: str) -> None:
    assert told(tmp_path, line) == []


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = f'till = 0\nprintr = "none"\nprinter = "epson"\ndatabase_url = "{SERVER}?sslmode=requir&sslmod=x"\n'
    said = told(tmp_path, text)
    assert len(said) == 5
    for word in ("till", "printr", "epson", "requir", "sslmod"):
        assert any(word in one for one in said)


@pytest.mark.parametrize("url", ["postgresql://till:geheim@server/shop", f"{SERVER}?password=geheim"])
def test_a_password_in_an_address_is_told_where_it_belongs(tmp_path: Path, url: str) -> None:
    (said,) = told(tmp_path, f'database_url = "{url}"\n')
    assert "geheim" not in said
    assert all(place in said for place in ("database_url", "bookstore-pos password set", "passfile"))


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    assert told(tmp_path, "till = 4\r\n", "utf-8-sig") == []
    (tmp_path / "settings.toml").write_text("till = 4\n", "utf-8-sig")
    assert load({"data_dir": tmp_path}, {}).till == 4


def test_the_devices_in_force_are_looked_at(tmp_path: Path) -> None:
    config = load({"data_dir": tmp_path, "line_display": "xx", "card_terminal": "foo"}, {})
    assert list(faulty_devices(config)) == ["line_display", "card_terminal"]


def test_faults_are_collected_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('till = 0\nprintr = "x"\ntheme = "dark"\n', "utf-8")
    faults: list[PosError] = []
    assert load({"data_dir": tmp_path}, {}, faults=faults).theme == "dark"
    assert [fault.code for fault in faults] == ["config.unknown", "config.value"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"{SERVER}?sslmod=require", "address.option"),
        (f"{SERVER}?PASSWORD=x", "address.option"),
        (f"{SERVER}?sslmode=requir", "address.value"),
        ("postgresql://till@server:99999/shop", "address.port"),
    ],
)
def test_a_typo_in_an_address_is_told_before_a_server_is_asked(url: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        Database(url)
    assert refused.value.code == code
