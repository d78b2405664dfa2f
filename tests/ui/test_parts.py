"""The parts that windows are made of: amounts and times as text, tasks, questions, long tables."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QDialog

from pos_app.domain.kinds import Missing, StockState
from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, Unavailable
from pos_app.log import action
from tests.ui.keyboard import until
from tests.ui.till import Run
from ui import dialogs
from ui.errors import kind_of, note
from ui.format import Formatter
from ui.languages import language_words
from ui.models.paged import PAGE, PAGES_KEPT, PagedTableModel
from ui.tasks import Tasks
from ui.widgets.basic import ElidedLabel, Message, label
from ui.widgets.fields import Choice, IconField
from ui.widgets.tip import plain_tip

BRITISH = Formatter(ShopSettings(), currency("GBP"))
GERMAN = Formatter(replace(ShopSettings(), locale="de_DE", time_zone="Europe/Berlin"), currency("EUR"))
JAPANESE = Formatter(replace(ShopSettings(), locale="ja_JP", time_zone="Asia/Tokyo"), currency("JPY"))


def test_amounts_are_written_as_the_shop_reads_them() -> None:
    assert [BRITISH.money(4823), BRITISH.amount(4823), BRITISH.plain(123456)] == ["£48.23", "48.23", "1234.56"]
    assert [BRITISH.short(5000), BRITISH.short(4823)] == ["50", "48.23"]
    assert GERMAN.money(123456).replace("\xa0", " ") == "1.234,56 €"
    assert JAPANESE.amount(1500) == "1,500"
    assert BRITISH.money(99_999_999_999_999) == "£999,999,999,999.99"


@pytest.mark.parametrize("fmt", [BRITISH, GERMAN, JAPANESE])
@pytest.mark.parametrize("amount", [0, 1, 99, 100, 1234, 1_000_000])
def test_an_amount_written_plainly_is_read_back_as_the_same(fmt: Formatter, amount: int) -> None:
    assert fmt.parse(fmt.plain(amount)) == amount


def test_rates_and_counts() -> None:
    assert BRITISH.percent(Decimal("0.2")) == "20 %"
    assert BRITISH.percent(Decimal("0.055")) == "5.5 %"
    assert BRITISH.count(10_000) == "10,000"


def test_times_are_the_shops_and_recent_ones_are_said_as_people_do() -> None:
    noon = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert [BRITISH.time(noon), GERMAN.time(noon)] == ["23:30", "00:30"]
    assert [BRITISH.weekday(noon), BRITISH.moment(noon)] == ["Mon 23 Nov", "23 Nov 23:30"]
    now = noon + timedelta(minutes=20)
    assert BRITISH.recent(noon, now) == "Today 23:30"
    assert BRITISH.recent(noon - timedelta(days=1), now) == "Yesterday"
    assert BRITISH.recent(noon - timedelta(days=3), now) == "20 Nov"
    assert BRITISH.recent(noon - timedelta(days=368), now) == "20 Nov 2025"


def test_a_moment_says_its_year_where_it_is_not_this_one_by_the_shops_clock() -> None:
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert BRITISH.when(datetime(2026, 1, 1, 9, 5, tzinfo=UTC), now) == "1 Jan 09:05"
    old = datetime(2025, 11, 23, 13, 41, tzinfo=UTC)
    assert BRITISH.when(old, now) == "23 Nov 2025 13:41"
    assert [BRITISH.day_of(old, now), BRITISH.day_of(now, now)] == ["23 Nov 2025", "31 Dec"]
    assert [BRITISH.short_when(old, now), BRITISH.short_when(now, now)] == ["23 Nov 2025", "31 Dec 23:30"]
    # In Berlin it is the next year already.
    assert GERMAN.when(now - timedelta(hours=12), now) == "31 Dez. 2026 12:30"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("de", "German (de)"),
        ("grc", "Ancient Greek (grc)"),
        ("en-GB", "English, United Kingdom (en-GB)"),
        ("zh-Hant", "Chinese (zh-Hant)"),
        ("Klingon words", "Klingon words"),
        ("", ""),
    ],
)
def test_a_language_is_said_by_name_and_code(tag: str, words: str) -> None:
    assert language_words(tag) == words


def test_a_newer_task_takes_the_place_of_an_older_one_of_its_key(run: Run) -> None:
    async def story() -> None:
        errors: list[BaseException] = []
        tasks, ended = Tasks(errors.append), []

        async def search(words: str) -> None:
            await asyncio.sleep(0.02)
            ended.append(words)

        for words in ("l", "le", "le guin"):
            tasks.start(search(words), key="search")
        tasks.start(search("another"))
        await tasks.settled()
        assert sorted(ended) == ["another", "le guin"]
        assert tasks.idle
        assert errors == []

    run(story())


def test_what_a_person_began_has_one_number_to_its_end(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        told: list[str] = []
        tasks = Tasks(lambda error: told.append(f"{error} {note(error).number}"))
        seen: list[str] = []

        async def fails() -> None:
            seen.append(action.get())
            await asyncio.sleep(0)
            raise Refused("cart.empty")

        async def begins_another() -> None:
            seen.append(action.get())
            tasks.start(fails())

        tasks.start(begins_another())
        await until(lambda: len(told) == 1)
        assert seen[0] == seen[1] != ""
        assert told[0].endswith(seen[0])
        # Another key is another number, and outside of any there is none.
        tasks.start(fails())
        await until(lambda: len(told) == 2)
        assert seen[2] not in ("", seen[0])
        assert action.get() == ""
        await tasks.close()

    run(story())


def test_what_a_task_lets_out_is_told_and_closing_cancels_the_rest(run: Run) -> None:
    async def story() -> None:
        errors: list[BaseException] = []
        tasks = Tasks(errors.append)

        async def fails() -> None:
            raise Refused("cart.empty")

        tasks.start(fails())
        forever = tasks.start(asyncio.sleep(60))
        await until(lambda: bool(errors))
        await tasks.close()
        assert forever.cancelled()
        assert [str(type(error).__name__) for error in errors] == ["Refused"]

    run(story())


def test_what_is_out_of_reach_is_louder_than_what_a_person_can_mend() -> None:
    assert [kind_of(Refused("cart.empty")), kind_of(Unavailable("database.unreachable"))] == ["warn", "bad"]


def test_a_question_gives_its_answer_and_other_tasks_go_on_meanwhile(run: Run, qapp: QApplication) -> None:
    async def story() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.005)

        ticking = asyncio.create_task(tick())
        dialog = QDialog()
        answer = asyncio.create_task(dialogs.show(dialog))
        await until(dialog.isVisible)
        seen = ticks
        await until(lambda: ticks > seen + 5)
        dialog.accept()
        assert await answer == QDialog.DialogCode.Accepted
        left = asyncio.create_task(dialogs.show(QDialog()))
        await asyncio.sleep(0.01)
        dialogs.close_all()
        assert await left == QDialog.DialogCode.Rejected
        ticking.cancel()

    run(story())


def test_labels_show_data_as_it_is(qapp: QApplication) -> None:
    assert label("<b>Bold</b>").textFormat() is Qt.TextFormat.PlainText
    message = Message()
    message.say("<img src=x>", "warn")
    assert (message.textFormat(), message.accessibleName()) == (Qt.TextFormat.PlainText, "Message: <img src=x>")


def test_a_choice_gives_back_the_very_value_it_was_given(qapp: QApplication) -> None:
    box = Choice()
    given = [None, *Missing, *StockState, (1, 2), 7]
    for value in given:
        box.addItem(str(value), value)
    for place, value in enumerate(given):
        box.setCurrentIndex(place)
        assert box.currentData() is value
        assert box.findData(value) == place
    assert box.findData("none of them") == -1
    box.clear()
    assert box.currentData() is None


def test_a_field_takes_no_ten_thousand_characters(qapp: QApplication) -> None:
    field = IconField("search", "Search books", "Title")
    field.setText("x" * 10_000)
    assert len(field.text()) == 200


class Numbers(PagedTableModel[int]):
    """Its rows are their own numbers."""

    def text(self, row: int, column: int) -> str:
        return f"{row}:{column}"


def test_a_table_of_a_million_rows_reads_only_what_is_looked_at(run: Run, qapp: QApplication) -> None:
    async def story() -> None:
        asked: list[int] = []
        tasks = Tasks(pytest.fail)

        async def fetch(first: int, count: int) -> Sequence[int]:
            asked.append(first)
            await asyncio.sleep(0)
            return range(first, first + count)

        model = Numbers(("A", "B"), frozenset({1}), tasks.start)
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        model.show(1_000_000, range(PAGE), fetch)
        assert model.index(3, 1).data() == "3:1"
        assert model.index(999_999, 0).data() == ""
        await tasks.settled()
        assert model.index(999_999, 0).data() == "999999:0"
        assert model.index(3, 0).data() == "3:0"
        seen = len(asked)
        for page in range(PAGES_KEPT + 5):
            model.row(page * PAGE)
        await tasks.settled()
        assert len(model._pages) <= PAGES_KEPT
        assert len(asked) <= seen + PAGES_KEPT + 5

    run(story())


def test_an_answer_to_an_older_question_does_not_reach_the_new_list(run: Run, qapp: QApplication) -> None:
    async def story() -> None:
        tasks, held = Tasks(pytest.fail), asyncio.Event()

        async def slow(first: int, count: int) -> Sequence[int]:
            await held.wait()
            return range(first, first + count)

        async def none(first: int, count: int) -> Sequence[int]:
            return ()

        model = Numbers(("A",), frozenset(), tasks.start)
        model.show(1000, range(PAGE), slow)
        model.row(500)
        await asyncio.sleep(0)
        model.show(1000, [7] * PAGE, none)
        held.set()
        await tasks.settled()
        assert model.row(0) == 7
        assert model.row(500) is None
        await tasks.settled()

    run(story())


def test_what_is_cut_is_told_whole_under_the_mouse_and_as_it_is_written(qapp: QApplication) -> None:
    cut = ElidedLabel()
    cut.resize(60, 20)
    cut.show_text("<b>Bold</b> & other tales of a long title")
    assert cut.text().endswith("…")
    assert cut.toolTip() == "<qt>&lt;b&gt;Bold&lt;/b&gt; &amp; other tales of a long title</qt>"
    cut.show_text("")
    assert cut.toolTip() == ""
    assert plain_tip("Title", "", "9780000000002") == "<qt>Title<br>9780000000002</qt>"
