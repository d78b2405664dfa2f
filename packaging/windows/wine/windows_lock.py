"""Write a lock as it holds on Windows: pip asks each line whether it is for the system pip itself runs on.

Called as `windows_lock.py LOCK > WINDOWS_LOCK`.
"""

import re
import sys
from pathlib import Path

# What the machine that the rehearsal plays says of itself.
SYSTEM = {"sys_platform": "win32", "platform_machine": "AMD64", "implementation_name": "cpython"}
MARKER = re.compile(r"(?P<line>^[^\s#;]+) ; (?P<marker>.+?)(?P<more> \\)?$")
# The Python that is made for it.
PYTHON = (3, 11)
OLDER = re.compile(r"python(?:_full)?_version (?P<sign><|>=) '(?P<value>[\d.]+)'")
TEST = re.compile(r"(?P<name>\w+) (?P<sign>[!=]=) '(?P<value>[^']*)'")


def holds(marker: str) -> bool:
    """Whether a condition is true of Windows. Raises ValueError for one that needs more than names and signs."""
    told = OLDER.sub(lambda test: str((_version(test["value"]) > PYTHON) == (test["sign"] == "<")), marker)
    told = TEST.sub(lambda test: str((SYSTEM[test["name"]] == test["value"]) == (test["sign"] == "==")), told)
    words = told.split()
    if not set(words) <= {"True", "False", "and", "or"}:
        raise ValueError(f"cannot tell whether this holds on Windows: {marker}")
    return any(all(word != "False" for word in part.split(" and ")) for part in " ".join(words).split(" or "))


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def for_windows(lock: str) -> str:
    """The lock's lines for Windows, without their conditions."""
    kept: list[str] = []
    skips = False
    for line in lock.splitlines():
        if not line.startswith((" ", "#")):
            found = MARKER.match(line)
            skips = found is not None and not holds(found["marker"])
            line = f"{found['line']}{found['more'] or ''}" if found else line  # noqa: PLW2901 - the line without it
        if not skips and not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    print(for_windows(Path(sys.argv[1]).read_text("utf-8")), end="")
