"""Files and folders that only their owner may read: customers, takings and hashes of PINs are in them.

On Windows the folder of a user is the user's own already, and modes say nothing there.
"""

import os
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_private_folder(folder: Path) -> None:
    """Make a folder and those missing above it; one that is there stays as it is. Raises OSError."""
    for one in reversed((folder, *folder.parents)):
        if not one.is_dir():
            one.mkdir(FOLDER, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Make an empty file before another library opens it; one that is there stays as it is. Raises OSError."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))


def private_opener(path: str, flags: int) -> int:
    """Open a file as `open` does, a new one for its owner alone."""
    return os.open(path, flags, FILE)


def read_by_others(path: Path) -> bool:
    """Whether anybody on this machine may read a file, by its own mode and those of the folders above it."""
    if os.name == "nt":
        return False
    try:
        return bool(path.stat().st_mode & 0o004) and all(one.stat().st_mode & 0o001 for one in path.absolute().parents)
    except OSError:
        return False
