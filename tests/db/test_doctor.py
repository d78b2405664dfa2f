"""The doctor: what it reads is what is in force, and each fault has its next step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from pos_app import sqlite_library
from pos_app.app import App
from pos_app.config import Config
from pos_app.devices import find
from pos_app.doctor import Finding, Level, _clock, _sqlite_durability, _sqlite_settings, _sqlite_wanted, examine
from pos_app.errors import Refused

NOW = datetime(2026, 11, 23, 14, 6, tzinfo=UTC)


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


async def test_every_fault_found_comes_with_a_next_step(config: Config, tmp_path: Path) -> None:
    findings = await examine(replace(config, printer="file:/no/such/folder/lp0"))
    for finding in findings:
        assert finding.sentence.strip()
        assert finding.level is Level.OK or finding.next_step, finding
    assert by_subject(findings)["printer"].level is Level.BAD
    assert by_subject(findings)["database"].level is Level.OK


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
async def test_what_sqlite_was_told_is_in_force_for_readers_and_the_writer(config: Config, app: App) -> None:
    for carry in (app.db.read, app.db.write):
        assert await carry(_sqlite_settings) == _sqlite_wanted()
    assert _sqlite_wanted()["foreign_keys"] == "1"
    assert (_sqlite_wanted()["journal_mode"], _sqlite_wanted()["synchronous"]) in {("wal", "2"), ("truncate", "3")}


@pytest.mark.parametrize("name", sorted(_sqlite_wanted()))
def test_each_setting_that_is_not_in_force_is_named(name: str) -> None:
    finding = _sqlite_durability("writing", {**_sqlite_wanted(), name: "nonsense"})
    assert finding.level is Level.BAD
    assert f"{name} nonsense" in finding.sentence


async def test_a_library_without_the_fix_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sqlite_library, "version", lambda: (3, 51, 2))
    finding = by_subject(await examine(Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")))["sqlite"]
    assert finding.level is Level.WARN
    assert "3.51.2" in finding.sentence


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 51, 3), True), ((3, 51, 2), False), ((3, 50, 7), True), ((3, 50, 6), False), ((3, 44, 6), True),
     ((3, 45, 0), False), ((3, 40, 1), False), ((3, 53, 4), True)],
)  # fmt: skip
def test_the_releases_with_the_fix_are_known(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], *, safe: bool
) -> None:
    monkeypatch.setattr(sqlite_library, "version", lambda: version)
    assert sqlite_library.safe_wal() is safe
    told = " ".join(sqlite_library.pragmas())
    assert ("journal_mode=WAL" in told) is safe
    assert ("synchronous=EXTRA" in told) is not safe


async def test_no_shop_yet_is_a_warning_and_makes_none(tmp_path: Path) -> None:
    finding = by_subject(await examine(Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")))["database"]
    assert finding.level is Level.WARN
    assert list(tmp_path.iterdir()) == []


async def test_a_database_newer_or_older_than_the_program_is_told(config: Config, app: App) -> None:
    for revision, level in (("9999", Level.BAD), ("0003", Level.WARN)):
        statement = text(f"UPDATE alembic_version SET version_num = '{revision}'")
        await app.db.write(lambda session, statement=statement: session.execute(statement))
        finding = by_subject(await examine(config))["database"]
        assert finding.level is level
        assert revision in finding.sentence


async def test_a_server_out_of_reach_is_told_without_its_password(tmp_path: Path) -> None:
    findings = await examine(Config(tmp_path, "postgresql://till:geheim@127.0.0.1:1/shop"))
    assert by_subject(findings)["database"].level is Level.BAD
    assert not any("geheim" in finding.sentence + finding.next_step for finding in findings)


@pytest.mark.parametrize(
    ("server_s", "newest_s", "level"),
    [
        (None, None, Level.OK),
        (1, -60, Level.OK),
        (5, None, Level.WARN),
        (-5, None, Level.WARN),
        (61, None, Level.BAD),
        (None, 1, Level.BAD),
        (None, -1, Level.OK),
    ],
)
def test_a_clock_that_is_off_is_told(server_s: int | None, newest_s: int | None, level: Level) -> None:
    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    finding = _clock((at(server_s), at(newest_s)), NOW)
    assert finding.level is level


async def test_devices_and_places_that_will_not_do_are_all_found(config: Config, tmp_path: Path) -> None:
    wrong = replace(config, line_display="xx", card_terminal="foo", backup_second_dir=str(tmp_path / "gone"))
    faults = [Refused("config.unreadable", path=str(tmp_path / "settings.toml"), reason="Invalid value")]
    found = by_subject(await examine(wrong, faults=faults))
    assert (found["line display"].level, found["card terminal"].level) == (Level.BAD, Level.BAD)
    assert "line_display cannot be “xx”" in found["line display"].sentence
    assert str(config.settings_file) in found["card terminal"].next_step
    assert str(tmp_path / "gone") in found["backups"].sentence
    assert str(tmp_path / "settings.toml") in found["settings"].next_step
    # And all else is looked at.
    assert (found["database"].level, "clock" in found) == (Level.OK, True)


async def test_a_typo_in_the_address_keeps_no_other_check_from_being_made(tmp_path: Path) -> None:
    found = by_subject(await examine(Config(tmp_path, "postgresql://till@localhost/shop?sslmod=require")))
    assert "Did you mean sslmode?" in found["database"].sentence
    assert {"disk", "printer", "password", "fonts"} <= found.keys()


async def test_a_print_queue_that_the_system_has_not_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(find, "_queues", lambda: [find.Found("system:Till", "Print queue Till")])
    for queue, level in (("nope", Level.BAD), ("Till", Level.OK)):
        config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}", printer=f"system:{queue}")
        assert by_subject(await examine(config))["printer"].level is level
