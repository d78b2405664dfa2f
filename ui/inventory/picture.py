"""Pictures from outside made into covers and logos: looked at before they are decoded, decoded small, written anew."""

from PySide6.QtCore import QBuffer, QByteArray, QFile, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from pos_app.errors import Refused
from pos_app.services.cover import MAX_BYTES

MAX_FILE = 20_000_000
MAX_SIDE = 12_000
MAX_PIXELS = 40_000_000
MEMORY_MB = 192
COVER = QSize(320, 480)
# What paper takes of a logo, in a printer's dots.
LOGO = QSize(400, 200)
FORMATS = frozenset({b"jpeg", b"png", b"webp"})


def cover_from_file(path: str) -> bytes:
    """Make a cover of a file. Raises Refused("cover.picture" | "cover.large")."""
    return cover_from_bytes(_read(path))


def cover_from_bytes(content: bytes) -> bytes:
    """Make a JPEG of at most 320 × 480 points and 60 kB; a picture too large by its own word is never decoded.

    Raises Refused("cover.picture" | "cover.large").
    """
    return cover_from_image(_decoded(content, COVER))


def cover_from_image(image: QImage) -> bytes:
    """Make a cover of a picture that is decoded already, such as one pasted. Raises Refused("cover.picture")."""
    return _written(_flat(image, COVER))


def logo_from_file(path: str) -> bytes:
    """Make a picture for the head of papers of a file, at most 400 × 200 points and 60 kB.

    Raises Refused("cover.picture" | "cover.large").
    """
    flat = _flat(_decoded(_read(path), LOGO), LOGO)
    # Lines and letters stay sharp in a PNG, which a photograph makes too large.
    return _saved(flat, "PNG", -1) or _written(flat)


def _read(path: str) -> bytes:
    file = QFile(path)
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise Refused("cover.picture")
    if file.size() > MAX_FILE:
        raise Refused("cover.large", side=f"{MAX_SIDE:,}")
    return bytes(file.readAll().data())


def _decoded(content: bytes, most: QSize) -> QImage:
    """Decode a picture no larger than it is needed."""
    if len(content) > MAX_FILE:
        raise Refused("cover.large", side=f"{MAX_SIDE:,}")
    QImageReader.setAllocationLimit(MEMORY_MB)
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if bytes(reader.format().data()) not in FORMATS:
        raise Refused("cover.picture")
    size = reader.size()
    if not size.isValid():
        raise Refused("cover.picture")
    if max(size.width(), size.height()) > MAX_SIDE or size.width() * size.height() > MAX_PIXELS:
        raise Refused("cover.large", side=f"{MAX_SIDE:,}")
    if size.width() > most.width() or size.height() > most.height():
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        raise Refused("cover.picture")
    return image


def _flat(image: QImage, most: QSize) -> QImage:
    """A picture small, and on white: JPEG and paper know no transparency, and what was clear would become black."""
    if image.isNull() or image.width() * image.height() > MAX_PIXELS:
        raise Refused("cover.picture")
    if image.width() > most.width() or image.height() > most.height():
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(most, keep, smooth)
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat


def _written(flat: QImage) -> bytes:
    for quality in (85, 70, 50, 30):
        if content := _saved(flat, "JPEG", quality):
            return content
    raise Refused("cover.picture")


def _saved(flat: QImage, kind: str, quality: int) -> bytes:
    """A picture as a file's bytes; none where it is too large."""
    out = QBuffer()
    out.open(QIODevice.OpenModeFlag.WriteOnly)
    kept = flat.save(out, kind, quality) and out.size() <= MAX_BYTES  # type: ignore[call-overload] # a device is taken
    return bytes(out.data().data()) if kept else b""
