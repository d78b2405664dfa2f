"""A machine's first start: what is found where the shop is to be, and everything that is answered carried out at once.

Nothing is made before all is answered. The window asks in steps; a file of answers comes by `bookstore-pos set-up`.
"""

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from pos_app.app import App, build
from pos_app.config import KEYRING, Config
from pos_app.connect_fault import precisely
from pos_app.database import parse_address, sqlite_driver
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date, lost_behind, refuse_to_mix, schema_revision
from pos_app.models import Setting, User
from pos_app.password import keep_password
from pos_app.server_address import ServerAddress, pass_line
from pos_app.services.first_start import FirstStart, is_new, set_up
from pos_app.services.machine import keep_settings
from pos_app.services.sign_in import list_people
from pos_app.services.till import TillRow, claim_till, has_id, list_tills, lowest_free
from pos_app.sqlite_file import connected, make_folder

PASSFILE = "server.pgpass"
log = logging.getLogger("pos_app.first_start")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is at an address. `shop` is the name of the one that is there, None where one can be made."""

    shop: str | None
    server: str = ""
    encrypted: bool = False
    # Whether the role the address names owns the tables: tills are better off with one that does not.
    owns: bool = True
    older: bool = False
    tills: tuple[TillRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was answered. `config` is this machine's settings but for what `server` says of the database."""

    config: Config
    server: ServerAddress | None = None
    # A new shop's; None where there is one already.
    answers: FirstStart | None = None
    # A copy to make the shop from.
    backup: Path | None = None
    till_name: str = ""


def no_shop_here(config: Config) -> bool:
    """Whether nobody has said where the shop is, and the file in the data folder is none yet. Blocks for an instant.

    A file that cannot be read, or lost what was in it, is taken for a shop: opening it says what is wrong.
    """
    path = config.data_dir / "shop.db"
    if config.database_url != f"sqlite:///{path}":
        return False
    if not path.exists():
        return True
    if lost_behind(config):
        return False
    driver = sqlite_driver()
    try:
        with connected(path) as file:
            tables = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "users" not in tables:
                return tables <= {"alembic_version"}
            return file.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None
    except driver.Error:
        return False


async def look_at(config: Config) -> Standing:
    """Look at the database that an address names, and change nothing.

    Raises why it will not do: Unavailable("connect.…" | "database.…"), Refused("database.newer" | "database.foreign" |
    "database.older_role" | "database.tills_open" | "first_start.no_tables" | "first_start.no_rights" |
    "first_start.owner" | "role.lacks" | …).
    """
    try:
        revision = await schema_revision(config)
        if revision is not None and revision != SCHEMA_HEAD:
            await refuse_to_mix(config)
        app = build(config)
        try:
            standing = await app.db.read(_standing)
            if standing.shop is not None and not standing.older:
                standing = replace(standing, tills=tuple(await list_tills(app)))
        finally:
            await app.db.close()
    except PosError as error:
        if error.code == "database.no_right":
            raise Refused("first_start.no_rights", user=parse_address(config.database_url).username) from error
        precise = precisely(error, config.database_url, typed=True)
        if precise is error:
            raise
        raise precise from error
    return standing


def _standing(session: Session) -> Standing:
    from pos_app.till_role import lacks  # noqa: PLC0415 - only where a server is looked at

    server = session.get_bind().dialect.name == "postgresql"
    about: dict[str, Any] = {}
    may = session.execute(text(_RIGHTS)).one() if server else None
    if may is not None:
        about = {"server": may.version, "encrypted": bool(may.encrypted), "owns": bool(may.owns)}
    tables = inspect(session.connection()).get_table_names()
    if "users" not in tables:
        if may is not None and not may.creates:
            raise Refused("first_start.no_tables", user=may.who)
        return Standing(None, **about)
    revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    if session.scalar(select(User.id).limit(1)) is None:
        if may is not None and not may.owns:
            raise Refused("first_start.owner", user=may.who)
        return Standing(None, older=revision != SCHEMA_HEAD, **about)
    if may is not None and not may.owns and revision == SCHEMA_HEAD and (lacking := lacks(session)):
        raise Refused("role.lacks", user=may.who, tables=", ".join(lacking[:3]))
    name = session.scalar(select(Setting.value).where(Setting.key == "shop_name"))
    return Standing(str(json.loads(name)) if name else "?", older=revision != SCHEMA_HEAD, **about)


_RIGHTS = """
SELECT current_user AS who, current_setting('server_version') AS version,
  (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted,
  coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS creates,
  coalesce(
    (SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('alembic_version')), true
  ) AS owns
"""


def check_number(config: Config, tills: tuple[TillRow, ...]) -> None:
    """See that no other machine has this till's number, as far as is known. Raises Refused("till.taken")."""
    taken = next((till for till in tills if till.number == config.till and till.machine is not None), None)
    if taken is not None and not has_id(config):
        raise Refused("till.taken", number=taken.number, machine=taken.machine, free=lowest_free(tills))


async def carry_out(plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Config:
    """Make the shop or join the one that is there, keep this machine's settings, and give them.

    The caller holds the till. Whatever fails, the next start asks again; what is stored already is found then. Raises
    what `bring_up_to_date`, `set_up`, `claim_till` and `restore` raise, Refused("first_start.done") or
    Unavailable("config.not_kept").
    """
    config = plan.config
    if plan.server is not None:
        config = replace(config, database_url=plan.server.url())
    # Before anything is made: a folder that takes no settings would leave a shop that the next start does not find.
    await asyncio.to_thread(try_folder, config.data_dir)
    if plan.backup is not None:
        from pos_app.restore import restore  # noqa: PLC0415 - brings every check along, which no other start needs

        await restore(config, plan.backup, progress, held=True)
    await bring_up_to_date(config, progress)
    progress("Setting the shop up…")
    app = build(config)
    try:
        if plan.answers is not None:
            await _set_up_once(app, plan.answers)
        elif await is_new(app):
            raise Refused("first_start.gone")
        await claim_till(app, plan.till_name or None)
    finally:
        await app.db.close()
    return await asyncio.to_thread(_keep, plan, config)


def try_folder(folder: Path) -> None:
    """See that a data folder can be written. Blocks. Raises Unavailable("data_dir.not_writable")."""
    make_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as error:
        raise Unavailable("data_dir.not_writable", path=str(folder), reason=error.strerror or "") from error


async def _set_up_once(app: App, answers: FirstStart) -> None:
    """Set up, unless these very answers were carried out before, when something after it failed."""
    if not await is_new(app) and [one.name for one in await list_people(app)] == [answers.admin_name.strip()]:
        return
    await set_up(app, answers)


def _keep(plan: Plan, config: Config) -> Config:
    """Keep what this machine has to know from now on; a password goes where no settings are."""
    wanted: dict[str, str | int] = {}
    if plan.server is not None:
        address = replace(plan.server, password="")
        if plan.server.password and _in_keyring(address.url(), plan.server.password):
            wanted["database_url"], wanted["password_from"] = address.url(), KEYRING
            config = replace(config, password_from=KEYRING)
        else:
            passfile = config.data_dir / PASSFILE
            if plan.server.password:
                _write_secret(passfile, pass_line(plan.server.user, plan.server.password))
            wanted["database_url"] = plan.server.url(passfile)
        config = replace(config, database_url=str(wanted["database_url"]))
        wanted["till"] = config.till
    if config.printer != "none":
        wanted["printer"] = config.printer
    keep_settings(config.settings_file, wanted)
    return config


def _in_keyring(url: str, password: str) -> bool:
    """Keep a password in the system's keyring, where there is one that takes it; else a file is for it."""
    try:
        keep_password(url, password)
    except PosError as error:
        log.info("the password is kept in a file: %s", sentence(error))
        return False
    return True


def _write_secret(path: Path, line: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        with suppress(FileNotFoundError):
            part.unlink()
        # Nobody else may read it at any moment.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(line)
        part.replace(path)
    except OSError as error:
        raise Unavailable("config.not_kept", path=str(path), reason=error.strerror or str(error)) from error
