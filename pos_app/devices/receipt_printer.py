"""Receipt printers behind addresses: what they say of themselves, and whether a paper came out. All of it blocks."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import PurePath

from pos_app.devices import printer_link
from pos_app.devices.printer_link import Link, opened, spool
from pos_app.errors import Refused, Unavailable

# DLE EOT n, n = 1 printer, 2 why it is off line, 3 errors, 4 paper (Epson, "Transmit real-time status").
ASK = (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04")
# GS r 1 (Epson, "Transmit status"): unlike DLE EOT it waits its turn, so its answer says that all before it is printed.
ASK_DONE = b"\x1dr\x01"
DONE_S = 15.0
ASK_AGAIN_S = 60.0
TALKING = ("tcp", "usb", "serial")
KINDS = ("file", "system", *TALKING)
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{4}")
_SERIAL = re.compile(r"[^@]+(@[1-9][0-9]{2,6})?")


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


SILENT = PrinterStatus(answers=False)


def check_setting(printer: str) -> None:
    """Raise Refused("printer.setting") unless it is an address this program knows.

    `none`, `simulated`, `file:PATH` (a whole path), `tcp:HOST:PORT`, `usb:VENDOR:PRODUCT` (hexadecimal),
    `serial:DEVICE` or `serial:DEVICE@BAUD`, `system:NAME`.
    """
    kind, colon, rest = printer.partition(":")
    if printer in ("none", "simulated"):
        return
    well = bool(colon and rest and kind in KINDS)
    if well and kind == "tcp":
        host, _, port = rest.rpartition(":")
        well = bool(host) and port.isascii() and port.isdecimal() and 0 < int(port) < 2**16
    if well and kind == "usb":
        vendor, _, product = rest.partition(":")
        well = bool(_HEXADECIMAL.fullmatch(vendor) and _HEXADECIMAL.fullmatch(product))
    if well and kind == "serial":
        well = bool(_SERIAL.fullmatch(rest))
    if well and kind == "file":
        # One that does not begin at the root would lie where the program happens to be started; Windows has names.
        well = PurePath(rest).is_absolute() or (os.name == "nt" and PurePath(rest).name == rest)
    if not well:
        raise Refused("printer.setting", printer=printer[:100])


def status(printer: str) -> PrinterStatus:
    """Ask a printer how it is; garbage for an answer is no answer. Raises Refused, Unavailable("printer.failed")."""
    check_setting(printer)
    kind, _, rest = printer.partition(":")
    if kind not in TALKING:
        return SILENT
    try:
        with opened(kind, rest) as link:
            return _ask(link)
    except Unavailable:
        raise
    except Exception as error:  # whatever a device's library raises
        raise Unavailable("printer.failed", reason=_reason(error)) from error


def _ask(link: Link) -> PrinterStatus:
    answers: list[int | None] = []
    for question in ASK:
        link.write(question)
        answer = link.read(printer_link.STATUS_S)
        answers.append(answer[0] if answer else None)
        if not answer:
            break  # it did not understand the first, or has stopped talking
    return read_status(answers)


def read_status(answers: list[int | None]) -> PrinterStatus:
    """Make sense of the four answers; each has bits 1 and 4 set and bits 0 and 7 clear, or it is none."""
    sound = [one if one is not None and one & 0x93 == 0x12 else None for one in answers]  # noqa: PLR2004 - as above
    if all(one is None for one in sound):
        return SILENT
    printer, offline, error, paper = (one or 0 for one in [*sound, None, None, None][:4])
    return PrinterStatus(
        answers=True,
        offline=bool(printer & 0x08),
        cover_open=bool(offline & 0x04),
        paper_out=bool(offline & 0x20 or paper & 0x60),
        paper_low=bool(paper & 0x0C),
        error=bool(error & 0x68),
    )


class Sender:
    """Sends papers, and knows which printers say whether they came out; the others are asked once in a while.

    A printer that was silent once may only have been busy: it is asked again after `ASK_AGAIN_S`, so that none that
    talks is long sent papers it cannot print.
    """

    def __init__(self, *, asks: bool = True) -> None:
        """Know nothing yet; what is no printer is not to be asked."""
        self._asks = asks
        # When each that did not answer is asked again.
        self._silent: dict[str, float] = {}
        self._unsure: set[str] = set()

    def send(self, printer: str, data: bytes) -> None:
        """Send bytes and wait until they are printed, or handed over where the printer does not say.

        Raises Refused("printer.setting"), Unavailable("printer.failed" | "printer.library" | "printer.not_ready") where
        nothing came out, and Unavailable("printer.broke_off") where some of it may have.
        """
        check_setting(printer)
        kind, _, rest = printer.partition(":")
        if printer in ("none", "simulated"):
            return
        begun = False
        try:
            if kind == "system":
                spool(rest, data)
                return
            with opened(kind, rest) as link:
                talks = kind in TALKING and self._ready(printer, link)
                begun = True
                link.write(data)
                if talks and printer not in self._unsure:
                    self._confirm(printer, link)
                link.finish()
        except Unavailable:
            raise
        except Exception as error:  # whatever a device's library raises
            self._silent.pop(printer, None)
            code = "printer.broke_off" if begun else "printer.failed"
            raise Unavailable(code, reason=_reason(error)) from error

    def _ready(self, printer: str, link: Link) -> bool:
        """Whether it answers; one that would not print is not sent anything."""
        if not self._asks or self._silent.get(printer, 0.0) > time.monotonic():
            return False
        state = _ask(link)
        if not state.answers:
            self._silent[printer] = time.monotonic() + ASK_AGAIN_S
            return False
        self._silent.pop(printer, None)
        if not state.ready:
            raise Unavailable("printer.not_ready", state=state.sentence)
        return True

    def _confirm(self, printer: str, link: Link) -> None:
        """Wait for the word that all of it is printed."""
        link.write(ASK_DONE)
        end = time.monotonic() + DONE_S
        while (left := end - time.monotonic()) > 0:
            answer = link.read(left)
            if answer is None:
                raise ConnectionResetError
            # Its answer has bits 4 and 7 clear; a late answer to DLE EOT has bit 4 set and is passed over.
            if answer and not answer[0] & 0x90:
                return
        state = _ask(link)
        if state.answers and state.ready:
            self._unsure.add(printer)  # it prints, and knows no such question
            return
        raise Unavailable("printer.broke_off", reason=_within(state.sentence) if state.answers else "it went silent")


def _within(sentence: str) -> str:
    """A sentence as a part of another."""
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _reason(error: BaseException) -> str:
    """What a driver said, in a few words."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "it is switched off or not there"
    if isinstance(error, ConnectionError):
        return "the connection broke"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
