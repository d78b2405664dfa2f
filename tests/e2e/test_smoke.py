"""`bookstore-pos --smoke`: the program tries itself out, and says so by exit code, in a line and in a file."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pos_app.migrate import SCHEMA_HEAD
from tests.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


def smoke(home: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run it with a data folder and a home that it must leave alone; its result, and its report."""
    file = home / "report.json"
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    environment |= {"BOOKSTORE_POS_DATA_DIR": str(home / "data"), "HOME": str(home), "TMPDIR": str(home / "tmp")}
    (home / "tmp").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pos_app", "--smoke", "--smoke-report", str(file), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done, json.loads(file.read_text("utf-8"))


def test_a_sound_program_sells_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done, report = smoke(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("It works: receipt 1-000001 on sqlite")
    assert (report["ok"], report["error"], report["schema"], report["total"]) == (True, "", SCHEMA_HEAD, 899)
    assert report["bundled"] is False
    assert report["rules_checked"] > 20
    steps = ["window", "shop", "signed in", "scanned", "paid", "checked"]
    assert list(report["ms"]) == steps
    assert sorted(report["ms"].values()) == list(report["ms"].values())
    assert not (tmp_path / "data").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_on_a_server_it_takes_an_empty_database_and_no_other(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.create_database()
    try:
        done, report = smoke(tmp_path, "--database-url", url)
        assert (done.returncode, done.stderr, report["database"]) == (0, "", "postgresql")
        again, report = smoke(tmp_path, "--database-url", url)
        assert again.returncode == 1
        assert report["ok"] is False
        assert "this database is in use" in report["error"]
        (line,) = again.stderr.splitlines()
        assert report["error"] in line
    finally:
        postgres.drop_database(url)


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pos_app",
            "--smoke-report",
            str(tmp_path),
            "--database-url",
            "postgresql://127.0.0.1:1/x",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Choose another file for the report" in done.stderr


def test_qt_is_tried_without_settings_or_a_window(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("broken = = 1", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pos_app", "--try-qt", "--data-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().startswith("6.")
