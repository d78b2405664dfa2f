"""A machine's settings looked at as a start looks at them, device by device; all that is wrong at once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import ArgumentError

from pos_app.address_fault import has_password, missing_files, mistakes
from pos_app.config import Config, checked, known_settings, read_file, system_file
from pos_app.database import parse_address
from pos_app.devices.card_terminal import open_terminal
from pos_app.devices.receipt_printer import check_setting
from pos_app.errors import PosError, Refused
from pos_app.log import without_password
from pos_app.messages import sentence

PRINTERS = (
    "it is none, simulated, file:PATH (a whole path), tcp:HOST:PORT, usb:VENDOR:PRODUCT (four hexadecimal digits "
    "each), serial:DEVICE, serial:DEVICE@BAUD or system:NAME"
)
TERMINALS = "it is none, simulated or tcp:HOST:PORT"
DEVICES = ("printer", "line_display", "card_terminal")
ADDRESSES = ("database_url", "direct_url")


def check_file(path: Path) -> tuple[dict[str, Any], list[PosError]]:
    """Give what a file of settings sets, and everything in it that would keep a till from starting.

    Raises Refused("config.missing" | "config.unreadable").
    """
    if not path.is_file():
        raise Refused("config.missing", path=str(path))
    return look_through(read_file(path), path)


def look_through(values: Mapping[str, Any], path: Path, *without: str) -> tuple[dict[str, Any], list[PosError]]:
    """Give settings in their types, and all that is wrong with them; `without` may not be among them."""
    good: dict[str, Any] = {}
    wrong: list[PosError] = []
    known = known_settings(*without)
    for key, value in values.items():
        if key not in known:
            wrong.append(Refused("config.unknown", key=key, path=str(path), known=", ".join(sorted(known))))
            continue
        try:
            good[key] = checked(key, value)
        except Refused as refused:
            wrong.append(refused)
            continue
        wrong += _of_file(key, good[key], path)
    return good, wrong


def faulty_devices(config: Config) -> dict[str, Refused]:
    """Give the devices of the settings in force that this program does not know, and why."""
    faults = ((key, _device_fault(key, str(getattr(config, key)))) for key in DEVICES)
    return {key: fault for key, fault in faults if fault is not None}


def refuse_devices(config: Config) -> None:
    """Raise Refused("config.devices") where a till would not begin with its devices, and name the file.

    A till sells without its printer: papers wait, and say so.
    """
    if faults := {key: fault for key, fault in faulty_devices(config).items() if key != "printer"}:
        said = " ".join(sentence(fault) for fault in faults.values())
        raise Refused("config.devices", faults=said, path=settings_of(config))


def settings_of(config: Config) -> str:
    """Give the file that this machine's settings stand in: the data folder's, where there is one."""
    ours, of_system = config.settings_file, system_file()
    return str(of_system if of_system.is_file() and not ours.is_file() else ours)


def _of_file(key: str, value: Any, path: Path) -> Iterator[PosError]:
    if fault := _device_fault(key, str(value)):
        yield fault
    if key in ADDRESSES and str(value).startswith("postgresql"):
        yield from _of_address(key, str(value), path)


def _device_fault(key: str, value: str) -> Refused | None:
    try:
        if key in ("printer", "line_display"):
            check_setting(value)
        elif key == "card_terminal":
            open_terminal(value)
    except Refused:
        reason = TERMINALS if key == "card_terminal" else PRINTERS
        return Refused("config.value", key=key, value=value[:100], reason=reason)
    return None


def _of_address(key: str, url: str, path: Path) -> Iterator[PosError]:
    if has_password(url):
        yield Refused("config.password", key=key, path=str(path))
    found = [*mistakes(url), *missing_files(url)]
    if not found:
        try:
            whole = bool(parse_address(url).database)
        except (PosError, ArgumentError, ValueError):
            whole = False
        if not whole:
            yield Refused("config.value", key=key, value=without_password(url), reason="postgresql://user@host:5432/db")
    for one in found:
        reason = sentence(one).removesuffix(".")
        yield Refused("config.value", key=key, value=without_password(url), reason=f"{reason[0].lower()}{reason[1:]}")
