"""The log goes on where it cannot be turned over, as on Windows while another program has it open."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_app import log


@pytest.fixture(autouse=True)
def levels_kept() -> Iterator[None]:
    kept, root = logging.raiseExceptions, logging.getLogger()
    level, names = root.level, {name: logging.getLogger(name).level for name in ("pos_app", "ui")}
    yield
    log.end_log()
    logging.raiseExceptions = kept
    root.setLevel(level)
    for name, before in names.items():
        logging.getLogger(name).setLevel(before)


def note(path: Path, text: str) -> None:
    logging.getLogger("pos_app.test").info(text)
    assert path.read_text("utf-8").splitlines()[-1].endswith(text)


def test_a_full_log_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 200)
    path = tmp_path / "logs" / "bookstore-pos.log"
    assert log.start_log(path)
    for number in range(10):
        note(path, f"note {number}")
    assert path.stat().st_size <= 200
    assert path.with_name(path.name + ".1").exists()
    assert not path.with_name(path.name + ".full").exists()


def test_a_log_that_another_program_has_open_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 200)
    path = tmp_path / "bookstore-pos.log"
    older = path.with_name(path.name + ".1")
    older.write_text("older\n", "utf-8")

    def held(_path: Path, _target: Path) -> Path:
        raise PermissionError

    monkeypatch.setattr(Path, "rename", held)
    assert log.start_log(path)
    for number in range(20):
        note(path, f"note {number}")
    assert len(path.read_text("utf-8").splitlines()) == 20
    assert older.read_text("utf-8") == "older\n"


def test_an_ended_log_is_closed(tmp_path: Path) -> None:
    assert log.start_log(tmp_path / "bookstore-pos.log")
    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one, log._File)]
    log.end_log()
    assert handler.stream is None
    assert handler not in logging.getLogger().handlers
