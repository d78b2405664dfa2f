"""One program a till: two at the same one would ring up the same basket without knowing of each other."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from pos_app.config import Config
from pos_app.errors import Refused, not_writable
from pos_app.private import make_private_folder


@contextmanager
def till_held(config: Config) -> Iterator[None]:
    """Hold this machine's till; the lock ends with the process, however that ends.

    Raises Refused("data_dir.in_use") or Unavailable("data_dir.not_writable").
    """
    path = config.data_dir / f"till-{config.till}.lock"
    try:
        make_private_folder(path.parent)
        file = path.open("a+b")
    except OSError as error:
        raise not_writable(path, error) from error
    with file:
        try:
            lock_file(file.fileno())
        except OSError as error:
            raise Refused("data_dir.in_use", path=str(config.data_dir), till=config.till) from error
        yield


def till_taken(config: Config) -> bool:
    """Whether a program holds this machine's till; makes no file."""
    return is_locked(config.data_dir / f"till-{config.till}.lock")


def is_locked(path: Path) -> bool:
    """Whether a program has locked a file; not so where there is none, or this user may not open it."""
    try:
        file = path.open("r+b")
    except OSError:
        return False
    with file:
        try:
            lock_file(file.fileno())
        except OSError:
            return True
    return False


def lock_file(number: int) -> None:
    """Lock an open file, given by its number, or raise OSError at once; the lock ends with the process."""
    if os.name == "nt":
        msvcrt: ModuleType = __import__("msvcrt")
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not there on Windows

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
