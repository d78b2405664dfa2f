"""The `bookstore-pos` command: opens the window, or carries out a subcommand.

Nothing slow is imported here: `--help` and `config show` need neither database nor Qt.
Exit codes: 0 done, 1 refused or found a problem, 2 wrong usage.
"""

import argparse
import logging
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NoReturn

from pos_app.config import FLAGS, KEYRING, LARGEST, PAGES, SMALLEST, THEMES, WHOLE, Config, in_force, load
from pos_app.crash import crashes_kept
from pos_app.domain.kinds import Missing
from pos_app.errors import PosError, Refused
from pos_app.log import start_log, without_password
from pos_app.messages import plain, sentence
from pos_app.version import program_version

DONE, PROBLEM, USAGE = 0, 1, 2
# They ask the keyring themselves, and say what it answers.
KEYRING_THEMSELVES = ("doctor", "password")
# How a picture, a report and a paper begin: only such a file is written over.
PICTURE, REPORT, PDF = b"\x89PNG", b"{", b"%PDF"
ROLES = ("cashier", "manager", "admin", "user")

# argparse's own words, which are for whoever writes programs.
_MISSING = re.compile(r"^the following arguments are required: (.*)$")
_UNKNOWN = re.compile(r"^unrecognized arguments: (.*)$")

log = logging.getLogger("pos_app.cli")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # Windows gives pipes and files the letters of one part of the world: a name in others must not end the program.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = make_parser().parse_args(argv)
    config: Config | None = None
    try:
        if arguments.try_qt:
            tell: Callable[[], int] = import_module("ui.qt_version").tell
            return _written(tell())
        if arguments.command == "config" and arguments.action == "check":
            # Also where the settings in force are the ones that are wrong.
            return _written(_check_file(arguments))
        faults: list[PosError] | None = [] if arguments.command == "doctor" else None
        config = load(_flags(arguments), faults=faults)
        arguments.faults = faults or []
        return _written(_run(arguments, config))
    except PosError as error:
        code = _complain(sentence(_precisely(error, config)), arguments)
        # Only settings that will do come back from the window.
        return main(argv) if config is None and _shown(sentence(error), arguments) else code
    except KeyboardInterrupt:
        return _complain("Stopped.", arguments)
    except BrokenPipeError:
        # The reader went away (`… | head`); what is still unwritten must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except Exception as error:
        log.exception("unexpected")
        where = f"{config.log_file} says more" if config and config.log_file.exists() else "no log could be written"
        return _complain(f"Something unexpected went wrong ({type(error).__name__}); {where}.", arguments)


def _flags(arguments: argparse.Namespace) -> dict[str, Any]:
    return {flag: getattr(arguments, flag, None) for flag in FLAGS}


def _shown(text: str, arguments: argparse.Namespace) -> bool:
    """Say in a window, too, why there is none: from a menu nobody sees the line that was written.

    True where somebody mended it meanwhile and wants it tried again.
    """
    alone = arguments.smoke or arguments.smoke_report is not None or arguments.screenshot is not None
    if arguments.command is not None or alone or sys.platform == "win32":  # there a box has told it
        return False
    try:
        show_fault: Callable[[str, Callable[[], Config]], bool] = import_module("ui.main").show_fault
        return show_fault(text, lambda: load(_flags(arguments)))
    except (ImportError, PosError):
        return False


def _precisely(error: PosError, config: Config | None) -> PosError:
    """Why a server was not reached, where that is what went wrong."""
    if config is None or not error.code.startswith("database."):
        return error
    from pos_app.connect_fault import precisely  # noqa: PLC0415 - whatever raises this has loaded it already

    return precisely(error, config.database_url)


def _written(code: int) -> int:
    """Write what is left to write here, where a reader that went away is no surprise, and not while Python ends."""
    if sys.stdout is not None:
        sys.stdout.flush()
    return code


def _run(arguments: argparse.Namespace, config: Config) -> int:
    command: str | None = arguments.command
    paper = getattr(arguments, "pdf", None)
    for file, sign in ((arguments.screenshot, PICTURE), (arguments.smoke_report, REPORT), (paper, PDF)):
        _keep_other(file, sign)
    if command == "config":
        return _tell_settings(arguments, in_force(config))
    if arguments.smoke or arguments.smoke_report is not None:
        run_smoke: Callable[..., int] = import_module("ui.smoke").run_smoke
        return run_smoke(getattr(arguments, "database_url", None), arguments.smoke_report)
    start_log(config.log_file)
    log.info("%s, version %s, %s", command or "window", program_version(), without_password(config.database_url))
    if command is None:
        return _open_window(arguments, config)
    if config.password_from == KEYRING and command not in KEYRING_THEMSELVES:
        import_module("pos_app.password").use_password(config)
    run: Callable[[argparse.Namespace, Config], int] = import_module("pos_app.commands").run
    return run(arguments, config)


def _keep_other(file: Path | None, sign: bytes) -> None:
    """See that what is written anew was written here before. Raises Refused("output.exists")."""
    try:
        if file is None or not file.is_file():
            return
        with file.open("rb") as there:
            begins = there.read(len(sign))
    except OSError:
        return  # writing it says what is wrong
    if begins and begins != sign:
        raise Refused("output.exists", path=str(file))


def _open_window(arguments: argparse.Namespace, config: Config) -> int:
    """Only here, and only when asked for, does the core reach for the windows."""
    run_window: Callable[..., int] = import_module("ui.main").run_window
    with crashes_kept(config.log_file.parent) as died:
        return run_window(
            config,
            died=died,
            demo=arguments.demo,
            page=arguments.page,
            sign_in=arguments.sign_in,
            screenshot=arguments.screenshot,
            load=lambda: load(_flags(arguments)),
        )


def _complain(text: str, arguments: argparse.Namespace) -> int:
    """One line on stderr, with nothing in it that could steer a terminal.

    From the menu of Windows the program is started without a console: whoever did so is told in a box, and nobody else
    is held up by one.
    """
    line = plain(" ".join(text.split()))
    print(f"bookstore-pos: {line}", file=sys.stderr)
    alone = arguments.smoke or arguments.smoke_report is not None or arguments.screenshot is not None
    if sys.platform == "win32" and sys.stderr is None and arguments.command is None and not alone:
        import ctypes  # noqa: PLC0415 - only here

        ctypes.windll.user32.MessageBoxW(None, line, "Bookstore POS", 0x10)
    return PROBLEM


def _check_file(arguments: argparse.Namespace) -> int:
    """Tell all that is wrong in a file of settings, a line each, or what it sets."""
    from pos_app.config_check import check_file  # noqa: PLC0415 - brings the devices and SQLAlchemy

    good, wrong = check_file(arguments.file)
    for fault in wrong:
        _complain(sentence(fault), arguments)
    return PROBLEM if wrong else _tell_settings(arguments, good)


def _tell_settings(arguments: argparse.Namespace, shown: Mapping[str, object]) -> int:
    if arguments.json:
        import json  # noqa: PLC0415 - only where asked for

        print(without_password(json.dumps(shown, indent=2)))
        return DONE
    for key, value in shown.items():
        print(f"{key} = {without_password(str(value))}")
    if arguments.action == "check":
        said = "1 setting" if len(shown) == 1 else f"{len(shown)} settings" if shown else "no setting"
        print(f"{arguments.file} can be used: it has {said}.")
    return DONE


class _Parser(argparse.ArgumentParser):
    """Complains in one line, in words of the house; exit code 2."""

    def error(self, message: str) -> NoReturn:
        said = plain(message.removeprefix("argument ").replace(" with argument ", " together with "))
        said = _MISSING.sub(r"\1 is missing", _UNKNOWN.sub(r"\1 is not known here", said))
        self.exit(USAGE, f"{self.prog}: {said}. See {self.prog} --help.\n")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Name what could have been typed, as people write it."""
        if action.choices is not None and value not in action.choices:
            known = [str(one) for one in action.choices]
            told = f"{', '.join(known[:-1])} or {known[-1]}"
            raise argparse.ArgumentError(action, f"“{value}” is not known. Use {told}")


def make_parser() -> argparse.ArgumentParser:
    """Everything that may stand on the command line; the man page and the shell's completion are made from it."""
    machine = _machine_flags()
    about = "A till for bookshops. Without a subcommand it opens the window."
    parser = _Parser(prog="bookstore-pos", description=about, parents=[machine], allow_abbrev=False)
    parser.add_argument("--version", action="version", version=program_version())
    window = parser.add_argument_group("window")
    window.add_argument("--demo", action="store_true", help="make a demo shop in the data folder on first use")
    window.add_argument("--page", choices=PAGES, help="the page to open")
    window.add_argument("--sign-in", type=_name_and_pin, metavar="NAME:PIN", help="sign in at start")
    window.add_argument("--screenshot", type=_path, metavar="FILE", help="write the open page as PNG and end")
    window.add_argument("--smoke", action="store_true", help="try the program out on a shop made for it, and end")
    window.add_argument("--smoke-report", type=_path, metavar="FILE", help="the same, and write what was found as JSON")
    window.add_argument("--try-qt", action="store_true", help=argparse.SUPPRESS)
    window.add_argument("--theme", choices=THEMES, help="colours")
    window.add_argument("--size", type=_size, dest="window_size", metavar="WxH", help="size of the window")
    window.add_argument("--text-scale", type=_number(100, 150), metavar="PERCENT", help="size of text, 100 to 150")
    window.add_argument(
        "--kiosk", action="store_true", default=None, help="fill the screen; closing it takes a manager's PIN"
    )
    window.add_argument(
        "--no-kiosk", action="store_false", dest="kiosk", default=None, help="not so, whatever the settings say"
    )
    _add_commands(parser, machine)
    return parser


def _machine_flags() -> argparse.ArgumentParser:
    """Flags that may stand before or after the subcommand; one not given leaves no trace."""
    machine = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    machine.add_argument("--data-dir", metavar="DIR", help="where the database file, settings, logs and receipts live")
    machine.add_argument("--database-url", type=_url, metavar="URL", help="sqlite:///… or postgresql://…")
    machine.add_argument("--till", type=_number(1, 999), metavar="N", help="this till's number")
    return machine


def _add_commands(parser: argparse.ArgumentParser, machine: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="subcommands")

    def add(name: str, text: str, *, json: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[machine], allow_abbrev=False)
        if json:
            _add_json(command)
        return command

    first = add("set-up", "Set a new shop up from a file, without a window.")
    first.add_argument("file", type=_path, metavar="FILE", help="a TOML file with its answers")
    upgrade = add("migrate", "Bring the database up to date, tried on a copy first.")
    upgrade.add_argument(
        "--accept-findings", action="store_true", help="also where the copy breaks rules, as the shop did before"
    )
    add("doctor", "Look for what could go wrong on this machine.")
    help_file = add("diagnostics", "Pack how this till stands into one file, for whoever helps from afar.")
    help_file.add_argument("file", type=_path, metavar="FILE", help="a new .zip, or a folder for one named by the time")
    events = add("events", "Tell what went wrong lately, from this machine's log.")
    events.add_argument("--last", type=_number(1, 9999), default=20, metavar="N", help="how many; 20 if not said")
    add("verify", "Check that the books balance.")
    copy = add("backup", "Copy the whole shop into a file while the tills sell.")
    copy.add_argument("file", type=_path, metavar="FILE", help="a new file, or a folder for one named by the time")
    back = add("restore", "Put a backup in the database's place; what was there is kept.")
    back.add_argument("file", type=_path, metavar="FILE")
    way_back = add("rollback", "Go back to the database as it was before the last upgrade; what is there now is kept.")
    way_back.add_argument(
        "--leave-work", action="store_true", help="also where titles, customers or people were added or changed since"
    )
    receipt = add("receipt", "Print a kept receipt.", json=False)
    receipt.add_argument("number", metavar="NUMBER", help="such as 1-000042")
    receipt.add_argument("--pdf", type=_path, metavar="FILE", help="write it as a PDF instead")
    books = add("import", "Import books from a CSV, Excel, ONIX or MARC file.")
    books.add_argument("file", type=_path, metavar="FILE")
    books.add_argument("--dry-run", action="store_true", help="tell what would become of every row and store nothing")
    books.add_argument("--all-or-none", action="store_true", help="store nothing where any row is refused")
    books.add_argument("--keep-prices", action="store_true", help="titles that are there keep their prices")
    books.add_argument(
        "--column", type=_column, action="append", default=[], metavar="WHAT=NAME", help="which column holds what"
    )
    titles = add("export", "Write titles as a CSV, Excel or ONIX file, or as labels.")
    titles.add_argument(
        "file", type=_path, metavar="FILE", help="ends in .csv, .xlsx, .xml (ONIX 3.0) or .pdf (labels)"
    )
    _add_filters(titles)
    titles.add_argument(
        "--columns",
        action=_Once,
        type=_names,
        metavar="NAMES",
        help="only these columns of a table, such as isbn,title,price",
    )
    titles.add_argument(
        "--labels", action=_Once, type=_given, metavar="SIZE", help="which labels a .pdf is for: L7160, 50x30 (mm), …"
    )
    _add_till_commands(add("till", "The shop's tills and their numbers.", json=False), machine)
    keyring = add("password", "The shared database's password in the system's keyring.", json=False).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    for action, text in {
        "set": "keep the password there; it is asked for, or read from standard input",
        "forget": "take it out again",
    }.items():
        keyring.add_parser(action, help=text, description=text, parents=[machine])
    till_role = add("grant-till", "Give a database role what a till needs, and nothing that changes what was sold.")
    till_role.add_argument("role", type=_given, metavar="ROLE", help="a role of the PostgreSQL server, made before")
    till_role.add_argument("--apply", action="store_true", help="run the statements instead of writing them")
    _add_user_commands(add("user", "Manage the people who may sign in.", json=False), machine)
    actions = add("config", "This machine's settings.", json=False).add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    _add_json(actions.add_parser("show", help="print the settings in force", parents=[machine]))
    check = actions.add_parser("check", help="say whether a file of settings can be used", parents=[machine])
    check.add_argument("file", type=_path, metavar="FILE", help="a TOML file of settings")
    _add_json(check)


def _add_filters(titles: argparse.ArgumentParser) -> None:
    """What a list in the window can be narrowed by."""
    only = titles.add_argument_group("only titles that all of these are true of")
    only.add_argument("--search", action=_Once, type=_given, metavar="WORDS", help="that these words find")
    stock = only.add_mutually_exclusive_group()
    stock.add_argument("--in-stock", action="store_const", dest="stock", const="any", help="the same as --stock any")
    stock.add_argument(
        "--stock", action=_Once, choices=("any", "well", "low", "out", "inactive"), help="whose stock is so"
    )
    only.add_argument(
        "--category", action=_Once, type=_given, metavar="NAME", help="in this category, or in one inside of it"
    )
    only.add_argument("--publisher", action=_Once, type=_given, metavar="NAME")
    only.add_argument("--supplier", action=_Once, type=_given, metavar="NAME", help="that this supplier has")
    only.add_argument(
        "--subject",
        action=_Once,
        type=_given,
        metavar="CODE",
        help="of this subject or a narrower one, such as “Thema FF” or crime",
    )
    only.add_argument("--format", action=_Once, type=_given, metavar="NAME", help="such as Hardback")
    only.add_argument("--language", action=_Once, type=_given, metavar="CODE", help="such as en")
    only.add_argument("--price-from", action=_Once, type=_given, metavar="AMOUNT")
    only.add_argument("--price-to", action=_Once, type=_given, metavar="AMOUNT")
    only.add_argument("--changed-since", action=_Once, type=_date, metavar="DATE", help="such as 2026-03-01")
    only.add_argument("--missing", action=_Once, choices=[one.value for one in Missing], help="that lack this")


class _Once(argparse.Action):
    """An option that would silently mean its last word if it were given twice."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        _option_string: str | None = None,
    ) -> None:
        given: set[str] = vars(namespace).setdefault("given", set())
        if self.dest in given:
            raise argparse.ArgumentError(self, "was given twice, and only one can be asked for")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


def _given(text: str) -> str:
    """What a script that lost its variable gives is nothing, and would be taken for the folder it runs in."""
    if not text.strip():
        raise argparse.ArgumentTypeError("nothing was given")
    return text


def _path(text: str) -> Path:
    return Path(_given(text))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day looks like 2026-03-01") from None


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _column(text: str) -> tuple[str, str]:
    """Read isbn=EAN; an empty name takes no column for it."""
    what, sign, name = text.partition("=")
    from pos_app.exchange.csv_books import COLUMNS  # noqa: PLC0415 - only where asked for

    if not sign or what not in COLUMNS:
        raise argparse.ArgumentTypeError(f"it is WHAT=NAME, WHAT one of {', '.join(COLUMNS)}")
    return what, name


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="give the result for scripts")


def _add_till_commands(till: argparse.ArgumentParser, machine: argparse.ArgumentParser) -> None:
    actions = till.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_json(actions.add_parser("list", help="every till, and the machine it is on", parents=[machine]))
    for action, text in {
        "free": "let another machine, or another data folder, take a number",
        "name": "give a till another name",
    }.items():
        command = actions.add_parser(action, help=text, description=text, parents=[machine])
        command.add_argument("number", type=_number(*WHOLE["till"]), metavar="NUMBER")
        if action == "name":
            command.add_argument("name", metavar="NAME")


def _add_user_commands(user: argparse.ArgumentParser, machine: argparse.ArgumentParser) -> None:
    actions = user.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_json(actions.add_parser("list", help="everybody", parents=[machine]))
    named = {
        "add": "add a person; the PIN is asked for, or read from standard input",
        "set-pin": "give a person a new PIN, asked for or read from standard input",
        "set-role": "give a person another role",
        "activate": "let a person in again",
        "deactivate": "let a person in no longer",
    }
    for action, text in named.items():
        command = actions.add_parser(action, help=text, description=text, parents=[machine])
        command.add_argument("name", metavar="NAME")
        if action == "add":
            command.add_argument("--role", choices=ROLES, default="cashier", help="what they may do")
            command.add_argument("--email", help="where they are written to")
        if action == "set-role":
            command.add_argument("role", choices=ROLES, metavar="ROLE", help=", ".join(ROLES))


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            raise argparse.ArgumentTypeError(f"a number from {low} to {high} is needed")
        return int(text)

    return parse


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text, re.ASCII)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (SMALLEST[0] <= size[0] <= LARGEST and SMALLEST[1] <= size[1] <= LARGEST):
        raise argparse.ArgumentTypeError("a size looks like 1366x768 and is at least 1024x600")
    return size


def _name_and_pin(text: str) -> tuple[str, str]:
    name, colon, pin = text.rpartition(":")
    if not (name and colon and pin):
        raise argparse.ArgumentTypeError("NAME:PIN is needed")
    return name, pin


def _url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://")):
        raise argparse.ArgumentTypeError("use sqlite:///path/to/shop.db or postgresql://user@host:5432/db")
    return text
