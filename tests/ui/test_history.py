"""The history of a title goes as far back as it was written."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from sqlalchemy.orm import Session

from pos_app.errors import Unavailable
from pos_app.services.book_history import SHOWN, record_changes
from tests.shop import KLARA
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.inventory import book_actions

CTRL = Qt.KeyboardModifier.ControlModifier


def changed(till: Till, count: int) -> None:
    """So many changes of a title's price, from 1 to 2, from 2 to 3 and so on."""
    shop = till.shop

    def act(session: Session) -> None:
        for price in range(1, count + 1):
            before, after = {"price": price}, {"price": price + 1}
            record_changes(session, shop.sam, shop.app.ids.new(), shop.books[KLARA], before, after)

    till.run(shop.app.db.write(act))


def open_history(till: Till) -> Any:
    till.sign_in("Sam", "Inventory")
    till.page.search.setText("Klara and the Sun")
    till.settle()
    till.key(Qt.Key.Key_H, modifier=CTRL)
    assert till.dialog is not None
    return till.dialog


def old_prices(dialog: Any) -> list[str]:
    return [dialog.table.item(row, 3).text() for row in range(dialog.table.rowCount())]


def test_the_end_of_the_list_leads_to_what_is_further_back(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 2 * SHOWN + 30
    changed(till, count)
    dialog = open_history(till)
    expected = [f"{price // 100}.{price % 100:02d}" for price in range(count, 0, -1)]
    assert old_prices(dialog) == expected[:SHOWN]
    assert till.sees("The newest 100 changes; further down are more.")
    till.do(dialog.table.setFocus)
    read = book_actions.book_history

    async def unreachable(*_args: object, **_more: object) -> None:
        raise Unavailable("database.unreachable")

    monkeypatch.setattr(book_actions, "book_history", unreachable)
    till.key(Qt.Key.Key_End, modifier=CTRL)
    till.run(until(lambda: dialog.message.property("kind") == "bad"))
    assert old_prices(dialog) == expected[:SHOWN]
    monkeypatch.setattr(book_actions, "book_history", read)
    till.key(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
    till.run(until(lambda: dialog.table.rowCount() == 2 * SHOWN))
    # What stands there stays where it stood, and is told no longer as what could not be read.
    assert dialog.table.currentRow() == SHOWN - 1
    assert dialog.message.text() == ""
    till.key(Qt.Key.Key_End, modifier=CTRL)
    till.run(until(lambda: dialog.table.rowCount() == count))
    assert old_prices(dialog) == expected
    assert till.sees("All 230 changes.")
    till.key(Qt.Key.Key_End, modifier=CTRL)
    till.settle()
    assert dialog.table.rowCount() == count
    till.key(Qt.Key.Key_Return)
    assert till.dialog is None


def test_exactly_a_page_ends_where_there_is_no_more(till: Till) -> None:
    changed(till, SHOWN)
    dialog = open_history(till)
    till.do(dialog.table.setFocus)
    till.key(Qt.Key.Key_End, modifier=CTRL)
    till.run(until(lambda: till.sees("All 100 changes.")))
    assert dialog.table.rowCount() == SHOWN
    till.key(Qt.Key.Key_Return)
