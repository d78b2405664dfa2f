"""F9 of an import's sheet goes on where an undo of it came to, however that ended."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from pos_app.errors import Refused
from pos_app.services import book_undo
from pos_app.services.book import find_by_code
from pos_app.services.book_bulk_left import list_left
from tests.ui.keyboard import press, until
from tests.ui.test_import import file_of, tried
from tests.ui.test_import_aside import PATIENT_S, isbn, lines
from tests.ui.till import Till

# What the window does with either database is the same.
pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def test_one_that_failed_is_gone_on_with(till: Till, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = tried(till, file_of(tmp_path, *lines()))
    till.key(Qt.Key.Key_Return)
    take_back, calls = book_undo.take_back, list[int]()

    def second_fails(*given: Any) -> Any:
        calls.append(given[3])
        if len(calls) == 2:
            raise Refused("right.missing", permission="edit_books", role="manager")
        return take_back(*given)

    monkeypatch.setattr(book_undo, "take_back", second_fails)

    async def undo() -> None:
        before = len(calls)
        await press(Qt.Key.Key_F9)
        await until(lambda: len(calls) > before and not sheet.goes_on, PATIENT_S)

    till.run(undo())
    assert len(till.run(list_left(till.shop.app, sheet.context.operator))) == 1
    till.run(undo())
    # Begun anew, the rest of the first would be told of as cut off for ever.
    assert till.run(list_left(till.shop.app, sheet.context.operator)) == []
    assert not till.run(find_by_code(till.shop.app, isbn(0))).active
    assert till.run(till.shop.findings()) == []
