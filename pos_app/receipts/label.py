"""What of a label fits on the labels it is printed on: bars have to be whole dots, and wide enough to be read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pos_app.domain.label import Label, LabelStock
from pos_app.receipts.barcode import barcode

MM_PER_INCH = 25.4
# Between words and the label's edge, and between a barcode's quiet zones, which are blank themselves, and it.
EDGE_MM, QUIET_EDGE_MM = 1.5, 0.5
# A module of an EAN-13 is nominally 0.33 mm wide, and the standard lets it be 80 % of that. A till's scanner reads half
# of it too, which own codes on small labels are given; beyond the widest a label gets no better.
STANDARD_MM, NARROWEST_MM, WIDEST_MM = 0.264, 0.16, 0.38


@dataclass(frozen=True, slots=True)
class Fitted:
    """Labels as they can be printed on a stock.

    `without_addon` counts those that are too narrow for the price in their barcode. `too_long` are the labels that are
    not among them, as the bars of their codes would be too fine to be read.
    """

    labels: list[Label]
    without_addon: int
    too_long: list[Label]


def fitted(labels: Sequence[Label], stock: LabelStock) -> Fitted:
    """Find out which labels can be printed on a stock, and take the price out of the barcodes it makes too wide."""
    dots = stock.dots_per_inch / MM_PER_INCH
    room = stock.width - 2 * QUIET_EDGE_MM
    fits, without, too_long = [], 0, []
    for label in labels:
        made = label
        if label.addon and (module_dots(label, room, dots) or 0) < STANDARD_MM * dots:
            made, without = replace(label, addon=None), without + 1
        if made.code is not None and module_dots(made, room, dots) is None:
            too_long.append(made)
        else:
            fits.append(made)
    return Fitted(fits, without, too_long)


def module_dots(label: Label, room_mm: float, dots: float) -> int | None:
    """Give how many dots a module takes where so much room is; None where it would be too fine to be read.

    `dots` are those of a millimetre.
    """
    if label.code is None or room_mm <= 0:
        return None
    most = int(room_mm * dots / barcode(label.code, label.addon).modules)
    taken = min(most, max(int(WIDEST_MM * dots), 1))
    return taken if taken >= max(NARROWEST_MM * dots, 1) else None
