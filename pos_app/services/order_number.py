"""The number printed on a receipt: till, dash, six digits; a T before it in training."""

from pos_app.errors import Refused

MAX_LENGTH = 20
# What a 32-bit number surely holds.
MAX_DIGITS = 9
PRINTED_DIGITS = 6


def receipt_text_number(till: int, number: int, *, training: bool = False) -> str:
    """A receipt's number as printed."""
    return f"{'T' if training else ''}{till}-{number:0{PRINTED_DIGITS}d}"


def document_number(order_id: int, till: int | None, receipt_number: int | None, *, training: bool) -> str:
    """The number people use of a document: the receipt's once paid, before that the order's own."""
    if till is None or receipt_number is None:
        return str(order_id)
    return receipt_text_number(till, receipt_number, training=training)


def parse_receipt_number(text: str) -> tuple[int, int, bool]:
    """Till, number, and whether it is training's, of a printed receipt number. Raises Refused("receipt.number")."""
    bare = text.strip().upper()
    training = bare.startswith("T")
    till, dash, number = bare.removeprefix("T").partition("-")
    if not (dash and till.isascii() and till.isdigit() and number.isascii() and number.isdigit()):
        raise Refused("receipt.number", number=text[:MAX_LENGTH])
    if len(bare) > MAX_LENGTH or len(till) > MAX_DIGITS or len(number) > MAX_DIGITS:
        raise Refused("receipt.number", number=text[:MAX_LENGTH])
    return int(till), int(number), training


def is_receipt_number(text: str) -> bool:
    """Tell whether a scanned or typed text is a receipt's number, and not a book's."""
    try:
        parse_receipt_number(text)
    except Refused:
        return False
    return len(text.strip().partition("-")[2]) == PRINTED_DIGITS
