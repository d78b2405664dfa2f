"""Write the man page and the shell's completion from the program's own parser: neither tells of what is not there.

help_pages.py man|bash [DATE]
"""

import argparse
import sys
from collections.abc import Iterator

from pos_app.cli import make_parser
from pos_app.version import program_version

ABOUT = """\
bookstore-pos is a till for bookshops. Without a subcommand it opens the window. One SQLite file serves one till,
a PostgreSQL server many. The first start asks for the shop's name, its currency and tax, and its first admin."""
DATA = (
    "Where the database file, receipts, backups and logs lie, unless data_dir or --data-dir says another place. "
    "Removing the program leaves it alone."
)
VARIABLES = "Each setting's name in capitals after BOOKSTORE_POS_; it overrules both files, and a flag overrules it."
FILES = [
    ("/etc/bookstore-pos/config.toml", "Settings of this machine, for everybody on it. Every one is explained there."),
    ("~/.local/share/bookstore-pos/", DATA),
    ("settings.toml", "In that folder: what this person's Settings page changed. It overrules the file in /etc."),
]
ENVIRONMENT = [
    ("BOOKSTORE_POS_DATA_DIR, BOOKSTORE_POS_DATABASE_URL, …", VARIABLES),
    ("BOOKSTORE_POS_CONFIG", "A file to read instead of /etc/bookstore-pos/config.toml."),
    ("PGPASSFILE, PGPASSWORD", "Where the password of a PostgreSQL server comes from."),
]
EXIT = [("0", "Done."), ("1", "Refused, or a problem was found; one line says what to do."), ("2", "Wrong usage.")]


def shown(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The arguments a person is told of."""
    for action in parser._actions:  # noqa: SLF001 - argparse shows them to nobody otherwise
        if action.help != argparse.SUPPRESS and not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield action


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The subcommands by their names."""
    found = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001
    return {name: command for one in found for name, command in one.choices.items()}


def _roff(text: str) -> str:
    """Text that steers no formatter."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("%%", "%")


def _value(action: argparse.Action) -> str:
    """What an option is followed by."""
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return " {" + "|".join(map(str, action.choices)) + "}"
    return f" {action.metavar or action.dest.upper()}"


def _entry(name: str, about: str) -> str:
    return f".TP\n\\fB{_roff(name)}\\fR\n{_roff(about)}\n"


def _argument(action: argparse.Action) -> str:
    about = (action.help or "").strip()
    about = about[:1].upper() + about[1:] + ("" if about.endswith((".", "…")) else ".")
    if action.option_strings:
        name = ", ".join(action.option_strings)
        return f".TP\n\\fB{_roff(name)}\\fR\\fI{_roff(_value(action))}\\fR\n{_roff(about)}\n"
    return f".TP\n\\fI{_roff(str(action.metavar or action.dest))}\\fR\n{_roff(about)}\n"


def man(date: str) -> str:
    """The man page."""
    parser = make_parser()
    out = [
        f'.TH BOOKSTORE\\-POS 1 "{date}" "Bookstore POS {program_version()}" "Bookstore POS"\n',
        ".SH NAME\nbookstore\\-pos \\- a till for bookshops\n",
        ".SH SYNOPSIS\n.B bookstore\\-pos\n[\\fIOPTION\\fR]...\n.br\n",
        ".B bookstore\\-pos\n\\fICOMMAND\\fR [\\fIOPTION\\fR]...\n",
        f".SH DESCRIPTION\n{_roff(ABOUT)}\n",
        ".SH OPTIONS\n",
        *(_argument(action) for action in shown(parser)),
        ".SH COMMANDS\n",
    ]
    machine = {option for action in shown(parser) for option in action.option_strings}
    for name, command in commands(parser).items():
        out += _command(name, command, machine)
    for title, entries in (("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT), ("EXIT STATUS", EXIT)):
        out += [f".SH {title}\n", *(_entry(name, about) for name, about in entries)]
    return "".join(out)


def _command(name: str, command: argparse.ArgumentParser, machine: set[str]) -> Iterator[str]:
    """One subcommand, and those below it; what every command takes stands above once."""
    inner = commands(command)
    if not inner:
        words = "".join(f" {one.metavar or one.dest}" for one in shown(command) if not one.option_strings)
        yield f".SS {_roff(name + words)}\n"
        if command.description:
            yield f"{_roff(command.description)}\n"
        for action in shown(command):
            if not machine & set(action.option_strings) and (action.help or action.option_strings):
                yield _argument(action)
    for below, parser in inner.items():
        yield from _command(f"{name} {below}", parser, machine)


def bash() -> str:
    """Completion for bash: subcommands, options, and the values that are known."""
    parser = make_parser()
    top = commands(parser)
    cases, values = [], {}
    for name, command in top.items():
        inner = commands(command)
        words = [*inner, *_options(command), *(one for below in inner.values() for one in _options(below))]
        cases.append(f'        {name}) words="{" ".join(dict.fromkeys(words))}" ;;')
    for one in [parser, *top.values(), *(below for command in top.values() for below in commands(command).values())]:
        for action in shown(one):
            for option in action.option_strings if action.choices else ():
                values[option] = " ".join(map(str, action.choices or ()))
    known = "\n".join(f'        {option}) words="{words}" ;;' for option, words in values.items())
    return f"""\
# bash completion for bookstore-pos
_bookstore_pos() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command="" word words=""
    COMPREPLY=()
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $word in
            {"|".join(top)}) command=$word; break ;;
        esac
    done
    case $previous in
{known}
    esac
    if [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi
    case $command in
        "") words="{" ".join([*top, *_options(parser)])}" ;;
{chr(10).join(cases)}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    # Anything else is a file's name.
    [ ${{#COMPREPLY[@]}} -gt 0 ] || compopt -o default 2>/dev/null || true
}}
complete -F _bookstore_pos bookstore-pos
"""


def _options(parser: argparse.ArgumentParser) -> list[str]:
    return [option for action in shown(parser) for option in action.option_strings if option.startswith("--")]


if __name__ == "__main__":
    print(man(*sys.argv[2:3] or [""]) if sys.argv[1] == "man" else bash(), end="")
