"""What a person may be told. Anything else that is raised is a bug."""

import errno
from typing import Any


class PosError(Exception):
    """Something a person may be told: a stable code, and what the sentence about it needs."""

    def __init__(self, code: str, /, **params: Any) -> None:
        """Take the code, under which pos_app/messages.py has the sentence, and the sentence's parts."""
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class Refused(PosError):
    """The person asked for something that cannot be done."""


class Conflict(PosError):
    """Somebody else changed it first; `current` is how it stands now."""

    def __init__(self, code: str, /, *, current: Any, **params: Any) -> None:
        """Take the fresh view beside the code."""
        super().__init__(code, **params)
        self.current = current


class Unavailable(PosError):
    """A database or a device is out of reach; nothing is lost."""


def in_words(error: Exception) -> str:
    """Give an error's reason as the system tells it, without its number and its path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def not_writable(path: object, error: OSError) -> Unavailable:
    """What a person is told of a file or folder that the system does not let be written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Unavailable("database.disk_full")
    return Unavailable("data_dir.not_writable", path=str(path), reason=in_words(error))
