"""Files as they are, or packed by gzip, whatever their names say."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

GZIP = b"\x1f\x8b"
# What reading a damaged file raises.
UNREADABLE = (OSError, EOFError, zlib.error)


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open a file's bytes, unpacked as they are read. Reading raises what `UNREADABLE` lists."""
    with path.open("rb") as raw:
        packed = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        yield cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw


def place_in(file: BinaryIO) -> int:
    """Say how far the file itself is read, in bytes, packed ones where it is packed."""
    return file.fileobj.tell() if isinstance(file, gzip.GzipFile) else file.tell()


def why_unreadable(error: BaseException) -> str:
    """Say what was wrong, in words of ours: those of the libraries are for whoever wrote them."""
    if isinstance(error, EOFError):
        return "it ends before its end: it was not copied or loaded as a whole"
    said = error.strerror if isinstance(error, OSError) else None
    return said or "it is damaged where it is packed"
