"""From which business day to which, or which week."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date, parse_date
from PySide6.QtWidgets import QWidget

from pos_app.errors import Refused
from ui.errors import sentence
from ui.format import Formatter
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet
from ui.widgets.two_lines import TwoLinesList

# What a small window has room for beside the rest.
ROWS = 5
YEARS = range(1990, 2200)


class DaysDialog(Sheet):
    """Two days, both included; `first` and `last` once they were accepted."""

    def __init__(self, locale: str, first: date, last: date, parent: QWidget) -> None:
        """Start with the days shown now."""
        super().__init__("Business days", parent, go="Show")
        self._locale = locale
        self.first, self.last = first, last
        self._from = self.add_field("From", self._say(first))
        self._to = self.add_field("To, included", self._say(last))
        self._from.selectAll()
        self._from.setFocus()

    def _say(self, day: date) -> str:
        return format_date(day, "short", locale=self._locale)

    def submit(self) -> None:
        """Read both days."""
        for field, name in ((self._from, "first"), (self._to, "last")):
            try:
                setattr(self, name, parse_day(field.text(), self._locale, self._say(self.last)))
            except Refused as refused:
                self._refuse(refused)
                field.setFocus()
                field.selectAll()
                return
        if self.first > self.last:
            self._refuse(Refused("day.order"))
            self._from.setFocus()
            return
        self.accept()

    def _refuse(self, refused: Refused) -> None:
        self.message.say(sentence(refused), "warn")


class WeekDialog(Sheet):
    """A week of the trade; `week` is the one chosen, the last whole one until another is."""

    def __init__(self, fmt: Formatter, weeks: Sequence[tuple[date, date]], parent: QWidget) -> None:
        """Take the weeks, the last first."""
        super().__init__("Week for the trade", parent, go="Write it")
        self._weeks, self.week = weeks, weeks[0]
        said = label("What a week sold, Sunday to Saturday, as ISBN and quantity.", "muted")
        said.setWordWrap(True)
        self.body.addWidget(said)
        self._list = TwoLinesList("Weeks")
        self._list.make_room(ROWS)
        self._list.show_rows([(fmt.days(*week), _back(place), "") for place, week in enumerate(weeks)])
        self._list.itemActivated.connect(lambda _: self.submit())
        self.body.addWidget(self._list, 1)
        self._list.setFocus()

    def submit(self) -> None:
        """Take the week chosen."""
        self.week = self._weeks[max(self._list.currentRow(), 0)]
        self.accept()


def _back(place: int) -> str:
    return "The last whole week" if not place else "The week before" if place == 1 else f"{place} weeks before"


def parse_day(text: str, locale: str, example: str) -> date:
    """Read a day as people of the locale type it, or as 2026-11-23. Raises Refused("day.invalid")."""
    text = text.strip()
    try:
        day = date.fromisoformat(text) if "-" in text else parse_date(text, locale=locale, format="short")
    except (ValueError, IndexError, KeyError) as error:
        raise Refused("day.invalid", text=text[:40], example=example) from error
    if day.year not in YEARS:
        raise Refused("day.invalid", text=text[:40], example=example)
    return day
