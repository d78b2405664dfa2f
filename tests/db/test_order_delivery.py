"""A large delivery with many who wait: each copy goes to who ordered it first, and the slips say so."""

import random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.domain.search import customer_keys, search_words, sort_key
from pos_app.models import Book, Customer, OrderItem, Reservation, TaxRate
from pos_app.services import cart
from pos_app.services.customer_order import OrderRequest, place_from_cart
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.order_paper import hold_papers
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.conftest import SetClock
from tests.shop import Shop

TITLES, ORDERS = 300, 40


async def stock_up(shop: Shop) -> tuple[list[int], list[int]]:
    """Titles of which there are none, and customers."""

    def act(session: Session) -> tuple[list[int], list[int]]:
        tax = session.scalars(select(TaxRate.id).limit(1)).one()
        books = [
            Book(title=f"Title {n:03d}", author="A", price=1000 + n, tax_rate_id=tax, title_key=sort_key(f"Title {n:03d}"),
                 search_text=search_words(f"Title {n:03d}", "A"))
            for n in range(TITLES)
        ]  # fmt: skip
        people = [Customer(name=f"Reader {n:02d}", **customer_keys(f"Reader {n:02d}")) for n in range(ORDERS)]
        session.add_all([*books, *people])
        session.flush()
        return [book.id for book in books], [one.id for one in people]

    return await shop.app.db.write(act)


async def test_three_hundred_titles_and_forty_who_wait(shop: Shop, clock: SetClock) -> None:
    app, chance = shop.app, random.Random(7)
    books, people = await stock_up(shop)
    wanted: dict[int, list[tuple[str, int]]] = {}
    for place, person in enumerate(people):
        clock.forward(minutes=1)
        view = await cart.open_cart(app, shop.ana)
        for book_id in chance.sample(books[:60], chance.randint(1, 4)):
            pieces = chance.choice((1, 1, 2))
            view = await cart.add_book(app, shop.ana, view.id, book_id, pieces)
            wanted.setdefault(book_id, []).append((f"Reader {place:02d}", pieces))
        view = await cart.set_customer(app, shop.ana, view.id, person)
        await place_from_cart(app, shop.ana, OrderRequest.of(view, app.ids.new()))
    came = {book_id: chance.randint(1, 3) for book_id in books}
    supplier = await keep_supplier(app, shop.sam, SupplierView(name="Gardners"))
    clock.forward(days=2)
    request = DeliveryRequest(app.ids.new(), supplier.id, tuple(Came(*line) for line in came.items()))
    made = await receive_delivery(app, shop.sam, request)
    due = []
    for book_id in books:
        left = came[book_id]
        for name, pieces in wanted.get(book_id, []):
            if given := min(left, pieces):
                due.append((f"Title {books.index(book_id):03d}", name, given))
            left -= given
    assert [(slip.title, slip.customer, slip.pieces) for slip in made.slips] == due
    papers = await hold_papers(app, made.slips)
    assert len(papers) == len(due) > ORDERS
    assert (await receive_delivery(app, shop.sam, request)).slips == made.slips

    def first_come(session: Session) -> int:
        """Nobody holds a copy while somebody who ordered it earlier waits."""
        earlier, later = Reservation.__table__.alias(), Reservation.__table__.alias()
        query = select(func.count()).select_from(earlier.join(later, earlier.c.book_id == later.c.book_id))
        query = query.where(earlier.c.status == "waiting", later.c.status == "held")
        return session.scalar(query.where(earlier.c.made_at < later.c.made_at)) or 0

    assert await app.db.read(first_come) == 0
    assert await app.db.read(lambda session: session.scalar(select(func.count()).select_from(OrderItem))) > ORDERS
    assert await shop.findings() == []
