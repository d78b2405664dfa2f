"""Barcodes as bars, drawn by whatever shows a paper."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import zxingcpp
from stdnum import ean

EAN_13 = 13


@dataclass(frozen=True, slots=True)
class Bars:
    """A barcode: how many modules wide with its quiet zones, and its bars.

    A bar is its first module, how many it is wide, and where it begins and ends, as shares of the height from the top.
    """

    modules: int
    bars: tuple[tuple[int, int, float, float], ...]


def code128(text: str) -> tuple[bool, ...]:
    """Give the bars and gaps of a Code 128 barcode, one module each, with its quiet zones; True is a bar."""
    drawn = _drawn(text, zxingcpp.BarcodeFormat.Code128)
    width = drawn.shape[1] if drawn.shape is not None else 0
    return tuple(drawn[0, column] == 0 for column in range(width))


@lru_cache(maxsize=2_000)
def barcode(code: str, addon: str | None = None) -> Bars:
    """Give the barcode of a code: EAN-13 where it is one, with the add-on of five digits behind it, else Code 128."""
    is_ean = len(code) == EAN_13 and ean.is_valid(code)
    kind = zxingcpp.BarcodeFormat.EAN13 if is_ean else zxingcpp.BarcodeFormat.Code128
    drawn = _drawn(f"{code} {addon}" if is_ean and addon else code, kind)
    tall, wide = drawn.shape or (0, 0)
    columns = []
    for column in range(wide):
        dark = [row for row in range(tall) if drawn[row, column] == 0]
        columns.append((dark[0] / tall, (dark[-1] + 1) / tall) if dark else None)
    bars, place = [], 0
    for extent, group in groupby(columns):
        width = len(list(group))
        if extent is not None:
            bars.append((place, width, *extent))
        place += width
    return Bars(wide, tuple(bars))


def _drawn(text: str, kind: zxingcpp.BarcodeFormat) -> memoryview:
    image = zxingcpp.create_barcode(text, kind).to_image(scale=1)
    return memoryview(image)  # type: ignore[arg-type] # it is a buffer, though its stub does not say so
