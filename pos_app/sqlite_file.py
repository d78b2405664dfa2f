"""Whole SQLite files: copied while tills sell, looked through, and put in another's place."""

import os
import shutil
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pos_app.database import SQLITE_BUSY_TIMEOUT_S, sqlite_driver, translate
from pos_app.errors import Refused, Unavailable, not_writable
from pos_app.private import make_private_file, make_private_folder

if TYPE_CHECKING:
    from sqlite3 import Connection


def connected(path: Path) -> "closing[Connection]":
    """Open a file for a moment."""
    return closing(sqlite_driver().connect(path, timeout=SQLITE_BUSY_TIMEOUT_S))


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises Unavailable("data_dir.not_writable")."""
    try:
        make_private_folder(folder)
    except OSError as error:
        raise not_writable(folder, error) from error


def copy_file(path: Path, target: Path) -> None:
    """Copy a database as it stands at one moment, also while tills write; the copy is sound and on the disk.

    A target that is there is replaced, whole or not at all. Raises Unavailable("database.damaged" |
    "database.disk_full" | "data_dir.not_writable" | …).
    """
    make_folder(target.parent)
    driver = sqlite_driver()
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        make_private_file(part)
        with connected(path) as source, connected(part) as copy:
            # The snapshot held here keeps writers from making the copy begin anew each time.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(copy)
            # A copy is one file: nothing of it may lie in a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        if damage(part):
            raise Unavailable("database.damaged")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except driver.Error as error:
        raise translate(error) from error
    except OSError as error:
        raise not_writable(target.parent, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def damage(path: Path) -> str | None:
    """What SQLite finds wrong with a file's pages and indexes."""
    with connected(path) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return None if found == "ok" else str(found)


def lost_reference(path: Path) -> str | None:
    """The first row that refers to nothing."""
    with connected(path) as connection:
        found = connection.execute("PRAGMA foreign_key_check").fetchone()
    return str(found) if found else None


def put_back(copy: Path, path: Path) -> None:
    """Write a copy back through SQLite, so that tills which have the file open see it change and not vanish."""
    try:
        with connected(copy) as source, connected(path) as target:
            source.backup(target)
    except sqlite_driver().Error as error:
        raise Unavailable("database.not_put_back", copy=str(copy), path=str(path), reason=str(error)) from error


def replace_file(new: Path, path: Path, kept: Path) -> None:
    """Put `new` in the place of `path`, in one step, and keep what was there as `kept`, also where it is damaged.

    Raises Refused("restore.in_use") where a program has the file open, or Unavailable.
    """
    driver = sqlite_driver()
    try:
        if path.exists():
            try:
                with closing(driver.connect(path, timeout=0.5)) as connection:
                    # Leaving write-ahead logging takes the file alone, and writes the log into it.
                    connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            except driver.DatabaseError as error:
                known = translate(error)
                if not isinstance(known, Unavailable) or known.code != "database.damaged":
                    raise
                _keep_damaged(path, kept)
            else:
                try:
                    os.link(path, kept)
                except OSError:  # a file system without second names
                    copy_file(path, kept)
        new.replace(path)
        sync_folder(path.parent)
    except driver.OperationalError as error:
        if "locked" in str(error):
            raise Refused("restore.in_use", path=str(path)) from error
        raise translate(error) from error
    except OSError as error:
        raise not_writable(path.parent, error) from error


def _keep_damaged(path: Path, kept: Path) -> None:
    """Keep a file that SQLite cannot read, and the log beside it: left there, it would be read into the new one."""
    try:
        os.link(path, kept)
    except OSError:  # a file system without second names
        make_private_file(kept)
        shutil.copyfile(path, kept)
    for end in ("-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).replace(kept.with_name(kept.name + end))


def sync_folder(folder: Path) -> None:
    """See that a new name is on the disk, where folders can be synced."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
