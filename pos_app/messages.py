"""What people are told: one sentence for each code, with the next step. Windows and commands share them."""

from collections.abc import Iterable

from pos_app.domain.permission import Permission
from pos_app.errors import PosError

# What a right is about, as a sentence or a question names it.
ACTS = {
    Permission.SELL: "selling",
    Permission.REPRINT: "printing a receipt again",
    Permission.DISCOUNT: "a discount",
    Permission.OVERRIDE_PRICE: "another price",
    Permission.OVERRIDE_TAX: "another tax",
    Permission.RETURN: "a return",
    Permission.RETURN_WITHOUT_RECEIPT: "a return without receipt or late",
    Permission.REFUND_IN_CASH: "a refund in cash of what was paid otherwise",
    Permission.VOID: "voiding a sale",
    Permission.SELL_GIFT_CARDS: "selling a gift card",
    Permission.SELL_ON_ACCOUNT: "selling on account",
    Permission.OPEN_DRAWER: "opening the drawer",
    Permission.MOVE_CASH: "cash in or out",
    Permission.X_REPORT: "an X report",
    Permission.CLOSE_SHIFT: "closing the shift",
    Permission.TRAIN: "training",
    Permission.ADD_BOOKS: "adding a book",
    Permission.ADD_CUSTOMERS: "adding a customer",
    Permission.EDIT_CUSTOMERS: "editing a customer",
    Permission.SET_CREDIT_LIMITS: "setting a credit limit",
    Permission.MERGE_CUSTOMERS: "joining customers",
    Permission.ERASE_CUSTOMERS: "giving out or erasing a person's data",
    Permission.MOVE_ORDERS: "moving an order on",
    Permission.APPROVE: "letting others' acts pass",
    Permission.SEE_REPORTS: "the reports",
    Permission.EDIT_BOOKS: "editing books",
    Permission.CORRECT_STOCK: "correcting the stock",
    Permission.COUNT_STOCK: "counting the stock",
    Permission.RECEIVE_DELIVERIES: "receiving deliveries",
    Permission.TRANSFER_STOCK: "carrying stock between places",
    Permission.RESERVE: "setting copies aside",
    Permission.BUY: "ordering from suppliers",
    Permission.IMPORT: "importing",
    Permission.CHANGE_PROMOTIONS: "arranging promotions",
    Permission.CHANGE_SETTINGS: "changing settings",
    Permission.MANAGE_USERS: "people and rights",
}

SENTENCES = {
    # codes and books
    "code.too_long": "That code is longer than {limit} characters. Scan the book's own barcode.",
    "code.empty": "That scan was empty. Scan again.",
    "code.card_number": "That looks like a card number. It was not kept: take cards on the card terminal.",
    "isbn.length": "{code} has {length} digits; an ISBN has 10 or 13. Type it again.",
    "isbn.letters": "{code} is no ISBN: letters do not belong in it. Type it again, or search by title.",
    "isbn.check_digit": "{code} is mistyped: its last digit should be {expected}, not {given}.{hint}",
    "book.unknown": "No book has the number {code}. Search by title, or add it.",
    "book.inactive": "“{title}” is no longer sold. A manager can bring it back in Inventory.",
    "book.availability": "That is nothing a publisher says of a title.",
    "book.open_price": "“{title}” has no price of its own. Add it again by itself, and type its price.",
    "book.missing": "That book is no longer in the catalogue. Search again.",
    "book.changed": "Somebody else changed this book meanwhile.",
    "book.field_changed": "Somebody else changed that meanwhile; theirs is kept. Look at it again.",
    "book.kind": "A title is a book, other goods or a service. Choose one.",
    "book.published": "A date of publication is a year, a month or a day, such as 2021 or 2021-03-02.",
    "book.text": "That text may have at most {limit} letters.",
    "code.taken": "{code} belongs to “{title}” already. Merge the two titles if they are one.",
    "code.missing": "The title does not have the code {code}. Look at it again.",
    "choice.many": "At most {limit} titles are chosen row by row. Ctrl+A chooses all that the list shows; filters (F3) narrow it.",
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
    "category.bound": "{name} stays: a promotion or a stock count is about it. Rename it, or move its titles.",
    "category.missing": "That category no longer exists. Look at the list again.",
    "category.changed": "Somebody else changed this category meanwhile. Look at it again.",
    "cover.size": "A cover may have at most {limit} kB once made small. Choose another picture.",
    "cover.large": "That picture is too large. Choose one of at most {side} points a side and 20 MB.",
    "paste.columns": "Price, cost, reorder level, shelf and publisher are pasted here. Choose a cell of those columns first.",
    "paste.beyond": "The list ends before the {rows} rows pasted do. Nothing was pasted: choose a cell further up.",
    "copy.too_many": "At most {limit} rows are copied at once. Export them instead (Ctrl+E).",
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
    "pieces.invalid": "A number of pieces is a whole number from {least} to {limit}.",
    "location.missing": "That place is no longer there. Choose another.",
    "location.name": "A place needs a name of its own of at most {limit} letters.",
    "document.other_content": "This was already stored with other contents. Tell whoever looks after the tills.",
    "transfer.empty": "Nothing is to be carried over yet. Scan a book first.",
    "transfer.same": "From and to are the same place. Choose another.",
    "transfer.short": "“{title}”: {wanted} to be carried, {available} there. Correct the number.",
    "reservation.name": "Say for whom, in at most {limit} letters.",
    "reservation.missing": "That reservation is no longer there.",
    "reservation.changed": "Somebody else changed that reservation meanwhile; it is shown as it is now.",
    "reservation.ended": "That reservation has come to its end already.",
    "supplier.name": "A supplier needs a name of its own of at most {limit} letters.",
    "supplier.text": "That text is too long: at most {limit} letters.",
    "supplier.terms": "A discount is from 0 to 100 %, and days are whole numbers from 0 to {limit}.",
    "supplier.nobody": "Nobody supplies it yet. Choose the supplier first, then type its cost.",
    "supplier.missing": "That supplier is no longer there. Choose another.",
    "supplier.changed": "Somebody else changed this supplier meanwhile; it is shown as it is now.",
    "purchase.move": "A purchase order that is {status} cannot become {to}.",
    "purchase.sent": "That order has been sent and can no longer be changed. Make another one.",
    "purchase.received": "Some of that order has come already. Close it instead.",
    "purchase.empty": "An order needs at least one title. Suggest titles, or scan one.",
    "purchase.too_long": "A purchase order holds at most {limit} titles.",
    "purchase.missing": "That purchase order does not exist.",
    "purchase.changed": "Somebody else changed this purchase order meanwhile; it is shown as it is now.",
    "delivery.over": "“{title}”: {came} came, still to come: {open}. Accept the rest, or send it back.",
    "delivery.empty": "Nothing has come yet. Scan a book, or load the supplier's file.",
    "delivery.twice": "A title stands in this delivery twice. Put its pieces on one line.",
    "delivery.too_long": "A delivery holds at most {limit} titles. Split the file.",
    "delivery.order": "That purchase order is not waiting for a delivery of this supplier.",
    "delivery.reference": "The delivery note's number has at most {limit} letters.",
    "delivery.missing": "That delivery does not exist.",
    "publisher_return.never": "{name} takes nothing back. Accept it only if they agreed.",
    "publisher_return.late": "“{title}” could go back until {day}. Accept it only if the supplier agreed.",
    "publisher_return.empty": "Nothing goes back yet. Choose a title.",
    "publisher_return.note": "A note has at most {limit} letters.",
    "publisher_return.missing": "That return does not exist.",
    "count.ended": "Count {number} is over. Start another one.",
    "count.not_here": "“{title}” belongs to {where}, and is not part of this count. Put it back there.",
    "count.below_zero": "“{title}”: {counted} counted, no more can be taken back.",
    "count.quantity": "A count is a whole number up to {limit}.",
    "count.missing": "That count does not exist.",
    "count.changed": "Somebody else changed this count meanwhile; it is shown as it is now.",
    "reorder.invalid": "The reorder level is a whole number from 0 to {limit}.",
    "page.invalid": "There is no such page; a page has 1 to {limit} rows.",
    # amounts
    "quantity.invalid": "A quantity is a whole number from 1 up. Type another.",
    "quantity.too_large": "A sale holds at most {limit} of one title. Pay these first, and start another.",
    "price.invalid": "A price is an amount of nothing or more. Type another.",
    "discount.grows": "That would make the discount {percent} %, more than was let pass. Give it anew (F8), or take it away.",
    "discount.not_here": "That line takes no discount, and no other price or tax. Choose another line.",
    "reason.invalid": "A reason has at most {limit} letters.",
    "note.invalid": "A note has at most {limit} letters.",
    "discount.negative": "A discount cannot be less than nothing. Type another.",
    "discount.too_large": "A discount cannot be more than the price. Type a smaller one.",
    "amount.invalid": "“{text}” is no amount. Type digits with at most one decimal mark.",
    "amount.too_precise": "“{text}” has too many decimals: money here has {digits}. Type it again.",
    "amount.too_large": "That amount is too large. Type a smaller one.",
    "currency.unknown": "“{currency}” is no currency. Use a three-letter code such as GBP or EUR.",
    # basket and sale
    "cart.empty": "The basket is empty. Scan a book first.",
    "line.none": "There is no line to change yet. Scan a book, or choose its line.",
    "explain.nothing": "There is no amount to explain yet. Scan a book first.",
    "cart.gone": "This basket was finished elsewhere. The current one is shown now.",
    "cart.elsewhere": "This basket is open at till {till}. Sign in again to bring it here.",
    "cart.no_line": "That line is no longer in the basket. Choose another.",
    "cart.too_long": "A sale holds at most {limit} titles. Pay this one and start another.",
    "cart.part_paid": "Part of this sale is paid already. Take the payment back first (Ctrl+Z).",
    "cart.none_parked": "No sale is parked. F6 parks one.",
    "cart.taken": "That basket has been taken up at another till. F7 shows what still waits.",
    "cart.nothing_to_undo": "Nothing was done in this basket yet. F7 takes up a parked sale; F10, Void takes a paid one back.",
    "payment.invalid": "A payment must be more than nothing. Type how much.",
    "payment.too_large": "That payment is too large. Type a smaller one.",
    "payment.over": "Only cash may be more than is due. Type a smaller amount, or press the key alone.",
    "payment.book": "That is a book, and it was not added. Press Esc, scan it again, then take the payment.",
    "payment.off": "{name} is not in use here. Choose another way to pay.",
    "payment.coins": "No coins make up that amount of cash. Type one that they do, or press F12 alone.",
    "payment.tender": "“{tender}” is no way to pay here. Choose another.",
    "tender.taken": "There is a way to pay called {name} already. Choose another name.",
    "tender.name": "A way to pay needs a name of at most {limit} letters.",
    "tender.fixed": "{name} cannot work another way. Add a way to pay of your own instead.",
    "tender.missing": "“{tender}” is no way to pay here. Choose another.",
    "payment.too_little": "That does not cover the sale. Take the rest as well.",
    "payment.nothing_due": "There is nothing to pay. F12 finishes it.",
    "payment.reference_long": "A number that goes with a payment has at most {limit} letters and digits. Type it again.",
    "payment.reference": "{name} needs a number. Type or scan it first.",
    "refund.account": "That was put on an account or a full card and never paid: press F12, and it goes back there.",
    "refund.spent": "What was paid for this has gone back already. Take the book out, or ask a manager to take it back "
    "without the receipt.",
    "refund.other_tenders": "The money goes back the way it was paid, or all of it in cash. Look at it again.",
    "return.more": "More of a book that comes back is added in the return. Press F9 first, then scan it.",
    "return.nothing": "That is no sale that books can come back from. Scan a sale's receipt.",
    "return.not_on_it": "That book is not on receipt {number}. Scan the receipt it was bought with.",
    "return.tick": "Nothing comes back yet. Scan the books, or touch their lines.",
    "return.too_many": "“{title}”: {left} on this receipt can still come back. Scan another receipt, if there is one.",
    "return.all_ticked": "“{title}” is ticked as often as it can come back: {left}. Scan another receipt, if there is one.",
    "return.one_sale": "Books of another receipt are coming back already. Finish that return first.",
    "return.training": "Training and real sales do not mix. Leave training (F10) first.",
    "void.other_day": "Sale {number} is of an earlier day. Take its books back with F9 instead.",
    "void.returned": "Some of that sale came back already. Take the rest back with F9 instead.",
    "void.reason": "Say why the sale is voided, in at most {limit} letters.",
    "void.other_mode": "{number} was sold the other way: training voids only its own sales, and selling only real ones.",
    "void.not_a_sale": "{number} is no sale. Only a sale can be voided.",
    "gift_card.code": "A gift card's code has 4 to {limit} letters and digits. Scan or type it again.",
    "gift_card.book": "That is the barcode of {title}, not of a card. Scan the card, or leave the code empty.",
    "gift_card.unknown": "No gift card has the code {code}. Check it, or sell it first.",
    "gift_card.expired": "Gift card {code} ran out on {day}. Choose another way to pay.",
    "gift_card.short": "Gift card {code} holds less than that now. Take its payment back (Ctrl+Z) if it gave "
    "one, and look at its balance again.",
    "gift_card.spent": "Gift card {code} has been used and cannot come back. Take the other books back alone.",
    "gift_card.amount": "A gift card needs an amount. Type it first.",
    "gift_card.one": "That gift card is in the basket already. Scan another one.",
    "account.nobody": "Attach the customer whose account it is first (F4).",
    "account.limit": "{name}'s account does not reach that far. Take the rest another way.",
    "account.amount": "An account takes more than nothing, and no more than {name} owes. Type another amount.",
    "account.tender": "An account is paid in cash, or by a card that is charged on a terminal of its own.",
    "loyalty.nobody": "Attach the customer whose full card it is first (F4).",
    "loyalty.off": "The shop gives no points or stamps now. Take the money another way.",
    "loyalty.short": "There are not full cards enough for that. Take the rest another way.",
    "customer.address": "An address has at most {limit} letters. Shorten it.",
    "customer.language": "A language is a code such as en, de or fr. Type it again, or leave it empty.",
    "customer.note": "A note has at most {limit} letters. Shorten it.",
    "customer.changed": "Somebody else changed this customer meanwhile.",
    "customer.same": "That is the same customer. Choose another one to join.",
    "customer.is_merged": "That customer was joined with another one already. Search again.",
    "customer.owes": "{name}'s account is not settled. Settle it first, then erase.",
    "customer.waits": "Something still waits for {name}: {what}. Finish or cancel it first, then erase.",
    "consent.purpose": "Say in at most {limit} letters what was agreed to.",
    "consent.how": "Say in at most {limit} letters how it was agreed to, such as at the till.",
    "consent.missing": "That consent is no longer there. Look at the customer again.",
    "customer.missing": "That customer is no longer there. Search again.",
    "customer.name": "A customer needs a name of at most {limit} letters.",
    "customer.phone": "A phone number has digits and spaces, at most {limit} signs. Type it again, or leave it empty.",
    "customer.email": "“{email}” is no email address. Type it again, or leave it empty.",
    "customer.card": "A customer card's code has 1 to {limit} letters and digits. Scan or type it again.",
    "customer.card_taken": "That card belongs to {name}. Give out another one.",
    "customer.limit": "A credit limit is an amount of nothing or more. Type it again.",
    "payment.covers_all": "That covers the whole sale. Look at what is due, and take that.",
    "sale.changed": "The basket changed meanwhile and comes to another total. Check it and pay again.",
    "sale.other_content": "This sale was already paid with other contents. Tell whoever looks after the tills.",
    "shift.closed": "No shift is open at this till. Sign in again to open one.",
    "float.invalid": "A drawer starts with nothing or more. Type how much was in it.",
    "cash.amount": "Type how much was put in or taken out.",
    "cash.other_content": "This was already noted with other contents. Tell whoever looks after the tills.",
    "cash.reason": "A reason is needed, of at most {limit} letters.",
    "day.invalid": "“{text}” is no day. Type it like {example}.",
    "day.order": "The first day is after the last. Type them the other way round.",
    "label.many": "At most {limit} labels are made at once. Choose fewer titles, or fewer labels of each.",
    "label.unknown": "No labels are called {name}. Choose one of {names}, or a roll's size such as 50x30 (mm).",
    "label.size": "A label is {smallest} to {largest} mm wide and high. Type its size again.",
    "export.not_written": "The file {path} could not be written: {reason}. Close it elsewhere, or make room.",
    "export.columns": "There is no column called {names}. The columns are: {known}.",
    "export.format": "{name} ends in nothing that titles can be written as. Let it end in .csv, .xlsx or .xml (ONIX); the command also makes labels as .pdf.",
    "export.nothing": "There is nothing to export: no title fits the search or filter, or none has the ISBN that ONIX needs.",
    "export.too_many": "A sheet of Excel holds {limit} titles. Filter the list, or write it as CSV.",
    "z.missing": "There is no Z report {number}. Choose another.",
    "promotion.name": "A promotion needs a name of at most {limit} letters.",
    "promotion.days": "A promotion cannot end before it starts.",
    "promotion.percent": "A part taken off is more than 0 and at most 100 %. Type another.",
    "promotion.amount": "That promotion takes nothing off. Type how much comes off each piece.",
    "promotion.price": "A fixed price is an amount of nothing or more. Type another.",
    "promotion.bundle": "Fewer are paid than taken, and at least one, such as 3/2; at most {limit} are taken. Type again.",
    "promotion.missing": "That promotion is no longer there.",
    "promotion.changed": "Somebody else changed that promotion meanwhile; it is shown as it is now.",
    "key.unfit": "{key} cannot be a key of the counter. Press F3 to F12, perhaps with Ctrl, Alt or Shift, or Ctrl and a letter.",
    "key.taken": "{key} is “{act}” already. Press another one, or change that first.",
    "quick_key.label": "A quick key needs a name of at most {limit} letters.",
    "quick_key.full": "The grid is full: at most {limit} keys. Take one away first.",
    "view.name": "A view's name has at most {limit} letters.",
    "view.many": "{limit} views are kept. Take one away first.",
    "till.taken": "Till {number} is in use on {machine}. Give this one another number, such as --till {free}; or free it there with: bookstore-pos till free {number}.",
    "till.copied": "This data folder is a copy of the one on {machine}, which is till {number}. Start with a folder of its own (--data-dir). If this machine takes its place: bookstore-pos till free {number}, then start again.",
    "till.running": "Another program works as till {number} from a copy of this data folder. Close it, or give this till a folder and a number of its own (--data-dir, --till).",
    "till.unknown": "The shop has no till {number}. bookstore-pos till list names them.",
    "till.name": "A till has a name of at most {limit} letters. Type a shorter one.",
    "till.missing": "This till is not known to the shop. Sign in again.",
    # orders and receipts
    "order.missing": "That order does not exist.",
    "order.empty": "An order needs at least one book.",
    "order.move": "An order that is {status} cannot become {to}.",
    "order.changed": "Somebody else changed this order meanwhile; it is shown as it is now.",
    "receipt.number": "“{number}” is no receipt number. It looks like 2-004183.",
    "receipt.missing": "There is no receipt {number}. Scan it, or look at its number again.",
    "receipt.pdf": "{path} could not be written: {reason}. Choose another file.",
    "receipt.none": "Nothing has been sold at this till yet.",
    "receipt.not_kept": "The sale is stored, but its receipt could not be written to {path}: {reason}.",
    "printer.none": "This till has no receipt printer. Choose one in Settings, Printers and devices.",
    "printer.failed": (
        "The printer does not take it: {reason}. See that it is on and connected; it is tried again, nothing is lost."
    ),
    "printer.not_ready": "{state} Then it is printed; nothing is lost.",
    "printer.broke_off": (
        "Printing broke off: {reason}. Look after the printer; the whole paper is printed again, and says so."
    ),
    "printer.fault": "This paper could not be printed. Give it up, or send it to another printer; the receipt is kept.",
    "card.setting": "“{terminal}” is no card terminal this program knows. Use none, simulated or tcp:HOST:PORT.",
    "card.unreachable": "The card terminal cannot be reached, and nothing was charged. Check its line, or take cash.",
    "card.declined": "The card was declined, and nothing was charged. Try another card, or another way to pay.",
    "card.cancelled": "The payment was stopped at the terminal, and nothing was charged. Ask again, or take it another way.",
    "card.unknown": "The terminal does not say what became of it. Press F11 to ask it again before anything else.",
    "card.missing": "That charge is not known here.",
    "card.open": "The card terminal has not said what became of a charge. Press F11 to ask it before anything else.",
    "card.elsewhere": "A card charge of this sale is open at till {till}. Take the sale up there, where its terminal is.",
    "card.charged": "That was charged to a card. It has to go back to the card first.",
    "card.not_charged": "The card was not charged. Press F11, or choose Card again, so that the terminal asks for it.",
    "payment.missing": "That payment was taken back already.",
    "printer.library": "This printer needs the library {library}. Install it, or connect the printer another way.",
    "printer.setting": (
        "“{printer}” is no printer this program knows. Use none, simulated, file:PATH, tcp:HOST:PORT, "
        "usb:VENDOR:PRODUCT, serial:DEVICE or system:NAME."
    ),
    # people
    "sign_in.wrong": "Wrong PIN. Tries left: {tries_left}.",
    "sign_in.blocked": "Too many wrong PINs. Try again in {wait_s} s.",
    "right.missing": "You may not do this: {permission}. {who}",
    "right.limit": "That is beyond your limit: {permission}. {who}",
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
    "setting.invalid": "{key}",
    "config.unreadable": "{path} cannot be read: {reason}. Correct or remove it.",
    "config.unknown": "{path} has a setting “{key}” that this program does not know. Known: {known}.",
    "config.not_kept": "{path} cannot be changed: {reason}. The setting is as it was.",
    "config.value": "The setting {key} cannot be “{value}”: {reason}.",
    "data_dir.not_writable": "{path} cannot be written: {reason}. Choose another folder with --data-dir.",
    "data_dir.in_use": "Another program is using {path} as till {till}. Close it, or start this one with another --till.",
    "import.tax_rate": "The shop has no tax rate called “{name}”. Add it under Settings, or leave the column out.",
    "import.row": "The row cannot be read: {reason}.",
    "import.rounded": "{code} was rounded by a spreadsheet: its last digits are lost. Write the column as text there.",
    "import.elsewhere": "{name} is being imported by somebody else right now. Wait until that has ended.",
    "import.no_tax_rate": "The shop has no tax rate yet. Set it up first.",
    "import.unreadable": "{path} cannot be read: {reason}.",
    "import.no_columns": "{path} has no column for {missing}. Its first line must name the columns.",
    # database
    "backup.exists": "{path} is there already and is not written over. Give another name, or a folder.",
    "backup.tool_missing": "{tool} is not installed here. Install PostgreSQL's client programs (postgresql-client), or run it where the server is.",
    "backup.failed": "{tool} could not do it: {reason}. Nothing was changed.",
    "restore.unreadable": "{path} cannot be read: {reason}. Check its name.",
    "restore.not_a_backup": "{path} is no backup of a shop. Choose another file; nothing was changed.",
    "restore.other_kind": "{path} was made on {kind}, and this shop is on the other kind of database. Choose another file, or another --database-url.",
    "restore.breaks_rules": "{path} breaks {count} rules, the first: {first}. Nothing was changed; choose an older backup.",
    "restore.in_use": "A program still has {path} open. Close every till, then restore again; nothing was changed.",
    "restore.no_right": "The user {user} may not make and rename databases. Restore as the owner of the server's databases.",
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
    "database.in_doubt": "The database went away just as this was stored. Once it answers, look whether it is there before you do it again.",
    "database.newer_now": (
        "Another till brought the database to revision {database_revision}, and this program knows {program_revision}. "
        "Nothing is lost: close this window, update the program on this till, and start it again."
    ),
    "database.older_now": (
        "The database went back to revision {database_revision}, and this program needs {program_revision}. "
        "Nothing more is written: close this window; the next start brings the database up to date."
    ),
    "role.kind": "A file has no roles: whoever may write the folder may change it. Rights need PostgreSQL.",
    "role.missing": "The server has no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'; then run this again.",
    "role.owner": "{role} owns the tables, or may do everything: rights taken from it would hold nobody. Make a role of its own for the tills.",
    "database.older_role": (
        "The database (revision {database_revision}) is older than this program (revision {program_revision}), and this "
        "till's role may not change it. Go on with the earlier program, or run bookstore-pos migrate as the owner."
    ),
    "database.tills_open": (
        "The database has to be brought from revision {database_revision} to {program_revision}, and other tills still "
        "work with the earlier program: {tills}. Close them, then start again."
    ),
    "database.no_right": (
        "The database role of this machine may not do that. People, PINs, a new shop and its tables are the owner's: "
        "start once with the owner's address, or use bookstore-pos there."
    ),
    "database.pooler": (
        "The pooler refuses the program's time-outs. Let it pass over them: "
        "ignore_startup_parameters = options,extra_float_digits in pgbouncer.ini; bookstore-pos doctor says what else."
    ),
    "database.busy": "The database is busy. Try again in a moment.",
    "database.disk_full": "The disk is full. Free some space; nothing was changed.",
    "database.read_only": "The database cannot be written to. Check its folder's rights; nothing was changed.",
    "database.damaged": "The database file is damaged. Restore the newest backup from the data folder.",
    "database.missing": "The database cannot be opened. Check its address.",
    "database.sign_in_refused": "The database refused the user or password. Check the address and password.",
    "import.refused": "Rows not taken: {count}; they are listed above. Mend them and import the file again.",
    "demo.not_empty": "This database is in use already. Choose an empty folder for the demo shop with --data-dir.",
    "verify.found": "What does not balance is listed above: {count} in all. Copy the data folder before anything else.",
    "doctor.found": "Something needs to be mended first: {subjects}. What to do stands above.",
    "screenshot.not_written": "{path} could not be written. Choose another file.",
    "display.lost": "The screen is gone, and the program ended with it. Whatever was paid is stored: start it again.",
    "display.missing": (
        "There is no display to open a window on. Start it on a desktop, or add --screenshot FILE to draw without one."
    ),
}


def _whom_to_ask(roles: Iterable[str]) -> str:
    """The next step where a right is missing: whose PIN helps."""
    asked = [f"{'an' if role[0] in 'aeiou' else 'a'} {role}" for role in roles]
    return f"Ask {' or '.join(asked)}." if asked else "Nobody may: an admin can allow it in Settings."


# What each setting takes, for whoever typed something else.
SETTING_RULES = {
    "shop_name": "A shop has a name of 1 to 500 letters. Type one.",
    "address": "At most 500 letters and signs fit here. Type less.",
    "tax_number": "At most 500 letters and signs fit here. Type less.",
    "receipt_footer": "At most 500 letters and signs fit here. Type less.",
    "return_days": "Type a whole number of days, from 0 to 3650.",
    "day_starts_at_hour": "Type a whole hour, from 0 (midnight) to 12 (noon).",
    "default_float": "Type an amount, 0 or more, such as 150.00.",
    "idle_lock_s": "A till locks after 30 seconds or more, or never. Choose one of the list.",
    "cash_rounding": "Choose one of the coins of the list.",
    "loyalty": "Choose nothing, points or stamps.",
    "loyalty_step": "Type an amount above nothing, such as 1.00: what is spent for a point.",
    "loyalty_full": "Type a whole number, from 1 to 100,000: the points or stamps of a full card.",
    "loyalty_worth": "Type an amount above nothing, such as 5.00: what a full card pays.",
    "receipt_width": "Choose 32, 42 or 48 letters.",
    "time_zone": "Give a time zone by its name, such as Europe/London.",
    "locale": "Give a language by its name, such as en_GB.",
}


def sentence(error: PosError) -> str:
    """Give the sentence for an error."""
    params = dict(error.params)
    if error.code in ("right.missing", "right.limit"):
        params["permission"] = ACTS[Permission(params["permission"])]
        params["who"] = _whom_to_ask(params.get("who", ()))
    if params.get("left") == 0:
        params["left"] = "none"
    if error.code == "setting.invalid":
        params["key"] = SETTING_RULES.get(params["key"], "That cannot be used here. Choose or type something else.")
    if "hint" in params:
        params["hint"] = f" Did you mean {params['hint']}?" if params["hint"] else ""
    try:
        return SENTENCES[error.code].format(**params).strip()
    except KeyError:
        return f"That did not work. Tell whoever looks after the tills: {error.code}."


def plain(text: str) -> str:
    """Give text with nothing in it that could steer a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
