"""The catalogue as its manager uses it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent, QFont, QFontMetrics, QGuiApplication, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QStyleOptionViewItem

from pos_app.domain.search import fold
from pos_app.domain.used import Grade
from pos_app.errors import Refused, Unavailable
from pos_app.services.book import get_book
from pos_app.services.book_add import add_book
from pos_app.services.book_copy import add_copy
from pos_app.services.book_edit import Change, change_book, edit_book
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.category import keep_category
from pos_app.services.supplier import SupplierView, keep_supplier, set_supplier_of
from tests.shop import DARKNESS, KLARA, PRIDE
from tests.ui.keyboard import until
from tests.ui.till import Till
from ui.inventory.columns import COLUMNS, PLACES, USUAL, fitting, left_out, sorted_words, title_lines
from ui.inventory.filters import FiltersDialog, Shown, having
from ui.inventory.order import begins_anew
from ui.inventory.table import text_room
from ui.inventory.views import ColumnsDialog, ViewsDialog
from ui.style import theme


def titles(till: Till) -> list[str]:
    model = till.page.books
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def choose(till: Till, title: str) -> None:
    till.do(lambda: till.page.table.setCurrentIndex(till.page.books.index(titles(till).index(title), 0)))


def edit(till: Till, field: object, text: str) -> None:
    field.setFocus()  # type: ignore[attr-defined]
    field.selectAll()  # type: ignore[attr-defined]
    till.type(text)


def test_all_books_are_listed_by_title_and_found_as_typed(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    assert titles(till)[1:] == ["Klara and the Sun", "Pride and Prejudice", "Sapiens", "The Left Hand of Darkness"]
    till.type("guin")
    assert titles(till) == ["The Left Hand of Darkness"]


def test_scans_find_their_title_here_once_they_are_asked_for(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F11)
    assert till.sees("Message: Scans find their title here now.")
    till.scan(DARKNESS)
    assert titles(till) == ["The Left Hand of Darkness"]
    till.scan("9780441478126")
    assert till.sees("Message: 9780441478126 is mistyped")
    assert till.window.windowTitle() == "Inventory – Bookstore POS"
    till.key(Qt.Key.Key_F11)
    till.scan(KLARA)
    assert till.window.windowTitle() == "Checkout – Bookstore POS"
    assert [line.title for line in till.page.lines.lines] == ["Klara and the Sun"]


def test_the_model_keeps_qts_rules(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    QAbstractItemModelTester(till.page.books, QAbstractItemModelTester.FailureReportingMode.Fatal)
    till.type("k")
    till.key(Qt.Key.Key_Backspace)


def test_filters_narrow_the_list_and_are_taken_off_by_their_chips(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    dialog.price_from.setText("10")
    dialog.stock.setCurrentIndex(dialog.stock.findText("Any in stock"))
    till.key(Qt.Key.Key_Return)
    assert titles(till) == ["Klara and the Sun", "The Left Hand of Darkness"]
    assert [chip.words for chip in till.page.chip_row.buttons] == ["Price 10.00– · 3  ✕", "In stock · 3  ✕"]
    till.do(till.page.chip_row.buttons[0].click)
    assert titles(till) == ["Klara and the Sun", "Pride and Prejudice", "The Left Hand of Darkness"]
    till.do(till.page.clear_filters)
    assert len(titles(till)) == 5
    assert not till.page.chip_row.isVisible()


def test_a_publisher_is_offered_as_typed_and_only_one_that_exists_is_taken(till: Till) -> None:
    app, sam, books = till.shop.app, till.shop.sam, till.shop.books
    for isbn, name in ((KLARA, "Éditions du Seuil"), (DARKNESS, "Seuil Jeunesse"), (PRIDE, "Penguin")):
        before = till.run(get_book(app, books[isbn])).publisher
        till.run(change_book(app, sam, books[isbn], {"publisher": Change(before, name)}))
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    dialog.publisher.setFocus()
    till.type("seuil")
    till.run(until(lambda: dialog._names.stringList() == ["Seuil Jeunesse", "Éditions du Seuil"]))
    assert dialog.publisher.completer().popup().isVisible()
    till.key(Qt.Key.Key_Return)
    assert till.dialog is dialog
    assert till.sees("2 publishers have “seuil” in their names: choose one.")
    till.type("nobody")
    assert not till.sees("publishers have")
    assert not dialog.publisher.completer().popup().isVisible()
    # Told before Enter, too.
    assert till.sees("No title has a publisher “nobody”. Type fewer letters, or empty the field and press ↓ for all.")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is dialog
    assert till.sees("No title has a publisher “nobody”.")
    dialog.publisher.selectAll()
    till.key(Qt.Key.Key_Delete, Qt.Key.Key_Down)
    assert not till.sees("No title has a publisher")
    assert dialog._names.stringList() == ["Penguin", "Seuil Jeunesse", "Éditions du Seuil"]
    assert dialog.publisher.completer().popup().isVisible()
    # Chosen with the arrow of what is offered.
    till.type("seuil")
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Return)
    assert dialog.publisher.text() == "Éditions du Seuil"
    till.key(Qt.Key.Key_Return)
    till.settle()
    assert titles(till) == ["Klara and the Sun"]
    assert till.page.chip_row.buttons[0].words == "Publisher: Éditions du Seuil · 1  ✕"
    # Typed and Enter at once: what there is is looked up first; the only one it can be is taken.
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    till.do(lambda: dialog.publisher.setText("PENG"))
    till.do(dialog.submit)
    till.run(until(lambda: till.dialog is None))
    till.settle()
    assert titles(till) == ["Pride and Prejudice"]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_publishers_that_cannot_be_read_are_told_and_asked_for_again(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)

    async def gone(_act: object) -> None:
        raise Unavailable("database.unreachable")

    with monkeypatch.context() as cut:
        cut.setattr(till.shop.app.db, "read", gone)
        till.do(lambda: dialog.publisher.setText("x"))
        till.do(dialog.submit)
        till.run(until(dialog.no_publisher.isVisible))
    till.do(dialog.submit)
    till.run(until(lambda: till.sees("No title has a publisher yet. Ctrl+D in the list shows the field for it.")))


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_languages_are_chosen_by_their_names(till: Till) -> None:
    app, sam, books = till.shop.app, till.shop.sam, till.shop.books
    for isbn, tag in ((KLARA, "en-GB"), (DARKNESS, "en-US"), (PRIDE, "de")):
        before = till.run(get_book(app, books[isbn])).language
        till.run(change_book(app, sam, books[isbn], {"language": Change(before, tag)}))
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    offered = [dialog.language.itemText(row) for row in range(dialog.language.count())]
    assert offered == [
        "All",
        "English (en), with en-GB, en-US",
        "English, United Kingdom (en-GB)",
        "English, United States (en-US)",
        "German (de)",
    ]
    till.do(dialog.language.setFocus)
    till.type("ger")
    till.key(Qt.Key.Key_Return)
    assert titles(till) == ["Pride and Prejudice"]
    assert till.page.chip_row.buttons[0].words == "Language: German (de) · 1  ✕"
    assert till.sees("German (de)")


def test_what_starts_with_the_letters_comes_before_what_has_them_inside() -> None:
    names = [(name, fold(name)) for name in ("Reclam", "Éditions Clair", "Clair", "O’Clair")]
    assert having("cla", names) == ["Clair", "Éditions Clair", "Reclam", "O’Clair"]
    assert having("zzz", names) == []


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_letters_find_a_category_that_lies_below_another(till: Till) -> None:
    tree = till.run(keep_category(till.shop.app, till.shop.sam, "Novels"))
    novels = next(node.id for node in tree if node.name == "Novels")
    till.run(keep_category(till.shop.app, till.shop.sam, "Crime", parent_id=novels))
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    till.type("crim")
    assert dialog.category.currentText() == "Crime"
    box, option = dialog.category, QStyleOptionViewItem()
    box.itemDelegate().initStyleOption(option, box.model().index(box.currentIndex(), 0))
    assert option.text == "    Crime"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_filter_taken_off_leaves_the_keys_with_the_list(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    page = till.page

    def narrow() -> None:
        till.do(lambda: page.show_only(Shown(BookFilter(min_price=500))))

    for before in (page.table, page.search):
        narrow()
        till.do(before.setFocus)
        till.do(lambda: QTest.mouseClick(page.chip_row.buttons[0], Qt.MouseButton.LeftButton))
        assert not page.chip_row.buttons
        assert QGuiApplication.focusObject() is before
    # Nothing is found, the list is away, and comes back with the keys.
    till.do(page.table.setFocus)
    till.do(lambda: page.show_only(Shown(BookFilter(min_price=99999))))
    till.do(lambda: QTest.mouseClick(page.chip_row.buttons[0], Qt.MouseButton.LeftButton))
    assert QGuiApplication.focusObject() is page.table
    # Pressed by a key while it has the focus itself.
    narrow()
    till.do(page.chip_row.buttons[0].setFocus)
    till.key(Qt.Key.Key_Space)
    assert not page.chip_row.buttons
    assert QGuiApplication.focusObject() is page.table


def test_a_subject_in_words_or_by_its_code_narrows_the_list_with_all_below_it(till: Till) -> None:
    app, sam, books = till.shop.app, till.shop.sam, till.shop.books
    for isbn, subjects in ((KLARA, "93:FLC"), (DARKNESS, "93:FL 10:FIC028000"), (PRIDE, "93:FBC")):
        till.run(change_book(app, sam, books[isbn], {"subjects": Change(None, subjects)}))
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    dialog.subject.setFocus()

    def offers(*titles: str) -> None:
        till.run(until(lambda: dialog._found.stringList() == list(titles)))

    # The broad ones in use, with how many titles have them; below one that is chosen the narrower ones.
    till.key(Qt.Key.Key_Down)
    offers("Fiction (Thema F) · 3", "Fiction (BISAC FIC028000) · 1")
    till.key(Qt.Key.Key_Down)
    till.key(Qt.Key.Key_Return)
    assert dialog.subject.text() == "Fiction (Thema F) · 3"
    till.key(Qt.Key.Key_Down)
    offers("Fiction (Thema F) · 3", "Classic fiction (Thema FBC) · 1", "Science fiction (Thema FL) · 2")
    till.key(Qt.Key.Key_Escape)
    dialog.subject.clear()
    till.type("science")
    offers("Science fiction (Thema FL) · 2")
    # Where no more is found, no empty list is left to take the Enter that asks.
    assert dialog.subject.completer().popup().isVisible()
    dialog.offer_subjects("scienceq", [])
    assert not dialog.subject.completer().popup().isVisible()
    till.do(lambda: dialog.subject.setText("no such thing"))
    till.do(dialog.submit)
    till.run(until(lambda: till.sees("No title has a subject “no such thing”.")))
    till.type("sci")
    assert not till.sees("No title has a subject")
    offers("Science fiction (Thema FL) · 2")
    till.key(Qt.Key.Key_Escape)
    # Typed and Enter at once: what it means is looked up first.
    till.do(lambda: dialog.subject.setText("fl"))
    till.do(dialog.submit)
    till.run(until(lambda: till.dialog is None))
    till.settle()
    assert titles(till) == ["Klara and the Sun", "The Left Hand of Darkness"]
    assert [chip.words for chip in till.page.chip_row.buttons] == ["Subject: Science fiction (Thema FL) · 2  ✕"]
    till.key(Qt.Key.Key_F3)
    assert isinstance(till.dialog, FiltersDialog)
    assert till.dialog.subject.text() == "Science fiction (Thema FL)"
    till.dialog.subject.clear()
    till.do(till.dialog.submit)
    assert len(titles(till)) == 5


@pytest.mark.parametrize(("lacking", "found"), [("No author", "Beowulf"), ("No supplier", "Sapiens")])
def test_what_titles_lack_narrows_the_list(till: Till, lacking: str, found: str) -> None:
    shop = till.shop
    till.run(add_book(shop.app, shop.sam, "9780140449310", "Beowulf", 1000))
    supplier = till.run(keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners")))
    for isbn in (KLARA, DARKNESS):
        till.run(set_supplier_of(shop.app, shop.sam, shop.books[isbn], supplier.id))
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    dialog.missing.setCurrentIndex(dialog.missing.findText(lacking))
    till.key(Qt.Key.Key_Return)
    assert found in titles(till)
    assert "Klara and the Sun" not in titles(till)
    assert till.page.chip_row.buttons[0].words == f"{lacking} · {len(titles(till))}  ✕"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_filters_are_taken_off_and_all_books_shown_by_keys(till: Till) -> None:
    alt = Qt.KeyboardModifier.AltModifier
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    assert isinstance(till.dialog, FiltersDialog)
    till.dialog.price_from.setText("10")
    till.dialog.stock.setCurrentIndex(till.dialog.stock.findText("Out"))
    till.key(Qt.Key.Key_Return)
    assert [chip.accessibleDescription() for chip in till.page.chip_row.buttons] == ["Key Alt 1", "Key Alt 2"]
    till.key(Qt.Key.Key_2, modifier=alt)
    assert titles(till) == ["Klara and the Sun", "Sapiens", "The Left Hand of Darkness"]
    till.type("zzz")
    assert till.sees("No book matches.")
    till.key(Qt.Key.Key_A, modifier=alt)
    assert len(titles(till)) == 5
    assert not till.page.chip_row.isVisible()


def test_a_price_that_is_none_is_told_in_the_question(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    assert isinstance(till.dialog, FiltersDialog)
    till.dialog.price_to.setText("abc")
    till.key(Qt.Key.Key_Return)
    assert till.sees("“abc” is no amount")
    till.key(Qt.Key.Key_Escape)
    assert len(titles(till)) == 5


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_prices_the_wrong_way_round_are_told_in_the_question(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    dialog.price_from.setText("20")
    dialog.price_to.setText("10")
    till.key(Qt.Key.Key_Return)
    assert till.dialog is dialog
    assert till.sees("Swap “Price from” and “Price to”.")
    till.type("5")
    till.key(Qt.Key.Key_Return)
    assert titles(till) == ["Pride and Prejudice"]


def test_nothing_found_is_said_with_a_way_back(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("zzz")
    assert titles(till) == []
    assert till.sees("No book matches. Try fewer letters.")
    till.do(lambda: till.page.show_only(Shown(BookFilter(min_price=99999))))
    assert till.sees("No book matches. Try fewer letters, or other filters.")
    till.do(till.page.search.clear)
    assert till.sees("No book matches. Try other filters.")
    till.do(till.page.clear_filters)
    assert len(titles(till)) == 5


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_what_changed_today_is_what_changed_since_midnight(till: Till) -> None:
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F3)
    dialog = till.dialog
    assert isinstance(dialog, FiltersDialog)
    dialog.changed.setCurrentIndex(dialog.changed.findText("Today"))
    till.key(Qt.Key.Key_Return)
    assert till.page.chip_row.buttons[0].words.startswith("Changed: today")
    zone = till.page.fmt.settings.zone
    since = till.page.shown_filter.changed_since.astimezone(zone)
    now = till.shop.app.clock.now().astimezone(zone)
    assert (since.date(), since.hour, since.minute) == (now.date(), 0, 0)
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"price": 1600}))
    till.do(till.page.show_again)
    assert "Klara and the Sun" in titles(till)
    till.do(lambda: till.page.show_only(Shown(changed_days=7)))
    assert till.page.chip_row.buttons[0].words.startswith("Changed: in the last 7 days")
    assert (now.date() - till.page.shown_filter.changed_since.astimezone(zone).date()).days == 6


def test_a_head_sorts_the_list_both_ways_and_it_is_left_so(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    price = PLACES[SortBy.PRICE]
    till.do(lambda: till.page.table.horizontalHeader().sectionClicked.emit(price))
    cheap = titles(till)
    assert till.page.books.headerData(price, Qt.Orientation.Horizontal) == "Price ↑"
    till.do(lambda: till.page.table.horizontalHeader().sectionClicked.emit(price))
    assert titles(till)[0] == "Sapiens"
    assert sorted(cheap) == sorted(titles(till))
    till.run(till.page.close_page())
    till.sign_in("Sam", "Inventory")
    assert titles(till)[0] == "Sapiens"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_third_click_on_a_head_goes_back_to_what_matches_best(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    head = till.page.table.horizontalHeader()
    for said in (
        "Sorted by Stock, lowest first. Two",
        "Sorted by Stock, highest first. Once more",
        "What matches best",
    ):
        till.do(lambda: head.sectionClicked.emit(PLACES[SortBy.STOCK]))
        assert till.sees(said)
    assert titles(till)[1] == "Klara and the Sun"


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (SortBy.TITLE, "Sorted by Title, Z to A"),
        (SortBy.PRICE, "Sorted by Price, highest first"),
        (SortBy.PUBLISHED, "Sorted by Published, newest first"),
        (SortBy.STATE, "Sorted by State, inactive first"),
    ],
)
def test_the_end_a_list_starts_from_is_called_by_what_it_holds(by: SortBy, said: str) -> None:
    assert sorted_words(ListOrder(by, descending=True)) == said


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_search_ranks_whatever_the_list_was_sorted_by_until_it_is_sorted_itself(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    price = PLACES[SortBy.PRICE]

    def heads(*places: int) -> list[str]:
        return [till.page.books.headerData(place, Qt.Orientation.Horizontal) for place in places]

    def sort() -> None:
        till.do(lambda: till.page.table.horizontalHeader().sectionClicked.emit(price))

    sort()
    sort()
    dearest_first = titles(till)
    assert dearest_first[:2] == ["Sapiens", "Klara and the Sun"]
    till.type("s")
    # The dearest is out of stock.
    assert titles(till) == ["Klara and the Sun", "Sapiens"]
    assert heads(0, price) == ["Title · best match", "Price"]
    sort()
    assert till.sees("Message: Sorted by Price, lowest first, for this search. Two more clicks")
    sort()
    assert titles(till) == ["Sapiens", "Klara and the Sun"]
    # It holds while the words are typed on, and is gone with them.
    till.type("a")
    till.key(Qt.Key.Key_Backspace)
    assert titles(till) == ["Sapiens", "Klara and the Sun"]
    assert heads(0, price) == ["Title", "Price ↓"]
    sort()
    assert heads(0, price) == ["Title · best match", "Price"]
    sort()
    till.do(till.page.search.setFocus)
    till.key(Qt.Key.Key_Backspace)
    # All books are as they were left.
    assert titles(till) == dearest_first
    assert heads(0, price) == ["Title", "Price ↓"]
    till.type("s")
    assert titles(till) == ["Klara and the Sun", "Sapiens"]
    till.run(till.page.close_page())
    till.sign_in("Sam", "Inventory")
    assert titles(till) == dearest_first


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_view_of_a_search_keeps_the_order_it_was_sorted_by(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("s")
    till.do(lambda: till.page.sort_by(ListOrder(SortBy.PRICE, descending=True)))
    till.key(Qt.Key.Key_F5)
    till.type("Dear")
    till.key(Qt.Key.Key_Return)
    till.do(till.page.clear_filters)
    assert titles(till)[1:] == ["Klara and the Sun", "Pride and Prejudice", "Sapiens", "The Left Hand of Darkness"]
    till.key(Qt.Key.Key_F5)
    till.key(Qt.Key.Key_Return)
    assert titles(till) == ["Sapiens", "Klara and the Sun"]
    assert till.page.books.headerData(PLACES[SortBy.PRICE], Qt.Orientation.Horizontal) == "Price ↓"


@pytest.mark.parametrize(
    ("before", "now", "anew"),
    [
        ("", "g", True),
        ("guin", "", True),
        ("", "  ", False),
        ("gui", "guin", False),
        ("guin", "gui", False),
        ("he left", "the left", False),
        ("left hand", "hand", False),
        ("guin", "k", True),
        ("klara", "k", True),
        ("kl", "k", False),
        ("9780571364879", "Sapiens", True),
    ],
)
def test_a_search_typed_over_is_another_one(before: str, now: str, *, anew: bool) -> None:
    assert begins_anew(before, now) is anew


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_letters_that_say_nothing_in_the_column_sorted_by_are_told(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page.table.horizontalHeader().sectionClicked.emit(PLACES[SortBy.STOCK]))
    till.do(till.page.table.setFocus)
    till.type("k")
    assert till.sees("The list is sorted by Stock: “k” says nothing there. F2 searches titles.")


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_list_read_anew_after_the_database_is_back_says_what_it_found(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("kl")
    read = till.shop.app.db.read

    async def gone(_act: object) -> None:
        raise Unavailable("database.unreachable")

    monkeypatch.setattr(till.shop.app.db, "read", gone)
    till.key(Qt.Key.Key_Backspace)
    monkeypatch.setattr(till.shop.app.db, "read", read)
    till.do(till.page.show_again)
    assert till.page.books.typed == "k"
    assert till.page.search.accessibleDescription() == till.page.subtitle.replace(" found", "")


def test_columns_are_chosen_and_kept(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F4)
    dialog = till.dialog
    assert isinstance(dialog, ColumnsDialog)
    for box in dialog.boxes.values():
        box.setChecked(box.accessibleName() in ("Sold", "Author"))
    till.key(Qt.Key.Key_Return)

    def shown() -> list[str]:
        return [column.head for place, column in enumerate(COLUMNS) if not till.page.table.isColumnHidden(place)]

    assert shown() == ["Title", "Author", "Sold"]
    till.sign_in("Sam", "Inventory")
    assert shown() == ["Title", "Author", "Sold"]
    till.sign_in("Ana", "Inventory")
    assert "ISBN" in shown()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_columns_added_are_shown_and_what_has_no_room_is_named(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.key(Qt.Key.Key_F4)
    dialog = till.dialog
    assert isinstance(dialog, ColumnsDialog)
    for name in ("author", "publisher", "series"):
        dialog.boxes[name].setChecked(True)
    till.key(Qt.Key.Key_Return)
    heads = [column.head for place, column in enumerate(COLUMNS) if not till.page.table.isColumnHidden(place)]
    assert {"Title", "Author", "Publisher", "Series", "Price", "Stock"} <= set(heads)
    assert "ISBN" not in heads
    assert till.sees("Message: Not enough room for ISBN, Category")
    assert till.sees("untick others with F4, or make the window wider.")
    till.key(Qt.Key.Key_F4)
    assert isinstance(till.dialog, ColumnsDialog)
    for name, box in till.dialog.boxes.items():
        box.setChecked(name == "price")
    till.key(Qt.Key.Key_Return)
    assert not till.sees("Not enough room")


def test_a_view_is_kept_shown_and_taken_away(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.type("guin")
    till.key(Qt.Key.Key_F5)
    till.type("Le Guin")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: The view “Le Guin” is kept.")
    till.do(till.page.clear_filters)
    assert len(titles(till)) == 5
    till.key(Qt.Key.Key_F5)
    till.key(Qt.Key.Key_Return)
    assert titles(till) == ["The Left Hand of Darkness"]
    assert till.page.search.text() == "guin"
    till.key(Qt.Key.Key_F5)
    assert isinstance(till.dialog, ViewsDialog)
    till.do(till.dialog._drop)
    assert till.sees("Message: The view “Le Guin” is taken away.")


def test_typing_in_the_list_goes_to_the_title(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.page.table.setFocus()
    till.type("pr")
    assert till.page.table.currentIndex().data() == "Pride and Prejudice"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("by", "typed", "title"),
    [
        (SortBy.PRICE, "10.99", "The Left Hand of Darkness"),
        (SortBy.PRICE, "12", "Klara and the Sun"),
        (SortBy.STOCK, "7", "The Left Hand of Darkness"),
        (SortBy.STATE, "out", "Sapiens"),
    ],
)
def test_typing_in_the_list_goes_by_the_column_it_is_sorted_by(till: Till, by: SortBy, typed: str, title: str) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page.table.horizontalHeader().sectionClicked.emit(PLACES[by]))
    till.page.table.setFocus()
    till.type(typed)
    assert till.page.table.currentIndex().siblingAtColumn(0).data() == title


def test_a_change_at_another_till_appears_and_the_place_is_kept(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Sapiens")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"price": 1234}))
    till.do(till.page.live.look)
    assert till.page.books.index(titles(till).index("Klara and the Sun"), PLACES[SortBy.PRICE]).data() == "12.34"
    assert till.page.table.currentIndex().data() == "Sapiens"
    assert till.sees("Changed just now: “Klara and the Sun”, price 16.95 → 12.34")


def test_a_title_that_moves_takes_the_choice_along(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"title": "Zara and the Sun"}))
    till.do(till.page.live.look)
    assert titles(till)[-1] == "Zara and the Sun"
    assert till.page.table.currentIndex().data() == "Zara and the Sun"


def test_a_title_added_at_another_till_appears(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.run(add_book(till.shop.app, till.shop.sam, "9780140328721", "Matilda", 799))
    till.do(till.page.live.look)
    assert "Matilda" in titles(till)


def test_a_list_that_takes_long_to_read_is_not_read_anew_all_the_time(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    till.do(lambda: till.page.live.rest(60))
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"price": 1234}))
    till.do(till.page.live.look)
    assert till.sees("Changed just now: “Klara and the Sun”, price 16.95 → 12.34")
    till.run(add_book(till.shop.app, till.shop.sam, "9780140328721", "Matilda", 799))
    till.do(till.page.live.look)
    assert "Matilda" not in titles(till)
    till.do(lambda: till.page.live.rest(0))
    till.do(till.page.live.look)
    assert "Matilda" in titles(till)


def test_a_price_is_changed_in_place(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    edit(till, till.page.detail._price, "17.50")
    till.key(Qt.Key.Key_S, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("Message: “Klara and the Sun” is saved.")
    assert till.run(get_book(till.shop.app, till.shop.books[KLARA])).price == 1750


def test_a_stock_correction_is_a_movement(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    detail = till.page.detail
    assert detail._why.isHidden()
    edit(till, detail._stock, "5")
    assert not detail._why.isHidden()
    till.key(Qt.Key.Key_Return)
    assert till.sees("Why does the stock change? Choose by its first letter, then press Enter.")
    assert till.run(till.shop.stock(KLARA)) == 2
    till.type("f")
    till.key(Qt.Key.Key_Return)
    assert till.run(till.shop.stock(KLARA)) == 5
    assert till.sees("Correction: Found")
    assert detail._why.isHidden()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_no_row_of_the_panel_is_pressed_together_where_it_is_asked_why(till: Till) -> None:
    for _ in range(8):
        till.run(till.shop.sell(PRIDE))
    till.sign_in("Sam", "Inventory")
    choose(till, "Pride and Prejudice")
    detail = till.page.detail

    def pressed() -> list[str]:
        shown = [one for one in detail.findChildren(QLabel) if one.isVisible() and one.text()]
        return [one.text() for one in shown if one.height() < one.minimumSizeHint().height()]

    assert (till.sees("16 left"), pressed()) == (True, [])
    edit(till, detail._stock, "5")
    assert till.sees("Why the stock changes")
    assert pressed() == []
    assert (till.sees("19 left"), till.sees("20 left")) == (True, False)
    till.key(Qt.Key.Key_Escape)
    assert till.sees("21 left")


def test_the_reason_given_last_is_there_for_the_next_correction_also_after_a_lock(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    edit(till, till.page.detail._stock, "1")
    till.key(Qt.Key.Key_Tab)
    till.type("s")
    till.key(Qt.Key.Key_S, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("Correction: Stolen or lost")
    till.sign_in("Sam", "Inventory")
    choose(till, "Pride and Prejudice")
    edit(till, till.page.detail._stock, "20")
    assert till.page.detail._why.currentText() == "Stolen or lost"
    till.key(Qt.Key.Key_Return)
    assert till.run(till.shop.stock(PRIDE)) == 20
    assert till.sees("Correction: Stolen or lost")
    # Reverted, it is asked no more.
    edit(till, till.page.detail._stock, "19")
    till.key(Qt.Key.Key_Escape)
    assert till.page.detail._why.isHidden()


def test_what_somebody_else_changed_in_another_field_is_kept_and_told(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"reorder_at": 9}))
    edit(till, till.page.detail._price, "15")
    till.key(Qt.Key.Key_Return)
    assert till.sees("is saved. Changed by somebody else meanwhile, and kept: Reorder at: 0 → 9.")
    kept = till.run(get_book(till.shop.app, book.id))
    assert (kept.price, kept.reorder_at) == (1500, 9)
    assert till.page.detail._reorder.text() == "9"


def test_a_field_that_two_people_changed_is_asked_for_one_by_one(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    theirs = {"price": 1600, "reorder_at": 9, "cost": 800}
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, theirs))
    edit(till, till.page.detail._price, "15")
    edit(till, till.page.detail._reorder, "4")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Price became 16.00 meanwhile, by Sam. You typed 15.00. 1 more after it.")
    assert till.page.detail._cost.text() == "8.00"
    till.key(Qt.Key.Key_K, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.sees("Reorder at became 9 meanwhile, by Sam. You typed 4.")
    till.key(Qt.Key.Key_R, modifier=Qt.KeyboardModifier.AltModifier)
    kept = till.run(get_book(till.shop.app, book.id))
    assert (kept.price, kept.reorder_at, kept.cost) == (1500, 9, 800)
    assert not till.page.detail.dirty
    assert not till.sees("Keep mine")


def test_what_somebody_else_stored_is_taken_and_nothing_is_left_to_save(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    book = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    till.run(edit_book(till.shop.app, till.shop.sam, book.id, book.version, {"price": 1600}))
    edit(till, till.page.detail._price, "15")
    till.key(Qt.Key.Key_Return)
    till.click("Take theirs")
    assert till.page.detail._price.text() == "16.00"
    assert till.run(get_book(till.shop.app, book.id)).price == 1600


def test_a_sale_meanwhile_is_not_overwritten_by_a_count(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "The Left Hand of Darkness")
    till.run(till.shop.sell(DARKNESS))
    edit(till, till.page.detail._stock, "8")
    till.key(Qt.Key.Key_Tab)
    till.type("m")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Stock became 6 meanwhile, by Ana. You typed 8.")
    assert till.run(till.shop.stock(DARKNESS)) == 6
    till.key(Qt.Key.Key_K, modifier=Qt.KeyboardModifier.AltModifier)
    assert till.run(till.shop.stock(DARKNESS)) == 8


def test_price_and_stock_are_saved_as_one_or_not_at_all(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "The Left Hand of Darkness")
    till.run(till.shop.sell(DARKNESS))
    edit(till, till.page.detail._price, "12.34")
    edit(till, till.page.detail._stock, "8")
    till.key(Qt.Key.Key_Tab)
    till.type("m")
    till.key(Qt.Key.Key_S, modifier=Qt.KeyboardModifier.ControlModifier)
    book_id = till.shop.books[DARKNESS]
    assert till.sees("Stock became 6 meanwhile, by Ana. You typed 8.")
    assert not till.sees("Price became")
    assert till.run(get_book(till.shop.app, book_id)).price == 1099
    till.key(Qt.Key.Key_R, modifier=Qt.KeyboardModifier.AltModifier)
    now = till.run(get_book(till.shop.app, book_id))
    assert (now.price, now.stock) == (1234, 6)
    assert till.sees("Message: “The Left Hand of Darkness” is saved.")


def test_nonsense_in_a_field_is_told_and_marked(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    edit(till, till.page.detail._price, "abc")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: Price: “abc” is no amount.")


def test_a_price_typed_while_another_field_is_wrong_is_whole(till: Till) -> None:
    """Typing stays in the field: only a save goes to what is wrong."""
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    detail = till.page.detail
    edit(till, detail._reorder, "c")
    edit(till, detail._price, "13.33")
    assert (detail._price.text(), detail._reorder.text()) == ("13.33", "c")
    assert detail._price.hasFocus()
    till.key(Qt.Key.Key_Return)
    assert detail._reorder.hasFocus()
    assert detail._reorder.selectedText() == "c"
    assert till.run(get_book(till.shop.app, till.shop.books[KLARA])).price == 1695
    till.type("3")
    till.key(Qt.Key.Key_Return)
    now = till.run(get_book(till.shop.app, till.shop.books[KLARA]))
    assert (now.price, now.reorder_at) == (1333, 3)


def test_every_wrong_field_is_named_and_marked_and_none_once_it_is_reverted(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    detail = till.page.detail

    def marked() -> list[str]:
        fields = (detail._price, detail._cost, detail._stock, detail._reorder)
        return [field.accessibleName() for field in fields if field.property("invalid")]

    edit(till, detail._reorder, "c")
    till.key(Qt.Key.Key_Return)
    assert till.sees("Message: Reorder at is a whole number from 0 to 1,000,000.")
    assert marked() == ["Reorder at"]
    edit(till, detail._stock, "1000001")
    edit(till, detail._price, "abc")
    till.key(Qt.Key.Key_S, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("Message: Price: “abc” is no amount.")
    assert till.sees("Wrong too: Stock, Reorder at.")
    assert marked() == ["Price", "Stock", "Reorder at"]
    assert detail._price.hasFocus()
    till.key(Qt.Key.Key_Escape)
    assert marked() == []
    edit(till, detail._stock, "x")
    assert marked() == ["Stock"]
    till.key(Qt.Key.Key_Escape)
    choose(till, "Pride and Prejudice")
    assert (detail._stock.text(), marked()) == ("23", [])
    assert not detail.dirty


def test_a_cashier_sees_and_cannot_change(till: Till) -> None:
    till.sign_in("Ana", "Inventory")
    choose(till, "Klara and the Sun")
    assert not till.page.detail._price.isEnabled()


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_service_is_not_out_of_stock(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    model = till.page.books
    row = titles(till).index("Gift wrap")
    assert [model.index(row, PLACES[by]).data() for by in (SortBy.STOCK, SortBy.STATE)] == ["", "Service"]
    till.key(Qt.Key.Key_F3)
    assert isinstance(till.dialog, FiltersDialog)
    till.dialog.stock.setCurrentIndex(till.dialog.stock.findText("Out"))
    till.key(Qt.Key.Key_Return)
    assert titles(till) == ["Sapiens"]


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_covers_are_in_the_list_and_one_is_pasted_there(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    till.do(till.page.table.setFocus)
    picture = QImage(40, 60, QImage.Format.Format_RGB32)
    picture.fill(0xFF0000)
    till.do(lambda: QGuiApplication.clipboard().setImage(picture))
    till.key(Qt.Key.Key_V, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.sees("The cover is kept.")
    model = till.page.books
    row = model.row(titles(till).index("Klara and the Sun"))
    till.do(lambda: model.cover(row))
    shown = model.cover(row)
    assert shown is not None
    assert shown.toImage().pixelColor(10, 10).red() > 240
    assert model.cover(model.row(titles(till).index("Sapiens"))) is None


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_file_dropped_is_copied_and_never_moved(till: Till, tmp_path: Path) -> None:
    till.sign_in("Sam", "Inventory")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "cover.jpg"))])
    both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    plain, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(5, 5), both, data, plain, none)
    event.setDropAction(Qt.DropAction.MoveAction)
    till.do(lambda: till.page.detail.cover.dropEvent(event))
    assert event.dropAction() == Qt.DropAction.CopyAction


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_title_that_cannot_be_read_leaves_no_other_in_the_panel(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")

    async def gone(_act: object) -> None:
        raise Unavailable("database.unreachable")

    with monkeypatch.context() as cut:
        cut.setattr(till.shop.app.db, "read", gone)
        choose(till, "Sapiens")
        assert till.sees("No title chosen")
        assert not till.page.detail._price.isEnabled()
    till.do(till.page.show_again)
    assert till.page.detail.book.title == "Sapiens"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_head_says_what_the_list_is_sorted_by_from_the_start(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    head = lambda: till.page.books.headerData(0, Qt.Orientation.Horizontal)  # noqa: E731
    assert head() == "Title ↑"
    till.type("kl")
    assert head() == "Title · best match"
    till.type("  ")
    till.do(till.page.search.clear)
    till.type("  ")
    assert head() == "Title ↑"


def test_on_a_narrow_screen_with_large_text_the_price_stays() -> None:
    for added in ((), ("author", "publisher", "series")):
        shown = fitting((*USUAL, *added), 560, lambda width: round(width * 1.5))
        assert {SortBy.STOCK, SortBy.PRICE} <= shown
    out = "Not enough room for ISBN and State: untick others with F4, or make the window wider."
    assert left_out(("isbn", "price", "state"), {SortBy.TITLE, SortBy.PRICE}) == out
    assert left_out(("price",), {SortBy.TITLE, SortBy.PRICE}) == ""


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scale", [100, 125, 150])
def test_no_number_and_no_head_is_cut_and_the_title_has_the_rest(till: Till, qapp: QApplication, scale: int) -> None:
    theme.apply(qapp, "light", scale)
    try:
        till.window.resize(1366, 768)
        till.sign_in("Sam", "Inventory")
        table, text = till.page.table, QFontMetrics(theme.font())
        bold = QFontMetrics(theme.font(14, QFont.Weight.Bold))
        widest = {
            SortBy.ISBN: "9780000000000",
            SortBy.PRICE: "1,234.56",
            SortBy.COST: "1,234.56",
            SortBy.STOCK: "12345",
        }

        def width(place: int) -> int:
            return table.columnWidth(place) or theme.px(COLUMNS[place].width)

        def room(place: int) -> int:
            return text_room(QRect(0, 0, width(place), 48), place).width()

        for place, column in enumerate(COLUMNS):
            if column.by in widest:
                metrics = bold if column.by is SortBy.STOCK else text
                assert room(place) >= metrics.horizontalAdvance(widest[column.by]), column.head
            if column.figure:
                head = QFontMetrics(theme.font(12, QFont.Weight.Medium)).horizontalAdvance(f"{column.head} ↓")
                assert width(place) - 16 >= head, column.head
        shown = [place for place in range(len(COLUMNS)) if not table.isColumnHidden(place)]
        assert sum(table.columnWidth(place) for place in shown) == table.viewport().width()
        if scale == 100:
            assert [COLUMNS[place].name for place in shown[1:]] == list(USUAL)
            # Half as much again as a number has.
            assert room(0) >= 220
    finally:
        theme.apply(qapp, "light")


def test_a_used_copy_says_how_worn_it_is_and_is_found_by_it(till: Till) -> None:
    app, sam, book = till.shop.app, till.shop.sam, till.shop.books[PRIDE]
    long = "Pride and Prejudice, with the letters and the three unfinished novels in one volume, annotated"
    till.run(change_book(app, sam, book, {"title": Change("Pride and Prejudice", long)}))
    for grade in (Grade.VERY_GOOD, Grade.POOR):
        till.run(add_copy(app, sam, book, grade, 450))
    till.sign_in("Sam", "Inventory")
    till.type("pride")
    rows = [row for _, row in till.page.books.loaded()]
    assert {title_lines(row)[1] for row in rows} == {
        "Jane Austen",
        "Used, very good · Jane Austen",
        "Used, poor · Jane Austen",
    }
    # Else the end of the title, which tells them apart, is what a narrow list cuts.
    assert {title_lines(row)[0] for row in rows} == {long}
    till.key(Qt.Key.Key_F2)
    till.type("pride used poor")
    (found,) = [row for _, row in till.page.books.loaded()]
    assert title_lines(found)[1] == "Used, poor · Jane Austen"


def test_the_trades_subject_codes_stand_beside_the_title(till: Till) -> None:
    app, sam, book = till.shop.app, till.shop.sam, till.shop.books[KLARA]
    with pytest.raises(Refused, match=r"book\.subjects"):
        till.run(change_book(app, sam, book, {"subjects": Change(None, "Fiction")}))
    till.run(change_book(app, sam, book, {"subjects": Change(None, "93:FBA 93:FLC 10:FIC028000")}))
    till.sign_in("Sam", "Inventory")
    choose(till, "Pride and Prejudice")
    assert till.page.detail._subjects.isHidden()
    choose(till, "Klara and the Sun")
    assert till.sees("Modern fiction (Thema FBA) · Science fiction (Thema FLC) · Fiction (BISAC FIC028000)")
    till.key(Qt.Key.Key_H, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.dialog.table.item(0, 4).text() == "Thema FBA, Thema FLC, BISAC FIC028000"  # type: ignore[union-attr]
    till.key(Qt.Key.Key_Escape)
    till.key(Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert till.run(get_book(app, book)).subjects is None


def test_tab_goes_from_a_title_to_what_can_be_changed_of_it(till: Till) -> None:
    till.sign_in("Sam", "Inventory")
    choose(till, "Klara and the Sun")
    till.do(till.page.table.setFocus)
    seen = []
    for _ in range(4):
        till.key(Qt.Key.Key_Tab)
        seen.append(QGuiApplication.focusObject().accessibleName())  # type: ignore[union-attr] # a field
    assert seen == ["Price", "Cost", "Stock", "Reorder at"]
