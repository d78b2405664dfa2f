"""A Linux desktop's keyring through its own program: a real one, on a bus of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pos_app.secret_tool import PROGRAM, secret_tool

NEEDED = (PROGRAM, "gnome-keyring-daemon", "dbus-run-session")
STORY = r"""
import subprocess, sys
subprocess.run(["gnome-keyring-daemon", "--unlock", "--components=secrets"], input=b"open", check=True, stdout=subprocess.DEVNULL)
from pos_app.secret_tool import secret_tool
from pos_app.password import forget_password, keep_password, keyring_here, read_password
found = secret_tool()
assert found is not None
url = "postgresql://till@server:5432/shop"
assert found.get_password("bookstore-pos", "nobody") is None
found.set_password("bookstore-pos", "till@server:5432/shop", "gehe im ü'\"")
assert found.get_password("bookstore-pos", "till@server:5432/shop") == "gehe im ü'\""
assert type(keyring_here()).__name__ == "SecretTool", keyring_here()
assert read_password(url) == "gehe im ü'\""
keep_password(url, "other")
assert read_password(url) == "other"
assert forget_password(url)
assert not forget_password(url)
print("told")
"""


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason="no keyring of a Linux desktop is installed")
def test_a_real_keyring_keeps_gives_and_forgets(tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "LANG": "C.UTF-8"}
    # No library's: as in the bundle for Linux.
    environment |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "XDG_DATA_HOME": str(tmp_path / "data")}
    tmp_path.chmod(0o700)
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", STORY],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.returncode, done.stdout) == (0, "told\n"), done.stderr


def test_where_no_program_asks_it_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert secret_tool() is None


def test_where_nothing_answers_the_program_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    assert secret_tool() is None
