"""What the guide tells people to type, as its pages say it."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]
# What a line begins with that somebody is to type somewhere, and not a name or a setting.
PROGRAMS = (
    "sudo", "cd", "make", "pip", "python", ".venv/bin/python", ".venv/bin/alembic", "bookstore-pos", "alembic",
    "reprepro", "uv", "man", "./install.sh", "apt", "echo", "tar", "gpg", "mkdir", "cat", "psql",
    "sha256sum", "openssl",
)  # fmt: skip
SQL = ("CREATE", "ALTER", "GRANT", "SELECT")
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Told:
    """One thing to type, and where it stands; `kind` is sh or sql, `inline` what a sentence mentions."""

    page: str
    kind: str
    text: str
    inline: bool


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return [body for found, body in _FENCED.findall((ROOT / page).read_text("utf-8")) if found == kind]


def told() -> list[Told]:
    """Everything that is told, page by page."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for kind, body in _FENCED.findall(text):
            if kind in ("sh", "", "sql"):
                found += [Told(page, kind or "sh", line, inline=False) for line in _commands(body, kind)]
        for code in _CODE.findall(_FENCED.sub("", text)):
            line = " ".join(code.split())
            first = line.split()[0]
            if first in PROGRAMS and " " in line:
                found.append(Told(page, "sh", line, inline=True))
            elif first in SQL and len(line.split()) > 2:
                found.append(Told(page, "sql", line, inline=True))
    return found


def _commands(body: str, kind: str) -> list[str]:
    """Commands of a block: one a line, or up to where its statement or its here-document ends."""
    if kind == "sql":
        return [statement.strip() for statement in body.split(";") if statement.strip()]
    commands: list[str] = []
    end = ""
    for line in body.splitlines():
        if end:
            commands[-1] += f"\n{line}"
            end = "" if line == end else end
        elif line.strip():
            commands.append(re.sub(r"\s+# .*$", "", line))
            here = re.search(r"<<(\w+)", line)
            end = here[1] if here else ""
    return commands
