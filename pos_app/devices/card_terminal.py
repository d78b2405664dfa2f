"""Card terminals behind a small protocol of lines of JSON, and one that is only simulated.

The till sends one object a line, `{"do": "charge", "reference": …, "amount": …, "currency": …}` (`do` is charge,
refund, status or cancel; amounts are minor units), and the terminal answers with lines of `{"state": …}`: `waiting` as
often as it likes while the customer is at it, at least every ten seconds, then `approved` (with `scheme`, `last_four`,
`authorisation`), `declined`, `cancelled` or `unknown`. The reference is the till's and names one charge for ever: asked
to charge it twice, a terminal answers with what became of it the first time.

Each question comes on a connection of its own, so an older one can be read after a newer one. Therefore a terminal that
is asked for the status of a reference it has never seen, or to cancel it, answers `declined` or `cancelled` and never
charges that reference afterwards; for one still under way it answers `waiting` or `unknown`. `python -m
pos_app.devices.card_simulator` is such a terminal.
"""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from pos_app.domain.card import CardOutcome, CardResult, kept
from pos_app.errors import Refused, Unavailable

CONNECT_S, SILENCE_S, WHOLE_S = 3.0, 10.0, 120.0
# Seconds between questions after an answer that is none.
ASK_AGAIN_S = (0.5, 1.0, 2.0, 4.0, 8.0)
MAX_LINE = 4096

Tell = Callable[[str], None]


class CardTerminal(Protocol):
    """What the till can ask of a terminal. An answer lost on the way is `unknown`, never an exception."""

    async def charge(self, reference: str, amount: int, currency: str) -> CardResult:
        """Take money. Raises Unavailable("card.unreachable") only where nothing can have been asked."""

    async def refund(self, reference: str, amount: int, currency: str) -> CardResult:
        """Give money back. Raises as `charge` does."""

    async def status(self, reference: str) -> CardResult:
        """Say what became of a charge or refund."""

    async def cancel(self, reference: str) -> CardResult:
        """Stop a charge that the customer has not finished."""


def open_terminal(setting: str) -> CardTerminal | None:
    """Give the terminal of a setting: `none` (it stands apart and the cashier looks), `simulated`, `tcp:HOST:PORT`.

    Raises Refused("card.setting").
    """
    kind, _, rest = setting.partition(":")
    host, _, port = rest.rpartition(":")
    if setting == "none":
        return None
    if setting == "simulated":
        return SimulatedTerminal()
    if kind == "tcp" and host and port.isascii() and port.isdecimal() and 0 < int(port) < 2**16:
        return TcpTerminal(host.strip("[]"), int(port))
    raise Refused("card.setting", terminal=setting[:100])


async def ask_safely(
    terminal: CardTerminal,
    reference: str,
    amount: int,
    currency: str,
    tell: Tell,
    *,
    known: bool = False,
    back: bool = False,
) -> CardResult:
    """Charge once, or give back once, and ask by reference until it is known what became of it.

    `known` asks without doing anything first. May still end in `unknown`: then it is asked for again later, and nothing
    else is done meanwhile. Raises Unavailable("card.unreachable") only where nothing was asked.
    """
    if known:
        tell("Asking the terminal what became of it…")
        result = await terminal.status(reference)
    elif back:
        tell("The terminal gives it back to the card.")
        result = await terminal.refund(reference, amount, currency)
    else:
        tell("Please pay on the terminal.")
        result = await terminal.charge(reference, amount, currency)
    for pause in ASK_AGAIN_S:
        if result.final:
            break
        tell("The terminal's answer was lost. Asking what became of it…")
        await asyncio.sleep(pause)
        result = await terminal.status(reference)
    return result


class TcpTerminal:
    """A terminal on the network."""

    def __init__(self, host: str, port: int) -> None:
        """Take its address; each question has a connection of its own."""
        self._host, self._port = host, port

    async def charge(self, reference: str, amount: int, currency: str) -> CardResult:
        """Take money."""
        return await self._ask({"do": "charge", "reference": reference, "amount": amount, "currency": currency})

    async def refund(self, reference: str, amount: int, currency: str) -> CardResult:
        """Give money back."""
        return await self._ask({"do": "refund", "reference": reference, "amount": amount, "currency": currency})

    async def status(self, reference: str) -> CardResult:
        """Say what became of it; a terminal that cannot be reached says nothing."""
        with suppress(Unavailable):
            return await self._ask({"do": "status", "reference": reference})
        return CardResult(CardOutcome.UNKNOWN, reference)

    async def cancel(self, reference: str) -> CardResult:
        """Stop a charge."""
        with suppress(Unavailable):
            return await self._ask({"do": "cancel", "reference": reference})
        return CardResult(CardOutcome.UNKNOWN, reference)

    async def _ask(self, question: dict[str, Any]) -> CardResult:
        reference = str(question["reference"])
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=MAX_LINE)
        except (OSError, TimeoutError, ValueError) as error:  # ValueError: a name that no host can have
            raise Unavailable("card.unreachable") from error
        try:
            async with asyncio.timeout(WHOLE_S):
                writer.write(json.dumps(question).encode() + b"\n")
                await writer.drain()
                return await self._answer(reader, reference)
        except (OSError, TimeoutError, ValueError):
            return CardResult(CardOutcome.UNKNOWN, reference)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, reference: str) -> CardResult:
        while True:
            async with asyncio.timeout(SILENCE_S):
                line = await reader.readline()
            if not line.endswith(b"\n"):
                return CardResult(CardOutcome.UNKNOWN, reference)
            try:
                answer = json.loads(line)
            except (ValueError, RecursionError):
                return CardResult(CardOutcome.UNKNOWN, reference)
            if not isinstance(answer, dict) or answer.get("state") != "waiting":
                return read_answer(answer, reference)


def read_answer(answer: Any, reference: str) -> CardResult:
    """Make sense of a terminal's answer; what cannot be understood, or is about another charge, is unknown."""
    if not isinstance(answer, dict) or answer.get("reference", reference) != reference:
        return CardResult(CardOutcome.UNKNOWN, reference)
    try:
        outcome = CardOutcome(answer["state"])
    except (KeyError, ValueError, TypeError):
        return CardResult(CardOutcome.UNKNOWN, reference)
    last = kept(answer.get("last_four"), MAX_LINE) or ""
    return CardResult(
        outcome,
        reference,
        kept(answer.get("scheme"), 20),
        last if re.fullmatch("[0-9]{4}", last) else None,  # the last four, and never more
        kept(answer.get("authorisation"), 40),
    )


@dataclass
class SimulatedTerminal:
    """A terminal for trying things out; what it does is told by the amount's last two digits.

    01 declines, 02 is cancelled by the customer, 03 charges and its answer is lost, 04 does not know at first and has
    charged, 05 does not know at first and has not; anything else is approved. `charged` is what really happened, by
    reference; `moved` is each time money moved, so that a second time would show.
    """

    delay_s: float = 0.0
    charged: dict[str, int] = field(default_factory=dict)
    moved: list[tuple[str, int]] = field(default_factory=list)
    _asked: dict[str, int] = field(default_factory=dict)
    _ended: dict[str, CardOutcome] = field(default_factory=dict)
    _under_way: set[str] = field(default_factory=set)

    async def charge(self, reference: str, amount: int, _currency: str) -> CardResult:
        """Take money, once a reference."""
        self._under_way.add(reference)
        try:
            await asyncio.sleep(self.delay_s)
        finally:
            self._under_way.discard(reference)
        if reference in self.charged or reference in self._ended:
            return self._told(reference)
        ending = amount % 100
        if ending in (1, 2, 5):
            self._ended[reference] = CardOutcome.CANCELLED if ending == 2 else CardOutcome.DECLINED  # noqa: PLR2004
        else:
            self._move(reference, amount)
        self._asked[reference] = {3: 0, 4: 2, 5: 2}.get(ending, -1)
        if self._asked[reference] >= 0:
            return CardResult(CardOutcome.UNKNOWN, reference)
        return self._told(reference)

    async def refund(self, reference: str, amount: int, _currency: str) -> CardResult:
        """Give money back, once a reference."""
        if reference not in self.charged and reference not in self._ended:
            self._move(reference, -amount)
        return self._told(reference)

    async def status(self, reference: str) -> CardResult:
        """Say what became of it."""
        left = self._asked.get(reference, -1)
        if left > 0:
            self._asked[reference] = left - 1
        if left > 0 or reference in self._under_way:
            return CardResult(CardOutcome.UNKNOWN, reference)
        return self._told(reference)

    async def cancel(self, reference: str) -> CardResult:
        """Stop a charge; one that is done stays done."""
        if reference not in self.charged:
            self._ended.setdefault(reference, CardOutcome.CANCELLED)
        return self._told(reference)

    def _move(self, reference: str, amount: int) -> None:
        self.charged[reference] = amount
        self.moved.append((reference, amount))

    def _told(self, reference: str) -> CardResult:
        """What is known; a reference that was never seen is not charged later either."""
        if reference in self.charged:
            number = list(self.charged).index(reference) + 1
            return CardResult(CardOutcome.APPROVED, reference, "Visa", "4242", f"A{number:05d}")
        return CardResult(self._ended.setdefault(reference, CardOutcome.DECLINED), reference)
