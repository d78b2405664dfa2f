"""Many tills on one database: each number is one machine's, and a copy of its folder is told what to do."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from pos_app import app as application
from pos_app.app import App
from pos_app.cli import main
from pos_app.config import Config
from pos_app.errors import Refused
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from pos_app.services import till as tills
from pos_app.services.check import verify
from pos_app.services.till import claim_till, free_till, list_tills, name_till
from tests.conftest import SetClock
from tests.db.migrating import run_sql

pytestmark = pytest.mark.parametrize("config", ["postgresql"], indirect=True)


@pytest_asyncio.fixture
async def machines(config: Config, clock: SetClock, tmp_path: Path) -> AsyncIterator[dict[str, App]]:
    """Two machines on one database, both as till 1, and a copy of the first one's folder."""
    made = {}
    for name in ("front", "back", "copy"):
        made[name] = application.build(replace(config, data_dir=tmp_path / name), clock=clock)
        (tmp_path / name).mkdir()
    yield made
    for app in made.values():
        await app.printing.close()
        await app.db.close()


def copy_folder(machines: dict[str, App]) -> None:
    target = machines["copy"].config.data_dir
    shutil.copytree(machines["front"].config.data_dir, target, dirs_exist_ok=True)


async def refusal(app: App) -> Refused:
    with pytest.raises(Refused) as refused:
        await claim_till(app)
    return refused.value


async def test_a_number_is_taken_at_the_first_start_and_kept_at_the_next(machines: dict[str, App]) -> None:
    await claim_till(machines["front"], "Front")
    await claim_till(machines["front"])
    found = await list_tills(machines["back"])
    assert [(till.number, till.name) for till in found] == [(1, "Front")]
    assert found[0].machine


async def test_a_number_in_use_elsewhere_is_refused_with_one_that_is_free(machines: dict[str, App]) -> None:
    await claim_till(machines["front"])
    refused = await refusal(machines["back"])
    assert refused.code == "till.taken"
    assert "--till 2" in sentence(refused)
    assert list(machines["back"].config.data_dir.iterdir()) == []  # the folder is as new as it was
    two = application.build(replace(machines["back"].config, till=2))
    await claim_till(two, "Upstairs")
    assert [(till.number, till.name) for till in await list_tills(two)] == [(1, "Till 1"), (2, "Upstairs")]
    await two.db.close()


async def test_a_copied_folder_is_refused_until_the_number_is_freed(machines: dict[str, App]) -> None:
    await claim_till(machines["front"])
    copy_folder(machines)
    refused = await refusal(machines["copy"])
    assert refused.code == "till.copied"
    assert "bookstore-pos till free 1" in sentence(refused)
    await free_till(machines["back"], 1)
    await claim_till(machines["copy"])
    assert (await refusal(machines["front"])).code == "till.copied"  # the number went to the other one
    assert (await verify(machines["back"])).findings == 0


async def test_a_clone_of_the_whole_machine_is_refused_too(
    machines: dict[str, App], monkeypatch: pytest.MonkeyPatch
) -> None:
    await claim_till(machines["front"])
    monkeypatch.setattr(tills, "_machine_id", lambda: "another machine")
    assert (await refusal(machines["front"])).code == "till.copied"


async def test_a_freed_number_is_taken_by_another_machine_and_goes_on_where_it_was(machines: dict[str, App]) -> None:
    await claim_till(machines["front"])
    run_sql(machines["front"].config.database_url, "UPDATE tills SET next_receipt_number = 42")
    await free_till(machines["back"], 1)
    await claim_till(machines["back"], "By the door")
    assert [till.name for till in await list_tills(machines["back"])] == ["By the door"]
    rows = run_sql(machines["back"].config.database_url, "SELECT next_receipt_number FROM tills")
    assert rows == [(42,)]
    assert (await refusal(machines["front"])).code == "till.taken"


async def test_two_that_start_at_once_are_one_that_gets_the_number(machines: dict[str, App]) -> None:
    outcomes = await asyncio.gather(claim_till(machines["front"]), claim_till(machines["back"]), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "Refused"]


async def test_two_programs_as_the_same_till_are_one_too_many(
    machines: dict[str, App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_app.link.TILL_LOCK_WAIT_S", 0.5)
    front, clone = machines["front"].db.link, machines["copy"].db.link
    front.start(SCHEMA_HEAD, 1)
    assert await front.alone()
    clone.start(SCHEMA_HEAD, 1)
    assert not await clone.alone()
    assert clone.refused is not None
    assert clone.refused.code == "till.running"
    await machines["front"].db.close()
    while clone.refused is not None:  # the other one ended
        await asyncio.sleep(0.05)


async def test_a_newer_program_leaves_tables_alone_that_other_tills_work_with(
    machines: dict[str, App], monkeypatch: pytest.MonkeyPatch
) -> None:
    front = machines["front"]
    front.db.link.start(SCHEMA_HEAD, 3)
    assert await front.db.link.alone()
    monkeypatch.setattr("pos_app.migrate.SCHEMA_HEAD", "9998")
    with pytest.raises(Refused) as refused:
        await bring_up_to_date(machines["back"].config)
    assert refused.value.code == "database.tills_open"
    assert "till 3" in sentence(refused.value)


async def test_names_are_given_and_unknown_tills_told(machines: dict[str, App]) -> None:
    await claim_till(machines["front"])
    await name_till(machines["back"], 1, " Ground floor ")
    assert [till.name for till in await list_tills(machines["back"])] == ["Ground floor"]
    for act in (free_till(machines["back"], 7), name_till(machines["back"], 7, "x")):
        with pytest.raises(Refused, match=r"till\.unknown"):
            await act
    with pytest.raises(Refused, match=r"till\.name"):
        await name_till(machines["back"], 1, "x" * 81)


def test_the_command_lists_and_frees(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    app = application.build(config)

    async def claim() -> None:
        await claim_till(app, "Front")
        await app.db.close()

    asyncio.run(claim())
    given = ["--data-dir", str(config.data_dir), "--database-url", config.database_url]
    assert main(["till", "list", *given]) == 0
    assert capsys.readouterr().out.startswith("1\tFront\t")
    assert main(["till", "free", "1", *given]) == 0
    assert main(["till", "list", *given]) == 0
    assert capsys.readouterr().out.endswith("1\tFront\tfree\n")
    assert main(["till", "free", "9", *given]) == 1
