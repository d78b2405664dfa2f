"""The shop's logo as an admin chooses it, sees it and takes it away."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QLineEdit

from pos_app.receipts.escpos import encode
from pos_app.receipts.escpos_decode import decode
from pos_app.services.logo import shop_and_logo
from pos_app.services.machine import trial_paper
from tests.ui.till import Till
from ui.inventory.picture import LOGO, logo_from_file
from ui.printing import DRAWING, printed
from ui.settings.logo import LogoField

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A black disc on nothing."""
    image = QImage(1600, 800, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setBrush(Qt.GlobalColor.black)
    painter.drawEllipse(600, 200, 400, 400)
    painter.end()
    path = tmp_path / "shop.png"
    assert image.save(str(path))
    return path


def shown(till: Till) -> LogoField:
    return till.page.sections["Shop"]._logo


def test_a_logo_is_chosen_by_keys_printed_taken_away_and_brought_back(till: Till, picture: Path) -> None:
    app = till.shop.app
    till.sign_in("Max", "Settings")
    assert not shown(till).picture.isVisible()
    till.key(Key.Key_O, modifier=CTRL)
    chooser = till.dialog
    assert isinstance(chooser, QFileDialog)
    name = chooser.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(name, QLineEdit)
    till.do(lambda: name.setText(str(picture)))
    till.key(Key.Key_Return)
    assert till.sees("The logo is kept, and printed from the next receipt on. Ctrl+Z takes it back.")
    pixmap = shown(till).picture.pixmap()
    assert (pixmap.width(), pixmap.height()) == (200, 100)
    content = till.run(shop_and_logo(app))[1]
    assert content == logo_from_file(str(picture))
    # On the paper: white where there was nothing, and black where the disc is.
    paper = till.run(trial_paper(app))
    (drawn,) = [thing.picture for thing in printed(paper)[:1]]
    sent = decode(encode(paper, DRAWING)).things[0].picture
    assert drawn is not None
    assert sent == drawn
    dark = sum(byte.bit_count() for byte in drawn.rows)
    assert 0.9 < dark / (3.14159 * 50 * 50) < 1.1
    till.key(Key.Key_O, modifier=CTRL | SHIFT)
    assert till.run(shop_and_logo(app))[1] is None
    assert not shown(till).picture.isVisible()
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.run(shop_and_logo(app))[1] == content
    assert shown(till).picture.isVisible()
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.run(shop_and_logo(app))[1] is None


def test_a_file_is_dropped_on_it_and_copied(till: Till, picture: Path) -> None:
    till.sign_in("Max", "Settings")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    drop = QDropEvent(QPointF(5, 5), both, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    drop.setDropAction(Qt.DropAction.MoveAction)
    till.do(lambda: shown(till).dropEvent(drop))
    assert drop.dropAction() is Qt.DropAction.CopyAction
    assert till.run(shop_and_logo(till.shop.app))[1] is not None


def test_what_is_no_picture_or_a_giants_is_told_and_not_kept(till: Till, tmp_path: Path) -> None:
    till.sign_in("Max", "Settings")
    (tmp_path / "text.png").write_bytes(b"not a picture")
    till.do(lambda: shown(till).dropped.emit(str(tmp_path / "text.png")))
    assert till.sees("Choose a JPEG, PNG or WebP file.")
    QImage(13_000, 2, QImage.Format.Format_Mono).save(str(tmp_path / "giant.png"))
    till.do(lambda: shown(till).dropped.emit(str(tmp_path / "giant.png")))
    assert till.sees("That picture is too large.")
    till.do(lambda: shown(till).dropped.emit(str(tmp_path / "missing.png")))
    assert till.run(shop_and_logo(till.shop.app))[1] is None


def test_a_photograph_is_made_small_enough(tmp_path: Path, till: Till) -> None:
    image = QImage(LOGO, QImage.Format.Format_RGB32)
    for x in range(image.width()):
        for y in range(image.height()):
            image.setPixel(x, y, (x * 2_654_435_761 ^ y * 40_503_000_001) & 0xFFFFFF)
    path = tmp_path / "noise.png"
    assert image.save(str(path))
    assert path.stat().st_size > 60_000
    assert logo_from_file(str(path)).startswith(b"\xff\xd8\xff")


def test_a_cashier_sees_it_and_changes_nothing(till: Till, picture: Path) -> None:
    till.sign_in("Ana", "Settings")
    assert not shown(till).acceptDrops()
    till.key(Key.Key_O, modifier=CTRL)
    assert till.dialog is None
    (till.shop.app.config.data_dir / "logo.png").write_bytes(picture.read_bytes())
    till.click("Section Shop")
    assert till.sees("This till prints the picture logo.png in its data folder")
