"""What a shop keeps is made for its owner alone; what others made stays as they made it, and the doctor tells of it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_app import doctor
from pos_app.config import Config
from pos_app.diagnostics import write_diagnostics
from pos_app.doctor import Level, examine
from pos_app.log import end_log, start_log
from pos_app.migrate import bring_up_to_date
from pos_app.private import make_private_folder, read_by_others
from pos_app.services.backup import back_up
from pos_app.services.machine import keep_settings
from pos_app.sqlite_file import connected

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes say nothing on Windows")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """As most systems have it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
async def test_what_the_program_makes_only_its_owner_reads(tmp_path: Path) -> None:
    data = tmp_path / "above" / "data"
    assert start_log(data / "logs" / "bookstore-pos.log")
    end_log()
    config = Config(data, f"sqlite:///{data / 'shop.db'}")
    await bring_up_to_date(config)
    keep_settings(config.settings_file, {"till": 2})
    assert (mode(data), mode(data / "logs")) == (0o700, 0o700)
    assert (mode(data / "shop.db"), mode(config.settings_file)) == (0o600, 0o600)
    with connected(data / "shop.db") as file:
        file.execute("BEGIN IMMEDIATE")
        beside = list(data.glob("shop.db-*"))
        assert {mode(one) for one in beside} <= {0o600}


@pytest.mark.usefixtures("open_umask", "postgres_programs")
async def test_backups_and_diagnostics_only_their_owner_reads(config: Config, tmp_path: Path) -> None:
    made = await back_up(config, tmp_path / "copies" / "copy")
    assert mode(Path(made.path)) == 0o600
    packed = await write_diagnostics(config, tmp_path / "help.zip", lambda _: None)
    assert mode(Path(packed.path)) == 0o600


def test_a_folder_that_others_made_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    make_private_folder(tmp_path / "shared")
    assert mode(tmp_path / "shared") == 0o755


async def test_the_doctor_tells_where_everybody_may_read_the_shop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "_windows", list)
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    await bring_up_to_date(config)
    assert not [one for one in await examine(config) if one.subject == "readers"]
    (tmp_path / "shop.db").chmod(0o644)
    # The folders that pytest makes keep others out, whatever a file in them says.
    assert not read_by_others(tmp_path / "shop.db")
    monkeypatch.setattr(doctor, "read_by_others", lambda path: bool(path.stat().st_mode & 0o004))
    (found,) = [one for one in await examine(config) if one.subject == "readers"]
    assert (found.level, str(tmp_path / "shop.db") in found.sentence) == (Level.WARN, True)
    assert f"chmod -R go-rwx {tmp_path}" in found.next_step
