"""Letters to suppliers with titles as long, and as foreign, as titles are."""

from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtGui import QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QApplication

from pos_app.domain.purchase import PurchaseStatus
from pos_app.models import Book
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.publisher_return import return_to_publisher
from pos_app.services.purchase_order import make_purchase_order, move_purchase_order
from pos_app.services.stock_export import export_lines, letter_of
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.shop import DARKNESS, KLARA, PRIDE, Shop
from tests.ui.till import Run
from ui.stock.letter import HEADING, laid_out, write_letter

ONE_WORD = "Donaudampfschifffahrt" * 12
WORDS = ("The Long Way Round " * 14)[:255]
HEBREW = "ספר הזוהר \u202e<b>(חלק א)</b>"
TITLES = {PRIDE: ONE_WORD, DARKNESS: WORDS, KLARA: HEBREW}


def _size_of(document: QTextDocument, text: str) -> float:
    """How large a text stands in a document, in points."""
    return document.find(text).charFormat().fontPointSize()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_letters_hold_the_longest_titles_and_those_from_right_to_left(
    shop: Shop, run: Run, qapp: QApplication, tmp_path: Path
) -> None:
    app, sam = shop.app, shop.sam

    async def make() -> tuple[object, object]:
        def name(session: object) -> None:
            for isbn, title in TITLES.items():
                session.get_one(Book, shop.books[isbn]).title = title  # type: ignore[attr-defined] # a session

        await app.db.write(name)
        supplier = await keep_supplier(app, sam, SupplierView(name="A" * 255, return_days=30))
        lines = {shop.books[isbn]: 1000 for isbn in TITLES}
        order = await make_purchase_order(app, sam, app.ids.new(), supplier.id, lines, "Please\nby Friday")
        order = await move_purchase_order(app, sam, order.id, order.version, PurchaseStatus.SENT)
        came = tuple(Came(book, 2) for book in lines)
        await receive_delivery(app, sam, DeliveryRequest(app.ids.new(), supplier.id, came))
        back = await return_to_publisher(app, sam, app.ids.new(), supplier.id, dict.fromkeys(lines, 1))
        return order, back

    for document in run(make()):
        letter = run(letter_of(app, document))
        path = tmp_path / f"{letter.name}.pdf"
        write_letter(letter, path)
        if letter.name == "return-1":
            assert letter.rows[0][-1].startswith("Delivery 1, until ")
        writer = QPdfWriter(str(tmp_path / "measured.pdf"))
        writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        laid = laid_out(letter, writer)
        assert laid.idealWidth() <= writer.width()
        assert _size_of(laid, letter.title) == HEADING
        with pypdfium2.PdfDocument(path) as read:
            text = "".join(page.get_textpage().get_text_bounded() for page in read)
        bare = "".join(text.split())
        assert ONE_WORD in bare
        assert "".join(WORDS.split()) in bare
        assert "הזוהר" in bare or "רהוזה" in bare
        assert bare.count("<") + bare.count(">") == 4
        rows = run(export_lines(app, document)).read_text("utf-8-sig").splitlines()
        assert [row.split(",")[0] for row in rows[1:]] == [line.isbn for line in document.lines]
        assert any("ספר הזוהר" in row for row in rows)
    assert "3 copies," in letter.total
    assert qapp is not None
