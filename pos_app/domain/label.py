"""Price labels: the sheets and rolls they come on, and what stands on one.

Sizes are those the makers print on their packs (Avery A4 L-series and US 5160, Dymo, Brother, common thermal rolls).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pos_app.errors import Refused

MOST_LABELS = 10_000
SMALLEST_MM, LARGEST_MM = 15, 210
_SIZE = re.compile(r"([0-9]{1,3}(?:\.[0-9])?) *[x×] *([0-9]{1,3}(?:\.[0-9])?)")


@dataclass(frozen=True, slots=True)
class LabelStock:
    """A sheet or roll of labels, in millimetres; on a roll every label is a page of its own.

    `left` and `top` are the sheet's edges before the first label, `gap_x` and `gap_y` lie between labels. Bars have to
    be whole dots of the printer: `dots_per_inch` is what printers of these labels have.
    """

    name: str
    width: float
    height: float
    columns: int = 1
    rows: int = 1
    page_width: float = 0
    page_height: float = 0
    left: float = 0
    top: float = 0
    gap_x: float = 0
    gap_y: float = 0
    dots_per_inch: int = 600

    @property
    def is_sheet(self) -> bool:
        """Whether several labels share a page."""
        return self.a_page > 1

    @property
    def a_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    @property
    def page(self) -> tuple[float, float]:
        """Width and height of a page."""
        return (self.page_width or self.width, self.page_height or self.height)

    @property
    def size_text(self) -> str:
        """Its labels' size, and how many a sheet holds."""
        size = f"{self.width:g} × {self.height:g} mm"
        return f"{size}, {self.a_page} a sheet" if self.is_sheet else size

    def corner(self, place: int) -> tuple[float, float]:
        """Where a label's upper left corner lies on its page; labels are counted from 0, row by row."""
        row, column = divmod(place, self.columns)
        return self.left + column * (self.width + self.gap_x), self.top + row * (self.height + self.gap_y)


A4, LETTER = (210.0, 297.0), (215.9, 279.4)
THERMAL, FINE_THERMAL = 203, 300
STOCKS = (
    LabelStock("Avery L7651", 38.1, 21.2, 5, 13, *A4, 4.75, 10.7, 2.5, 0),
    LabelStock("Avery L7636", 45.7, 21.2, 4, 12, *A4, 9.7, 21.3, 2.6, 0),
    LabelStock("Avery L7159", 63.5, 33.9, 3, 8, *A4, 7.2, 12.9, 2.5, 0),
    LabelStock("Avery L7160", 63.5, 38.1, 3, 7, *A4, 7.2, 15.1, 2.5, 0),
    LabelStock("Avery L7163", 99.1, 38.1, 2, 7, *A4, 4.7, 15.1, 2.5, 0),
    LabelStock("Avery 5160 (Letter)", 66.7, 25.4, 3, 10, *LETTER, 4.8, 12.7, 3.1, 0),
    LabelStock("Thermal roll", 40, 25, dots_per_inch=THERMAL),
    LabelStock("Thermal roll", 50, 25, dots_per_inch=THERMAL),
    LabelStock("Thermal roll", 50, 30, dots_per_inch=THERMAL),
    LabelStock("Dymo 11354", 57, 32, dots_per_inch=FINE_THERMAL),
    LabelStock("Dymo 99012", 89, 36, dots_per_inch=FINE_THERMAL),
    LabelStock("Brother DK-11209", 62, 29, dots_per_inch=FINE_THERMAL),
)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label; `code` is what its barcode says, None for none, `addon` the price behind it.

    A title whose price is asked for has no `price`.
    """

    title: str
    author: str
    price: int | None
    code: str | None
    addon: str | None = None


def own_roll(width: float, height: float) -> LabelStock:
    """Give a roll of a size of one's own, in millimetres. Raises Refused("label.size")."""
    if not all(SMALLEST_MM <= side <= LARGEST_MM for side in (width, height)):
        raise Refused("label.size", smallest=SMALLEST_MM, largest=LARGEST_MM)
    return LabelStock("Roll", width, height, dots_per_inch=THERMAL)


def stock_named(text: str) -> LabelStock:
    """Give labels by what they are called ("L7160", "Dymo 99012") or by a roll's size in millimetres ("50x30").

    Raises Refused("label.unknown" | "label.size").
    """
    wanted = text.strip().casefold()
    found = [stock for stock in STOCKS if wanted and wanted in stock.name.casefold()]
    if len(found) == 1:
        return found[0]
    size = _SIZE.fullmatch(wanted)
    if size is None:
        raise Refused("label.unknown", name=text[:40], names=", ".join(dict.fromkeys(stock.name for stock in STOCKS)))
    return own_roll(float(size[1]), float(size[2]))


def pages(labels: Sequence[Label], stock: LabelStock, first: int = 1) -> Iterator[list[tuple[int, Label]]]:
    """Give page after page, each label with its place on it; a sheet begun before goes on at its label `first`."""
    skipped = first - 1 if stock.is_sheet else 0
    for start in range(0, len(labels) + skipped if labels else 0, stock.a_page):
        yield [
            (place, labels[start + place - skipped])
            for place in range(stock.a_page)
            if 0 <= start + place - skipped < len(labels)
        ]
