"""The ways to a printer: files, network, bus, serial line and the system's queues. All of it blocks, none for ever."""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from pos_app.errors import Unavailable
from pos_app.version import system_environment

CONNECT_S, WRITE_S, STATUS_S, LINGER_S = 3.0, 10.0, 1.0, 0.5
BAUD = 19200


class Link(Protocol):
    """An open way to a printer."""

    def write(self, data: bytes) -> None:
        """Send bytes; TimeoutError where they are not taken within ten seconds."""

    def read(self, wait_s: float) -> bytes | None:
        """Give one byte of an answer; b"" where there is none in time, None where the printer has hung up."""

    def finish(self) -> None:
        """Say that this was all; OSError where the printer did not take it."""

    def close(self) -> None:
        """Let go of the printer."""


@contextlib.contextmanager
def opened(kind: str, rest: str) -> Iterator[Link]:
    """Open the way a setting names, `kind:rest`. Raises OSError, Unavailable, or what a device's library raises."""
    openers: dict[str, Callable[[str], Link]] = {
        "file": FileLink,
        "tcp": TcpLink,
        "usb": UsbLink,
        "serial": SerialLink,
    }
    opener = openers[kind]
    with contextlib.closing(opener(rest)) as link:
        yield link


class FileLink:
    """A device file, or a file that takes the place of a printer."""

    def __init__(self, path: str) -> None:
        """Open it for adding; a pipe or device that nobody reads is refused rather than waited for."""
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        # A device that is not plugged in must not become a file among the devices; /dev/shm holds files.
        devices = path.startswith("/dev/") and not path.startswith("/dev/shm/")  # noqa: S108 - named, not used
        made = 0 if devices else os.O_CREAT
        self._file = os.open(path, flags | made, 0o644)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        end = time.monotonic() + WRITE_S
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._file, view) :]
            except BlockingIOError:
                left = end - time.monotonic()
                if left <= 0 or not select.select([], [self._file], [], left)[1]:
                    raise TimeoutError from None

    def read(self, _wait_s: float) -> bytes | None:
        """A file says nothing."""
        return b""

    def finish(self) -> None:
        """Nothing to say."""

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class TcpLink:
    """A printer on the network."""

    def __init__(self, rest: str) -> None:
        """Connect, within three seconds for each address the name has."""
        host, _, port = rest.rpartition(":")
        self._socket = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S)

    def write(self, data: bytes) -> None:
        """Send bytes; the ten seconds are for all of them."""
        end = time.monotonic() + WRITE_S
        view = memoryview(data)
        while view:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            view = view[self._socket.send(view) :]

    def read(self, wait_s: float) -> bytes | None:
        """Read one byte of an answer."""
        self._socket.settimeout(wait_s)
        try:
            return self._socket.recv(1) or None
        except TimeoutError:
            return b""

    def finish(self) -> None:
        """Hang up in order, and hear of it if the other side has thrown the bytes away."""
        self._socket.shutdown(socket.SHUT_WR)
        end = time.monotonic() + LINGER_S
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                if not self._socket.recv(4096):
                    return
            except TimeoutError:
                return

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class UsbLink:
    """A printer on the bus, by pyusb where it is installed."""

    def __init__(self, rest: str) -> None:
        """Find it by its vendor's and its own number, both hexadecimal."""
        try:
            import usb.core  # noqa: PLC0415 - only for printers on the bus
            import usb.util  # noqa: PLC0415
        except ImportError as error:
            raise Unavailable("printer.library", library="pyusb") from error
        vendor, _, product = rest.partition(":")
        self._usb: Any = usb
        self._device = usb.core.find(idVendor=int(vendor, 16), idProduct=int(product, 16))
        if self._device is None:
            raise Unavailable("printer.failed", reason="it is not plugged in, or switched off")
        # Linux gives printers to its own driver first; other systems have no such thing to take away.
        with contextlib.suppress(NotImplementedError, usb.core.USBError):
            if self._device.is_kernel_driver_active(0):
                self._device.detach_kernel_driver(0)
        ends = list(self._device.get_active_configuration()[(0, 0)])
        self._out = next(end for end in ends if self._direction(end) == usb.util.ENDPOINT_OUT)
        self._in = next((end for end in ends if self._direction(end) == usb.util.ENDPOINT_IN), None)
        self._waiting = bytearray()

    def _direction(self, end: Any) -> Any:
        return self._usb.util.endpoint_direction(end.bEndpointAddress)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._out.write(data, timeout=int(WRITE_S * 1000))
        except self._usb.core.USBTimeoutError as error:
            raise TimeoutError from error

    def read(self, wait_s: float) -> bytes | None:
        """Read one byte of an answer; the bus gives whole packets."""
        if not self._waiting and self._in is not None:
            with contextlib.suppress(self._usb.core.USBTimeoutError):
                self._waiting += bytes(self._in.read(self._in.wMaxPacketSize, timeout=int(wait_s * 1000)))
        first = bytes(self._waiting[:1])
        del self._waiting[:1]
        return first

    def finish(self) -> None:
        """Nothing to say: the bus has acknowledged every packet."""

    def close(self) -> None:
        """Give the device back."""
        self._usb.util.dispose_resources(self._device)


class SerialLink:
    """A printer on a serial line, by pyserial where it is installed."""

    def __init__(self, rest: str) -> None:
        """Open DEVICE, or DEVICE@BAUD; 19200 else."""
        try:
            import serial  # noqa: PLC0415 - only for printers on a serial line
        except ImportError as error:
            raise Unavailable("printer.library", library="pyserial") from error
        device, _, baud = rest.partition("@")
        self._late = serial.SerialTimeoutException
        self._line = serial.Serial(device, int(baud or BAUD), timeout=STATUS_S, write_timeout=WRITE_S)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self._line.write(data)
        except self._late as error:
            raise TimeoutError from error

    def read(self, wait_s: float) -> bytes | None:
        """Read one byte of an answer."""
        self._line.timeout = wait_s
        return bytes(self._line.read(1))

    def finish(self) -> None:
        """Nothing to say."""

    def close(self) -> None:
        """Close the line."""
        self._line.close()


def spool(name: str, data: bytes) -> None:
    """Hand bytes to a queue of the system, untouched by its driver. Raises Unavailable."""
    if sys.platform == "win32":
        _spool_windows(name, data)
        return
    command = shutil.which("lp")
    if command is None:
        raise Unavailable("printer.failed", reason="this system has no print queues (lp is missing)")
    try:
        done = subprocess.run(  # noqa: S603 - the system's own command, the name as one argument
            [command, "-d", name, "-o", "raw", "-s"],
            env=system_environment(),
            input=data,
            capture_output=True,
            timeout=WRITE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable("printer.failed", reason="the system's queue does not answer") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("lp: ").rstrip(".")
        raise Unavailable("printer.failed", reason=said[:200] or "the system's queue refused it")


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
