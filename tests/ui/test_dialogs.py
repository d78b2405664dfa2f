"""Every question of the counter: reached, read and left by keys alone, whole at any text size, and no scan is lost."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QListView, QTableView

from pos_app.services.quick_key import add_quick_key
from pos_app.services.tax_rate import list_tax_rates
from tests.shop import DARKNESS, KLARA, PRIDE, Shop
from tests.ui.test_look import cut
from tests.ui.till import Run, Till
from ui.checkout.ask_dialog import VoidDialog
from ui.style import theme

Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
LETTERS = "GCQZXABFHMPRST7731"
# How each question is reached, and whether it takes scans for itself.
QUESTIONS = {
    "all shortcuts": ([(Key.Key_F1, NONE)], False),
    "customer": ([(Key.Key_F4, NONE)], True),
    "payment": ([(Key.Key_F5, NONE)], True),
    "discount": ([(Key.Key_F8, NONE)], False),
    "return": ([(Key.Key_F9, NONE)], True),
    "more": ([(Key.Key_F10, NONE)], False),
    "explain": ([(Key.Key_Equal, NONE)], False),
    "quick keys": ([(Key.Key_K, CTRL)], False),
    "receipt": ([(Key.Key_R, CTRL)], False),
    "x report": ([(Key.Key_F10, SHIFT)], False),
    "close shift": ([(Key.Key_F10, CTRL)], False),
    "price": ([(Key.Key_F10, NONE), (Key.Key_P, NONE)], False),
    "tax": ([(Key.Key_F10, NONE), (Key.Key_T, NONE)], False),
    "note on the line": ([(Key.Key_F10, NONE), (Key.Key_N, NONE)], False),
    "note on the sale": ([(Key.Key_F10, NONE), (Key.Key_S, NONE)], False),
    "sell a gift card": ([(Key.Key_F10, NONE), (Key.Key_G, NONE)], True),
    "gift card balance": ([(Key.Key_F10, NONE), (Key.Key_B, NONE)], False),
    "gift receipt": ([(Key.Key_F10, NONE), (Key.Key_R, NONE)], False),
    "void": ([(Key.Key_F10, NONE), (Key.Key_V, NONE)], True),
    "open the drawer": ([(Key.Key_F10, NONE), (Key.Key_O, NONE)], False),
    "cash in or out": ([(Key.Key_F10, NONE), (Key.Key_C, NONE)], False),
    "float": ([(Key.Key_F10, NONE), (Key.Key_F, NONE)], False),
}


def ask(till: Till, name: str) -> None:
    if name == "quick keys":
        till.run(fill_grid(till.shop))
    for key, modifier in QUESTIONS[name][0]:
        till.key(key, modifier=modifier)
    assert till.dialog is not None, name


async def fill_grid(shop: Shop) -> None:
    """Give every digit and many letters a quick key."""
    tax = (await list_tax_rates(shop.app))[0].id
    for number in range(24):
        await add_quick_key(shop.app, shop.sam, f"Thing {number}", 100 + number, tax)


def ready(till: Till) -> None:
    """A sale behind, and one under way."""
    till.sign_in("Sam").scan(DARKNESS)
    till.key(Key.Key_F12)
    till.scan(PRIDE)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_names_takes_tab_and_is_left_with_escape(till: Till, name: str) -> None:
    ready(till)
    ask(till, name)
    dialog = till.dialog
    assert dialog is not None
    assert dialog.windowTitle().endswith("Bookstore POS")
    for kind in (QAbstractButton, QLineEdit, QComboBox, QListView, QTableView):
        for widget in dialog.findChildren(kind):
            if widget.isVisible() and not widget.objectName().startswith("qt_"):
                assert widget.accessibleName(), (name, widget)
    before = QApplication.focusWidget()
    assert before is not None
    till.key(Key.Key_Tab)
    assert till.dialog is dialog
    till.key(Key.Key_Escape)
    assert till.dialog is None
    assert QApplication.focusWidget() is till.page.entry
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice"]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_scan_while_it_is_asked_is_neither_lost_nor_misdirected(till: Till, name: str) -> None:
    ready(till)
    ask(till, name)
    fields = {field: field.text() for field in till.dialog.findChildren(QLineEdit)} if till.dialog else {}
    dialog = till.dialog
    takes = QUESTIONS[name][1]
    # Digits and letters: no character of a scan may press a key of the question.
    till.scan(KLARA, *([] if takes else [LETTERS]))
    if not takes:
        assert till.dialog is dialog
        assert {field: field.text() for field in fields} == fields
    while till.dialog is not None:
        till.key(Key.Key_Escape)
    titles = [line.title for line in till.page.lines.lines]
    if takes:
        assert titles == ["Pride and Prejudice"]  # the question took it for itself
    else:
        assert titles == ["Pride and Prejudice", "Klara and the Sun"]
        assert till.sees("Message: No gift card has the code ···· 7731")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_quick_key_sells_by_its_digit(till: Till) -> None:
    ready(till)
    ask(till, "quick keys")
    till.type("9")
    assert till.dialog is None
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice", "Thing 8"]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_number_of_the_sale_to_void_is_typed_at_once_and_the_reason_by_its_letter(till: Till) -> None:
    ready(till)
    ask(till, "void")
    till.type("1-000009")
    till.type("C")
    dialog = till.dialog
    assert isinstance(dialog, VoidDialog)
    assert (dialog._number.text(), dialog._reasons.chosen) == ("1-000009", "Changed mind")
    till.key(Key.Key_Escape)


@pytest.fixture
def large(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light", 150)
    yield
    theme.apply(qapp, "light")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_every_question_is_whole_at_the_largest_text_on_the_smallest_screen(shop: Shop, run: Run) -> None:
    till = Till(shop, run)
    till.do(lambda: till.window.resize(1024, 768))
    ready(till)
    wrong = []
    for name in QUESTIONS:
        ask(till, name)
        dialog = till.dialog
        assert dialog is not None
        if dialog.width() > 1024 or dialog.height() > 768:
            wrong.append(f"{name} is {dialog.width()}×{dialog.height()}")
        wrong += [f"{name}: {one}" for one in cut(dialog)]
        till.key(Key.Key_Escape)
    till.close()
    assert wrong == [], "\n".join(wrong)
