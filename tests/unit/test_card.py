"""Card charges: once and no more, whatever becomes of the answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pos_app.devices import card_terminal
from pos_app.devices.card_terminal import SimulatedTerminal, TcpTerminal, ask_safely, open_terminal, read_answer
from pos_app.domain.card import CardOutcome
from pos_app.errors import Refused, Unavailable


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_terminal, "ASK_AGAIN_S", (0.001,) * 5)
    monkeypatch.setattr(card_terminal, "SILENCE_S", 0.2)
    # A terminal on this machine answers; how long a busy machine takes for that is not what is looked at.
    monkeypatch.setattr(card_terminal, "CONNECT_S", 60.0)


def tell(_text: str) -> None:
    return None


@pytest.mark.parametrize(
    ("amount", "outcome", "charged"),
    [
        (1000, CardOutcome.APPROVED, True),
        (1001, CardOutcome.DECLINED, False),
        (1002, CardOutcome.CANCELLED, False),
        (1003, CardOutcome.APPROVED, True),
        (1004, CardOutcome.APPROVED, True),
        (1005, CardOutcome.DECLINED, False),
    ],
)
async def test_what_is_told_is_what_happened(amount: int, outcome: CardOutcome, charged: bool) -> None:
    terminal = SimulatedTerminal()
    result = await ask_safely(terminal, "r", amount, "GBP", tell)
    assert (result.outcome, "r" in terminal.charged) == (outcome, charged)
    again = await ask_safely(terminal, "r", amount, "GBP", tell, known=True)
    assert again.outcome is not CardOutcome.UNKNOWN
    assert len(terminal.charged) == charged


async def test_the_same_reference_is_charged_once() -> None:
    terminal = SimulatedTerminal()
    first, second = await asyncio.gather(*(terminal.charge("r", 1000, "GBP") for _ in range(2)))
    assert first == second
    assert terminal.charged == {"r": 1000}


class Server:
    """A terminal on this machine whose answers are cut off after some bytes."""

    def __init__(self, cut: int | None = None) -> None:
        self.cut, self.inner = cut, SimulatedTerminal()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        question = json.loads(line)
        if question["do"] == "charge":
            result = await self.inner.charge(question["reference"], question["amount"], "GBP")
        else:
            result = await self.inner.status(question["reference"])
        answer = {"state": result.outcome.value, "scheme": result.scheme, "last_four": result.last_four}
        data = b'{"state": "waiting"}\n' + json.dumps(answer).encode() + b"\n"
        if question["do"] == "charge" and self.cut is not None:
            data = data[: self.cut]
        writer.write(data)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[TcpTerminal]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        yield TcpTerminal("127.0.0.1", listening.sockets[0].getsockname()[1])
    finally:
        listening.close()
        await listening.wait_closed()


@pytest.mark.parametrize("cut", [*range(95), None])
async def test_an_answer_cut_off_anywhere_charges_once_and_is_told_as_it_was(cut: int | None) -> None:
    server = Server(cut)
    async with serving(server) as terminal:
        result = await ask_safely(terminal, "r", 1000, "GBP", tell)
    assert result.outcome is CardOutcome.APPROVED
    assert server.inner.charged == {"r": 1000}
    assert result.card == "Visa ···· 4242"


async def test_a_terminal_that_says_nothing_is_unknown_and_one_that_is_not_there_is_said_so() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    assert (await TcpTerminal("127.0.0.1", port).charge("r", 1, "GBP")).outcome is CardOutcome.UNKNOWN
    listening.close()
    await listening.wait_closed()
    await asyncio.sleep(0.6)
    with pytest.raises(Unavailable, match=r"card\.unreachable"):
        await TcpTerminal("127.0.0.1", port).charge("r", 1, "GBP")
    assert (await TcpTerminal("127.0.0.1", port).status("r")).outcome is CardOutcome.UNKNOWN


def test_garbage_is_unknown_and_no_more_of_a_card_is_kept_than_four_digits() -> None:
    assert read_answer({"state": "perhaps"}, "r").outcome is CardOutcome.UNKNOWN
    assert read_answer({}, "r").outcome is CardOutcome.UNKNOWN
    told = read_answer({"state": "approved", "last_four": "4111111111111111", "scheme": "Visa"}, "r")
    assert (told.last_four, told.card) == (None, "Visa")


@pytest.mark.parametrize("setting", ["tcp:host", "tcp::1", "tcp:host:99999", "pigeon"])
def test_an_address_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(Refused, match=r"card\.setting"):
        open_terminal(setting)


def test_the_known_addresses_are_opened() -> None:
    assert open_terminal("none") is None
    assert isinstance(open_terminal("simulated"), SimulatedTerminal)
    assert isinstance(open_terminal("tcp:127.0.0.1:7000"), TcpTerminal)
