"""Tills on one database: which machine has which number, the first start of a new one, and giving a number back.

A till is known by an id in its data folder, by the machine, and by where the folder lies on it: a copied folder has the
id, and is somewhere else. A file serves one machine, so only a server's tills are told apart.
"""

import asyncio
import hashlib
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.config import WHOLE, Config
from pos_app.domain.free_text import free_text
from pos_app.domain.permission import Permission
from pos_app.errors import Refused, Unavailable, not_writable
from pos_app.models import Till
from pos_app.services import journal
from pos_app.services.right import Operator, require

MAX_NAME = 80
# Since several tills may share a folder, each has a file of its own beside its lock.
ID_FILE = "till-{number}.id"


@dataclass(frozen=True, slots=True)
class TillRow:
    """One till of the shop; `machine` is None while its number is free."""

    number: int
    name: str
    machine: str | None


@dataclass(frozen=True, slots=True)
class _Machine:
    """Who asks for a number."""

    uid: str
    name: str
    place: str


async def claim_till(app: App, name: str | None = None) -> None:
    """Take this machine's number at its first start, or see that it still has it.

    Raises Refused("till.taken" | "till.copied" | "till.name") or Unavailable("data_dir.not_writable").
    """
    if app.db.kind == "sqlite":
        return
    number, now = app.config.till, app.clock.now()
    file = app.config.data_dir / ID_FILE.format(number=number)
    known = await asyncio.to_thread(_read_id, file)
    machine = _Machine(known or app.ids.new(), platform.node()[:MAX_NAME] or "?", _place(app.config.data_dir))
    given = free_text(name, MAX_NAME, "till.name")

    def act(session: Session) -> None:
        till = session.scalar(select(Till).where(Till.number == number).with_for_update())
        if till is None:
            till = Till(number=number, name=f"Till {number}")
            session.add(till)
            session.flush()
        elif till.machine_uid is not None:
            _check_same(session, till, machine)
            till.machine_name = machine.name
            return
        till.name = given or till.name
        till.machine_uid, till.machine_name, till.machine_place = machine.uid, machine.name, machine.place
        session.flush()
        journal.append(session, till.id, "till_taken", now, user_id=None, machine=machine.name)

    if known is None:
        # Written first: a number taken by an id that nobody keeps would be lost to this machine.
        await asyncio.to_thread(_write_id, file, machine.uid)
    try:
        try:
            await app.db.write(act)
        except IntegrityError:
            await app.db.write(act)  # another machine took the number at the same moment, and is told of now
    except Refused:
        if known is None:
            await asyncio.to_thread(file.unlink)
        raise


def _check_same(session: Session, till: Till, machine: _Machine) -> None:
    """See that a number that is taken is taken by who asks. Raises Refused("till.taken" | "till.copied")."""
    if till.machine_uid != machine.uid:
        raise Refused("till.taken", number=till.number, machine=till.machine_name, free=_lowest_free(session))
    if till.machine_place != machine.place:
        raise Refused("till.copied", number=till.number, machine=till.machine_name)


def _lowest_free(session: Session) -> int:
    return _lowest(set(session.scalars(select(Till.number).where(Till.machine_uid.is_not(None)))))


def lowest_free(tills: Iterable[TillRow]) -> int:
    """Give the lowest number that no machine has."""
    return _lowest({till.number for till in tills if till.machine is not None})


def _lowest(taken: set[int]) -> int:
    low, high = WHOLE["till"]
    return next((number for number in range(low, high + 1) if number not in taken), high)


def has_id(config: Config) -> bool:
    """Whether this folder was the till of its number before."""
    return (config.data_dir / ID_FILE.format(number=config.till)).is_file()


async def list_tills(app: App) -> list[TillRow]:
    """Give the shop's tills by number."""

    def act(session: Session) -> list[TillRow]:
        found = session.scalars(select(Till).order_by(Till.number))
        return [TillRow(till.number, till.name, till.machine_name) for till in found]

    return await app.db.read(act)


async def free_till(app: App, number: int, operator: Operator | None = None) -> None:
    """Let another machine, or another folder, take a number. Raises Refused("till.unknown" | "till.here" | "right.…").

    By command, on the shop's machine itself, there is no operator: it asks for no sign-in.
    """
    now = app.clock.now()

    def act(session: Session) -> None:
        if operator is not None:
            require(session, operator, Permission.FREE_TILLS)
            if operator.till_number == number:
                raise Refused("till.here", number=number)
        till = _numbered(session, number)
        machine, till.machine_uid, till.machine_name, till.machine_place = till.machine_name, None, None, None
        session.flush()
        by = None if operator is None else operator.user_id
        journal.append(session, till.id, "till_freed", now, user_id=by, machine=machine)

    await app.db.write(act)


async def name_till(app: App, number: int, name: str) -> None:
    """Give a till another name. Raises Refused("till.unknown" | "till.name")."""
    name = free_text(name, MAX_NAME, "till.name", needed=True)

    def act(session: Session) -> None:
        till = _numbered(session, number)
        before, till.name = till.name, name
        session.flush()
        journal.append(session, till.id, "till_named", app.clock.now(), user_id=None, name=name, was=before)

    await app.db.write(act)


def _numbered(session: Session, number: int) -> Till:
    till = session.scalar(select(Till).where(Till.number == number).with_for_update())
    if till is None:
        raise Refused("till.unknown", number=number)
    return till


def _read_id(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable("data_dir.not_writable", path=str(file), reason=str(error)) from error


def _write_id(file: Path, uid: str) -> None:
    try:
        file.write_text(f"{uid}\n", encoding="ascii")
    except OSError as error:
        raise not_writable(file, error) from error


def _place(folder: Path) -> str:
    """Where a folder lies: on which machine, and where on it; hashed, since it is nobody's business."""
    return hashlib.sha256(f"{_machine_id()}\n{folder.resolve()}".encode()).hexdigest()


def _machine_id() -> str:
    """What the system calls this machine; its name where the system has nothing better."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 - Windows' own

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip() or platform.node()
    except OSError:
        return platform.node()
