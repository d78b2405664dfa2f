"""What this machine decides for itself, changed while the program runs and kept in its TOML file."""

import asyncio
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.devices import receipt_printer
from pos_app.devices.card_terminal import open_terminal
from pos_app.devices.find import Found, find_printers, reach_terminal
from pos_app.devices.receipt_printer import PrinterStatus
from pos_app.domain.journal import canonical
from pos_app.domain.permission import Permission
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, Unavailable
from pos_app.private import make_private_folder, private_opener
from pos_app.receipts.escpos import Drawing, encode
from pos_app.receipts.layout import Barcode, Document, Logo, Row, Rule, Text
from pos_app.receipts.sale import sale_document
from pos_app.services import journal
from pos_app.services.drawer import no_sale
from pos_app.services.logo import shop_and_logo
from pos_app.services.order_view import last_sale
from pos_app.services.receipt import open_drawer
from pos_app.services.right import Operator, require

MAX_SETTING = 200
# Letters of every code page a printer is sent, so that a wrong page shows.
LETTERS = "abc ABC 0123 £ € é ñ ü ø ł Ж Ω"


async def change_printer(app: App, operator: Operator, printer: str) -> None:
    """Print on another printer from now on, and after the next start.

    Raises Refused("printer.setting" | "right.missing") or Unavailable("config.not_kept"); what waits for the old
    printer keeps waiting for it.
    """
    printer = printer.strip()
    receipt_printer.check_setting(printer)
    await _keep(app, operator, "printer", printer)
    app.printing.printer = printer


async def change_card_terminal(app: App, operator: Operator, terminal: str) -> None:
    """Use another card terminal from the next start on.

    Raises Refused("card.setting" | "right.missing") or Unavailable("config.not_kept").
    """
    terminal = terminal.strip()
    open_terminal(terminal)
    await _keep(app, operator, "card_terminal", terminal)


async def change_displays(app: App, operator: Operator, screen: str, line: str) -> None:
    """Keep what this machine shows customers: `screen` none, screen or window, `line` none or as a printer's address.

    Raises Refused("printer.setting" | "right.missing") or Unavailable("config.not_kept").
    """
    line = line.strip()
    receipt_printer.check_setting(line)
    await _keep(app, operator, "customer_display", screen)
    await _keep(app, operator, "line_display", line)


async def change_look(app: App, operator: Operator, theme: str, text_scale: int) -> None:
    """Keep this machine's colours and text size (per cent).

    Raises Refused("right.missing") or Unavailable("config.not_kept").
    """
    await _keep(app, operator, "theme", theme)
    await _keep(app, operator, "text_scale", str(text_scale))


async def find_devices() -> list[Found]:
    """Look for printers at this machine."""
    return await asyncio.to_thread(find_printers)


async def printer_status(app: App) -> PrinterStatus:
    """Ask the receipt printer how it is. Raises Unavailable("printer.failed" | "printer.library")."""
    return await asyncio.to_thread(receipt_printer.status, app.printing.printer)


async def trial_paper(app: App) -> Document:
    """Give the paper a printer is tried with: the width, the letters, a barcode."""
    settings, logo = await shop_and_logo(app)
    return _trial_paper(settings, logo, app.printing.printer)


async def print_test(app: App) -> None:
    """Print it. Raises Refused("printer.none")."""
    if app.printing.printer == "none":
        raise Refused("printer.none")
    await app.printing.put("Test page", encode(await trial_paper(app), app.drawing))


async def try_printer(printer: str, settings: ShopSettings, drawing: Drawing | None) -> PrinterStatus:
    """Print the test page at once, before there is a shop; gives what the printer says of itself before.

    Raises Refused("printer.none" | "printer.setting") or Unavailable("printer.…").
    """
    if printer == "none":
        raise Refused("printer.none")
    paper = encode(_trial_paper(settings, None, printer), drawing)

    def act() -> PrinterStatus:
        found = receipt_printer.status(printer)
        receipt_printer.Sender().send(printer, paper)
        return found

    return await asyncio.to_thread(act)


async def sample_paper(app: App, operator: Operator) -> Document:
    """Give what a receipt looks like here: the till's last one, or the test page where there is none yet."""
    sale = await last_sale(app, operator.till_id)
    if sale is None:
        return await trial_paper(app)
    settings, logo = await shop_and_logo(app)
    return sale_document(sale, settings, logo=logo)


async def try_drawer(app: App, operator: Operator) -> None:
    """Open the drawer and note who did.

    Raises Refused("printer.none" | "shift.closed" | "right.…"): opening it for a test is opening it without a sale.
    """
    if app.printing.printer == "none":
        raise Refused("printer.none")
    await no_sale(app, operator, app.ids.new(), "Test of the drawer")
    await open_drawer(app)


async def try_card_terminal(app: App) -> None:
    """See whether the terminal in use can be reached; asks it for nothing. Raises Unavailable("card.unreachable")."""
    if app.terminal is not None:
        await reach_terminal(app.config.card_terminal)


def _trial_paper(settings: ShopSettings, logo: bytes | None, printer: str) -> Document:
    width = settings.receipt_width
    return Document(
        (
            *([] if logo is None else [Logo(logo)]),
            Text("TEST PAGE", "centre", bold=True),
            Text(settings.shop_name, "centre"),
            Rule(),
            Text("".join(str(place % 10) for place in range(1, width + 1))),
            Text(LETTERS),
            Row("To the left", "to the right"),
            Row("TALL", "BOLD", bold=True, tall=True),
            Rule(),
            Text(f"Printer {printer}"),
            Barcode("TEST-0001"),
        ),
        width,
    )


async def _keep(app: App, operator: Operator, key: str, value: str) -> None:
    if len(value) > MAX_SETTING or not value.isprintable():
        raise Refused("config.value", key=key, value=value[:40], reason=f"up to {MAX_SETTING} letters that print")

    now, said = app.clock.now(), canonical({key: value})

    def act(session: Session) -> None:
        require(session, operator, Permission.CHANGE_SETTINGS)
        journal.append(session, operator.till_id, "settings", now, user_id=operator.user_id, machine=said)

    # Before the file: one that cannot be written leaves an entry too many, and none too few.
    await app.db.write(act)
    await asyncio.to_thread(write_setting, app.config.settings_file, key, value)


def write_setting(path: Path, key: str, value: str | int) -> None:
    """Change one setting in the TOML file, as `keep_settings` does."""
    keep_settings(path, {key: value})


def keep_settings(path: Path, values: Mapping[str, str | int | bool]) -> None:
    """Change settings in the TOML file, all or none, and leave the rest of it, comments too, as it is.

    Blocks. Raises Unavailable("config.not_kept") and changes nothing where the file cannot be read or written.
    """
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    fresh = path.with_name(f"{path.name}.part")
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        wanted = {**tomllib.loads(before), **values}
        kept = [one for one in before.splitlines() if not _names(one, values)]
        after = "\n".join([*kept, *lines, ""])
        if tomllib.loads(after) != wanted:
            raise ValueError("it is laid out in a way that this program does not change")
        make_private_folder(path.parent)
        fresh.unlink(missing_ok=True)
        with open(fresh, "w", encoding="utf-8", opener=private_opener) as file:  # noqa: PTH123 - Path has no opener
            file.write(after)
        fresh.replace(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable("config.not_kept", path=str(path), reason=reason) from error


def _names(line: str, keys: Iterable[str]) -> bool:
    """Whether a line of a settings file sets one of these."""
    return any(re.match(rf"\s*{key}\s*=", line) for key in keys)
