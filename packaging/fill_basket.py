"""Put a few books into Ana's basket in a demo shop, so that the pictures of the checkout show a sale."""

import asyncio
import sys

from pos_app import app as application
from pos_app.config import load
from pos_app.services import cart
from pos_app.services.book_search import suggest
from pos_app.services.sign_in import sign_in

TITLES = ("pride and prejudice", "gift wrap", "the left hand of darkness", "the name of the rose")


async def fill(folder: str) -> None:
    """Ring the titles up, the third twice."""
    app = application.build(load({"data_dir": folder}))
    ana = await sign_in(app, "Ana", "1111")
    basket = await cart.open_cart(app, ana)
    for place, title in enumerate(TITLES):
        found = await suggest(app, title, 8)
        # The shop of the pictures sells what it has.
        book = next((one for one in found if one.stock - one.reserved >= 2), found[0])
        basket = await cart.add_book(app, ana, basket.id, book.id, 2 if place == 2 else 1)
    await app.db.close()


asyncio.run(fill(sys.argv[1]))
