"""Copies of the shop in the window: one made by a key, the list, and a fault that everybody sees until it is over."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from pos_app.services.backup import list_backups
from tests.ui.till import Till


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_key_copies_the_shop_and_the_list_shows_it(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.key(Qt.Key.Key_0, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees("None yet")
    till.key(Qt.Key.Key_B, modifier=Qt.KeyboardModifier.ControlModifier)
    (made,) = list_backups(till.shop.app.config)
    assert till.sees(f"{made.path.name} holds the whole shop.")
    assert till.page.sections["Backups"]._table.rows.row_count() == 1
    assert not till.sees("None yet")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_copy_that_cannot_be_made_is_told_to_whoever_is_at_the_till(till: Till, tmp_path: Path) -> None:
    schedule = till.shop.app.backups
    (tmp_path / "gone").touch()
    schedule.config = replace(schedule.config, backup_second_dir=str(tmp_path / "gone" / "usb"))
    till.sign_in()
    till.run(schedule.look())
    assert till.sees("The shop was not backed up.")
    (tmp_path / "gone").unlink()
    till.click("Show backups")
    till.run(schedule.look(now=True))
    assert not till.sees("The shop was not backed up.")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_cashier_sees_who_may(till: Till) -> None:
    till.sign_in("Ana", "Settings")
    till.key(Qt.Key.Key_0, modifier=Qt.KeyboardModifier.AltModifier)
    till.key(Qt.Key.Key_B, modifier=Qt.KeyboardModifier.ControlModifier)
    assert list_backups(till.shop.app.config) == []
    assert till.sees("can change it")


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_server_is_said_to_be_backed_up_where_it_is(till: Till) -> None:
    till.sign_in("Max", "Settings")
    till.key(Qt.Key.Key_0, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees("Made where the server is")
    assert not till.sees("Back up now")
