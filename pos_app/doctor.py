"""What could go wrong on this machine: looked at, not guessed at, and each with the next step."""

import asyncio
import errno
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pos_app import sqlite_library
from pos_app.app import App, build
from pos_app.config import Config
from pos_app.config_check import faulty_devices, settings_of
from pos_app.connect_fault import precisely
from pos_app.database import POSTGRES_LIMITS
from pos_app.devices.find import queue_known
from pos_app.devices.receipt_printer import check_setting, status
from pos_app.errors import PosError
from pos_app.log import without_password
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, copies_here, schema_revision
from pos_app.models import Order
from pos_app.password import origin, use_password
from pos_app.postgres_tools import lacks_programs
from pos_app.private import make_private_folder, read_by_others
from pos_app.server_address import LOCAL_HOSTS
from pos_app.till_lock import till_taken
from pos_app.till_role import exceeds, lacks, quoted
from pos_app.version import own_command, program_version

ROOM_BAD, ROOM_WARN = 200_000_000, 2_000_000_000
ROOM = "Make room on this disk."
WRITABLE = "Let whoever starts the till write there, or choose another: --data-dir."
CLOCK_WARN_S, CLOCK_BAD_S = 2, 60
QT_TIME_LIMIT_S = 60
FONTS = ("Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Inter-Bold")
# Lost with the power unless they are on; the last may be set for each session.
POSTGRES_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARN = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `next_step` is empty where nothing is to be done."""

    level: Level
    subject: str
    sentence: str
    next_step: str = ""


async def examine(config: Config, *, in_window: bool = False, faults: Sequence[PosError] = ()) -> list[Finding]:
    """Look at everything; changes nothing but a file made and removed to try the data folder.

    `in_window` leaves out to try Qt: whoever asks from a window has it. `faults` are those of the settings' files, that
    were left out of what is in force.
    """
    settings = [*_settings(config, faults), *_devices(config)]
    if "card_terminal" in faulty_devices(config):
        config = replace(config, card_terminal="none")
    windows = [] if in_window else await asyncio.to_thread(_windows)
    findings = [*_program(), *windows, _fonts(), *settings, *_data_folder(config), *_readers(config), *_till(config)]
    findings.append(await asyncio.to_thread(_printer, config))
    if config.database_url.startswith("postgresql"):
        findings.append(await asyncio.to_thread(_password, config))
    try:
        revision = await schema_revision(config)
    except PosError as error:
        return [*findings, _unusable(config, error)]
    findings.append(_schema(config, revision))
    if revision is None:
        return findings
    app = build(config)
    try:
        findings += await _database(app)
    except PosError as error:
        findings.append(_unusable(config, error))
    finally:
        await app.db.close()
    return findings


def _program() -> Iterator[Finding]:
    yield Finding(Level.OK, "program", f"Version {program_version()}.")
    yield Finding(Level.OK, "python", f"Version {platform.python_version()} on {platform.platform(terse=True)}.")
    version = ".".join(map(str, sqlite_library.version()))
    if sqlite_library.safe_wal():
        yield Finding(Level.OK, "sqlite", f"Version {version}, with the fix for resetting a write-ahead log.")
    else:
        yield Finding(
            Level.WARN,
            "sqlite",
            f"Version {version} can lose commits with a write-ahead log, so the slower TRUNCATE and EXTRA are used.",
            "Install the pysqlite3 wheel, or a Python with SQLite 3.51.3 or newer.",
        )


def _windows() -> list[Finding]:
    """Qt is loaded in a process of its own: the core stays free of it, and a library that is missing is named."""
    try:
        tried = subprocess.run(  # noqa: S603 - this very program
            [*own_command(), "--try-qt"], capture_output=True, text=True, timeout=QT_TIME_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [
            Finding(Level.BAD, "qt", f"Qt could not be tried: {type(error).__name__}.", "Install the program again.")
        ]
    if tried.returncode == 0:
        return [Finding(Level.OK, "qt", f"Version {tried.stdout.strip()}.")]
    reason = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
    return [Finding(Level.BAD, "qt", f"Qt cannot be loaded: {reason}", "Install the system library named there.")]


def _fonts() -> Finding:
    found = find_spec("ui")
    folder = Path(found.origin or "").parent / "style" / "fonts" if found else Path()
    missing = [name for name in FONTS if not (folder / f"{name}.otf").is_file()]
    if missing:
        return Finding(Level.WARN, "fonts", f"{', '.join(missing)} missing.", "Install the program again.")
    return Finding(Level.OK, "fonts", "Inter is here in all its weights.")


def _data_folder(config: Config) -> Iterator[Finding]:
    folder = config.data_dir
    try:
        make_private_folder(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
        yield Finding(Level.OK, "data folder", f"{folder} can be written.")
    except OSError as error:
        step = ROOM if error.errno == errno.ENOSPC else WRITABLE
        yield Finding(Level.BAD, "data folder", f"{folder} cannot be written: {error.strerror}.", step)
        return
    room = shutil.disk_usage(folder).free
    level = Level.BAD if room < ROOM_BAD else Level.WARN if room < ROOM_WARN else Level.OK
    yield Finding(level, "disk", f"{room / 1e9:.1f} GB free.", "" if level is Level.OK else ROOM)


def _readers(config: Config) -> Iterator[Finding]:
    """Whether everybody on this machine may read what the shop keeps."""
    kept = (config.data_dir / "shop.db", config.settings_file, *(config.data_dir / "backups").glob("*"))
    open_to_all = [path for path in kept if path.is_file() and read_by_others(path)]
    if open_to_all:
        said = f"Everybody who signs in to this machine may read {open_to_all[0]}"
        more = f" and {len(open_to_all) - 1} files more" if len(open_to_all) > 1 else ""
        step = f"Let only the tills' user in: chmod -R go-rwx {config.data_dir}"
        yield Finding(Level.WARN, "readers", f"{said}{more}: customers and takings are in there.", step)


def _settings(config: Config, faults: Sequence[PosError]) -> Iterator[Finding]:
    for fault in faults:
        said = f"{sentence(fault)} It is left out of what follows."
        where = str(fault.params.get("path", config.settings_file))
        yield Finding(Level.BAD, "settings", said, f"Correct it in {where}, then bookstore-pos config check {where}.")


def _devices(config: Config) -> Iterator[Finding]:
    """What a till begins with beside its printer, and the second place for copies."""
    for key, fault in faulty_devices(config).items():
        if key != "printer":
            step = f"Change {key} in {settings_of(config)}."
            yield Finding(Level.BAD, key.replace("_", " "), sentence(fault), step)
    second = config.backup_second_dir
    if second and not Path(second).expanduser().is_dir():
        step = f"Connect its disk, make the folder, or change backup_second_dir in {settings_of(config)}."
        yield Finding(Level.WARN, "backups", f"The second place for copies, {second}, is not there.", step)


def _till(config: Config) -> Iterator[Finding]:
    """Whether a program is open as this till: another one at the same folder would be refused."""
    if till_taken(config):
        said = f"A program is open as till {config.till} on this data folder; a second one is refused."
        step = "Close it before another is started here, or start that one with --till and --data-dir of its own."
        yield Finding(Level.OK, "till", said, step)


def _printer(config: Config) -> Finding:
    try:
        check_setting(config.printer)
    except PosError as error:
        return Finding(Level.BAD, "printer", sentence(error), f"Change printer in {settings_of(config)}.")
    if config.printer == "none":
        return Finding(Level.OK, "printer", "None is set: receipts are kept as files only.")
    queue = config.printer.removeprefix("system:")
    if queue != config.printer and not queue_known(queue):
        step = f"Set it up in the system's printers, or change printer in {settings_of(config)}."
        return Finding(Level.BAD, "printer", f"The system has no print queue called {queue}.", step)
    if not config.printer.startswith("file:"):
        return _printer_says(config.printer)
    path = Path(config.printer.removeprefix("file:"))
    if path.exists() or path.parent.is_dir():
        return Finding(Level.OK, "printer", f"Receipts are sent to {path}.")
    return Finding(Level.BAD, "printer", f"{path} is not there.", "Connect the printer, or change the setting.")


def _printer_says(printer: str) -> Finding:
    try:
        found = status(printer)
    except PosError as error:
        return Finding(Level.BAD, "printer", sentence(error), "Papers wait for it meanwhile; sales go on.")
    level = Level.OK if found.ready else Level.WARN
    return Finding(level, "printer", f"Receipts are sent to {printer}. {found.sentence}")


def _password(config: Config) -> Finding:
    """Where the server's password comes from; what the keyring has is used from here on, as at every start."""
    try:
        use_password(config)
        found = origin(config)
    except PosError as error:
        return Finding(Level.BAD, "password", sentence(error), "See what the sentence says, then look again.")
    elsewhere = "Keep it in the system's keyring (bookstore-pos password set), or in a passfile." if found.plain else ""
    step = found.step or elsewhere
    return Finding(Level.WARN if step else Level.OK, "password", found.words, step)


def _unusable(config: Config, error: PosError) -> Finding:
    return Finding(
        Level.BAD,
        "database",
        sentence(precisely(error, config.database_url)),
        f"The address in use is {without_password(config.database_url)}.",
    )


def _schema(config: Config, revision: str | None) -> Finding:
    where = without_password(config.database_url)
    if revision is None:
        if copies := copies_here(config):
            return Finding(
                Level.BAD,
                "database",
                f"There is no shop at {where}, but {len(copies)} of its backups are here: its file is gone.",
                f"Put the newest back: bookstore-pos restore {copies[-1]}",
            )
        return Finding(Level.WARN, "database", f"No shop at {where} yet.", "Start bookstore-pos to set one up.")
    if revision != SCHEMA_HEAD:
        return Finding(
            Level.WARN,
            "database",
            f"{where} is at revision {revision}, not {SCHEMA_HEAD}.",
            "Run bookstore-pos migrate.",
        )
    return Finding(Level.OK, "database", f"{where} answers and is at revision {revision}.")


async def _database(app: App) -> list[Finding]:
    findings: list[Finding] = []
    if app.db.kind == "sqlite":
        # Readers and the writer have connections of their own, and each has to be told.
        for name, carry in (("reading", app.db.read), ("writing", app.db.write)):
            in_force = await carry(_sqlite_settings)
            findings.append(_sqlite_durability(name, in_force))
        findings.append(await app.db.read(_file))
    else:
        findings += await app.db.read(_postgres)
        findings += await app.db.read(_till_role)
        findings += await app.db.read(lambda session: list(_upgrades(session)))
        if app.db.pooled:
            findings += await app.db.read(lambda session: list(_pooler(session, app.config)))
    findings.append(_clock(await app.db.read(_times), app.clock.now()))
    return findings


def _sqlite_wanted() -> dict[str, str]:
    """What each connection is told, in the form in which SQLite answers."""
    numbers = {"OFF": "0", "ON": "1", "FULL": "2", "EXTRA": "3"}
    told = dict(line.removeprefix("PRAGMA ").split("=") for line in sqlite_library.pragmas())
    return {name: numbers.get(value, value.lower()) for name, value in told.items()}


def _sqlite_settings(session: Session) -> dict[str, str]:
    return {name: str(session.scalar(text(f"PRAGMA {name}"))) for name in _sqlite_wanted()}


def _sqlite_durability(name: str, in_force: dict[str, str]) -> Finding:
    wanted = _sqlite_wanted()
    said = f"For {name}: " + ", ".join(
        f"{key} {in_force[key]}" for key in ("journal_mode", "synchronous", "foreign_keys")
    )
    wrong = [key for key in wanted if in_force[key] != wanted[key]]
    if not wrong:
        return Finding(Level.OK, "durability", f"{said}.")
    return Finding(
        Level.BAD,
        "durability",
        f"{said}. Not as it has to be: "
        + ", ".join(f"{key} {in_force[key]}, not {wanted[key]}" for key in wrong)
        + ".",
        "End every program that has this file open, and try again.",
    )


def _file(session: Session) -> Finding:
    """Whether SQLite finds its file whole."""
    found = session.scalar(text("PRAGMA quick_check(1)"))
    if found == "ok":
        return Finding(Level.OK, "file", "SQLite finds the database file whole.")
    step = "Close every till and run bookstore-pos restore with the newest file of the data folder's backups."
    return Finding(Level.BAD, "file", f"The database file is damaged: {str(found).splitlines()[-1]}.", step)


def _postgres(session: Session) -> list[Finding]:
    version = session.scalar(text("SHOW server_version"))
    findings = [Finding(Level.OK, "postgresql", f"Server version {version}.")]
    values = {name: str(session.scalar(text(f"SHOW {name}"))) for name in POSTGRES_DURABLE}
    said = ", ".join(f"{name} {value}" for name, value in values.items())
    off = [name for name, value in values.items() if value not in {"on", "remote_apply", "remote_write", "local"}]
    if off:
        findings.append(
            Finding(
                Level.BAD,
                "durability",
                f"{said}: a power cut loses sales already acknowledged.",
                f"Switch on {', '.join(off)} on the server.",
            )
        )
    else:
        findings.append(Finding(Level.OK, "durability", f"{said}."))
    url = session.get_bind().engine.url
    hosts = str(url.host or url.query.get("host", ""))
    encrypted = session.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
    far = [host for host in hosts.split(",") if host not in LOCAL_HOSTS and not host.startswith("/")]
    if not encrypted and far:
        step = "Add ?sslmode=verify-full to the address, and a certificate to the server."
        findings.append(Finding(Level.WARN, "encryption", f"The connection to {far[0]} is not encrypted.", step))
    return findings


def _till_role(session: Session) -> list[Finding]:
    """Whether this machine's role can change what was sold, or lacks what a till needs."""
    row = session.execute(
        text(
            "SELECT current_user AS who, pg_has_role(relowner, 'MEMBER') AS owns "
            "FROM pg_class WHERE oid = 'alembic_version'::regclass"
        )
    ).one()
    if row.owns:
        said = f"This machine signs in as {row.who}, which owns the tables: it could change what was sold."
        step = "Make a role for the tills (CREATE ROLE …), run bookstore-pos grant-till ROLE --apply, and use it here."
        return [Finding(Level.WARN, "role", said, step)]
    if lacking := lacks(session):
        step = f"As the owner, run bookstore-pos grant-till {row.who} --apply."
        return [Finding(Level.BAD, "role", f"{row.who} may not use {', '.join(lacking)}.", step)]
    if more := exceeds(session):
        step = f"As the owner, run bookstore-pos grant-till {row.who} --apply."
        said = f"{row.who} may change more than a till needs, of {', '.join(more)}."
        return [Finding(Level.WARN, "role", said, step)]
    return [Finding(Level.OK, "role", f"{row.who} may do what a till needs, and changes no document.")]


def _upgrades(session: Session) -> Iterator[Finding]:
    """Whether an upgrade from this machine is tried on a copy, and can be gone back from; only the owner upgrades."""
    owns, makes = session.execute(
        text(
            "SELECT pg_has_role(relowner, 'MEMBER'), (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE "
            "rolname = current_user) FROM pg_class WHERE oid = 'alembic_version'::regclass"
        )
    ).one()
    if not owns:
        return
    release = int(str(session.scalar(text("SHOW server_version_num")))) // 10_000
    if why := lacks_programs(release):
        said = f"{why} An upgrade from here keeps no copy to go back to."
        yield Finding(Level.WARN, "upgrades", said, f"Install postgresql-client-{release}, or upgrade at the server.")
    elif not makes:
        who = session.scalar(text("SELECT current_user"))
        said = f"{who} may make no databases, so that an upgrade is not tried on a copy first."
        yield Finding(Level.WARN, "upgrades", said, f"On the server: ALTER ROLE {quoted(str(who))} CREATEDB;")
    else:
        yield Finding(Level.OK, "upgrades", "An upgrade from here is tried on a copy first, and can be gone back from.")


def _pooler(session: Session, config: Config) -> Iterator[Finding]:
    """What a pooler between leaves out."""
    in_force = {name: str(session.scalar(text(f"SHOW {name}"))) for name in POSTGRES_LIMITS}
    off = [name for name, value in in_force.items() if value == "0"]
    if off:
        who = session.scalar(text("SELECT current_user"))
        step = " ".join(f"ALTER ROLE {quoted(str(who))} SET {name} = '{POSTGRES_LIMITS[name]}';" for name in off)
        yield Finding(Level.WARN, "pooler", f"The pooler leaves out {', '.join(off)}.", f"On the server: {step}")
    if not config.direct_url:
        said = "Through a pooler changes at other tills show after some seconds, and a till's copy is not noticed."
        yield Finding(
            Level.WARN, "pooler", said, f"Set direct_url in {config.settings_file} to the server's own address."
        )
    elif not off:
        yield Finding(Level.OK, "pooler", "Time-outs are in force, and changes are heard on the server's own address.")


def _times(session: Session) -> tuple[datetime | None, datetime | None]:
    """The server's clock, where there is one, and the time of the newest document."""
    now = session.scalar(select(func.clock_timestamp())) if session.get_bind().dialect.name == "postgresql" else None
    return now, session.scalar(select(func.max(Order.placed_at)))


def _clock(times: tuple[datetime | None, datetime | None], now: datetime) -> Finding:
    server, newest = times
    if newest is not None and newest > now:
        return Finding(
            Level.BAD,
            "clock",
            f"It is {now:%Y-%m-%d %H:%M} UTC here, but the newest document is of {newest:%Y-%m-%d %H:%M}.",
            "Set this machine's clock.",
        )
    apart_s = abs((server.astimezone(UTC) - now).total_seconds()) if server else 0
    level = Level.BAD if apart_s > CLOCK_BAD_S else Level.WARN if apart_s > CLOCK_WARN_S else Level.OK
    if level is Level.OK:
        return Finding(level, "clock", f"It is {now:%Y-%m-%d %H:%M} UTC, in step with the database.")
    return Finding(
        level, "clock", f"{apart_s:.0f} s off the database server's.", "Let both machines set it by network."
    )
