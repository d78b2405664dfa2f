"""Where the password of a shared database comes from: the environment, the system's keyring, or what libpq reads.

The keyring is asked only where this machine's settings say so; what it gives goes into this process's PGPASSWORD, which
libpq and PostgreSQL's own programs read, so that it stands in no address, file or log.
"""

import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from pos_app.config import KEYRING, Config
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.secret_tool import SecretTool, secret_tool

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "bookstore-pos"
VARIABLE = "PGPASSWORD"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a password comes from, in words; `plain` where it lies where others may come to read it.

    `step` is what to do, where that is neither nothing nor keeping it elsewhere.
    """

    words: str
    plain: bool = False
    step: str = ""


def entry_of(url: str) -> str:
    """Give the name a password is kept under: whose it is, and of which database."""
    parts = urlsplit(url)
    who, _, where = parts.netloc.rpartition("@")
    return f"{unquote(who.partition(':')[0])}@{where}{parts.path}"


def keyring_here() -> "KeyringBackend | SecretTool | None":
    """Give the system's keyring; None where there is none, or nothing that speaks with it is installed.

    Blocks: it may ask over the desktop's bus.
    """
    try:
        import keyring  # noqa: PLC0415 - only where a server's password is kept in one
        from keyring.backends import chainer, fail, null  # noqa: PLC0415 - as above
    except ImportError:
        return secret_tool()
    found = keyring.get_keyring()
    if isinstance(found, null.Keyring):
        # Somebody wants none.
        return None
    empty = isinstance(found, chainer.ChainerBackend) and not found.backends
    return secret_tool() if empty or isinstance(found, fail.Keyring) else found


def read_password(url: str) -> str | None:
    """Give what the keyring has for an address. Blocks. Raises Unavailable("keyring.none" | "keyring.failed")."""
    found = _needed()
    try:
        return found.get_password(SERVICE, entry_of(url))
    except Exception as error:
        raise _failed(error) from error


def keep_password(url: str, password: str) -> None:
    """Keep a password for an address in the keyring. Blocks. Raises as `read_password` does."""
    found = _needed()
    try:
        found.set_password(SERVICE, entry_of(url), password)
    except Exception as error:
        raise _failed(error) from error


def forget_password(url: str) -> bool:
    """Take it out of the keyring again; gives whether it was there. Blocks. Raises as `read_password` does."""
    if read_password(url) is None:
        return False
    try:
        _needed().delete_password(SERVICE, entry_of(url))
    except Exception as error:
        raise _failed(error) from error
    return True


def _needed() -> "KeyringBackend | SecretTool":
    found = keyring_here()
    if found is None:
        raise Unavailable("keyring.none")
    return found


def _failed(error: Exception) -> PosError:
    """Backends raise whatever their systems do: locked, refused by the person, no bus."""
    reason = str(error).strip().rstrip(".!") or type(error).__name__
    return Unavailable("keyring.failed", reason=reason)


def use_password(config: Config, environ: MutableMapping[str, str] | None = None) -> bool:
    """Let libpq have what the keyring has, where the settings say so and nothing else says a password; whether it does.

    Blocks. Raises as `read_password` does.
    """
    environ = os.environ if environ is None else environ
    if config.password_from != KEYRING or _in_address(config.database_url) or environ.get(VARIABLE):
        return False
    if not config.database_url.startswith("postgresql"):
        return False
    password = read_password(config.database_url)
    if password is not None:
        environ[VARIABLE] = password
    return password is not None


def drop_password() -> None:
    """Take back what `use_password` gave: the keyring is asked anew, where somebody may have changed it."""
    os.environ.pop(VARIABLE, None)


def check_address(url: str) -> None:
    """Raise Refused("keyring.no_server") unless an address is a server's, with a user's name in it."""
    if not url.startswith("postgresql://") or not entry_of(url).partition("@")[0]:
        raise Refused("keyring.no_server")


def origin(config: Config) -> Origin:
    """Say where the password of the database in use comes from, asking in libpq's own order. Blocks.

    Raises as `read_password` does, where the settings name the keyring.
    """
    url = config.database_url
    if _in_address(url):
        return Origin("It stands in the address itself, where whoever reads the settings reads it.", plain=True)
    said = os.environ.get(VARIABLE)
    if config.password_from == KEYRING:
        kept = read_password(url)
        if kept is not None and said in (None, "", kept):
            name = keyring_here()
            assert name is not None  # noqa: S101 - it was read from
            return Origin(f"It comes from the system's keyring ({name.name}).")
        if not said:
            return Origin(f"The system's keyring has none for {entry_of(url)}.", plain=True)
    if said:
        return Origin(f"It comes from the variable {VARIABLE}.")
    file = _passfile(url)
    if file is not None:
        return _of_passfile(file)
    return Origin(f"None is given here, by keyring, passfile or {VARIABLE}: it works where the server asks for none.")


def _of_passfile(file: Path) -> Origin:
    """What libpq makes of a file: one that others may read it passes over, and one that is not there too."""
    try:
        mode = file.stat().st_mode
    except OSError as error:
        step = "Put it there, or keep the password in the system's keyring (bookstore-pos password set)."
        return Origin(f"It is to come from {file}, which cannot be read: {error.strerror}.", step=step)
    if os.name != "nt" and mode & 0o077:
        words = f"It is to come from {file}, which others may read, and is passed over for that."
        return Origin(words, step=f"chmod 600 {file}")
    return Origin(f"It comes from {file}, which only its owner may read.")


def _in_address(url: str) -> bool:
    parts = urlsplit(url)
    return ":" in parts.netloc.rpartition("@")[0]


def _passfile(url: str) -> Path | None:
    """The file that libpq looks into, where there is one."""
    named = parse_qs(urlsplit(url).query).get("passfile", [os.environ.get("PGPASSFILE", "")])[0]
    if named:
        return Path(named)
    usual = Path(os.environ["APPDATA"], "postgresql", "pgpass.conf") if os.name == "nt" else Path.home() / ".pgpass"
    return usual if usual.is_file() else None
