"""Reading ESC/POS back: what a stream of bytes would show on paper. The simulated printer, and the tests' witness."""

from dataclasses import dataclass, field

from pos_app.receipts.escpos import PAGES, Bitmap

# What follows ESC and GS: how many bytes each command that is known takes.
_ESC = {ord("@"): 0, ord("t"): 1, ord("E"): 1, ord("a"): 1, ord("d"): 1, ord("p"): 3, ord("!"): 1, ord("R"): 1}
_GS = {ord("!"): 1, ord("h"): 1, ord("w"): 1, ord("H"): 1, ord("V"): 1}
ESC, GS, DLE, LF = 0x1B, 0x1D, 0x10, 0x0A


@dataclass(frozen=True, slots=True)
class Printed:
    """One thing on the paper: a line of letters, a picture, a barcode, or a cut."""

    text: str = ""
    bold: bool = False
    tall: bool = False
    picture: Bitmap | None = None
    barcode: str | None = None
    cut: bool = False


@dataclass(slots=True)
class Paper:
    """What came out, and how often the drawer was opened; `strange` are bytes that no command explains."""

    things: list[Printed] = field(default_factory=list)
    pulses: int = 0
    strange: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The letters on the paper, barcodes as the numbers they carry."""
        lines = [thing.text if thing.barcode is None else thing.barcode for thing in self.things if not thing.cut]
        return "\n".join(line.rstrip() for line in lines)


def decode(data: bytes) -> Paper:
    """Read bytes as a printer does."""
    return _Printer(data).run()


class _Printer:
    """A printer's state while it reads."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0
        self._paper = Paper()
        self._line, self._codec = "", "cp437"
        self._bold = self._tall = False

    def run(self) -> Paper:
        while self._place < len(self._data):
            byte = self._next()
            if byte == ESC:
                self._escape()
            elif byte == GS:
                self._group()
            elif byte == DLE:
                self._take(2)
            elif byte == LF:
                self._paper.things.append(Printed(self._line, self._bold, self._tall))
                self._line = ""
            elif byte < 0x20:  # noqa: PLR2004 - control characters
                self._paper.strange.append(byte)
            else:
                self._line += bytes([byte]).decode(self._codec, errors="replace")
        if self._line:
            self._paper.things.append(Printed(self._line, self._bold, self._tall))
        return self._paper

    def _next(self) -> int:
        byte = self._data[self._place] if self._place < len(self._data) else 0
        self._place += 1
        return byte

    def _take(self, count: int) -> bytes:
        taken = self._data[self._place : self._place + count]
        self._place += count
        return taken

    def _escape(self) -> None:
        command = self._next()
        if command not in _ESC:
            self._paper.strange.append(command)
            return
        values = self._take(_ESC[command])
        match chr(command):
            case "@":
                self._codec, self._bold, self._tall = "cp437", False, False
            case "t":
                self._codec = PAGES.get(values[0], "cp437")
            case "E":
                self._bold = bool(values[0])
            case "p":
                self._paper.pulses += 1

    def _group(self) -> None:
        command = self._next()
        if command == ord("k"):
            self._take(1)
            content = self._take(self._next()).decode("ascii", errors="replace")
            self._paper.things.append(Printed(barcode=content.removeprefix("{B").replace("{{", "{")))
            if self._data[self._place : self._place + 1] == b"\n":
                self._place += 1
        elif command == ord("v"):
            self._take(2)
            across, height = (int.from_bytes(self._take(2), "little") for _ in range(2))
            self._paper.things.append(Printed(picture=Bitmap(across * 8, height, self._take(across * height))))
        elif command in _GS:
            values = self._take(_GS[command])
            if command == ord("!"):
                self._tall = bool(values[0] & 0x0F)
            elif command == ord("V"):
                self._paper.things.append(Printed(cut=True))
        else:
            self._paper.strange.append(command)
