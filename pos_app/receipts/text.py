"""Papers as plain text."""

from pos_app.domain.document import OrderView
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.layout import Barcode, Document, lay_out, plain
from pos_app.receipts.sale import sale_document


def document_text(document: Document) -> str:
    """Give a paper as lines of at most its width; a barcode as the number it carries."""
    lines: list[str] = []
    for block in document.blocks:
        if isinstance(block, Barcode):
            lines.append(plain(block.text).center(document.width).rstrip())
        else:
            lines += [line.text.rstrip() for line in lay_out(block, document.width)]
    return "\n".join(lines) + "\n"


def receipt_text(sale: OrderView, settings: ShopSettings, *, copy: bool = False) -> str:
    """Give a paid document's receipt; a reprint is marked COPY."""
    return document_text(sale_document(sale, settings, copy=copy))
