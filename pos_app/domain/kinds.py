"""What kinds of things a shop sells, and why their stock moves."""

from enum import IntEnum, StrEnum


class BookKind(StrEnum):
    """Whether the thing is a book, another good with stock, or a service without."""

    BOOK = "book"
    OTHER = "other"
    SERVICE = "service"


class Availability(StrEnum):
    """What publishers and suppliers say of a title that cannot simply be ordered."""

    FORTHCOMING = "forthcoming"
    UNAVAILABLE = "unavailable"
    OUT_OF_PRINT = "out of print"
    WITHDRAWN = "withdrawn"


class StockState(IntEnum):
    """What a list says of a title's stock, in the order in which it is sorted."""

    IN_STOCK = 0
    LOW = 1
    OUT = 2
    INACTIVE = 3


class Missing(StrEnum):
    """What a title's record may lack."""

    ISBN = "isbn"
    AUTHOR = "author"
    CATEGORY = "category"
    PUBLISHER = "publisher"
    COST = "cost"
    FORMAT = "format"
    LANGUAGE = "language"
    SHELF = "shelf"
    YEAR = "year"
    SUPPLIER = "supplier"
    PRICE = "price"
    COVER = "cover"
    DESCRIPTION = "description"


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
