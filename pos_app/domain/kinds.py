"""What kinds of things a shop sells, and why their stock moves."""

from enum import StrEnum


class BookKind(StrEnum):
    """Whether the thing is a book, another good with stock, or a service without."""

    BOOK = "book"
    OTHER = "other"
    SERVICE = "service"


class StockReason(StrEnum):
    """Why stock moved."""

    OPENING = "opening"
    SALE = "sale"
    ORDER = "order"
    CANCELLATION = "cancellation"
    RETURN = "return"
    DELIVERY = "delivery"
    CORRECTION = "correction"
    IMPORT = "import"
    COUNT = "count"
    TRANSFER = "transfer"
    PUBLISHER_RETURN = "publisher_return"
