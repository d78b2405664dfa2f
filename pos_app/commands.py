"""What each subcommand does; cli.py has read the arguments and says what went wrong."""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pos_app.app import App, build
from pos_app.config import FLAGS, KEYRING, LIBPQ, Config, load
from pos_app.domain.kinds import Missing
from pos_app.domain.permission import UserRole
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.log import log_files, read_events, without_password
from pos_app.messages import plain
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date, schema_revision

if TYPE_CHECKING:
    from pos_app.services.book_filter import BookFilter

DONE, PROBLEM = 0, 1
# Of many receipts so many are named.
SHOWN = 10
BAR_WIDTH = 30
MORE = "More titles have these words: the best are written. More words, or filters, leave fewer."


def run(arguments: argparse.Namespace, config: Config) -> int:
    """Carry out a subcommand and give its exit code. Raises Refused, Conflict or Unavailable."""
    act = COMMANDS[arguments.command]
    # The loop of every system: psycopg refuses the one that Windows has by default.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(act(arguments, config))


async def _set_up(arguments: argparse.Namespace, config: Config) -> int:
    """The same file may be given to every till: the first makes the shop, and the others join it as it is."""
    from pos_app.connect_fault import precisely  # noqa: PLC0415 - each command imports what it needs
    from pos_app.first_start_file import read_answers  # noqa: PLC0415 - each command imports what it needs
    from pos_app.set_up import carry_out  # noqa: PLC0415 - as above

    wanted = read_answers(arguments.file)
    config = load({flag: getattr(arguments, flag, None) for flag in FLAGS}, told=wanted.machine)
    try:
        done = await carry_out(config, wanted, _ask_pin, _note_step, _show_progress)
    except PosError as error:
        # The address is the file's, of which whoever called knows nothing.
        raise (precisely(error, config.database_url) if error.code.startswith("database.") else error) from error
    if arguments.json:
        _print_json(asdict(done))
    elif done.set_up:
        print(f"{done.shop} is set up; {wanted.answers.admin_name} may sign in.")
    else:
        print("The shop was set up already; nothing of it is changed.")
    if not arguments.json:
        if done.settings_file is not None:
            print(f"This machine's settings are in {done.settings_file}.")
        if done.till is not None:
            print(f"This machine is till {done.till}.")
        if done.catalogue is not None:
            print(f"{done.catalogue.added} titles are taken in from {wanted.catalogue}.")
        if done.test_page:
            print("The test page is sent to the printer.")
    if done.catalogue is not None and done.catalogue.refused_count:
        raise Refused("import.refused", count=done.catalogue.refused_count)
    return DONE


async def _migrate(arguments: argparse.Namespace, config: Config) -> int:
    changed = await bring_up_to_date(config, _note_step, accept_findings=arguments.accept_findings)
    await _grant_again(config)
    if arguments.json:
        _print_json({"changed": changed, "revision": SCHEMA_HEAD})
    else:
        print(f"The database {'is now' if changed else 'was already'} at revision {SCHEMA_HEAD}.")
    return DONE


async def _grant_again(config: Config) -> None:
    """Let the tills' roles use what a migration made: who may migrate may grant."""
    from sqlalchemy import text  # noqa: PLC0415 - each command imports what it needs
    from sqlalchemy.orm import Session  # noqa: PLC0415 - as above

    from pos_app.till_role import grants_here, till_roles  # noqa: PLC0415 - as above

    def act(session: Session) -> None:
        for role in till_roles(session):
            for statement in grants_here(session, role):
                session.execute(text(statement))

    app = build(config)
    try:
        if app.db.kind == "postgresql":
            await app.db.write(act)
    finally:
        await app.db.close()


async def _doctor(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.doctor import Level, examine  # noqa: PLC0415 - each command imports what it needs

    findings = await examine(config, faults=arguments.faults)
    worst = max(finding.level for finding in findings)
    if arguments.json:
        rows = [{**asdict(finding), "level": finding.level.name.lower()} for finding in findings]
        _print_json({"level": worst.name.lower(), "findings": rows})
    else:
        for finding in findings:
            print(f"{finding.level.name.lower():<5}{finding.subject}: {finding.sentence}")
            if finding.next_step:
                print(f"     → {finding.next_step}")
    if worst is Level.BAD:
        raise Refused("doctor.found", subjects=", ".join(one.subject for one in findings if one.level is Level.BAD))
    return DONE


async def _diagnostics(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.diagnostics import write_diagnostics  # noqa: PLC0415 - as above

    made = await write_diagnostics(config, arguments.file, _note_step)
    if arguments.json:
        _print_json(asdict(made))
    else:
        print(f"{made.path} says how this till stands ({made.size / 1e3:.0f} kB): no customers, no passwords.")
    return DONE


async def _events(arguments: argparse.Namespace, config: Config) -> int:
    try:
        found = read_events(config.log_file, arguments.last)
    except OSError as error:
        raise Refused("events.unreadable", path=str(config.log_file), reason=error.strerror or str(error)) from error
    if arguments.json:
        _print_json([asdict(event) for event in found])
        return DONE
    for event in found:
        print(plain(f"{event.at}  {event.level.lower():<8}  {event.text}"))
        if event.details:
            print(f"{'':>31}{plain(event.reason)}")
    if not found and not log_files(config.log_file):
        print(f"There is no log at {config.log_file}: nothing was started here, or nothing could be written.")
    elif not found:
        print(f"Nothing went wrong, as far as {config.log_file} knows.")
    return DONE


async def _verify(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.services.check import verify  # noqa: PLC0415 - as above

    async def act(app: App) -> int:
        report = await verify(app)
        if arguments.json:
            _print_json(asdict(report))
        else:
            for check in report.checks:
                print(f"{'bad' if check.findings else 'ok':<5}{check.name}: {check.rule}")
                for finding in check.findings:
                    print(f"     {plain(finding)}")
        if report.findings:
            raise Refused("verify.found", count=report.findings)
        return DONE

    return await _with_shop(config, act, for_reading=True)


async def _backup(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.services.backup import back_up  # noqa: PLC0415 - as above

    made = await back_up(config, arguments.file)
    if arguments.json:
        _print_json({"path": str(made.path), "bytes": made.size})
    else:
        print(f"{made.path} holds the whole shop ({made.size / 1e6:.1f} MB).")
    return DONE


async def _restore(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.restore import restore  # noqa: PLC0415 - as above

    done = await restore(config, arguments.file, _note_step)
    if arguments.json:
        _print_json(asdict(done))
    else:
        print(f"{arguments.file} is the shop now; {done.rules_checked} rules were checked on it first.")
        if done.kept is not None:
            print(f"What was there is kept as {done.kept}.")
        if done.missing:
            what = "1 receipt kept here is" if len(done.missing) == 1 else f"{len(done.missing)} receipts kept here are"
            named = ", ".join(done.missing[:SHOWN]) + (" …" if len(done.missing) > SHOWN else "")
            print(f"{what} not in it: {named}. Their papers lie in {done.papers}.")
            print("Sell again what they say: their numbers are given anew. Note on each which new one stands for it.")
    return DONE


async def _rollback(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.rollback import roll_back  # noqa: PLC0415 - as above

    done = await roll_back(config, leave_work=arguments.leave_work)
    if arguments.json:
        _print_json(asdict(done))
    else:
        print(f"The shop is at revision {done.revision} again, as {done.copy} kept it.")
        print(f"What was there is kept as {done.kept}.")
        print("Install the version used before now: this one would bring the database up to date at its next start.")
    return DONE


async def _receipt(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.services.receipt import read_receipt  # noqa: PLC0415 - as above

    async def act(app: App) -> int:
        receipt = await read_receipt(app, arguments.number)
        if arguments.pdf is not None and receipt.document is not None:
            # The windows' own way of drawing papers, without a window.
            write_pdf = import_module("ui.printing").write_pdf_alone
            try:
                write_pdf(receipt.document, arguments.pdf)
            except OSError as error:
                raise Refused("receipt.pdf", path=str(arguments.pdf), reason=error.strerror or str(error)) from error
            print(f"{arguments.pdf} is written.")
            return DONE
        print(receipt.text, end="" if receipt.text.endswith("\n") else "\n")
        return DONE

    return await _with_shop(config, act, for_reading=True)


async def _import(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.import_told import RowsTold  # noqa: PLC0415 - as above
    from pos_app.services.book_import import ImportOptions, import_books  # noqa: PLC0415 - as above

    async def act(app: App) -> int:
        told = await RowsTold.of(app, dry_run=arguments.dry_run, as_json=arguments.json)
        options = ImportOptions(
            columns=dict(arguments.column),
            keep_prices=arguments.keep_prices,
            all_or_none=arguments.all_or_none,
            dry_run=arguments.dry_run,
        )
        try:
            report = await import_books(app, arguments.file, options, progress=_show_progress, told=told.take)
            told.print_report(report)
        finally:
            told.close()
        if report.refused_count:
            raise Refused("import.refused", count=report.refused_count)
        return DONE

    return await _with_shop(config, act)


async def _export(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.services.book_export import export_books  # noqa: PLC0415 - as above

    ending = arguments.file.suffix.lower()
    labels = ending == ".pdf"
    if arguments.labels and not labels:
        raise Refused("export.flag", flag="--labels", name=arguments.file.name)
    if arguments.columns and ending in (".pdf", ".xml"):
        raise Refused("export.flag", flag="--columns", name=arguments.file.name)

    async def act(app: App) -> int:
        if labels:
            return await _export_labels(app, arguments)
        wanted = await _filter(app, arguments)
        report = await export_books(app, arguments.file, wanted, columns=arguments.columns, progress=_show_progress)
        if arguments.json:
            _print_json(asdict(report) | {"path": str(report.path)})
        else:
            said = "1 title stands" if report.titles == 1 else f"{report.titles} titles stand"
            print(f"{said} in {report.path}.")
            if report.left_out:
                print(f"{report.left_out} without an ISBN are left out: ONIX has no place for them.")
            if report.more:
                print(MORE)
        return DONE

    return await _with_shop(config, act, for_reading=True)


async def _filter(app: App, arguments: argparse.Namespace) -> "BookFilter":
    from pos_app.services.book_filter_named import NamedFilter, filter_named  # noqa: PLC0415 - as above

    named = NamedFilter(
        text=arguments.search or "",
        category=arguments.category,
        supplier=arguments.supplier,
        subject=arguments.subject,
        publisher=arguments.publisher,
        format=arguments.format,
        language=arguments.language,
        stock=arguments.stock,
        price_from=arguments.price_from,
        price_to=arguments.price_to,
        changed_since=arguments.changed_since,
        missing=Missing(arguments.missing) if arguments.missing else None,
    )
    return await filter_named(app, named)


async def _export_labels(app: App, arguments: argparse.Namespace) -> int:
    """One label for each title of a list."""
    from pos_app.domain.label import STOCKS, stock_named  # noqa: PLC0415 - as above
    from pos_app.receipts.label import fitted  # noqa: PLC0415 - as above
    from pos_app.services.label import Copies, list_labels  # noqa: PLC0415 - as above
    from pos_app.services.setting import get_settings  # noqa: PLC0415 - as above

    stock = stock_named(arguments.labels) if arguments.labels else STOCKS[0]
    job = await list_labels(app, await _filter(app, arguments), None, Copies.EACH)
    made = fitted(job.labels, stock)
    # The windows' own way of drawing labels, without a window.
    write_labels = import_module("ui.labels").write_labels_alone
    try:
        write_labels(arguments.file, made.labels, stock, await get_settings(app))
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unavailable("export.not_written", path=str(arguments.file), reason=reason) from error
    if arguments.json:
        left = {"without_code": job.without_code, "code_too_long": [label.code for label in made.too_long]}
        _print_json({"path": str(arguments.file), "labels": len(made.labels), **left, "more": job.more})
    else:
        count = len(made.labels)
        said = "1 label stands" if count == 1 else f"{count} labels stand"
        print(f"{said} in {arguments.file}, {job.without_code} without a barcode.")
        if job.more:
            print(MORE)
        for label in made.too_long:
            print(f"Not among them: {plain(label.title)}. The bars of {plain(label.code or '')} need a wider label.")
    return DONE


async def _till(arguments: argparse.Namespace, config: Config) -> int:
    from pos_app.services.till import free_till, list_tills, name_till  # noqa: PLC0415 - as above

    async def act(app: App) -> int:
        if arguments.action == "free":
            await free_till(app, arguments.number)
            print(f"Till {arguments.number} is free: the next machine that starts as till {arguments.number} takes it.")
        elif arguments.action == "name":
            await name_till(app, arguments.number, arguments.name)
            print(f"Till {arguments.number} has a new name.")
        elif arguments.json:
            _print_json([asdict(till) for till in await list_tills(app)])
        else:
            for till in await list_tills(app):
                print(f"{till.number}\t{plain(till.name)}\t{plain(till.machine or 'free')}")
        return DONE

    return await _with_shop(config, act, for_reading=True)


async def _grant_till(arguments: argparse.Namespace, config: Config) -> int:
    from sqlalchemy import text  # noqa: PLC0415 - as above

    from pos_app.till_role import grants_here  # noqa: PLC0415 - as above

    async def act(app: App) -> int:
        statements = await app.db.read(lambda session: grants_here(session, arguments.role))
        if arguments.apply:
            await app.db.write(lambda session: [session.execute(text(statement)) for statement in statements])
        if arguments.json:
            _print_json({"role": arguments.role, "applied": arguments.apply, "statements": statements})
        elif arguments.apply:
            print(f"{arguments.role} may do what a till needs: {len(statements)} statements were run.")
        else:
            print("".join(f"{statement};\n" for statement in statements), end="")
        return DONE

    return await _with_shop(config, act, for_reading=True)


async def _password(arguments: argparse.Namespace, config: Config) -> int:
    """Blocks while the keyring asks the person: nothing else is under way."""
    from pos_app.password import check_address, entry_of, forget_password, keep_password  # noqa: PLC0415 - as above
    from pos_app.services.machine import keep_settings  # noqa: PLC0415 - as above

    address = config.database_url
    check_address(address)
    if arguments.action == "forget":
        there = forget_password(address)
        keep_settings(config.settings_file, {"password_from": LIBPQ})
        print("The keyring has it no longer." if there else f"The keyring had none for {entry_of(address)}.")
        return DONE
    password = _ask_secret("Password", entry_of(address))
    if not password:
        raise Refused("keyring.empty")
    keep_password(address, password)
    keep_settings(config.settings_file, {"password_from": KEYRING})
    print(f"The password for {entry_of(address)} is in the system's keyring, and this machine asks it there.")
    return DONE


async def _user(arguments: argparse.Namespace, config: Config) -> int:
    act = USER_ACTIONS[arguments.action]
    return await _with_shop(config, lambda app: act(app, arguments), for_reading=arguments.action == "list")


async def _list_users(app: App, arguments: argparse.Namespace) -> int:
    from pos_app.services.user import list_users  # noqa: PLC0415 - as above

    users = await list_users(app)
    if arguments.json:
        _print_json([asdict(user) for user in users])
    else:
        for user in users:
            print(f"{user.name}\t{user.role.value}\t{'active' if user.active else 'inactive'}")
    return DONE


async def _add_user(app: App, arguments: argparse.Namespace) -> int:
    from pos_app.services.user import add_user  # noqa: PLC0415 - as above

    role = UserRole(arguments.role)
    pin = None if role is UserRole.USER else _ask_pin(arguments.name)
    added = await add_user(app, arguments.name, role, pin, arguments.email)
    print(f"{added.name} has the role {added.role.value} now.")
    return DONE


async def _set_pin(app: App, arguments: argparse.Namespace) -> int:
    from pos_app.services.user import set_pin  # noqa: PLC0415 - as above

    await set_pin(app, arguments.name, _ask_pin(arguments.name))
    print(f"{arguments.name} has a new PIN.")
    return DONE


async def _set_role(app: App, arguments: argparse.Namespace) -> int:
    from pos_app.services.user import set_role  # noqa: PLC0415 - as above

    await set_role(app, arguments.name, UserRole(arguments.role))
    print(f"{arguments.name} has the role {arguments.role} now.")
    return DONE


async def _set_active(app: App, arguments: argparse.Namespace) -> int:
    from pos_app.services.user import set_active  # noqa: PLC0415 - as above

    active = arguments.action == "activate"
    await set_active(app, arguments.name, active=active)
    print(f"{arguments.name} may {'sign in again' if active else 'sign in no longer'}.")
    return DONE


def _ask_pin(name: str) -> str:
    return _ask_secret("PIN", name).strip()


def _ask_secret(what: str, name: str) -> str:
    """A secret never stands in the arguments, where every user of the machine could read it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass(f"{what} for {name}: ")
    if getpass.getpass("Again: ") != typed:
        raise Refused("pin.different")
    return typed


async def _with_shop(config: Config, act: Callable[[App], Awaitable[int]], *, for_reading: bool = False) -> int:
    """Run an act on the shop's database; one that only reads makes no database and changes no tables."""
    if not for_reading:
        await bring_up_to_date(config, _note_step)
    else:
        revision = await schema_revision(config)
        if revision is None:
            raise Refused("database.empty", url=without_password(config.database_url))
        if revision != SCHEMA_HEAD:
            raise Refused("database.outdated", database_revision=revision, program_revision=SCHEMA_HEAD)
    app = build(config)
    try:
        return await act(app)
    finally:
        await app.db.close()


def _note_step(text: str) -> None:
    """Say what is being done on a terminal; nothing when the output is piped."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def _show_progress(done: int, total: int) -> None:
    """Draw a bar on a terminal; nothing when the output is piped."""
    if not sys.stderr.isatty():
        return
    full = min(BAR_WIDTH * done // max(total, 1), BAR_WIDTH)
    end = "\n" if done >= total else ""
    print(f"\r[{'#' * full}{'.' * (BAR_WIDTH - full)}]", end=end, file=sys.stderr, flush=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, default=str, ensure_ascii=False))


COMMANDS: dict[str, Callable[[argparse.Namespace, Config], Coroutine[Any, Any, int]]] = {
    "set-up": _set_up,
    "migrate": _migrate,
    "doctor": _doctor,
    "diagnostics": _diagnostics,
    "events": _events,
    "verify": _verify,
    "backup": _backup,
    "restore": _restore,
    "rollback": _rollback,
    "receipt": _receipt,
    "import": _import,
    "export": _export,
    "till": _till,
    "grant-till": _grant_till,
    "password": _password,
    "user": _user,
}
USER_ACTIONS: dict[str, Callable[[App, argparse.Namespace], Coroutine[Any, Any, int]]] = {
    "list": _list_users,
    "add": _add_user,
    "set-pin": _set_pin,
    "set-role": _set_role,
    "activate": _set_active,
    "deactivate": _set_active,
}
