"""The receipt printer: bytes in Epson's ESC/POS command language, sent where this machine's setting says."""

from pathlib import Path

from pos_app.errors import Refused, Unavailable

# Initialise; code page 19 (PC858, with the euro sign).
START = b"\x1b@\x1bt\x13"
# Pin 2 of the drawer's plug, 50 ms on, 500 ms off.
PULSE = b"\x1bp\x00\x19\xfa"
# Feed four lines, then cut all but one point.
END = b"\x1bd\x04\x1dV\x01"


def encode(text: str) -> bytes:
    """Give the bytes that print a text; letters the code page lacks become question marks."""
    return START + text.encode("cp858", errors="replace").replace(b"\r", b"") + END


def check_setting(printer: str) -> None:
    """Raise Refused("printer.setting") unless it is `none` or `file:PATH`."""
    if printer != "none" and not (printer.startswith("file:") and len(printer) > len("file:")):
        raise Refused("printer.setting", printer=printer)


def send(printer: str, data: bytes) -> None:
    """Send bytes to the printer; blocks, so call it in a thread. Raises Unavailable("printer.failed")."""
    check_setting(printer)
    if printer == "none":
        return
    try:
        with Path(printer.removeprefix("file:")).open("ab") as device:
            device.write(data)
    except OSError as error:
        raise Unavailable("printer.failed", reason=error.strerror or str(error)) from error
