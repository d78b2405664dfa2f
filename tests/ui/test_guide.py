"""The guide inside the program: opened where help is needed, searched, followed, and printed."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImageReader, QPageSize, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from pos_app.config import Config
from pos_app.services.setting import change_settings
from tests.shop import PRIDE
from tests.ui.first_start import first_start
from tests.ui.keyboard import until
from tests.ui.till import Run, Till
from ui.guide.pages import (
    CARD,
    HELP,
    HELP_OF_QUESTIONS,
    ITSELF,
    PAGES,
    find_topics,
    folder,
    place_of,
    read_guide,
    read_page,
    read_pages,
)
from ui.guide.paper import lay_out, write_pdf
from ui.guide.window import GuideDialog
from ui.style import theme
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

Key = Qt.Key
SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)
PAPERS = [QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter]


def guide_of(till: Till) -> GuideDialog:
    """The guide, once its pages are read."""
    till.run(until(lambda: isinstance(till.dialog, GuideDialog)))
    till.settle()
    return till.dialog


def open_guide(till: Till) -> None:
    till.key(Key.Key_F1, modifier=SHIFT)
    guide_of(till)


def top_line(guide: GuideDialog) -> str:
    """What stands at the top of the page shown, or its last screenful."""
    return guide.browser.cursorForPosition(guide.browser.viewport().rect().topLeft()).block().text()


@pytest.fixture
def dark(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "dark")
    yield
    theme.apply(qapp, "light")


def test_f1_lists_the_keys_and_once_more_opens_the_guide_where_it_fits(till: Till) -> None:
    till.sign_in()
    till.key(Key.Key_F1)
    till.run(until(lambda: till.dialog is not None))
    assert till.sees("All shortcuts")
    till.key(Key.Key_F1)
    guide = guide_of(till)
    assert (guide.shown.page, guide.shown.title) == ("user-guide/cashier.md", "Sell")
    assert guide.contents.currentItem().text(0) == "Sell"
    till.key(Key.Key_Escape)
    assert till.dialog is None


@pytest.mark.parametrize("by", ["Shift+F1", "F1 F1"])
@pytest.mark.parametrize("page", [name for name in HELP if name not in ("Sign in", "Set up")])
def test_each_page_has_help_of_its_own(till: Till, page: str, by: str) -> None:
    till.sign_in("Max", page)
    if by == "Shift+F1":
        open_guide(till)
    else:
        till.key(Key.Key_F1)
        till.run(until(lambda: till.dialog is not None))
        till.key(Key.Key_F1)
    guide = guide_of(till)
    assert guide.shown.page == HELP[page][0]
    assert guide.shown.title == (HELP[page][1] or PAGES[guide.shown.page])
    if HELP[page][1]:
        # It is what is read first, and not somewhere below; the last of a page stands where its end lets it.
        bar = guide.browser.verticalScrollBar()
        assert top_line(guide).startswith(HELP[page][1]) or bar.value() == bar.maximum()
    till.key(Key.Key_Escape)


@pytest.mark.parametrize(
    ("keys", "title"),
    [((Key.Key_F8,), "Discount"), ((Key.Key_F5,), "Part cash, part card"), ((Key.Key_F4,), "Customer")],
)
def test_a_question_has_help_of_its_own_and_is_asked_still(till: Till, keys: tuple[Key, ...], title: str) -> None:
    till.sign_in().scan(PRIDE)
    till.key(*keys)
    question = till.dialog
    assert question is not None
    till.key(Key.Key_F1)
    guide = guide_of(till)
    assert guide.shown.title == title
    assert guide.width() > question.width()
    till.key(Key.Key_F1)
    assert guide_of(till) is guide
    till.key(Key.Key_Escape)
    assert till.dialog is question
    till.key(Key.Key_Escape)
    assert till.dialog is None


def test_the_questions_that_help_is_named_for_are_there(qapp: QApplication) -> None:
    import importlib
    import pkgutil

    import ui

    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        importlib.import_module(module.name)
    kinds, known = [Sheet], set()
    while kinds:
        kind = kinds.pop()
        known.add(kind.__name__)
        kinds += kind.__subclasses__()
    assert set(HELP_OF_QUESTIONS) <= known
    topics = {(topic.page, topic.title) for page in read_pages() for topic in page.topics}
    assert set(HELP_OF_QUESTIONS.values()) <= topics


def test_whoever_is_not_signed_in_yet_reads_how_to(till: Till) -> None:
    till.key(Key.Key_F1)
    till.run(until(lambda: till.dialog is not None))
    till.key(Key.Key_F1)
    assert guide_of(till).shown.title == "Sign in"


def test_a_first_start_has_its_help_by_one_key(tmp_path: Path, run: Run, qapp: QApplication) -> None:
    with first_start(Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}"), run, qapp) as first:
        first.key(Key.Key_F1)
        run(until(lambda: isinstance(first.dialog, GuideDialog)))
        assert (first.dialog.shown.page, first.dialog.shown.title) == ("install.md", "The first start")
        first.key(Key.Key_Escape)


def test_a_scan_while_the_guide_is_read_waits_and_is_said(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    till.scan(PRIDE)
    assert till.sees("1 scan waits until this is answered")
    till.key(Key.Key_Escape)
    assert till.sees("Pride and Prejudice")


def test_words_are_found_over_all_pages_and_marked(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    guide = guide_of(till)
    till.key(Key.Key_F2)
    before = guide.shown
    till.type("credentials KWALLET")
    # While it is typed there are hits alone; Enter opens the first.
    assert guide.shown == before
    assert guide.contents.topLevelItemCount() == 1
    till.key(Key.Key_Return)
    assert guide.shown.page == "user-guide/it.md"
    marked = {mark.cursor.selectedText().lower() for mark in guide.browser.extraSelections()}
    assert marked == {"credentials", "kwallet"}
    assert guide.contents.hasFocus()
    till.key(Key.Key_F2)
    till.type("zzz")
    assert till.sees("No page says anything of it")
    assert guide.contents.topLevelItemCount() == 0
    till.key(Key.Key_Return)
    assert guide.search.hasFocus()
    assert till.sees("No page says anything of it")


def test_what_is_searched_for_is_on_the_screen_and_back_leads_past_half_words(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    guide = guide_of(till)
    before = guide.shown
    for word in ("certificate", "TLS"):
        till.key(Key.Key_F2)
        till.type(word)
        till.key(Key.Key_Return)
        found = guide._first_found()
        assert found is not None
        seen = guide.browser.cursorRect(found)
        assert guide.browser.viewport().rect().contains(seen.center())
    # Once for each word that was looked at, not for each letter.
    till.key(*[Key.Key_Left] * 2, modifier=ALT)
    assert guide.shown == before


def test_a_hit_is_opened_by_a_click(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    guide = guide_of(till)
    till.key(Key.Key_F2)
    till.type("certificate")
    page = guide.contents.topLevelItem(guide.contents.topLevelItemCount() - 1)
    hit = page.child(0) if page.childCount() else page
    where = guide.contents.visualItemRect(hit).center()
    till.do(lambda: QTest.mouseClick(guide.contents.viewport(), Qt.MouseButton.LeftButton, pos=where))
    assert guide.shown == hit.data(0, Qt.ItemDataRole.UserRole)


def test_arrows_go_through_the_contents_and_back_comes_back(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    guide = guide_of(till)
    before = guide.shown
    till.key(Key.Key_Down)
    assert guide.shown.title == "Part cash, part card"
    assert top_line(guide).startswith("Part cash, part card.")
    till.key(Key.Key_Left, modifier=ALT)
    assert guide.shown == before
    till.key(Key.Key_F4)
    assert guide.shown.page == CARD


def test_a_link_leads_to_its_page_and_one_out_of_the_guide_is_told(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    guide = guide_of(till)
    till.do(lambda: guide.browser.anchorClicked.emit("../install.md#the-first-start"))
    assert (guide.shown.page, guide.shown.title) == ("install.md", "The first start")
    till.do(lambda: guide.browser.anchorClicked.emit("https://www.postgresql.org/docs/"))
    assert till.sees("https://www.postgresql.org/docs/ is not in this guide")


def test_every_link_of_the_guide_leads_into_it(qapp: QApplication) -> None:
    pages = read_pages()
    links = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", (folder() / page.name).read_text("utf-8"))
    ]
    assert len(links) > 10
    assert [one for one in links if place_of(pages, one[1], one[0]) is None] == []


def test_every_picture_is_there_light_and_dark(qapp: QApplication, dark: None) -> None:
    shown = 0
    for page in read_pages():
        beside = (folder() / page.name).parent
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.document.toMarkdown()):
            assert "-dark-" in picture
            for one in (picture, picture.replace("-dark-", "-light-")):
                assert QImageReader(str(beside / one)).canRead(), one
            shown += 1
    assert shown >= 6


def test_the_guide_shows_no_picture_of_itself(qapp: QApplication) -> None:
    name = "user-guide/cashier.md"
    assert ITSELF in (folder() / name).read_text("utf-8")
    shown = read_page(name).document.toMarkdown()
    assert re.findall(r"!\[[^\]]*\]\(([^)]+)\)", shown) == ["../images/checkout-light-1366x768.png"]


def test_what_help_opens_at_is_there(qapp: QApplication) -> None:
    topics = {(topic.page, topic.title) for page in read_pages() for topic in page.topics}
    assert {(page, title) for page, title in HELP.values() if title} <= topics
    # A word in any form, with or without its accents.
    assert find_topics(read_pages(), "Café LOGO") == []
    assert find_topics(read_pages(), "DISCOUNT")[0].title == "Discount"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_the_cashiers_card_is_one_sheet(qapp: QApplication, dark: None, paper: QPageSize.PageSizeId) -> None:
    assert lay_out(CARD, QPageSize(paper)).document.pageCount() == 1


def test_the_card_is_written_with_the_keys_in_force(till: Till) -> None:
    till.run(change_settings(till.shop.app, till.shop.people["Max"], counter_keys="F7=Ctrl+G"))
    till.sign_in()
    open_guide(till)
    till.key(Key.Key_F4)
    till.key(Key.Key_E, modifier=CTRL)
    path = till.shop.app.config.data_dir / "papers" / "guide-card.pdf"
    till.run(until(lambda: till.sees(f"It is in {path}")))
    (page,) = pypdfium2.PdfDocument(path)
    text = page.get_textpage().get_text_range()
    assert "Ctrl+G recall" in text
    assert "F12 cash" in text
    assert "F7" not in text
    # Dark on white, whatever the screen looks like: it is read by a person.
    assert min(bytes(page.render().buffer)) < 60


def test_a_long_page_is_written_over_several_sheets(qapp: QApplication, tmp_path: Path) -> None:
    steps = list(write_pdf("user-guide/manager.md", tmp_path / "manager.pdf", QPageSize(QPageSize.PageSizeId.A4)))
    # One before the first sheet, and one after each.
    assert len(steps) == len(pypdfium2.PdfDocument(tmp_path / "manager.pdf")) + 1
    pages = pypdfium2.PdfDocument(tmp_path / "manager.pdf")
    assert len(pages) > 3
    assert "Closing a shift" in "".join(page.get_textpage().get_text_range() for page in pages)


def test_a_pdf_given_up_half_way_leaves_no_file(qapp: QApplication, tmp_path: Path) -> None:
    steps = write_pdf("user-guide/manager.md", tmp_path / "manager.pdf", QPageSize(QPageSize.PageSizeId.A4))
    next(steps)
    next(steps)
    steps.close()
    assert not (tmp_path / "manager.pdf").exists()


def test_a_file_that_cannot_be_written_is_said(till: Till) -> None:
    till.sign_in()
    open_guide(till)
    # A file where the folder is to be.
    (till.shop.app.config.data_dir / "papers").write_text("")
    till.key(Key.Key_E, modifier=CTRL)
    till.run(until(lambda: till.sees("could not be written")))


@pytest.mark.parametrize("scale", [100, 150])
def test_it_fits_a_small_window_at_every_text_size(till: Till, qapp: QApplication, scale: int) -> None:
    theme.apply(qapp, "light", scale)
    try:
        till.window.resize(1024, 768)
        till.sign_in()
        open_guide(till)
        guide = guide_of(till)
        assert (guide.width(), guide.height()) <= (1024, 768)
        for button in guide.findChildren(KeyButton):
            assert not button.isVisible() or button.width() >= button.sizeHint().width()
        till.key(*[Key.Key_Down] * 3)
        assert guide.browser.horizontalScrollBar().maximum() == 0
    finally:
        theme.apply(qapp, "light", 100)


@pytest.mark.parametrize(("look", "scale"), [("light", 100), ("light", 125), ("dark", 150)])
def test_every_paragraph_gone_to_is_painted(qapp: QApplication, tmp_path: Path, look: str, scale: int) -> None:
    theme.apply(qapp, look, scale)
    try:
        window = QWidget()
        window.resize(1366, 768)
        window.show()
        pages = asyncio.run(read_guide())
        guide = GuideDialog(window, pages, pages[0].name, "", tmp_path, lambda _: None)
        guide.show()
        for page in pages:
            for topic in page.topics:
                guide.open_at(topic)
                qapp.processEvents()
                line = guide.browser.cursorRect(QTextCursor(page.document.findBlockByNumber(topic.block)))
                picture = guide.browser.viewport().grab(line.adjusted(0, 0, 60, 0)).toImage()
                shades = [
                    picture.pixelColor(x, y).lightness()
                    for x in range(picture.width())
                    for y in range(picture.height())
                ]
                # Letters stand off from the paper.
                assert max(shades) - min(shades) > 100, (page.name, topic.title)
        guide.close()
        window.close()
    finally:
        theme.apply(qapp, "light")
