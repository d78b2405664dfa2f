"""What is on the screen can be read, at every text size."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyle,
    QStyleOptionFrame,
    QWidget,
)

from pos_app.services.quick_key import QuickKeyRow
from tests.shop import DARKNESS, KLARA, PRIDE, Shop
from tests.ui.till import Run, Till
from ui.approval import ApprovalDialog
from ui.checkout.order_dialog import OrderDialog
from ui.checkout.payment_dialog import PaymentDialog
from ui.checkout.quick_keys import QuickButton, QuickKeysDialog
from ui.models.drawing import PILL_BESIDE, pill_width
from ui.settings.page import SECTIONS
from ui.style import theme
from ui.style.theme import font
from ui.style.tokens import DARK, LIGHT
from ui.widgets.basic import ElidedLabel, FigureLabel
from ui.widgets.fields import BESIDE
from ui.widgets.key_button import KeyButton

SE_CONTENTS = QStyle.SubElement.SE_LineEditContents


@pytest.fixture(params=[100, 125, 150])
def scaled(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[int]:
    theme.apply(qapp, "light", request.param)
    yield request.param
    theme.apply(qapp, "light")


def cut(window: QWidget) -> list[str]:
    """Every label and button that has less room than its words need."""
    return [
        f"{type(widget).__name__} “{words(widget)}” has {widget.width()}×{widget.height()} of {needed}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and (needed := need(widget))
        and (needed[0] > widget.width() or needed[1] > widget.height())
    ]


def words(widget: QWidget) -> str:
    if isinstance(widget, QLineEdit | QComboBox):
        return f"{widget.accessibleName()}: " + (
            widget.placeholderText() if isinstance(widget, QLineEdit) else widget.currentText()
        )
    return widget.words if isinstance(widget, KeyButton) else widget.text() if isinstance(widget, QLabel) else ""


def need(widget: QWidget) -> tuple[int, int] | None:
    """The least room for a widget's words, where it has any and does not shorten them by itself."""
    if isinstance(widget, KeyButton) and widget.words:
        metrics = QFontMetrics(widget._text_font())
        return metrics.horizontalAdvance(widget.words), metrics.height()
    if isinstance(widget, QLabel) and widget.text() and not isinstance(widget, ElidedLabel | FigureLabel):
        if widget.wordWrap():
            return 0, min(widget.heightForWidth(widget.width()), widget.sizeHint().height())
        return widget.sizeHint().width(), widget.fontMetrics().height()
    return None


def cut_fields(window: QWidget) -> list[str]:
    """Every box of choices, and every empty field's hint, that has less room than its words need."""
    return [
        f"{type(widget).__name__} “{words(widget)}” has {widget.width()} of {needed}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and (needed := field_need(widget)) > widget.width()
    ]


def field_need(widget: QWidget) -> int:
    """The least width for what a field says."""
    if isinstance(widget, QComboBox) and widget.currentText():
        return widget.fontMetrics().horizontalAdvance(widget.currentText()) + BESIDE + theme.px(16)
    if isinstance(widget, QLineEdit) and not widget.text():
        beside = widget.width() - widget.style().subElementRect(SE_CONTENTS, edge_of(widget), widget).width()
        margins = widget.textMargins()
        hint = widget.fontMetrics().horizontalAdvance(widget.placeholderText())
        return hint + beside + margins.left() + margins.right()
    return 0


def edge_of(field: QLineEdit) -> QStyleOptionFrame:
    """What a field's style is asked with."""
    option = QStyleOptionFrame()
    field.initStyleOption(option)
    return option


def overlapping(window: QWidget) -> list[str]:
    """What of a window's words, buttons and fields lies over another, or reaches out of it."""
    shown = [
        (one, QRect(one.mapTo(window, QPoint(0, 0)), one.size()))
        for one in window.findChildren(QWidget)
        if one.isVisible() and isinstance(one, KeyButton | QLineEdit | QComboBox | QLabel)
        if not isinstance(one.parent(), QComboBox) and not (isinstance(one, QLabel) and not one.text())
    ]
    laid = [f"{words(one)} | {words(other)}" for (one, at), (other, by) in combinations(shown, 2) if at.intersects(by)]
    return laid + [f"{words(one)} out" for one, at in shown if not window.rect().contains(at)]


def sideways(within: QWidget) -> list[str]:
    """What has to be scrolled sideways to be seen."""
    areas = [area for area in within.findChildren(QScrollArea) if area.isVisible()]
    return [
        f"{area.accessibleName()} {area.widget().minimumSizeHint().width()} of {area.viewport().width()}"
        for area in areas
        if area.widget().minimumSizeHint().width() > area.viewport().width()
    ]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_no_word_is_cut_at_any_text_size(shop: Shop, run: Run, scaled: int, size: tuple[int, int]) -> None:
    till = Till(shop, run)
    till.do(lambda: till.window.resize(*size))
    assert cut(till.window) == [], "Sign in"
    till.sign_in("Sam").scan(PRIDE, DARKNESS, KLARA)
    for page in ("Checkout", "Inventory", "Orders", "Reports", "Settings"):
        till.do(lambda page=page: till.window.show_page(page))
        assert till.window.width() == size[0], page
        assert cut(till.window) == [], page
    for place, make in enumerate(SECTIONS):
        till.do(lambda place=place: till.page.show_section(place))
        shown = till.page.sections[make.title]
        assert cut(shown) == [], shown.title
        assert sideways(shown) == [], shown.title
    till.key(Qt.Key.Key_F1)
    assert till.dialog is not None
    assert sideways(till.dialog) == [], "Keys"
    till.key(Qt.Key.Key_Escape)
    till.do(lambda: till.window.show_page("Checkout"))
    till.key(Qt.Key.Key_F12)
    till.scan("1-000001", PRIDE)
    assert cut(till.window) == [], "Return"
    assert till.page.returns.table.columnWidth(0) >= 150
    till.key(Qt.Key.Key_F12)
    till.key(Qt.Key.Key_R, modifier=Qt.KeyboardModifier.ControlModifier)
    till.key(Qt.Key.Key_Equal)
    assert till.dialog is not None
    assert till.dialog.windowTitle().startswith("How this number came about")
    assert till.dialog.height() <= size[1] - 40
    assert cut(till.dialog) == [], "Explain"
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Escape)
    till.close()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_what_must_be_read_is_whole_on_the_smallest_screen_in_the_largest_text(
    shop: Shop, run: Run, qapp: QApplication
) -> None:
    theme.apply(qapp, "light", 150)
    till = Till(shop, run)
    till.do(lambda: till.window.resize(1024, 768))
    till.sign_in("Sam").scan(PRIDE)
    assert "Includes tax" in [one.text() for one in till.page.totals.findChildren(QLabel)]
    till.type("10")
    till.key(Qt.Key.Key_F12)
    assert "1-000001 · £8.99 · change £1.01" in till.labels()
    till.scan("1-000001")
    assert "1-000001" in till.window._subtitle.text()
    till.key(Qt.Key.Key_Escape)
    till.do(till.page.flows.close_shift)
    assert till.dialog is not None
    opened = till.window._fmt.time(till.shop.people["Sam"].shift_opened_at)
    shown = [one.text() for one in till.dialog.findChildren(QLabel)]
    assert any(text.startswith("Till 1") and text.endswith(opened) for text in shown), shown
    till.key(Qt.Key.Key_Escape)
    till.close()
    theme.apply(qapp, "light")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("scaled", "size"), [(100, (1366, 768)), (150, (1024, 768))], indirect=["scaled"])
def test_no_amount_is_cut_however_many_payments_there_are(
    shop: Shop, run: Run, scaled: int, size: tuple[int, int]
) -> None:
    till = Till(shop, run)
    till.do(lambda: till.window.resize(*size))
    till.sign_in("Sam").scan(PRIDE, DARKNESS, KLARA)
    for count in range(1, 10):
        till.type("1")
        till.key(Qt.Key.Key_F12)
        assert cut(till.page.totals) == [], count
        assert till.sees(f"To pay £{36 - count}.93"), count
    assert till.sees("9 payments")
    assert till.sees("-9.00")
    till.key(Qt.Key.Key_F5)
    assert till.dialog is not None
    assert till.dialog.height() <= size[1] - 40
    assert cut(till.dialog) == []
    till.key(Qt.Key.Key_R, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees("6 payments before")
    till.key(Qt.Key.Key_Escape)
    till.click("Pay cash")
    assert cut(till.page.totals) == []
    assert till.sees("Change £0.00")
    till.close()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("scaled", "size"), [(100, (1366, 768)), (150, (1024, 768))], indirect=["scaled"])
def test_no_field_of_a_payment_is_cut_by_what_is_taken_and_said(
    shop: Shop, run: Run, scaled: int, size: tuple[int, int]
) -> None:
    till = Till(shop, run)
    till.do(lambda: till.window.resize(*size))
    till.sign_in("Sam").scan(PRIDE, DARKNESS, KLARA)
    till.key(Qt.Key.Key_F5)
    made = till.dialog
    assert isinstance(made, PaymentDialog)
    till.key(Qt.Key.Key_1, modifier=Qt.KeyboardModifier.AltModifier)
    for _ in range(3):
        till.type("1")
        till.key(Qt.Key.Key_Return)
    for place, code in enumerate(made._buttons):
        till.key(Qt.Key(Qt.Key.Key_1 + place), modifier=Qt.KeyboardModifier.AltModifier)
        said = " ".join(["Only cash may be more than is due, and no more of it."] * 2)
        till.do(lambda said=said: made.message.say(said, "warn"))
        assert made.message.height() >= 2 * made.message.fontMetrics().height(), code
        assert overlapping(made) == [], code
        assert cut(made) == [], code
        assert made.height() <= size[1] - 40, code
    till.key(Qt.Key.Key_Escape)
    till.close()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scaled", [100, 150], indirect=True)
def test_quick_keys_have_room_for_name_key_and_price(shop: Shop, run: Run, scaled: int) -> None:
    till = Till(shop, run)
    till.sign_in("Ana")
    for size in ((1024, 768), (1366, 768)):
        till.do(lambda size=size: till.window.resize(*size))
        for number in (7, 12, 24):
            keys = [QuickKeyRow(at, at, "Postage and packing", 1, 395, open_price=False) for at in range(number)]
            made = QuickKeysDialog(keys, till.page.context.fmt, till.window)
            till.do(made.show)
            case = (scaled, size, number)
            for button in made.findChildren(QuickButton):
                assert button.height() >= button.sizeHint().height(), case
            assert overlapping(made) == [], case
            assert made.height() <= size[1] - 40, case
            till.do(made.close)
    till.close()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_digit_of_the_pin_pad_lies_over_no_other(shop: Shop, run: Run, qapp: QApplication) -> None:
    theme.apply(qapp, "light", 150)
    till = Till(shop, run)
    till.do(lambda: till.window.resize(1024, 768))
    till.sign_in("Ana").scan(DARKNESS)
    till.type("30")
    till.key(Qt.Key.Key_F8)
    till.type("d")
    till.key(Qt.Key.Key_Return)
    made = till.dialog
    assert isinstance(made, ApprovalDialog)
    assert overlapping(made) == []
    till.type("9999")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Wrong PIN")
    assert overlapping(made) == []
    long = QLabel("A title that goes on and on, as those of some textbooks do. " * 4)
    long.setWordWrap(True)
    till.do(lambda: made.body.insertWidget(0, long))
    assert long.height() > 2 * long.fontMetrics().height()
    assert overlapping(made) == []
    assert made.height() <= 768 - 40
    till.key(Qt.Key.Key_Escape)
    till.close()
    theme.apply(qapp, "light")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_short_words_have_room_on_the_smallest_screen(shop: Shop, run: Run, scaled: int) -> None:
    till = Till(shop, run)
    till.do(lambda: till.window.resize(1024, 768))
    till.sign_in("Sam").scan(PRIDE)
    room = till.page.returns.table.columnWidth(1) - theme.px(1) - 12
    told = "returned 14:06"
    assert QFontMetrics(font(14)).elidedText(told, Qt.TextElideMode.ElideRight, room) == told
    for told in ("1 order waiting", "2 orders waiting, 1 ready"):
        room = pill_width(told) - PILL_BESIDE
        used = font(12, QFont.Weight.Medium)
        assert QFontMetrics(used).elidedText(told, Qt.TextElideMode.ElideRight, room) == told
    till.key(Qt.Key.Key_F4)
    till.type("rosa")
    till.key(Qt.Key.Key_Return)
    till.key(Qt.Key.Key_O, modifier=Qt.KeyboardModifier.ControlModifier)
    assert isinstance(till.dialog, OrderDialog)
    assert cut_fields(till.dialog) == []
    assert overlapping(till.dialog) == []
    till.key(Qt.Key.Key_Escape)
    till.close()


def test_a_long_amount_is_drawn_smaller_and_whole(qapp: QApplication) -> None:
    label = FigureLabel("total")
    label.setText("£1,234,567.89")
    label.resize(160, 60)
    drawn = label.grab().toImage()
    columns = [any(drawn.pixelColor(x, y).alpha() for y in range(drawn.height())) for x in range(drawn.width())]
    letters = sum(1 for before, here in pairwise([False, *columns]) if here and not before)
    assert not columns[0]
    # Signs may touch; cut off, several of the thirteen would be missing.
    assert letters >= 10


def test_the_shops_font_is_there_in_four_weights_with_figures_of_one_width(qapp: QApplication) -> None:
    assert "Inter" in QFontDatabase.families()
    styles = QFontDatabase.styles("Inter")
    assert {"Regular", "Medium", "SemiBold", "Bold"} <= {style.replace(" ", "") for style in styles}
    assert QFontInfo(font()).family() == "Inter"
    metrics = QFontMetrics(font(46))
    assert len({metrics.horizontalAdvance(digit * 8) for digit in "0123456789"}) == 1


def test_the_theme_can_change_while_the_program_runs(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    try:
        assert theme.tokens() == DARK
        assert qapp.palette().window().color().name().upper() == DARK.canvas
    finally:
        theme.apply(qapp, "light")
    assert theme.tokens() == LIGHT


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_focus_can_be_seen_on_everything_that_takes_it(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    seen: set[QWidget] = set()
    for _ in range(60):
        widget = QApplication.focusWidget()
        assert widget is not None
        if widget in seen:
            break
        seen.add(widget)
        without = rim(widget, focused=False, till=till)
        assert rim(widget, focused=True, till=till) != without, widget.accessibleName()
        till.do(lambda: QTest.keyClick(till.window.windowHandle(), Qt.Key.Key_Tab))
    assert len(seen) > 5


def rim(widget: QWidget, *, focused: bool, till: Till) -> object:
    """A widget's picture with or without the focus."""

    def act() -> None:
        if focused:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            widget.clearFocus()

    till.do(act)
    image = widget.grab().toImage()
    return bytes(image.constBits())
