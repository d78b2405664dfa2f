"""What a shop puts into `customer-display/` in the data folder: pictures, and `words.txt`. All of it blocks."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

FORMATS = {".png": b"png", ".jpg": b"jpeg", ".jpeg": b"jpeg"}
MAX_FILE = 10_000_000
MAX_PIXELS = 24_000_000
MAX_PICTURES = 50
MAX_WORDS = 160


@dataclass(frozen=True)
class Slide:
    """What stands between customers: a picture no larger than asked for, or None, and a sentence or nothing."""

    picture: QImage | None = None
    words: str = ""


def read_slide(folder: Path, turn: int, size: QSize) -> Slide:
    """Give the slide of a turn, the pictures one after the other by name.

    A picture that is too large, or is none, is passed over; nothing is raised.
    """
    found = list_pictures(folder)
    words = read_words(folder)
    for step in range(len(found)):
        picture = read_picture(found[(turn + step) % len(found)], size)
        if picture is not None:
            return Slide(picture, words)
    return Slide(None, words)


def list_pictures(folder: Path) -> list[Path]:
    """Name the pictures of a folder, by name."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in FORMATS and path.is_file()]
    except OSError:
        return []
    return sorted(found)[:MAX_PICTURES]


def read_words(folder: Path) -> str:
    """Read the sentence: the first line that says something, cut to what fits."""
    try:
        with (folder / "words.txt").open(encoding="utf-8-sig", errors="replace") as file:
            text = file.read(4 * MAX_WORDS)
    except OSError:
        return ""
    line = next((one.strip() for one in text.splitlines() if one.strip()), "")
    return "".join(sign for sign in line if sign.isprintable())[:MAX_WORDS]


def read_picture(path: Path, size: QSize) -> QImage | None:
    """Decode a picture, no larger than `size`; None where it is none, or larger than is decoded."""
    try:
        if path.stat().st_size > MAX_FILE:
            return None
    except OSError:
        return None
    # What a file is called is what it is read as: nothing else that Qt can read, least of all SVG, gets in.
    reader = QImageReader(str(path), FORMATS[path.suffix.lower()])
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    whole = reader.size()
    if not whole.isValid() or whole.isEmpty() or whole.width() * whole.height() > MAX_PIXELS:
        return None
    if whole.width() > size.width() or whole.height() > size.height():
        fitting = whole.scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(fitting.expandedTo(QSize(1, 1)))
    image = reader.read()
    return None if image.isNull() else image
