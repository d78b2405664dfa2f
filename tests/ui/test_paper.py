"""Papers as they are drawn: on the screen, as PDF, and as pictures for a printer."""

from pathlib import Path

import pytest
import zxingcpp
from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QFontDatabase, QImage, QPainter
from PySide6.QtWidgets import QApplication

from pos_app.domain.shop import ShopSettings
from pos_app.receipts.barcode import code128
from pos_app.receipts.escpos import encode
from pos_app.receipts.escpos_decode import decode
from pos_app.receipts.layout import Document, Logo, Row, Text
from pos_app.receipts.sale import sale_document
from pos_app.receipts.text import document_text
from tests.unit.test_receipt import line, sale
from ui.printing import DRAWING, draw_line, draw_picture, image_of, paint, printed, write_pdf
from ui.widgets.paper import PaperView

PAPER = sale_document(sale(line("Pride and Prejudice", 1, 899)), ShopSettings())


def drawn(document: Document, width: int = 1008) -> QImage:
    image = QImage(width, 2200, QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    paint(painter, printed(document), document.width, QRectF(30, 30, width - 60, 2100))
    painter.end()
    return image


def read_barcodes(image: QImage) -> list[str]:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    view = memoryview(bytes(grey.constBits())).cast("B", (grey.height(), grey.bytesPerLine()))
    return [code.text for code in zxingcpp.read_barcodes(view)]


def test_the_barcode_on_the_paper_reads_back(qapp: QApplication) -> None:
    assert read_barcodes(drawn(PAPER)) == ["2-004183"]


def test_the_barcode_on_the_screen_reads_back(qapp: QApplication) -> None:
    paper = PaperView()
    paper.show_document(PAPER)
    paper.resize(paper.sizeHint())
    assert read_barcodes(paper.grab().toImage().scaledToWidth(1200)) == ["2-004183"]
    assert "TOTAL GBP" in paper.accessibleDescription()


def test_the_simulated_printer_shows_what_the_screen_shows(qapp: QApplication) -> None:
    paper = decode(encode(PAPER, DRAWING, pulse=True))
    assert paper.text.split() == document_text(PAPER).split()
    view = PaperView()
    view.show_printed(paper)
    view.resize(view.sizeHint())
    assert read_barcodes(view.grab().toImage().scaledToWidth(1200)) == ["2-004183"]


def test_a_barcode_has_quiet_zones_and_bars() -> None:
    bars = code128("2-004183")
    assert not any(bars[:10])
    assert not any(bars[-10:])
    assert any(bars)


def test_letters_without_a_page_are_drawn_black_on_white(qapp: QApplication) -> None:
    picture = draw_line("Война 猫", 504, False)
    assert (picture.width, len(picture.rows)) == (504, 63 * picture.height)
    dark = sum(byte.bit_count() for byte in picture.rows)
    assert 0 < dark < picture.width * picture.height / 3
    assert image_of(picture).width() == 504


def test_letters_of_chinese_are_letters_and_not_boxes(qapp: QApplication) -> None:
    if not QFontDatabase.families(QFontDatabase.WritingSystem.Japanese):
        pytest.skip("no font of this machine has Chinese letters; fonts-droid-fallback has")
    assert draw_line("猫", 24, False) != draw_line("犬", 24, False)


def test_a_drawn_line_has_its_figure_where_printed_lines_have_it(qapp: QApplication) -> None:
    def right_edge(text: str) -> int:
        image = image_of(draw_line(text, 504, False))
        dark = [x for x in range(504) for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128]  # noqa: PLR2004
        return max(dark)

    title = "吾輩は猫である"
    drawn = f"{title}{' ' * (42 - 14 - 5)}12.00"
    assert abs(right_edge(drawn) - right_edge(f"{'A' * 14}{' ' * (42 - 14 - 5)}12.00")) <= 1


def png(image: QImage) -> bytes:
    out = QBuffer()
    out.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(out, "PNG")
    return bytes(out.data().data())


def test_a_logo_is_drawn_in_the_middle_and_again_when_it_changes(qapp: QApplication) -> None:
    for colour, is_dark in (("black", True), ("white", False)):
        picture = QImage(100, 50, QImage.Format.Format_RGB32)
        picture.fill(colour)
        drawn = draw_picture(png(picture), 504)
        assert drawn is not None
        assert drawn.width == 504  # noqa: PLR2004 - as asked
        assert any(drawn.rows) is is_dark
        sent = decode(encode(Document((Logo(png(picture)),)), DRAWING))
        assert sent.things[0].picture is not None


def test_a_logo_of_a_giants_size_is_left_out(qapp: QApplication) -> None:
    assert draw_picture(png(QImage(5000, 4, QImage.Format.Format_Mono)), 504) is None


def test_paper_is_light_in_the_dark_theme_too(qapp: QApplication) -> None:
    paper = PaperView()
    paper.show_document(PAPER)
    paper.resize(paper.sizeHint())
    assert paper.grab().toImage().pixelColor(5, 5).lightness() > 240  # noqa: PLR2004 - nearly white


def test_a_line_too_long_to_draw_is_drawn_smaller(qapp: QApplication) -> None:
    narrow, long_ = draw_line("猫", 384, False), draw_line("猫" * 40, 384, False)
    assert narrow.width == long_.width == 384


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(64)])
def test_a_logo_that_is_no_picture_is_left_out(qapp: QApplication, content: bytes) -> None:
    assert draw_picture(content, 504) is None


def test_a_receipt_is_written_as_a_pdf(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "receipt.pdf"
    write_pdf(
        Document((Text("Zażółć 吾輩", "centre"), Row("Total", "8.99", bold=True, tall=True), *PAPER.blocks)), path
    )
    assert path.read_bytes().startswith(b"%PDF-")
    assert path.stat().st_size > 2000
    with pytest.raises(FileNotFoundError):
        write_pdf(PAPER, tmp_path / "no" / "such" / "folder.pdf")
