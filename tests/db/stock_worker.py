"""Takes deliveries and posts counts without end, for a test that kills it: says what is stored.

Called with the data folder, the database's address, and a title's number.
"""

import asyncio
import sys
from pathlib import Path

from pos_app import app as application
from pos_app.config import Config
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.sign_in import sign_in
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.supplier import list_suppliers


async def work(folder: str, url: str, book: int) -> None:
    """Receive two copies, one of them damaged, then count three and post it, again and again."""
    app = application.build(Config(Path(folder), url))
    sam = await sign_in(app, "Sam", "1111")
    (supplier,) = await list_suppliers(app)
    while True:
        request = DeliveryRequest(app.ids.new(), supplier.id, (Came(book, 1, damaged=1, cost=400),))
        made = await receive_delivery(app, sam, request)
        say(f"delivery {made.uid} {made.number}")
        count = await start_count(app, sam, app.ids.new())
        for _ in range(3):
            await count_code(app, sam, app.ids.new(), count.id, book)
        posted = await post_count(app, sam, count.id, count.version)
        say(f"count {posted.uid} {posted.number}")


def say(text: str) -> None:
    """Tell what is stored."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
