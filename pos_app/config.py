"""Settings of this machine: the system's file, over it the data folder's, the environment and the command line."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from pos_app.errors import Refused
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
    flags: Mapping[str, Any], environ: Mapping[str, str] | None = None, told: Mapping[str, Any] | None = None
) -> Config:
    """Put the settings together; a flag that is None was not given. `told` goes over both files, under the rest.

    Raises Refused("config.unreadable" | "config.unknown" | "config.value").
    """
    environ = os.environ if environ is None else environ
    from_environment = {
        field.name: environ[ENVIRONMENT_PREFIX + field.name.upper()]
        for field in fields(Config)
        if environ.get(ENVIRONMENT_PREFIX + field.name.upper())
    }
    given = {key: value for key, value in flags.items() if value is not None}
    of_system = _read_file(system_file(environ))
    chosen_dir = (
        given.get("data_dir")
        or from_environment.get("data_dir")
        or _checked("data_dir", of_system.get("data_dir", ""))
        or platformdirs.user_data_dir("bookstore-pos")
    )
    data_dir = Path(chosen_dir).expanduser().absolute()
    config = Config(data_dir=data_dir, database_url=f"sqlite:///{data_dir / 'shop.db'}")
    for source in (of_system, _read_file(config.settings_file, "data_dir"), told or {}, from_environment, given):
        config = replace(config, **{key: _checked(key, value) for key, value in source.items() if key != "data_dir"})
    return config


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


def check_file(path: Path) -> dict[str, Any]:
    """Give what a file of settings sets, each looked at as at a start.

    Raises Refused("config.missing" | "config.unreadable" | "config.unknown" | "config.value").
    """
    if not path.is_file():
        raise Refused("config.missing", path=str(path))
    return check_settings(_read_file(path), path)


def check_settings(values: Mapping[str, Any], path: Path, *without: str) -> dict[str, Any]:
    """Give settings that stand in a file, each looked at as at a start; `without` may not be among them.

    Raises Refused("config.unknown" | "config.value").
    """
    _refuse_unknown(values, path, *without)
    return {key: _checked(key, value) for key, value in values.items()}


def _read_file(path: Path, *without: str) -> dict[str, Any]:
    """Give what stands in a file of settings; nothing where there is none."""
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("config.unreadable", path=str(path), reason=str(error)) from error
    _refuse_unknown(values, path, *without)
    return values


def _refuse_unknown(values: Mapping[str, Any], path: Path, *without: str) -> None:
    known = {field.name for field in fields(Config)} - {*without}
    for key in values:
        if key not in known:
            raise Refused("config.unknown", key=key, path=str(path), known=", ".join(sorted(known)))


def _checked(key: str, value: Any) -> Any:
    """One setting in its type and range."""
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
                return _checked_url(str(value))
            case _ if isinstance(value, str):
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


def _checked_url(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("sqlite:///path/to/shop.db or postgresql://user@host:5432/db")
    return url
