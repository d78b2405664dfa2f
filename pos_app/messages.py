"""What people are told: one sentence for each code, with the next step. Windows and commands share them."""

from pos_app.errors import PosError

SENTENCES = {
    # codes and books
    "code.too_long": "That code is longer than {limit} characters. Scan the book's own barcode.",
    "code.empty": "That scan was empty. Scan again.",
    "code.card_number": "That looks like a card number. It was not kept: take cards on the card terminal.",
    "isbn.length": "{code} has {length} digits; an ISBN has 10 or 13. Type it again.",
    "isbn.letters": "{code} is no ISBN: letters do not belong in it. Type it again, or search by title.",
    "isbn.check_digit": "{code} is mistyped: its last digit should be {expected}, not {given}.{hint}",
    "book.unknown": "No book has the number {code}. Search by title, or have a manager import it.",
    "book.inactive": "“{title}” is no longer sold. A manager can bring it back in Inventory.",
    "book.open_price": "“{title}” has no price of its own. Type the price, then press its key.",
    "book.missing": "That book is no longer in the catalogue. Search again.",
    "book.changed": "Somebody else changed this book meanwhile.",
    "book.field_changed": "Somebody else changed that meanwhile; theirs is kept. Look at it again.",
    "book.kind": "A title is a book, other goods or a service. Choose one.",
    "book.published": "A date of publication is a year, a month or a day, such as 2021 or 2021-03-02.",
    "book.text": "That text may have at most {limit} letters.",
    "code.taken": "{code} belongs to “{title}” already. Merge the two titles if they are one.",
    "code.missing": "The title does not have the code {code}. Look at it again.",
    "bulk.rate": "Prices change by −100 % to +1000 %. Type another per cent.",
    "bulk.nothing": "Choose what is to change first.",
    "bulk.isbn": "Codes, titles and authors are changed one by one.",
    "undo.nothing": "There is nothing to undo.",
    "redo.nothing": "There is nothing to redo.",
    "undo.changed": "Somebody else has changed that since; theirs is kept. Nothing was undone.",
    "copy.of_copy": "That is a used copy itself. Add used copies to the new title.",
    "copy.service": "There are no used copies of a service.",
    "merge.itself": "Choose two different titles.",
    "merge.kind": "“{title}” is of another kind. Only titles of one kind are merged.",
    "merge.done": "“{title}” was merged into another title already.",
    "category.name": "A category needs a name of at most 255 letters.",
    "category.taken": "There is a category {name} already. Choose another name.",
    "category.circle": "A category cannot be put inside itself.",
    "category.used": "{name} still holds titles or categories. Move them first.",
    "category.missing": "That category no longer exists. Look at the list again.",
    "category.changed": "Somebody else changed this category meanwhile. Look at it again.",
    "cover.size": "A cover may have at most {limit} kB once made small. Choose another picture.",
    "cover.large": "That picture is too large. Choose one of at most {side} points a side and 20 MB.",
    "paste.columns": "Only price and reorder level are pasted here. Choose a cell of those columns first.",
    "paste.too_many": "At most {limit} rows are pasted at once. Import the file instead.",
    "cover.picture": "That is no picture this program takes. Choose a JPEG, PNG or WebP file.",
    "review.invalid": "An opinion has 1 to 5 stars and at most {limit} letters.",
    "book.title": "A book needs a title of at most 255 characters.",
    "book.author": "The author may have at most 255 characters.",
    "book.publisher": "The publisher may have at most 255 characters.",
    "book.shelf": "The shelf may have at most 40 characters.",
    "book.category": "That category no longer exists. Choose another.",
    "book.tax_rate": "That tax rate no longer exists. Choose another.",
    "book.service_stock": "A service has no stock to count.",
    "stock.short": "“{title}”: {wanted} wanted, {available} in stock. Reduce the line, or have a manager correct the stock.",
    "stock.invalid": "Stock is a whole number from 0 to {limit}.",
    "stock.changed": "The stock changed meanwhile: it is {current_stock} now, not {expected}. Count again.",
    "reorder.invalid": "The reorder level is a whole number from 0 to {limit}.",
    "page.invalid": "There is no such page; a page has 1 to {limit} rows.",
    # amounts
    "quantity.invalid": "A quantity is a whole number from 1 up.",
    "quantity.too_large": "At most {limit} of one title in a sale.",
    "price.invalid": "That price cannot be used.",
    "discount.not_here": "That line takes no discount, and no other price or tax.",
    "reason.invalid": "A reason has at most {limit} letters.",
    "note.invalid": "A note has at most {limit} letters.",
    "discount.negative": "A discount cannot be less than nothing.",
    "discount.too_large": "A discount cannot be more than the price.",
    "amount.invalid": "“{text}” is no amount. Type digits with at most one decimal mark.",
    "amount.too_precise": "“{text}” has more than {digits} decimals.",
    "amount.too_large": "That amount is too large.",
    "currency.unknown": "“{currency}” is no currency. Use a three-letter code such as GBP or EUR.",
    # basket and sale
    "cart.empty": "There is nothing to pay yet. Scan a book first.",
    "cart.gone": "This basket was finished elsewhere. The current one is shown now.",
    "cart.elsewhere": "This basket is open at till {till}. Sign in again to bring it here.",
    "cart.no_line": "That line is no longer in the basket.",
    "cart.too_long": "A sale holds at most {limit} titles. Pay this one and start another.",
    "cart.part_paid": "Part of this sale is paid already. Take the payment back first (Ctrl+Z).",
    "cart.none_parked": "No sale is parked.",
    "cart.taken": "That basket has been taken up at another till. The others are shown.",
    "cart.nothing_to_undo": "There is nothing to undo.",
    "payment.invalid": "A payment must be more than nothing.",
    "payment.too_large": "That payment is too large.",
    "payment.over": "Only cash may be more than is due. Type a smaller amount, or press the key alone.",
    "payment.tender": "“{tender}” is no way to pay here. Choose another.",
    "tender.name": "A way to pay needs a name of at most {limit} letters.",
    "tender.fixed": "{name} cannot work another way. Add a way to pay of your own instead.",
    "tender.missing": "“{tender}” is no way to pay here.",
    "payment.too_little": "That does not cover the sale.",
    "payment.nothing_due": "There is nothing to pay. F12 finishes it.",
    "payment.reference": "{name} needs a number. Type or scan it first.",
    "refund.other_tenders": "The money goes back the way it was paid, or all of it in cash. Look at it again.",
    "return.nothing": "That is no sale that books can come back from. Scan a sale's receipt.",
    "return.not_on_it": "That book is not on receipt {number}. Scan the receipt it was bought with.",
    "return.tick": "Nothing comes back yet. Scan the books, or touch their lines.",
    "return.too_many": "“{title}”: no more than {left} can still come back. The others came back before.",
    "return.one_sale": "Books of another receipt are coming back already. Finish that return first.",
    "return.training": "Training and real sales do not mix. Leave training (F10) first.",
    "void.other_day": "Sale {number} is of an earlier day. Take its books back with F9 instead.",
    "void.returned": "Some of that sale came back already. Take the rest back with F9 instead.",
    "void.not_a_sale": "{number} is no sale. Only a sale can be voided.",
    "gift_card.code": "A gift card's code has 4 to {limit} letters and digits. Scan or type it again.",
    "gift_card.unknown": "No gift card has the code {code}. Check it, or sell it first.",
    "gift_card.expired": "Gift card {code} ran out on {day}.",
    "gift_card.short": "Gift card {code} holds less than that now. Look at its balance again.",
    "gift_card.spent": "Gift card {code} has been used and cannot come back.",
    "gift_card.amount": "A gift card needs an amount. Type it first.",
    "gift_card.one": "That gift card is in the basket already.",
    "account.nobody": "Attach the customer whose account it is first (F4).",
    "account.limit": "{name}'s account does not reach that far. Take the rest another way.",
    "customer.missing": "That customer is no longer there. Search again.",
    "customer.name": "A customer needs a name of at most {limit} letters.",
    "customer.phone": "A phone number has digits and spaces, at most {limit} signs. Type it again, or leave it empty.",
    "customer.email": "“{email}” is no email address. Type it again, or leave it empty.",
    "customer.card": "A customer card's code has 1 to {limit} letters and digits. Scan or type it again.",
    "customer.card_taken": "That card belongs to {name}. Give out another one.",
    "customer.limit": "A credit limit is an amount of nothing or more. Type it again.",
    "payment.covers_all": "That covers the whole sale.",
    "sale.changed": "The basket changed meanwhile and comes to another total. Check it and pay again.",
    "sale.other_content": "This sale was already paid with other contents. Tell whoever looks after the tills.",
    "shift.closed": "No shift is open at this till. Sign in again to open one.",
    "float.invalid": "A drawer starts with nothing or more. Type how much was in it.",
    "cash.amount": "Type how much was put in or taken out.",
    "cash.other_content": "This was already noted with other contents. Tell whoever looks after the tills.",
    "cash.reason": "A reason is needed, of at most {limit} letters.",
    "day.invalid": "“{text}” is no day. Type it like {example}.",
    "day.order": "The first day is after the last. Type them the other way round.",
    "export.not_written": "The file {path} could not be written: {reason}. Close it elsewhere, or make room.",
    "z.missing": "There is no Z report {number}.",
    "promotion.name": "A promotion needs a name of at most {limit} letters.",
    "promotion.days": "A promotion cannot end before it starts.",
    "promotion.amount": "That promotion takes nothing off. Give a part, an amount, or fewer pieces to pay than to take.",
    "promotion.missing": "That promotion is no longer there.",
    "promotion.changed": "Somebody else changed that promotion meanwhile; it is shown as it is now.",
    "quick_key.label": "A quick key needs a name of at most {limit} letters.",
    "quick_key.full": "The grid is full: at most {limit} keys. Take one away first.",
    "till.missing": "This till is not known to the shop. Sign in again.",
    # orders and receipts
    "order.missing": "That order does not exist.",
    "order.empty": "An order needs at least one book.",
    "order.move": "An order that is {status} cannot become {to}.",
    "order.changed": "Somebody else changed this order meanwhile; it is shown as it is now.",
    "receipt.number": "“{number}” is no receipt number. It looks like 2-004183.",
    "receipt.missing": "There is no receipt {number}.",
    "receipt.pdf": "{path} could not be written: {reason}. Choose another file.",
    "receipt.none": "Nothing has been sold at this till yet.",
    "receipt.not_kept": "The sale is stored, but its receipt could not be written to {path}: {reason}.",
    "printer.none": "This till has no receipt printer. Choose one in Settings, Printers and devices.",
    "printer.failed": (
        "The printer does not take it: {reason}. See that it is on and connected; it is tried again, nothing is lost."
    ),
    "printer.not_ready": "The printer waits: {state} Then it is printed; nothing is lost.",
    "printer.broke_off": (
        "Printing broke off: {reason}. Look after the printer; the whole paper is printed again, and says so."
    ),
    "printer.fault": "This paper could not be printed. Give it up, or send it to another printer; the receipt is kept.",
    "card.setting": "“{terminal}” is no card terminal this program knows. Use none, simulated or tcp:HOST:PORT.",
    "card.unreachable": "The card terminal cannot be reached, and nothing was charged. Check its line, or take cash.",
    "card.declined": "The card was declined, and nothing was charged. Try another card, or another way to pay.",
    "card.cancelled": "The payment was stopped at the terminal, and nothing was charged.",
    "card.unknown": "The terminal does not say whether it charged. Press F11 to ask it again before anything else.",
    "card.missing": "That charge is not known here.",
    "printer.library": "This printer needs the library {library}. Install it, or connect the printer another way.",
    "printer.setting": (
        "“{printer}” is no printer this program knows. Use none, simulated, file:PATH, tcp:HOST:PORT, "
        "usb:VENDOR:PRODUCT, serial:DEVICE or system:NAME."
    ),
    # people
    "sign_in.wrong": "Wrong PIN. Tries left: {tries_left}.",
    "sign_in.blocked": "Too many wrong PINs. Try again in {wait_s} s.",
    "right.missing": "You may not do this ({permission}). Ask a manager to sign in.",
    "right.limit": "That is more than you may ({permission}). A manager's PIN lets it pass.",
    "right.fixed": "Admins keep their rights to people and settings, and customers get none.",
    "approval.invalid": "That approval was for something else, or older than a minute. Ask the manager again.",
    "right.inactive": "This person can no longer work at the till. Sign in as somebody else.",
    "pin.invalid": "A PIN has 4 to 12 digits.",
    "user.name": "A name has 1 to {limit} letters.",
    "user.exists": "There is somebody called {name} already. Choose another name.",
    "user.email": "“{email}” is no email address, or somebody else has it. Give another.",
    "user.missing": "There is nobody called {name}.",
    "user.pin_missing": "A {role} needs a PIN to sign in. Give a PIN.",
    "pin.different": "The two PINs differ. Nothing was changed; try again.",
    "user.last_admin": "{name} is the last admin. Make somebody else admin first.",
    # shop and machine
    "first_start.done": "This shop has been set up already.",
    "tax.invalid": "A tax needs a name and a rate from 0 to 100 %.",
    "setting.invalid": "The setting {key} cannot have that value.",
    "config.unreadable": "{path} cannot be read: {reason}. Correct or remove it.",
    "config.unknown": "{path} has a setting “{key}” that this program does not know. Known: {known}.",
    "config.not_kept": "{path} cannot be changed: {reason}. The setting is as it was.",
    "config.value": "The setting {key} cannot be “{value}”: {reason}.",
    "data_dir.not_writable": "{path} cannot be written: {reason}. Choose another folder with --data-dir.",
    "data_dir.in_use": "Another program is using {path} as till {till}. Close it, or start this one with another --till.",
    "import.row": "The row cannot be read: {reason}.",
    "import.no_tax_rate": "The shop has no tax rate yet. Set it up first.",
    "import.unreadable": "{path} cannot be read: {reason}.",
    "import.no_columns": "{path} has no column for {missing}. Its first line must name the columns.",
    # database
    "database.url": "That is no database address. Use sqlite:///path/to/shop.db or postgresql://user@host:5432/db.",
    "database.network_path": "{path} lies on a network drive, where SQLite can lose sales. Use a local disk or PostgreSQL.",
    "database.newer": (
        "This database (revision {database_revision}) is newer than this program (revision {program_revision}). "
        "Update the program on this till."
    ),
    "database.foreign": "This database holds something else (table {table}). Give the till a database of its own.",
    "database.migration_failed": (
        "The database could not be brought up to date: {reason}. It is as it was before: "
        "go on with the earlier version of this program, and pass this on to whoever looks after the tills."
    ),
    "database.not_put_back": (
        "The database could not be brought up to date, nor put back: {reason}. "
        "Close every till, then put {copy} in the place of {path}."
    ),
    "database.empty": "There is no shop at {url} yet. Start bookstore-pos to set one up, or check the address.",
    "database.outdated": (
        "This database (revision {database_revision}) is older than this program (revision {program_revision}). "
        "Run bookstore-pos migrate."
    ),
    "database.unreachable": "The database cannot be reached. Nothing is lost; check the network and try again.",
    "database.busy": "The database is busy. Try again in a moment.",
    "database.disk_full": "The disk is full. Free some space; nothing was changed.",
    "database.read_only": "The database cannot be written to. Check its folder's rights; nothing was changed.",
    "database.damaged": "The database file is damaged. Restore the newest backup from the data folder.",
    "database.missing": "The database cannot be opened. Check its address.",
    "database.sign_in_refused": "The database refused the user or password. Check the address and password.",
    "import.refused": "{count} rows were not taken; they are listed above. Mend them and import the file again.",
    "demo.not_empty": "This database is in use already. Choose an empty folder for the demo shop with --data-dir.",
    "verify.found": "{count} things do not balance; they are listed above. Copy the data folder before anything else.",
    "doctor.found": "Something needs to be mended first: {subjects}. What to do stands above.",
    "screenshot.not_written": "{path} could not be written. Choose another file.",
    "display.missing": (
        "There is no display to open a window on. Start it on a desktop, or add --screenshot FILE to draw without one."
    ),
}


def sentence(error: PosError) -> str:
    """Give the sentence for an error."""
    params = dict(error.params)
    if "hint" in params:
        params["hint"] = f" Did you mean {params['hint']}?" if params["hint"] else ""
    try:
        return SENTENCES[error.code].format(**params).strip()
    except KeyError:
        return f"That did not work ({error.code})."


def plain(text: str) -> str:
    """Give text with nothing in it that could steer a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
