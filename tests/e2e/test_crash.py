"""A program that dies of a fault below Python leaves word of it, which the next start tells."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pos_app.crash import REPORTS_KEPT, crashes_kept, reports
from tests.guide import ROOT

DIES = """
import faulthandler, sys
from pathlib import Path
from pos_app.crash import crashes_kept
folder = Path(sys.argv[1]); folder.mkdir(parents=True, exist_ok=True)
with crashes_kept(folder):
    def the_step_it_died_in():
        {how}
    the_step_it_died_in()
"""


def end(folder: Path, how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", DIES.format(how=how), folder], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    return done.returncode


def command(data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pos_app", *arguments],
        cwd=ROOT,
        env=os.environ | {"BOOKSTORE_POS_DATA_DIR": str(data), "BOOKSTORE_POS_CONFIG": str(data / "none.toml")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_a_crash_is_kept_told_by_events_and_sent_with_diagnostics(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    assert end(logs, "faulthandler._sigsegv()") != 0
    assert len(list(logs.glob("crash-*.part"))) == 1
    # The next start of the window tells of it; a picture is drawn by one.
    command(tmp_path, "--screenshot", str(tmp_path / "page.png"))
    (kept,) = reports(logs)
    said = kept.read_text("utf-8")
    assert said.startswith("Bookstore POS ")
    assert "Segmentation fault" in said
    assert "the_step_it_died_in" in said
    assert list(logs.glob("crash-*.part")) == []
    (event,) = json.loads(command(tmp_path, "events", "--json"))
    assert "the program died on" in event["text"]
    assert str(kept) in event["text"]
    command(tmp_path, "diagnostics", str(tmp_path / "help.zip"))
    assert f"logs/{kept.name}" in zipfile.ZipFile(tmp_path / "help.zip").namelist()


def test_a_program_that_ends_or_is_killed_leaves_nothing_to_tell(tmp_path: Path, caplog: object) -> None:
    assert end(tmp_path, "pass") == 0
    assert list(tmp_path.iterdir()) == []
    assert end(tmp_path, "import os; os.kill(os.getpid(), 9)") != 0
    with crashes_kept(tmp_path):
        assert reports(tmp_path) == []
        # Another till that starts in this folder meanwhile leaves ours alone.
        (own,) = tmp_path.glob("crash-*.part")
        assert end(tmp_path, "pass") == 0
        assert own.exists()
    assert list(tmp_path.iterdir()) == []


def test_so_many_reports_are_kept(tmp_path: Path) -> None:
    for number in range(REPORTS_KEPT + 3):
        (tmp_path / f"crash-20260101-0000{number:02}-1.txt").touch()
    with crashes_kept(tmp_path) as died:
        assert died == []
        assert [path.name[-8:-6] for path in reports(tmp_path)] == [f"{number:02}" for number in range(3, 13)]


def test_a_folder_that_cannot_be_written_keeps_no_program_from_starting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with crashes_kept(tmp_path / "file" / "logs"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="only there a process can be let write nothing")
def test_a_full_disk_keeps_no_program_from_starting_and_no_empty_file(tmp_path: Path) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    done = subprocess.run(
        [sys.executable, "-c", f"{full}\n{DIES.format(how='print(1)')}", tmp_path],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    assert done.stdout == b"1\n"
    assert list(tmp_path.iterdir()) == []
