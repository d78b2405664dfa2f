"""What is sent to whoever helps from afar: enough to help with, and nothing of customers."""

import json
import logging
import zipfile
from pathlib import Path

import pytest

from pos_app.config import Config
from pos_app.diagnostics import write_diagnostics
from pos_app.errors import Refused
from pos_app.log import LogEvent, read_events, start_log
from tests.shop import Shop


async def test_it_tells_how_the_till_stands_and_names_nobody(shop: Shop, tmp_path: Path) -> None:
    config = shop.app.config
    config.log_file.parent.mkdir(parents=True)
    config.log_file.write_text("2026-11-29 10:00:00,000 ERROR ui: fault 1\n", encoding="utf-8")
    config.settings_file.write_text("till = 1\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    made = await write_diagnostics(config, tmp_path / "out")
    assert made.path.parent == tmp_path / "out"
    assert made.size == made.path.stat().st_size
    with zipfile.ZipFile(made.path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert tuple(parts) == made.parts
    assert parts["logs/bookstore-pos.log"].endswith("fault 1\n")
    figures = json.loads(parts["database.json"])
    assert figures["kind"] == shop.app.db.kind
    assert {"customers", "orders", "books"} <= set(figures.get("rows", figures.get("rows_about")))
    assert {row["level"] for row in json.loads(parts["doctor.json"])} <= {"ok", "warn", "bad"}
    assert json.loads(parts["settings.json"])["till"] == 1
    whole = "".join(parts.values())
    for secret in ("Rosa", "Marchetti", "argon2", "Ana"):
        assert secret not in whole


async def test_a_shop_without_a_database_is_told_of_too(tmp_path: Path) -> None:
    config = Config(tmp_path, "postgresql://till:quite-secret@127.0.0.1:9/none?connect_timeout=2")
    made = await write_diagnostics(config, tmp_path / "one.zip")
    with zipfile.ZipFile(made.path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "problem" in json.loads(parts["database.json"])
    assert "quite-secret" not in "".join(parts.values())
    with pytest.raises(Refused, match=r"diagnostics\.exists"):
        await write_diagnostics(config, tmp_path / "one.zip")
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match=r"diagnostics\.not_written"):
        await write_diagnostics(config, tmp_path / "file" / "two.zip")


@pytest.mark.usefixtures("caplog")  # what is logged here is meant
def test_events_are_read_back_over_the_files_the_log_was_turned_into(tmp_path: Path) -> None:
    path = tmp_path / "pos.log"
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level, own = root.level, logging.getLogger("pos_app").level
    assert start_log(path)
    (handler,) = set(root.handlers) - set(before)
    try:
        log = logging.getLogger("pos_app.tried")
        log.warning("first, at postgresql://till:hidden@server/shop")
        handler.doRollover()  # type: ignore[attr-defined]
        log.info("nothing to tell")
        try:
            raise ValueError("of no value")
        except ValueError:
            log.exception("second")
    finally:
        root.removeHandler(handler)
        handler.close()
        root.setLevel(level)
        logging.getLogger("pos_app").setLevel(own)
    first, second = read_events(path, 10)
    assert (first.level, first.text) == ("WARNING", "first, at postgresql://till:***@server/shop")
    assert (second.level, second.text) == ("ERROR", "second")
    assert second.details.splitlines()[-1] == "ValueError: of no value"
    assert read_events(path, 1) == [LogEvent(second.at, "ERROR", "second", second.details)]
    assert read_events(tmp_path / "none.log", 10) == []
