"""A card terminal on a bad line: charged at most once, and never told as declined when it was charged."""

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_app.devices import card_terminal
from pos_app.devices.card_simulator import CardSimulator
from pos_app.devices.card_terminal import SimulatedTerminal, TcpTerminal, ask_safely, open_terminal, read_answer
from pos_app.domain.card import FINAL, CardOutcome, CardResult, kept
from pos_app.errors import Unavailable

VISA = "4111111111111111"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_terminal, "ASK_AGAIN_S", (0.001,) * 5)
    monkeypatch.setattr(card_terminal, "SILENCE_S", 0.3)
    monkeypatch.setattr(card_terminal, "CONNECT_S", 60.0)


def tell(_text: str) -> None:
    return None


@asynccontextmanager
async def simulator(customer_s: float = 0.0, waiting_s: float = 0.05) -> AsyncIterator[tuple[CardSimulator, int]]:
    served = CardSimulator(SimulatedTerminal(delay_s=customer_s), waiting_s=waiting_s, silent_s=0.4)
    port = await served.start()
    try:
        yield served, port
    finally:
        await served.close()


class BadLine:
    """Stands between till and terminal, and cuts the first connections off after some bytes of either direction."""

    def __init__(self, target: int, cuts: list[tuple[int | None, int | None]]) -> None:
        self.target, self.cuts = target, list(cuts)
        self.asked, self.answered = 0, 0
        self._tasks: set[asyncio.Task] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = self.cuts.pop(0) if self.cuts else (None, None)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            ways = [
                asyncio.create_task(self._pass_on(reader, far_writer, up, "asked")),
                asyncio.create_task(self._pass_on(far_reader, writer, down, "answered")),
            ]
            _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in left:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            for one in (writer, far_writer):
                one.close()
                with contextlib.suppress(OSError):
                    await one.wait_closed()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: int | None, count: str
    ) -> None:
        passed = 0
        while cut is None or passed < cut:
            data = await reader.read(4096 if cut is None else cut - passed)
            if not data:
                return
            writer.write(data)
            await writer.drain()
            passed += len(data)
            setattr(self, count, max(getattr(self, count), passed))


@asynccontextmanager
async def bad_line(
    *cuts: tuple[int | None, int | None], customer_s: float = 0.0
) -> AsyncIterator[tuple[TcpTerminal, SimulatedTerminal, BadLine]]:
    async with simulator(customer_s) as (served, target):
        line = BadLine(target, list(cuts))
        port = await line.start()
        try:
            yield TcpTerminal("127.0.0.1", port), served.terminal, line
        finally:
            await line.close()


def agree(result: CardResult, terminal: SimulatedTerminal, amount: int) -> None:
    """What the till was told is what happened, or it knows that it does not know."""
    assert terminal.moved in ([], [("r", amount)])
    if result.outcome is CardOutcome.APPROVED:
        assert terminal.moved == [("r", amount)]
    elif result.final:
        assert terminal.moved == []


async def lengths(amount: int) -> tuple[int, int]:
    """How many bytes the question and the answers of a charge have."""
    async with bad_line() as (terminal, _, line):
        await terminal.charge("r", amount, "GBP")
        await asyncio.sleep(0.01)
        return line.asked, line.answered


async def test_a_line_cut_at_every_byte_of_question_and_answer_charges_once_and_tells_it_as_it_was() -> None:
    for amount in (1000, 1001):
        asked, answered = await lengths(amount)
        assert asked > 50
        assert answered > 100
        cuts = [(at, None) for at in range(asked + 1)] + [(None, at) for at in range(answered + 1)]
        for up, down in cuts:
            async with bad_line((up, down)) as (terminal, real, _):
                result = await ask_safely(terminal, "r", amount, "GBP", tell)
                assert result.final, (amount, up, down)
                agree(result, real, amount)


async def test_questions_after_the_charge_cut_off_too_end_as_it_was_or_unknown() -> None:
    rng = random.Random(5)
    for _ in range(150):
        amount = rng.choice([1000, 1001, 1002, 1003, 1004, 1005, 1006])
        cuts = [rng.choice([(rng.randrange(90), None), (None, rng.randrange(140))]) for _ in range(rng.randrange(8))]
        async with bad_line(*cuts) as (terminal, real, _):
            result = await ask_safely(terminal, "r", amount, "GBP", tell)
            agree(result, real, amount)
            again = await ask_safely(terminal, "r", amount, "GBP", tell, known=True)
            if result.final:
                assert again.outcome is result.outcome, (amount, cuts)
            agree(again, real, amount)


async def test_cuts_while_the_customer_is_at_it_never_lose_the_charge() -> None:
    for at in range(0, 160, 20):
        async with bad_line((None, at), customer_s=0.05) as (terminal, real, _):
            result = await ask_safely(terminal, "r", 1000, "GBP", tell)
            if not result.final:
                await asyncio.sleep(0.08)
                result = await ask_safely(terminal, "r", 1000, "GBP", tell, known=True)
            assert result.outcome is CardOutcome.APPROVED
            agree(result, real, 1000)


@pytest.mark.parametrize(
    ("amount", "outcome"),
    [
        (1000, CardOutcome.APPROVED),
        (1001, CardOutcome.DECLINED),
        (1002, CardOutcome.CANCELLED),
        (1003, CardOutcome.APPROVED),
        (1004, CardOutcome.APPROVED),
        (1005, CardOutcome.DECLINED),
        (1006, CardOutcome.APPROVED),
        (1007, CardOutcome.APPROVED),
    ],
)
async def test_the_simulator_on_the_network_does_what_its_table_says(amount: int, outcome: CardOutcome) -> None:
    async with simulator() as (served, port):
        terminal = TcpTerminal("127.0.0.1", port)
        result = await ask_safely(terminal, "r", amount, "GBP", tell)
        assert result.outcome is outcome
        agree(result, served.terminal, amount)


async def test_a_terminal_may_wait_for_the_customer_longer_than_it_may_be_silent() -> None:
    async with simulator(customer_s=0.8, waiting_s=0.1) as (served, port):
        result = await TcpTerminal("127.0.0.1", port).charge("r", 1000, "GBP")
        assert result.outcome is CardOutcome.APPROVED
        assert served.terminal.moved == [("r", 1000)]


async def test_a_charge_read_after_it_was_asked_about_or_stopped_is_not_carried_out() -> None:
    async with simulator() as (served, port):
        terminal = TcpTerminal("127.0.0.1", port)
        assert (await terminal.status("r")).outcome is CardOutcome.DECLINED
        assert (await terminal.charge("r", 1000, "GBP")).outcome is CardOutcome.DECLINED
        assert (await terminal.cancel("s")).outcome is CardOutcome.CANCELLED
        assert (await terminal.charge("s", 1000, "GBP")).outcome is CardOutcome.CANCELLED
        assert served.terminal.moved == []


async def test_stopping_while_the_customer_is_at_it_charges_nothing_and_stopping_too_late_says_so() -> None:
    async with simulator(customer_s=0.2) as (served, port):
        terminal = TcpTerminal("127.0.0.1", port)
        charge = asyncio.create_task(terminal.charge("r", 1000, "GBP"))
        await asyncio.sleep(0.05)
        assert (await terminal.status("r")).outcome is CardOutcome.UNKNOWN
        assert (await terminal.cancel("r")).outcome is CardOutcome.CANCELLED
        assert (await charge).outcome is CardOutcome.CANCELLED
        assert served.terminal.moved == []
        assert (await terminal.charge("s", 1000, "GBP")).outcome is CardOutcome.APPROVED
        assert (await terminal.cancel("s")).outcome is CardOutcome.APPROVED


async def test_two_tills_and_two_presses_charge_a_reference_once() -> None:
    async with simulator(customer_s=0.02) as (served, port):
        tills = [TcpTerminal("127.0.0.1", port) for _ in range(5)]
        told = await asyncio.gather(*(till.charge("r", 1000, "GBP") for till in tills for _ in range(4)))
        assert len(set(told)) == 1
        assert served.terminal.moved == [("r", 1000)]


async def test_money_goes_back_once_whatever_becomes_of_the_answers() -> None:
    for cut in range(0, 200, 7):
        async with bad_line((None, cut)) as (terminal, real, _):
            result = await terminal.refund("r", 500, "GBP")
            if not result.final:
                result = await terminal.status("r")
            assert result.outcome is CardOutcome.APPROVED
            assert real.moved == [("r", -500)]


@pytest.mark.parametrize(
    "line",
    [
        b"[]\n",
        b"null\n",
        b"7\n",
        b'"approved"\n',
        b"[" * 4000 + b"\n",
        b"x" * 9000 + b"\n",
        b"\xff\xfe\n",
        b"\n",
        b"{}\n",
        b'{"state": ["approved"]}\n',
        b'{"state": "approved", "reference": "another"}\n',
        b'{"state": "APPROVED"}\n',
    ],
)
async def test_nonsense_for_an_answer_is_unknown_and_nobody_stumbles(line: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(line)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    terminal = TcpTerminal("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        assert await terminal.charge("r", 1, "GBP") == CardResult(CardOutcome.UNKNOWN, "r")
        assert await terminal.status("r") == CardResult(CardOutcome.UNKNOWN, "r")
    finally:
        server.close()


@pytest.mark.parametrize(
    "line", [b"[]\n", b"{}\n", b'{"do": "dance", "reference": 1}\n', b'{"do": "charge"}\n', b"\xff\n"]
)
async def test_nonsense_for_a_question_charges_nothing(line: bytes) -> None:
    async with simulator() as (served, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line)
        assert b"approved" not in await reader.read()
        writer.close()
        assert served.terminal.moved == []


@pytest.mark.parametrize("setting", ["tcp:a..b:7000", "tcp:" + "h" * 80 + ".:7000", "tcp:[::1]:1", "tcp:no such:1"])
async def test_a_host_that_cannot_be_is_said_to_be_out_of_reach(setting: str) -> None:
    terminal = open_terminal(setting)
    assert terminal is not None
    with pytest.raises(Unavailable, match=r"card\.unreachable"):
        await terminal.charge("r", 1, "GBP")
    assert (await terminal.status("r")).outcome is CardOutcome.UNKNOWN


@pytest.mark.parametrize("number", [VISA, "4111 1111 1111 1111", "Card 4111-1111-1111-1111 ok", "5500005555555559"])
def test_a_card_number_is_not_kept_wherever_the_terminal_puts_it(number: str) -> None:
    told = read_answer({"state": "approved", "scheme": number, "authorisation": number, "last_four": number}, "r")
    assert told == CardResult(CardOutcome.APPROVED, "r")


def test_what_is_kept_is_one_line_that_prints() -> None:
    assert kept("Vi\x1b[2Jsa\n\x00", 20) == "Vi[2Jsa"
    assert kept("  ", 20) is None
    assert kept(4242, 20) is None
    assert kept("A12345", 20) == "A12345"
    assert kept("x" * 50, 20) == "x" * 20
    assert kept("123456789012", 20) == "123456789012"
    assert read_answer({"state": "approved", "last_four": "١٢٣٤"}, "r").last_four is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from([*CardOutcome, "waiting", "r"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["state", "reference", "scheme", "last_four", "authorisation"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300)
@given(_JSON)
def test_any_answer_is_read_and_only_a_plain_word_is_final(answer: object) -> None:
    told = read_answer(answer, "r")
    assert told.reference == "r"
    if told.outcome in FINAL:
        assert isinstance(answer, dict)
        assert answer["state"] == told.outcome
        assert answer.get("reference", "r") == "r"
    assert told.last_four is None or (len(told.last_four) == 4 and told.last_four.isascii())


async def test_the_simulator_starts_from_the_command_line() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pos_app.devices.card_simulator", "--port", "0", "--customer-s", "0"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        setting = (await process.stdout.readline()).decode().strip()
        terminal = open_terminal(setting)
        assert (await terminal.charge("r", 1000, "GBP")).outcome is CardOutcome.APPROVED
    finally:
        process.terminate()
        await process.communicate()
