"""Tills in processes of their own, for tests that kill them: each sells without end and says what is stored.

This process loads the program once and makes a till of itself for every line it reads, by fork: killing
two hundred tills need not load the program two hundred times.
"""

import asyncio
import os
import sys
from pathlib import Path

from pos_app import app as application
from pos_app.config import Config
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.services import cart, order
from pos_app.services.sign_in import sign_in


async def sell(folder: str, url: str, isbns: list[str]) -> None:
    app = application.build(Config(Path(folder), url))
    operator = await sign_in(app, "Ana", "1111")
    view = await cart.open_cart(app, operator)
    # What was in the basket when the last process was killed is paid first: it is the same sale, never a second one.
    if not view.lines:
        view = await cart.add_scan(app, operator, view.id, isbns[0])
    while True:
        request = order.PayRequest.of(view, PaymentIn(app.ids.new(), Tender.CASH, view.due))
        say(f"asked {request.uid}")
        sale = await order.pay(app, operator, request)
        say(f"stored {sale.uid} {sale.number}")
        view = await cart.open_cart(app, operator)
        for isbn in isbns:
            view = await cart.add_scan(app, operator, view.id, isbn)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Make a till for every line read: folder, address and codes, parted by tabs."""
    for line in sys.stdin:
        folder, url, *isbns = line.rstrip("\n").split("\t")
        if (till := os.fork()) == 0:
            asyncio.run(sell(folder, url, isbns))
            os._exit(1)
        say(f"till {till}")
        os.waitpid(till, 0)
        say("ended")


if __name__ == "__main__":
    main()
