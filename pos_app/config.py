"""Settings of this machine: the system's file, over it the data folder's, the environment and the command line."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Any

import platformdirs

from pos_app.errors import PosError, Refused, in_words
from pos_app.log import without_password

ENVIRONMENT_PREFIX = "BOOKSTORE_POS_"
THEMES = ("system", "light", "dark", "contrast")
LIBPQ, KEYRING = "libpq", "keyring"
DISPLAYS = ("none", "screen", "window")
ONE_OF = {"theme": THEMES, "customer_display": DISPLAYS, "password_from": (LIBPQ, KEYRING)}
# Settings that a command line may say.
FLAGS = ("data_dir", "database_url", "till", "theme", "window_size", "text_scale", "kiosk")
PAGES = ("checkout", "inventory", "orders", "customers", "reports", "settings")
SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SMALLEST, LARGEST = (1024, 600), 10_000
# Folders: one that does not begin at the root would lie wherever the program happens to be started.
FOLDERS = {"data_dir": "/srv/bookstore-pos", "backup_second_dir": "/media/usb/copies"}
FILE_URL = "sqlite:///"
# Whole numbers, and from where to where they go.
WHOLE = {"till": (1, 999), "text_scale": (100, 150), "backup_every_h": (0, 24 * 31), "backups_kept": (1, 999)}


@dataclass(frozen=True, slots=True)
class Config:
    """Everything this machine decides for itself; what the whole shop shares is in the database."""

    data_dir: Path
    database_url: str
    # The server's own address, where database_url is a pooler's.
    direct_url: str = ""
    # Where a server's password comes from: what libpq reads, or the system's keyring.
    password_from: str = LIBPQ
    till: int = 1
    printer: str = "none"
    card_terminal: str = "none"
    customer_display: str = "none"
    line_display: str = "none"
    # Copies of an SQLite file: how often (hours, 0 is never), how many are kept, and a second place for them.
    backup_every_h: int = 24
    backups_kept: int = 14
    backup_second_dir: str = ""
    theme: str = "system"
    text_scale: int = 100
    window_size: tuple[int, int] = (1366, 768)
    # The window fills the screen, and nobody leaves it without a manager's PIN.
    kiosk: bool = False

    @property
    def receipts_dir(self) -> Path:
        """Where every receipt is kept."""
        return self.data_dir / "receipts"

    @property
    def settings_file(self) -> Path:
        """The TOML file this machine's settings may stand in."""
        return self.data_dir / "settings.toml"

    @property
    def log_file(self) -> Path:
        """The program's log."""
        return self.data_dir / "logs" / "bookstore-pos.log"


def system_file(environ: Mapping[str, str] | None = None) -> Path:
    """Where whoever looks after a machine keeps the settings of everybody on it; BOOKSTORE_POS_CONFIG names another."""
    environ = os.environ if environ is None else environ
    if named := environ.get("BOOKSTORE_POS_CONFIG"):
        return Path(named)
    if sys.platform == "win32":
        return Path(environ.get("PROGRAMDATA", "C:/ProgramData")) / "Bookstore POS" / "config.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/bookstore-pos/config.toml")
    return Path("/etc/bookstore-pos/config.toml")


def load(
    flags: Mapping[str, Any],
    environ: Mapping[str, str] | None = None,
    told: Mapping[str, Any] | None = None,
    *,
    faults: list[PosError] | None = None,
) -> Config:
    """Put the settings together; a flag that is None was not given. `told` goes over both files, under the rest.

    With a list for `faults` nothing is raised: what is wrong is added to it and left out.
    Raises Refused("config.unreadable" | "config.unknown" | "config.value").
    """
    environ = os.environ if environ is None else environ
    from_environment = {
        field.name: environ[ENVIRONMENT_PREFIX + field.name.upper()]
        for field in fields(Config)
        if environ.get(ENVIRONMENT_PREFIX + field.name.upper())
    }
    given = {key: value for key, value in flags.items() if value is not None}
    of_system = _from_file(system_file(environ), faults)
    chosen_dir = (
        given.get("data_dir")
        or from_environment.get("data_dir")
        or _data_dir(of_system, faults)
        or platformdirs.user_data_dir("bookstore-pos")
    )
    data_dir = Path(chosen_dir).expanduser().absolute()
    config = Config(data_dir=data_dir, database_url=f"sqlite:///{data_dir / 'shop.db'}")
    of_folder = _from_file(config.settings_file, faults, "data_dir")
    # A database's path that is typed begins where it is typed, as any command's does.
    sources = (
        (of_system, f"; it stands in {system_file(environ)}", False),
        (of_folder, f"; it stands in {config.settings_file}", False),
        (told or {}, "", False),
        (from_environment, "", True),
        (given, "", True),
    )
    for source, where, typed in sources:
        for key, value in source.items():
            if key == "data_dir":
                continue
            try:
                config = replace(config, **{key: checked(key, value, typed=typed)})
            except Refused as refused:
                refused.params["reason"] += where
                if faults is None:
                    raise
                faults.append(refused)
    return config


def _from_file(path: Path, faults: list[PosError] | None, *without: str) -> dict[str, Any]:
    """What a file sets; with `faults`, what of it is known, and there what is wrong with the rest."""
    try:
        values = read_file(path)
        _refuse_unknown(values, path, *without)
    except Refused as refused:
        if faults is None:
            raise
        faults.append(refused)
        known = known_settings(*without)
        return {} if refused.code == "config.unreadable" else {key: values[key] for key in values.keys() & known}
    return values


def _data_dir(of_system: Mapping[str, Any], faults: list[PosError] | None) -> str:
    try:
        return str(checked("data_dir", of_system.get("data_dir", "")))
    except Refused as refused:
        if faults is None:
            raise
        faults.append(refused)
        return ""


def in_force(config: Config) -> dict[str, Any]:
    """Give what holds on this machine, by name and without passwords, as it is shown and sent."""
    return {
        **{field.name: getattr(config, field.name) for field in fields(config)},
        "data_dir": str(config.data_dir),
        "database_url": without_password(config.database_url),
        "direct_url": without_password(config.direct_url),
        "window_size": "x".join(map(str, config.window_size)),
        "system_file": str(system_file()),
        "settings_file": str(config.settings_file),
        "log_file": str(config.log_file),
        "receipts_dir": str(config.receipts_dir),
    }


def known_settings(*without: str) -> set[str]:
    """Give the names of all settings but some."""
    return {field.name for field in fields(Config)} - {*without}


def read_file(path: Path) -> dict[str, Any]:
    """Give what stands in a file of settings; nothing where there is none. Raises Refused("config.unreadable").

    A mark of the letters' order at its beginning, which Windows' editors write, is no part of it.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("config.unreadable", path=str(path), reason=in_words(error)) from error


def _refuse_unknown(values: Mapping[str, Any], path: Path, *without: str) -> None:
    known = known_settings(*without)
    for key in values:
        if key not in known:
            raise Refused("config.unknown", key=key, path=str(path), known=", ".join(sorted(known)))


def checked(key: str, value: Any, *, typed: bool = False) -> Any:
    """Give one setting in its type and range; `typed` is not from a file. Raises Refused("config.value")."""
    try:
        match key:
            case _ if key in WHOLE:
                return _within(_whole(value), *WHOLE[key])
            case "kiosk":
                return _switch(value)
            case "window_size":
                width, height = value if isinstance(value, (tuple, list)) else str(value).split("x")
                return _within(_whole(width), SMALLEST[0], LARGEST), _within(_whole(height), SMALLEST[1], LARGEST)
            case _ if key in ONE_OF and value not in ONE_OF[key]:
                raise ValueError(f"one of {', '.join(ONE_OF[key])}")
            case "direct_url" if not value:
                return ""
            case "database_url" | "direct_url":
                return _checked_url(str(value), typed=typed)
            case _ if isinstance(value, str):
                if key in FOLDERS and value and not Path(value).expanduser().is_absolute():
                    raise ValueError(f"it is a whole path, such as {FOLDERS[key]}")
                return value
            case _:
                raise TypeError("text is needed")
    except (TypeError, ValueError) as error:
        raise Refused("config.value", key=key, value=without_password(str(value)), reason=str(error)) from error


def _whole(value: Any) -> int:
    """A whole number or its digits; neither true nor 1.5, which int() would take."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise ValueError("a whole number is needed")


def _switch(value: Any) -> bool:
    """Yes or no, as TOML has it or as a word in a variable."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (said := SWITCHES.get(value.lower())) is not None:
        return said
    raise ValueError("true or false is needed")


def _within(number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise ValueError(f"{low} to {high}")
    return number


def _checked_url(url: str, *, typed: bool) -> str:
    if not url.startswith((FILE_URL, "postgresql://")):
        raise ValueError("sqlite:///path/to/shop.db or postgresql://user@host:5432/db")
    if not typed and url.startswith(FILE_URL) and not PurePath(url.removeprefix(FILE_URL)).is_absolute():
        raise ValueError(f"the file's path is whole, such as {FILE_URL}{FOLDERS['data_dir']}/shop.db")
    return url
