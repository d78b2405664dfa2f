"""See that nothing which was made for rehearsals goes out to shops, and nothing that is Windows' own.

    check_parts.py BUNDLE                what is to be shipped: ends with 1 and names what must not be in it
    check_parts.py --rehearsal BUNDLE    the same, but for python3.dll, without which the rehearsal's program is none

The parts that packaging/windows/wine makes carry a sentence that is looked for in every file, whatever its name.
"""

import sys
from pathlib import Path

MARK = b"Bookstore POS: for rehearsals only, not to be shipped"
# Windows 10's own, which a program must take from the machine it runs on, and an interpreter nobody asked for.
NOT_OURS = {"icuuc.dll", "icuin.dll", "icu.dll", "bcryptprimitives.dll", "mscms.dll", "python.exe", "pythonw.exe"}
REHEARSALS_OWN = {"lib/python3.dll"}


def wrong_files(bundle: Path, allowed: set[str]) -> list[str]:
    """The files that must not be there, by their names in the bundle."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file())
    marked = {path.relative_to(bundle).as_posix() for path in files if MARK in path.read_bytes()}
    foreign = {path.relative_to(bundle).as_posix() for path in files if path.name.lower() in NOT_OURS}
    return sorted((marked - allowed) | foreign)


def main(words: list[str]) -> int:
    """Look through a bundle and give the exit code."""
    rehearsal = words[:1] == ["--rehearsal"]
    bundle = Path(words[-1])
    if not (bundle / "bookstore-pos.exe").is_file():
        print(f"{bundle} holds no program for Windows.", file=sys.stderr)
        return 1
    wrong = wrong_files(bundle, REHEARSALS_OWN if rehearsal else set())
    for name in wrong:
        print(f"{name} must not be in what is shipped.", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
