"""Where a server's password comes from, and that it goes into no address, file or log on its way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from pos_app.config import Config, load
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.messages import sentence
from pos_app.password import (
    _failed,
    check_address,
    entry_of,
    forget_password,
    keep_password,
    keyring_here,
    origin,
    read_password,
    use_password,
)
from tests.keyring_file import VARIABLE, FileKeyring

URL = "postgresql://till@server:5432/shop?sslmode=verify-full"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring of our own."""
    for name in ("PGPASSWORD", "PGPASSFILE"):
        # Kept by the fixture, so that what a test lets in is gone after it.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keyring.json"))
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    yield tmp_path / "keyring.json"
    keyring.set_keyring(before)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, URL, password_from="keyring")


def test_a_password_is_kept_for_a_person_of_a_database_on_a_server(kept: Path) -> None:
    keep_password(URL, "geheim")
    assert read_password("postgresql://till@server:5432/shop") == "geheim"
    assert read_password("postgresql://owner@server:5432/shop") is None
    assert entry_of("postgresql://t%40ll:x@one:1,two:2/shop?sslmode=disable") == "t@ll@one:1,two:2/shop"
    assert forget_password(URL)
    assert not forget_password(URL)
    assert read_password(URL) is None


def test_libpq_gets_what_the_keyring_has(kept: Path, config: Config) -> None:
    keep_password(URL, "geheim")
    environ: dict[str, str] = {}
    use_password(config, environ)
    assert environ == {"PGPASSWORD": "geheim"}


@pytest.mark.parametrize(
    ("change", "environ"),
    [
        ({"password_from": "libpq"}, {}),
        ({"database_url": "sqlite:///shop.db"}, {}),
        ({"database_url": "postgresql://till:typed@server/shop"}, {}),
        ({}, {"PGPASSWORD": "of the environment"}),
    ],
)
def test_the_keyring_is_not_asked_where_the_password_is_somewhere_else(
    kept: Path, config: Config, change: dict[str, str], environ: dict[str, str]
) -> None:
    kept.write_text("locked")
    before = dict(environ)
    use_password(replace(config, **change), environ)
    assert environ == before


def test_a_locked_keyring_is_told_with_its_reason(kept: Path, config: Config) -> None:
    kept.write_text("locked")
    for act in (use_password, origin):
        with pytest.raises(Unavailable) as told:
            act(config)
        assert "it is locked. Unlock it" in sentence(told.value)


def test_a_keyrings_own_words_become_a_part_of_the_sentence() -> None:
    told = sentence(_failed(RuntimeError("Failed to unlock the collection!")))
    assert "Failed to unlock the collection. Unlock it" in told


def test_a_machine_without_a_keyring_says_so_and_what_to_do_instead(kept: Path, config: Config) -> None:
    keyring.set_keyring(NoKeyring())
    assert keyring_here() is None
    with pytest.raises(PosError) as told:
        use_password(config, {})
    assert "no keyring" in sentence(told.value)
    assert "passfile" in sentence(told.value)


def test_without_the_library_it_is_as_if_there_were_no_keyring(
    config: Config, monkeypatch: pytest.MonkeyPatch, kept: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    assert keyring_here() is None


def test_it_is_said_where_the_password_comes_from(
    kept: Path, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libpq = replace(config, password_from="libpq")
    assert "None is given here" in origin(libpq).words
    (tmp_path / ".pgpass").write_text("*:*:*:*:x\n")
    (tmp_path / ".pgpass").chmod(0o600)
    assert f"{tmp_path / '.pgpass'}, which only its owner may read" in origin(libpq).words
    (tmp_path / ".pgpass").chmod(0o644)
    assert "passed over" in origin(libpq).words
    assert origin(libpq).step == f"chmod 600 {tmp_path / '.pgpass'}"
    named = origin(replace(libpq, database_url=f"{URL}&passfile=/srv/server.pgpass"))
    assert "/srv/server.pgpass, which cannot be read" in named.words
    assert "bookstore-pos password set" in named.step
    in_address = origin(replace(libpq, database_url="postgresql://till:geheim@server/shop"))
    assert in_address.plain
    assert "geheim" not in in_address.words
    assert origin(config).plain
    assert "has none for till@server:5432/shop" in origin(config).words
    keep_password(URL, "geheim")
    assert origin(config).words == "It comes from the system's keyring (file of the tests)."
    use_password(config)
    assert origin(config).words == "It comes from the system's keyring (file of the tests)."
    monkeypatch.setenv("PGPASSWORD", "another")
    assert origin(config).words == "It comes from the variable PGPASSWORD."


def test_a_password_is_kept_for_a_server_only() -> None:
    for url in ("sqlite:///shop.db", "postgresql://server/shop", "postgresql://@server/shop"):
        with pytest.raises(Refused):
            check_address(url)
    check_address(URL)


def test_a_setting_says_where_it_is_and_never_what_it_is(tmp_path: Path) -> None:
    assert load({"data_dir": tmp_path}, {"BOOKSTORE_POS_PASSWORD_FROM": "keyring"}).password_from == "keyring"
    with pytest.raises(Refused) as refused:
        load({"data_dir": tmp_path}, {"BOOKSTORE_POS_PASSWORD_FROM": "geheim"})
    assert "one of libpq, keyring" in sentence(refused.value)
