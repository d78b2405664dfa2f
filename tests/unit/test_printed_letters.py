"""What is printed into a pipe that knows few letters, as those of Windows do."""

import os
import subprocess
import sys
from pathlib import Path


def test_letters_that_a_pipe_does_not_know_are_written_by_their_numbers(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "cp1252", "BOOKSTORE_POS_CONFIG": str(tmp_path / "none.toml")}
    done = subprocess.run(
        [sys.executable, "-m", "pos_app", "config", "show", "--data-dir", str(tmp_path / "Βιβλία é")],
        env=environ,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u0392\u03b9" in done.stdout
    assert "é".encode("cp1252") in done.stdout
