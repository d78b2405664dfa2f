"""A card terminal on the network for trying things out: `python -m pos_app.devices.card_simulator --port 7000`.

It speaks the protocol of card_terminal.py. The amount's last two digits tell what it does: as SimulatedTerminal has it,
but where that one only says that it does not know, this one is silent or hangs up:

| ends in | what happens |
|---|---|
| 01 | declined |
| 02 | cancelled by the customer |
| 03 | charged, and it hangs up instead of answering |
| 04 | charged; says twice that it does not know |
| 05 | not charged; says twice that it does not know |
| 06 | charged, and half of the answer is sent |
| 07 | charged, and nothing more is ever said on this line |
| else | approved |
"""

import argparse
import asyncio
import json
from contextlib import suppress
from typing import Any

from pos_app.devices.card_terminal import MAX_LINE, SILENCE_S, SimulatedTerminal
from pos_app.domain.card import CardOutcome, CardResult

HANGS_UP, HALF, SILENT = 3, 6, 7


class CardSimulator:
    """Serves one terminal; `terminal.moved` is its ledger.

    A charge goes on where the till has hung up, as the customer's card does not know of the till.
    """

    def __init__(
        self, terminal: SimulatedTerminal | None = None, *, waiting_s: float = 2.0, silent_s: float = 2 * SILENCE_S
    ) -> None:
        """Take what is to be served, the seconds between two signs of life, and how long silence lasts."""
        self.terminal = terminal or SimulatedTerminal()
        self._waiting_s, self._silent_s = waiting_s, silent_s
        self._lines: set[asyncio.Task[None]] = set()
        self._charges: dict[str, asyncio.Task[CardResult]] = {}
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen, and give the port. Raises OSError where it is taken."""
        self._server = await asyncio.start_server(self._take, host, port, limit=MAX_LINE)
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def close(self) -> None:
        """Stop; charges that are under way come to nothing."""
        if self._server is not None:
            self._server.close()
        left = [*self._lines, *self._charges.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a line in a task of our own: asyncio's own is noisy when it is cancelled (Python 3.11)."""
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line.endswith(b"\n"):  # half a question is none
                await self._reply(line, writer)
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            pass  # the till has gone, or asks what nobody understands
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _reply(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        question = json.loads(line)
        reference = str(question["reference"])
        match question["do"]:
            case "charge":
                result = await self._charge(question, reference, writer)
            case "refund":
                result = await self.terminal.refund(reference, _minor(question), str(question["currency"]))
            case "status":
                result = await self.terminal.status(reference)
            case "cancel":
                result = await self.terminal.cancel(reference)
            case _:
                result = CardResult(CardOutcome.UNKNOWN, reference)
        answer = _line(
            state=result.outcome.value,
            reference=reference,
            scheme=result.scheme,
            last_four=result.last_four,
            authorisation=result.authorisation,
        )
        trouble = _minor(question) % 100 if question["do"] == "charge" else 0
        if trouble == SILENT:
            await asyncio.sleep(self._silent_s)
        if trouble in (HANGS_UP, SILENT):
            return
        writer.write(answer[: len(answer) // 2] if trouble == HALF else answer)
        await writer.drain()

    async def _charge(self, question: dict[str, Any], reference: str, writer: asyncio.StreamWriter) -> CardResult:
        if reference not in self._charges:
            charge = self.terminal.charge(reference, _minor(question), str(question["currency"]))
            self._charges[reference] = asyncio.create_task(charge)
        under_way = self._charges[reference]
        while True:
            writer.write(_line(state="waiting", reference=reference))
            await writer.drain()
            done, _ = await asyncio.wait({under_way}, timeout=self._waiting_s)
            if done:
                return under_way.result()


def _minor(question: dict[str, Any]) -> int:
    amount = question["amount"]
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise ValueError("an amount is a whole number of minor units above nothing")
    return amount


def _line(**answer: str | None) -> bytes:
    return json.dumps(answer).encode() + b"\n"


async def serve(host: str, port: int, customer_s: float) -> None:
    """Serve until the process is stopped."""
    simulator = CardSimulator(SimulatedTerminal(delay_s=customer_s))
    number = await simulator.start(port, host)
    print(f"tcp:{host}:{number}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await simulator.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A simulated card terminal on the network.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7000)
    parser.add_argument("--customer-s", type=float, default=3.0, help="seconds the customer takes (3)")
    asked = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(asked.host, asked.port, asked.customer_s))


if __name__ == "__main__":
    main()
