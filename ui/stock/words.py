"""How windows speak of stock: why it moved, and how many there are of something."""

from pos_app.domain.kinds import StockReason
from pos_app.services.book_addition import BACK
from ui.format import Formatter

REASONS = {
    StockReason.OPENING: "Opening stock",
    StockReason.SALE: "Sale",
    StockReason.ORDER: "Ordered",
    StockReason.CANCELLATION: "Cancelled",
    StockReason.RETURN: "Return",
    StockReason.DELIVERY: "Delivery",
    StockReason.CORRECTION: "Correction",
    StockReason.IMPORT: "Import",
    StockReason.COUNT: "Count",
    StockReason.TRANSFER: "Transfer",
    StockReason.PUBLISHER_RETURN: "Publisher return",
}


def movement_words(reason: StockReason, document: str | None) -> str:
    """Say why stock moved and by which document, each once: "Sale 1-000012", "Delivery 3", "Publisher return 1"."""
    what = REASONS[reason]
    if not document or document == what:
        return what
    if reason is StockReason.ORDER and document.startswith("Order "):
        return document
    if reason is StockReason.CORRECTION and document.startswith(BACK):
        return document
    kind, _, number = document.partition(" ")
    if number and what.lower().endswith(kind.lower()):
        return f"{what} {number}"
    return f"{what}: {document}" if reason is StockReason.CORRECTION else f"{what} {document}"


def counted(count: int, one: str, many: str = "", fmt: Formatter | None = None) -> str:
    """How many of something: "1 title", "3 titles"; with a format as the shop writes large numbers: "8,802 titles"."""
    return f"{count if fmt is None else fmt.count(count)} {one if count == 1 else many or one + 's'}"


def with_sign(count: int) -> str:
    """A difference: "+3", "−2", "0"."""
    return f"{count:+d}".replace("-", "−") if count else "0"


def pieces(count: int, fmt: Formatter | None = None) -> str:
    """How many copies."""
    return counted(count, "copy", "copies", fmt)
