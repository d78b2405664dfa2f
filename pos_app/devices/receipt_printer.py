"""Receipt printers behind addresses: where bytes go, and what the printer says of itself. Everything here blocks."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pos_app.errors import Refused, Unavailable

CONNECT_S, WRITE_S, STATUS_S = 3.0, 10.0, 1.0
TCP_PORT = 9100
# DLE EOT n, n = 1 printer, 2 why it is off line, 3 errors, 4 paper (Epson, "Transmit real-time status").
ASK = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{4}")
KINDS = ("file", "tcp", "usb", "serial", "system")


class Link(Protocol):
    """An open way to a printer."""

    def write(self, data: bytes) -> object:
        """Send bytes."""

    def read(self, count: int) -> bytes:
        """Read an answer, or nothing."""


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What a printer says of itself; `answers` is false where it cannot or does not say."""

    answers: bool
    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_low: bool = False
    error: bool = False

    @property
    def sentence(self) -> str:
        """The state in words, with what to do."""
        if not self.answers:
            return "It does not say how it is."
        for holds, words in (
            (self.cover_open, "The cover is open: close it."),
            (self.paper_out, "The paper is out: put a new roll in."),
            (self.error, "It reports a fault: switch it off and on."),
            (self.offline, "It is off line: press its feed button."),
            (self.paper_low, "Ready; the paper is running out."),
        ):
            if holds:
                return words
        return "Ready, paper fine."

    @property
    def ready(self) -> bool:
        """Whether it would print."""
        return not (self.offline or self.cover_open or self.paper_out or self.error)


def check_setting(printer: str) -> None:
    """Raise Refused("printer.setting") unless it is an address this program knows.

    `none`, `simulated`, `file:PATH`, `tcp:HOST:PORT`, `usb:VENDOR:PRODUCT` (hexadecimal), `serial:DEVICE`,
    `system:NAME`.
    """
    kind, colon, rest = printer.partition(":")
    if printer in ("none", "simulated"):
        return
    well = bool(colon and rest and kind in KINDS)
    if well and kind == "tcp":
        host, _, port = rest.rpartition(":")
        well = bool(host) and port.isdecimal() and 0 < int(port) < 2**16
    if well and kind == "usb":
        vendor, _, product = rest.partition(":")
        well = bool(_HEXADECIMAL.fullmatch(vendor) and _HEXADECIMAL.fullmatch(product))
    if not well:
        raise Refused("printer.setting", printer=printer[:100])


def send(printer: str, data: bytes) -> None:
    """Send bytes to a printer and wait until they are handed over. Raises Unavailable("printer.failed")."""
    check_setting(printer)
    if printer in ("none", "simulated"):
        return
    kind, _, rest = printer.partition(":")
    try:
        if kind == "system":
            _spool(rest, data)
            return
        with _open(kind, rest) as link:
            link.write(data)
    except Unavailable:
        raise
    except Exception as error:  # whatever a device's library raises
        raise Unavailable("printer.failed", reason=_reason(error)) from error


def status(printer: str) -> PrinterStatus:
    """Ask a printer how it is; garbage for an answer is no answer. Raises Unavailable("printer.failed")."""
    check_setting(printer)
    kind, _, rest = printer.partition(":")
    if kind not in ("tcp", "usb", "serial"):
        return PrinterStatus(answers=False)
    try:
        with _open(kind, rest) as link:
            answers = [_asked(link, question) for question in ASK]
    except Unavailable:
        raise
    except Exception as error:
        raise Unavailable("printer.failed", reason=_reason(error)) from error
    return read_status(answers)


def _asked(link: Link, question: bytes) -> int | None:
    link.write(question)
    answer = link.read(1)
    return answer[-1] if answer else None


def read_status(answers: list[int | None]) -> PrinterStatus:
    """Make sense of the four answers; each has bits 1 and 4 set and bits 0 and 7 clear, or it is none."""
    sound = [one if one is not None and one & 0x93 == 0x12 else None for one in answers]  # noqa: PLR2004 - as above
    if all(one is None for one in sound):
        return PrinterStatus(answers=False)
    printer, offline, error, paper = (one or 0 for one in sound)
    return PrinterStatus(
        answers=True,
        offline=bool(printer & 0x08),
        cover_open=bool(offline & 0x04),
        paper_out=bool(offline & 0x20 or paper & 0x60),
        paper_low=bool(paper & 0x0C),
        error=bool(error & 0x68),
    )


@contextmanager
def _open(kind: str, rest: str) -> Iterator[Link]:
    opener: Callable[[str], Any] = {"file": _file, "tcp": _tcp, "usb": _usb, "serial": _serial}[kind]
    with closing(opener(rest)) as link:
        yield link


class _File:
    """A device file, or a file that takes the place of a printer."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("ab")  # noqa: SIM115 - closed by the caller

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def read(self, _count: int) -> bytes:
        return b""

    def close(self) -> None:
        self._file.close()


def _file(path: str) -> _File:
    return _File(path)


class _Tcp:
    """A printer on the network; sending stalls no longer than ten seconds."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=CONNECT_S)

    def write(self, data: bytes) -> None:
        end = time.monotonic() + WRITE_S
        view = memoryview(data)
        while view:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("it takes no more")
            self._socket.settimeout(left)
            view = view[self._socket.send(view) :]

    def read(self, count: int) -> bytes:
        self._socket.settimeout(STATUS_S)
        try:
            return self._socket.recv(count)
        except TimeoutError:
            return b""

    def close(self) -> None:
        self._socket.close()


def _tcp(rest: str) -> _Tcp:
    host, _, port = rest.rpartition(":")
    return _Tcp(host, int(port))


class _Usb:
    """A printer on the bus, by pyusb where it is installed."""

    def __init__(self, vendor: int, product: int) -> None:
        try:
            import usb.core  # noqa: PLC0415 - only for printers on the bus
            import usb.util  # noqa: PLC0415
        except ImportError as error:
            raise Unavailable("printer.library", library="pyusb") from error
        self._device = usb.core.find(idVendor=vendor, idProduct=product)
        if self._device is None:
            raise Unavailable("printer.failed", reason="it is not plugged in or switched off")
        interface = self._device.get_active_configuration()[(0, 0)]
        direction = usb.util.endpoint_direction
        ends = list(interface)
        self._out = next(end for end in ends if direction(end.bEndpointAddress) == usb.util.ENDPOINT_OUT)
        self._in = next((end for end in ends if direction(end.bEndpointAddress) == usb.util.ENDPOINT_IN), None)

    def write(self, data: bytes) -> None:
        self._out.write(data, timeout=int(WRITE_S * 1000))

    def read(self, count: int) -> bytes:
        return bytes(self._in.read(count, timeout=int(STATUS_S * 1000))) if self._in is not None else b""

    def close(self) -> None:
        import usb.util  # noqa: PLC0415

        usb.util.dispose_resources(self._device)


def _usb(rest: str) -> _Usb:
    vendor, _, product = rest.partition(":")
    return _Usb(int(vendor, 16), int(product, 16))


def _serial(rest: str) -> Any:
    try:
        import serial  # noqa: PLC0415 - only for printers on a serial line
    except ImportError as error:
        raise Unavailable("printer.library", library="pyserial") from error
    return serial.Serial(rest, 19200, timeout=STATUS_S, write_timeout=WRITE_S)


def _spool(name: str, data: bytes) -> None:
    """Hand bytes to the system's own queue, untouched by its driver."""
    if sys.platform == "win32":
        _spool_windows(name, data)
        return
    try:
        done = subprocess.run(  # noqa: S603 - the system's own command, the name as one argument
            ["/usr/bin/lp", "-d", name, "-o", "raw", "-s"],
            input=data,
            capture_output=True,
            timeout=WRITE_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise Unavailable("printer.failed", reason="this system has no print queues (lp is missing)") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable("printer.failed", reason="the system's queue does not answer") from error
    if done.returncode:
        raise Unavailable("printer.failed", reason=done.stderr.decode(errors="replace").strip()[:200] or "lp failed")


def _spool_windows(name: str, data: bytes) -> None:
    try:
        import win32print  # noqa: PLC0415 - only on Windows
    except ImportError as error:
        raise Unavailable("printer.library", library="pywin32") from error
    handle = win32print.OpenPrinter(name)
    try:
        win32print.StartDocPrinter(handle, 1, ("Bookstore POS", None, "RAW"))
        win32print.StartPagePrinter(handle)
        win32print.WritePrinter(handle, data)
        win32print.EndPagePrinter(handle)
        win32print.EndDocPrinter(handle)
    finally:
        win32print.ClosePrinter(handle)


def _reason(error: BaseException) -> str:
    """What a driver said, in a few words."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "it is switched off or not there"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
