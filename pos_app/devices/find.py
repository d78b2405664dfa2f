"""Looks for receipt printers at this machine, and whether a card terminal is there."""

import asyncio
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pos_app.errors import Unavailable
from pos_app.version import system_environment

LOOK_S, CONNECT_S = 5.0, 3.0
USB_PRINTER_CLASS = 7


@dataclass(frozen=True, slots=True)
class Found:
    """A device: the printer setting that reaches it, and what it calls itself."""

    setting: str
    name: str


def find_printers(devices: Path = Path("/dev/usb")) -> list[Found]:
    """Give device files, printers on the bus, serial lines and the system's print queues, in this order.

    Blocks. A source that fails finds nothing.
    """
    found: list[Found] = []
    looks: tuple[Callable[[], list[Found]], ...] = (lambda: _device_files(devices), _on_the_bus, _serial, _queues)
    for look in looks:
        # Whatever a library raises where its driver is missing or its device is not ours to open.
        with suppress(Exception):
            found += look()
    return found


def _device_files(devices: Path) -> list[Found]:
    return [Found(f"file:{path}", f"Printer at {path}") for path in sorted(devices.glob("lp*"))]


def _on_the_bus() -> list[Found]:
    import usb.core  # noqa: PLC0415 - only where it is installed

    found = []
    for device in usb.core.find(find_all=True):
        if any(face.bInterfaceClass == USB_PRINTER_CLASS for configuration in device for face in configuration):
            name = f"{device.manufacturer or 'USB'} {device.product or 'printer'}"
            found.append(Found(f"usb:{device.idVendor:04x}:{device.idProduct:04x}", name))
    return found


def _serial() -> list[Found]:
    from serial.tools import list_ports  # type: ignore[import-untyped] # noqa: PLC0415 - only where it is installed

    return [Found(f"serial:{port.device}", port.description) for port in list_ports.comports()]


def queue_known(name: str) -> bool:
    """Whether the system has a print queue of that name; taken for one where it cannot be asked. Blocks."""
    try:
        return any(found.setting == f"system:{name}" for found in _queues())
    except (OSError, subprocess.SubprocessError):
        return True


def _queues() -> list[Found]:
    done = subprocess.run(  # the system's own command, without arguments of ours
        ["/usr/bin/lpstat", "-e"],
        env=system_environment(),
        capture_output=True,
        timeout=LOOK_S,
        check=True,
        text=True,
    )
    names = [name.strip() for name in done.stdout.splitlines() if name.strip()]
    return [Found(f"system:{name}", f"Print queue {name}") for name in names]


async def reach_terminal(setting: str) -> None:
    """See whether the card terminal of a setting takes a connection. Raises Unavailable("card.unreachable")."""
    kind, _, rest = setting.partition(":")
    if kind != "tcp":
        return
    host, _, port = rest.rpartition(":")
    try:
        async with asyncio.timeout(CONNECT_S):
            _reader, writer = await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError) as error:
        raise Unavailable("card.unreachable") from error
    writer.close()
