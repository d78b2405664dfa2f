"""The tree of categories by keys alone, and further barcodes."""

import pytest
from PySide6.QtCore import Qt

from pos_app.services.book import get_book
from pos_app.services.book_code import list_codes
from pos_app.services.category import category_tree, keep_category
from tests.shop import KLARA, PRIDE
from tests.ui.till import Till
from ui.inventory.categories import CategorySheet
from ui.inventory.codes import CodesSheet

Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def opened(till: Till) -> CategorySheet:
    till.sign_in("Sam", "Inventory")
    till.key(Key.Key_F10)
    till.key(Key.Key_G)
    sheet = till.dialog
    assert isinstance(sheet, CategorySheet)
    return sheet


def paths(till: Till) -> set[tuple[str, ...]]:
    return {node.path for node in till.run(category_tree(till.shop.app))}


def choose(till: Till, name: str) -> None:
    till.type(name)
    assert till.dialog.chosen.name.startswith(name)  # type: ignore[union-attr]


def test_a_category_is_made_renamed_and_moved_by_keys(till: Till) -> None:
    sheet = opened(till)
    choose(till, "Fic")
    till.key(Key.Key_N, modifier=ALT)
    till.type("Crime")
    till.key(Key.Key_Return)
    assert ("Fiction", "Crime") in paths(till)
    assert till.sees("Message: “Crime” is there.")
    assert sheet.chosen is not None
    assert sheet.chosen.name == "Crime"
    till.key(Key.Key_Return)
    till.type("Noir")
    till.key(Key.Key_Return)
    assert ("Fiction", "Noir") in paths(till)
    till.key(Key.Key_M, modifier=ALT)
    till.key(Key.Key_Down)
    till.key(Key.Key_Return)
    assert ("Noir",) in paths(till)
    till.key(Key.Key_Escape)
    assert till.sees("Message: “Noir” is moved. Ctrl+Z takes it back.")
    till.key(Key.Key_Z, modifier=CTRL)
    assert ("Fiction", "Noir") in paths(till)


def test_a_name_that_cannot_be_is_told_beside_it_and_stays(till: Till) -> None:
    opened(till)
    till.key(Key.Key_N, modifier=ALT)
    till.type("fiction")
    till.key(Key.Key_Return)
    assert till.sees("Message: There is a category fiction already.")
    till.type("Noir")
    assert not till.sees("There is a category fiction already.")
    till.key(Key.Key_Return)
    assert till.sees("“Noir” is there.")
    till.key(Key.Key_Escape)


def test_a_category_is_taken_away_and_its_titles_go_where_it_is_said(till: Till) -> None:
    opened(till)
    choose(till, "Fic")
    till.key(Key.Key_Delete)
    assert till.sees("“Fiction” is taken away. It has 3 titles.")
    till.key(Key.Key_Return)
    assert ("Fiction",) not in paths(till)
    till.key(Key.Key_Escape)
    assert till.sees("Message: “Fiction” is gone. Ctrl+Z takes it back.")
    assert till.run(get_book(till.shop.app, till.shop.books[PRIDE])).category is None
    till.key(Key.Key_Z, modifier=CTRL)
    assert ("Fiction",) in paths(till)
    assert till.run(get_book(till.shop.app, till.shop.books[PRIDE])).category == "Fiction"


def test_what_somebody_else_did_to_the_tree_is_shown(till: Till) -> None:
    sheet = opened(till)
    choose(till, "Fic")
    node = sheet.chosen
    assert node is not None
    till.key(Key.Key_Return)
    till.run(keep_category(till.shop.app, till.shop.people["Max"], "Novels", category_id=node.id))
    till.type("Stories")
    till.key(Key.Key_Return)
    assert till.sees("Somebody else changed this category meanwhile.")
    till.key(Key.Key_Escape)
    assert sheet.chosen is not None
    assert sheet.chosen.name == "Novels"
    till.key(Key.Key_Escape)


def test_barcodes_are_added_refused_and_taken_away(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(till.page.search.setFocus)
    till.type("klara")
    till.key(Key.Key_F10)
    till.key(Key.Key_B)
    assert isinstance(till.dialog, CodesSheet)
    till.type(PRIDE)
    till.key(Key.Key_Return)
    assert till.sees(f"{PRIDE} belongs to “Pride and Prejudice” already.")
    till.scan("4006381333931")
    assert till.sees("“Klara and the Sun” has the further codes 4006381333931.")
    till.do(till.dialog.list.setFocus)
    till.key(Key.Key_Delete)
    assert till.sees("“Klara and the Sun” is no longer found by 4006381333931.")
    assert till.run(list_codes(till.shop.app, till.shop.books[KLARA])) == []
    till.key(Key.Key_Escape)
    assert till.sees("Ctrl+Z takes it back.")
    till.key(Key.Key_Z, modifier=CTRL)
    assert till.run(list_codes(till.shop.app, till.shop.books[KLARA])) == ["4006381333931"]
