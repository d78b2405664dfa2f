"""The sentence for everything a person may be told: what happened, and what to do. For windows and commands alike."""

from collections.abc import Callable
from string import Formatter
from typing import Any

from pos_app.errors import PosError

MAX_PART = 200

# `{name:money}` is an amount in minor units; every other part is shown as plain text.
SENTENCES: dict[str, str] = {
    "amount.invalid": "“{text}” is not an amount. Type digits with at most one decimal mark.",
    "amount.too_large": "That amount is too large. The most is {limit:money}.",
    "amount.too_precise": "“{text}” has too many decimals. Use at most {digits}.",
    "book.exists": "There is a book with the number {isbn} already: “{title}”.",
    "book.changed": "Somebody else changed this book. Reload it, or keep your values.",
    "book.inactive": "“{title}” is no longer sold. Ask a manager to make it active again.",
    "book.missing": "This book is no longer in the catalogue (id {book_id}). Search for it again.",
    "book.unknown": "No book with the number {code}. Check the number, or add the book.",
    "cart.elsewhere": "This basket has been taken over at till {till}. Go on there, or sign in again here.",
    "cart.empty": "There is nothing in the basket. Scan a book first.",
    "cart.gone": "This basket is closed already. Scan to start the next sale.",
    "cart.no_line": "This line is no longer in the basket.",
    "cart.nothing_to_undo": "There is nothing to undo.",
    "cart.part_paid": "{paid:money} has been paid already. Undo the payment first.",
    "cart.too_long": "A basket holds at most {limit} lines. Pay this one and start another.",
    "code.card_number": "That looks like a card number. It is not stored. Use the card terminal, and Pay card.",
    "code.empty": "There is no code to read. Scan again.",
    "code.too_long": "That code is too long (more than {limit} characters). Scan the book's own barcode.",
    "config.unknown": "{path} has an unknown setting “{key}”. Known are: {known}.",
    "config.unreadable": "{path} cannot be read: {reason}. Mend or remove the file.",
    "config.value": "“{value}” cannot be used for {key}: {reason}.",
    "currency.unknown": "“{currency}” is no currency. Give an ISO 4217 code such as GBP or EUR.",
    "data_dir.not_writable": "The folder {path} cannot be written to: {reason}. Choose another with --data-dir.",
    "database.busy": "The database is busy. Nothing was changed. Try again.",
    "database.damaged": "The database file is damaged. Put the newest copy from the backups folder in its place.",
    "database.disk_full": "The disk is full. Nothing was changed. Make room and try again.",
    "database.foreign": "The database holds tables of another program ({table}). Choose another with --database-url.",
    "database.migration_failed": "The database could not be brought up to date: {reason}. It is as it was before.",
    "database.missing": "There is no such database. Check the address given with --database-url.",
    "database.network_path": "{path} lies on a network drive, where an SQLite file is not safe. Use a local folder, "
    "or a PostgreSQL server.",
    "database.newer": "The database (revision {database_revision}) is newer than this program "
    "({program_revision}). Install the newer program.",
    "database.outdated": "The database (revision {database_revision}) is older than this program "
    "({program_revision}). Run bookstore-pos migrate.",
    "database.read_only": "The database cannot be written to. Check the rights of the file and its folder.",
    "database.sign_in_refused": "The database server refused the user or password. Check --database-url.",
    "database.unreachable": "The database cannot be reached. Nothing was changed. Check the server and the network.",
    "database.url": "That is no database address. Use sqlite:///path/to/shop.db or postgresql://user@host:5432/db.",
    "discount.negative": "A discount cannot be below zero.",
    "discount.too_large": "The discount is more than the price.",
    "first_start.done": "This shop has been set up already. Sign in.",
    "first_start.needed": "This shop has nobody yet. Open the window to set it up, or use bookstore-pos user add.",
    "isbn.check_digit": "{code} is no valid book number: the last digit is {given}, but should be {expected}. "
    "Check the digits.",
    "isbn.check_digit.hint": "{code} is no valid book number: two digits may be swapped. Is it {hint}?",
    "isbn.length": "{code} has {length} digits. A book number has 10 or 13.",
    "isbn.letters": "{code} is no book number. It has digits only; an X may stand last in a number of 10.",
    "order.changed": "Somebody else changed this order. It now shows how it stands.",
    "order.empty": "An order needs at least one book.",
    "order.missing": "There is no such order. Reload the list.",
    "order.move": "An order that is {status} cannot become {to}.",
    "page.invalid": "That page cannot be shown.",
    "payment.card_over": "A card can pay {due:money} at most. Only cash gives change.",
    "payment.covers_all": "That pays everything. Complete the sale instead.",
    "payment.invalid": "A payment must be more than zero.",
    "payment.too_large": "That amount is too large. The most is {limit:money}.",
    "payment.too_little": "{due:money} is still to pay.",
    "pin.invalid": "A PIN has 4 to 12 digits.",
    "price.invalid": "A price is between zero and {limit:money}.",
    "quantity.invalid": "A quantity is a whole number from 1.",
    "quantity.too_large": "A line holds at most {limit} pieces.",
    "receipt.missing": "There is no receipt {number}. Check the number.",
    "receipt.number": "“{number}” is no receipt number. It looks like 1-000042.",
    "right.inactive": "This person may no longer work here. Sign in as somebody else.",
    "right.missing": "This needs the right “{permission}”, which a {role} does not have. Ask a manager.",
    "sale.changed": "The basket has changed: it now comes to {total:money}. Check it and pay again.",
    "sale.other_content": "Another sale is stored under this one's id ({uid}). Tell the people who support this till.",
    "setting.invalid": "The setting {key} cannot be used as it is. Check it.",
    "shift.closed": "This till's shift is closed. Sign in again to open one.",
    "sign_in.blocked": "Too many wrong PINs. Wait {wait_s} seconds and try again.",
    "sign_in.wrong": "Name or PIN is wrong. {tries_left} more before a pause.",
    "stock.short": "“{title}”: {wanted} wanted, {available} in stock. Lower the quantity, or correct the stock.",
    "tax.invalid": "A tax needs a name and a rate from 0 to 100 %.",
    "till.missing": "This till is not known yet. Sign in again.",
    "user.exists": "There is somebody called {name} already. Choose another name.",
    "user.last_admin": "{name} is the last active admin. Make somebody else admin first.",
    "user.missing": "There is nobody called {name}. See bookstore-pos user list.",
    "user.name": "A name has 1 to {limit} letters and no control characters.",
    "user.pin_missing": "A {role} needs a PIN to sign in.",
}


def sentence(error: PosError, money: Callable[[int], str] = str) -> str:
    """Give the sentence for an error; `money` writes minor units in the shop's currency.

    A code without a sentence, or a sentence whose parts are missing, still gives something readable.
    """
    template = SENTENCES.get(error.code)
    if error.params.get("hint"):
        template = SENTENCES.get(f"{error.code}.hint", template)
    try:
        return _Parts(money).vformat(template or "", (), error.params) or _fallback(error)
    except (KeyError, ValueError, IndexError):
        return _fallback(error)


def plain(text: str) -> str:
    """Give text with nothing in it that could steer a terminal or hide in a line, cut where it is long."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[: MAX_PART + 1])
    return shown if len(shown) <= MAX_PART else shown[:MAX_PART] + "…"


def _fallback(error: PosError) -> str:
    return f"That was not possible ({plain(str(error))})."


class _Parts(Formatter):
    """Writes amounts as money and everything else as plain text."""

    def __init__(self, money: Callable[[int], str]) -> None:
        self._money = money

    def format_field(self, value: Any, format_spec: str) -> str:
        return self._money(value) if format_spec == "money" else plain(str(value))
