"""The password of a shared database in the keyring, from a command to a till that starts with it."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.guide import ROOT
from tests.keyring_file import VARIABLE
from tests.postgres import own_cluster

PASSWORD = "pass:w\\ord"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server that asks for passwords."""
    with own_cluster() as cluster:
        with psycopg.connect(cluster.url, autocommit=True) as server:
            server.execute(f"CREATE ROLE lena LOGIN PASSWORD '{PASSWORD}'")
            server.execute("CREATE DATABASE shop OWNER lena")
            (cluster.data / "pg_hba.conf").write_text("host all lena all scram-sha-256\nhost all postgres all trust\n")
            server.execute("SELECT pg_reload_conf()")
        yield f"postgresql://lena@127.0.0.1:{cluster.port}/shop"


@dataclass(frozen=True)
class Machine:
    """A machine with a keyring in a file."""

    folder: Path
    address: str

    def run(self, *arguments: str, stdin: str = "", backend: str = "tests.keyring_file.FileKeyring") -> tuple[int, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOOKSTORE_POS_", "PG"))}
        done = subprocess.run(
            [sys.executable, "-m", "pos_app", *arguments],
            cwd=ROOT,
            env=kept
            | {
                "HOME": str(self.folder),
                "BOOKSTORE_POS_DATA_DIR": str(self.folder),
                "BOOKSTORE_POS_DATABASE_URL": self.address,
                "PYTHON_KEYRING_BACKEND": backend,
                VARIABLE: str(self.folder / "keyring.json"),
            },
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr

    def written(self) -> str:
        """All that lies in the data folder, but for the keyring itself."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "keyring.json"]
        return "".join(path.read_text("utf-8", "replace") for path in files)


@pytest.fixture
def machine(tmp_path: Path, address: str) -> Machine:
    return Machine(tmp_path, address)


def test_a_password_in_the_keyring_opens_the_shop_and_stands_nowhere_else(machine: Machine) -> None:
    code, said = machine.run("migrate")
    assert code == 1
    assert "asks for lena's password" in said
    code, said = machine.run("password", "set", stdin=f"{PASSWORD}\n")
    assert code == 0, said
    assert "is in the system's keyring" in said
    assert 'password_from = "keyring"' in (machine.folder / "settings.toml").read_text()
    assert machine.run("migrate")[0] == 0
    assert machine.run("till", "list")[0] == 0
    _, said = machine.run("doctor")
    assert "password: It comes from the system's keyring (file of the tests)" in said
    assert PASSWORD not in machine.written()
    code, said = machine.run("password", "forget")
    assert (code, said) == (0, "The keyring has it no longer.\n")
    assert machine.run("till", "list")[0] == 1


def test_a_machine_whose_keyring_is_gone_says_what_to_do(machine: Machine) -> None:
    machine.run("password", "set", stdin=f"{PASSWORD}\n")
    code, said = machine.run("till", "list", backend="keyring.backends.fail.Keyring")
    assert code == 1
    assert "no keyring" in said
    code, said = machine.run("doctor", backend="keyring.backends.fail.Keyring")
    assert code == 1
    assert "bad  password: This machine has no keyring" in said


def test_nothing_is_kept_without_a_password_or_a_server(machine: Machine) -> None:
    assert machine.run("password", "set", stdin="\n")[1].startswith("bookstore-pos: No password was typed")
    code, said = machine.run("password", "set", "--database-url", "sqlite:///shop.db", stdin="x\n")
    assert (code, "is no server's" in said) == (1, True)
    assert not (machine.folder / "keyring.json").exists()


def test_libpqs_own_file_does_without_a_keyring(machine: Machine) -> None:
    secret = machine.folder / ".pgpass"
    secret.write_text("*:*:*:*:" + PASSWORD.replace("\\", "\\\\").replace(":", "\\:") + "\n")
    secret.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert machine.run("migrate", backend="keyring.backends.fail.Keyring")[0] == 0
    assert f"It comes from {secret}" in machine.run("doctor")[1]
