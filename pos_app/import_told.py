"""What `bookstore-pos import` tells of a file's rows: those refused, of a dry run all of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.messages import plain
from pos_app.services.book_import import ImportReport
from pos_app.services.book_import_log import FateLog
from pos_app.services.book_import_row import Fate, RowFate
from pos_app.services.setting import get_settings
from pos_app.services.tax_rate import list_tax_rates

AMOUNTS = ("price", "cost")
# As files call it.
NAMES = {"tax_rate_id": "tax_rate"}
# A description would fill the screen.
LONG = 60


@dataclass(slots=True)
class RowsTold:
    """Tells rows as they come, or as JSON at the end; a million of them cost no memory."""

    digits: int
    tax_rates: Mapping[int, str]
    dry_run: bool
    as_json: bool
    _log: FateLog = field(default_factory=FateLog)

    @classmethod
    async def of(cls, app: App, *, dry_run: bool, as_json: bool) -> "RowsTold":
        """Read what amounts and tax rates are told by."""
        rates = {rate.id: rate.name for rate in await list_tax_rates(app)}
        return cls(currency((await get_settings(app)).currency).digits, rates, dry_run, as_json)

    def take(self, rows: Sequence[RowFate]) -> None:
        """Tell further rows."""
        if self.as_json:
            self._log.add(rows if self.dry_run else [row for row in rows if row.fate is Fate.REFUSED])
            return
        for row in rows:
            if self.dry_run:
                print(plain(self._line(row)))
            elif row.fate is Fate.REFUSED:
                print(f"line {row.line}: {plain(row.reason)} ({plain(row.text)})")

    def print_report(self, report: ImportReport) -> None:
        """Tell what came of it."""
        if self.as_json:
            self._print_json(asdict(report))
        elif report.withheld:
            print("Nothing is stored, since not all of it can be taken.")
        else:
            if report.skipped:
                print(f"It was broken off before: {report.skipped} rows were stored already.")
            out = f"{report.taken_out} taken out, " if report.taken_out else ""
            said = f"{report.added} added, {report.changed} changed, {out}{report.unchanged} as they were."
            print(f"A dry run, nothing is stored. It would be: {said}" if self.dry_run else said)

    def _print_json(self, report: Mapping[str, Any]) -> None:
        """Write the report, and in it and after it rows one by one: a million of them are never held."""
        whole = json.dumps({**report, "refused": None}, indent=2, default=str, ensure_ascii=False)
        before, _, after = whole.partition('"refused": null')
        print(before, end="")
        refused = ({"line": row.line, "text": row.text, "reason": row.reason} for row in self._rows(Fate.REFUSED))
        self._print_list("refused", refused)
        print(after.removesuffix("\n}"), end="")
        if self.dry_run:
            print(",\n  ", end="")
            self._print_list("rows", (self._told(row) for row in self._rows(None)))
        print("\n}")

    @staticmethod
    def _print_list(name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        print(f'"{name}": [', end="")
        end = "]"
        for place, row in enumerate(rows):
            told = json.dumps(row, default=str, ensure_ascii=False)
            print("," if place else "", f"\n    {told}", sep="", end="")
            end = "\n  ]"
        print(end, end="")

    def close(self) -> None:
        """Throw away what was kept of the rows."""
        self._log.close()

    def _rows(self, fate: Fate | None) -> Iterator[RowFate]:
        for first in range(0, self._log.count(fate), 1_000):
            yield from self._log.rows(fate, first, 1_000)

    def _line(self, row: RowFate) -> str:
        if row.fate is Fate.REFUSED:
            return f"line {row.line}: refused: {row.reason} ({row.text})"
        changes = (
            f"{NAMES.get(name, name)} {self._shown(name, old)} → {self._shown(name, new)}"
            for name, old, new in row.changes
        )
        price = "price " + self._shown("price", row.price) if row.fate is Fate.NEW and row.price is not None else ""
        told = "; ".join(filter(None, (price, *changes, row.reason)))
        return f"line {row.line}: {row.fate.value}: {row.isbn or '-'} {row.text}" + (f": {told}" if told else "")

    def _told(self, row: RowFate) -> dict[str, Any]:
        changes = [
            {"field": NAMES.get(name, name), "old": self._value(name, old), "new": self._value(name, new)}
            for name, old, new in row.changes
        ]
        return {
            "line": row.line,
            "fate": row.fate.value,
            "isbn": row.isbn,
            "text": row.text,
            "price": self._value("price", row.price),
            "changes": changes,
            "reason": row.reason,
        }

    def _value(self, name: str, value: Any) -> Any:
        """Give a value as files have it: amounts in major units, as text, so that none is rounded."""
        if name in AMOUNTS and value is not None:
            return str(Decimal(value).scaleb(-self.digits))
        return self.tax_rates.get(value, value) if name == "tax_rate_id" else value

    def _shown(self, name: str, value: Any) -> str:
        text = "" if value is None else str(self._value(name, value))
        return (text if len(text) <= LONG else text[:LONG].rstrip() + "…") or "–"
