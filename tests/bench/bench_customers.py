"""Customers found by any part of anything, among a hundred thousand made up here, beside LIKE over the same columns."""

import random

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.search import customer_keys, fold
from pos_app.models import Customer, table
from pos_app.services.customer import find_customers
from pos_app.services.customer_list import page_customers
from tests.bench.harness import interleave, report

COUNT, AT_ONCE = 100_000, 5_000
FIRST = ("Ana", "Siobhán", "Rosa", "Tomasz", "Mei-Ling", "Jürgen", "Oliver", "Priya", "Hannah", "Yusuf", "Grace")
LAST = ("Kelly", "Marchetti", "Zieliński", "Chow", "Müller", "Whitcombe", "Raman", "Goldberg", "Demir", "Novák")
QUERIES = ("kelly", "siobhan kel", "crime", "zzzqqq", "mill lane town 77", "7778", "c-0777", "u77777@mail")


async def run(app: App, rounds: int = 6) -> None:
    await app.db.write(fill)
    _C = table(Customer).c
    pairs = []
    for query in QUERIES:

        async def page(query: str = query) -> object:
            return await page_customers(app, query)

        async def naive(query: str = query) -> object:
            kept = _C.name_key + " " + _C.search_text
            alike = [func.lower(kept).like(f"%{word}%") for word in fold(query).split()]
            found = select(_C.id).where(_C.active, *alike).order_by(_C.name_key, _C.id).limit(200)
            return await app.db.read(lambda session: session.scalars(found).all())

        async def counter(query: str = query) -> object:
            return await find_customers(app, query)

        pairs.append(await interleave(f"page: {query}", page, naive, rounds, warm=1))
        pairs.append(await interleave(f"F4: {query}", counter, naive, rounds, warm=1))
    report(f"{COUNT:,} customers, {app.db.kind}: beside LIKE '%…%'", pairs)


def fill(session: Session) -> None:
    chance = random.Random(1)  # noqa: S311 - made-up people
    rows = []
    for number in range(COUNT):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}{chance.randrange(5000)}"
        of = {
            "phone": f"07{chance.randrange(10**9):09d}",
            "email": f"u{number}@mail{chance.randrange(500)}.example",
            "card": f"C-{number:06d}",
            "address": f"{chance.randrange(200)} {chance.choice(('Mill Lane', 'Church Walk'))}\nTown {number % 900}",
            "note": chance.choice((None, None, "likes crime novels, orders by phone on Mondays")),
        }
        rows.append({"name": name, **of, **customer_keys(name, *of.values())})
    for at in range(0, COUNT, AT_ONCE):
        session.execute(insert(table(Customer)), rows[at : at + AT_ONCE])
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE customers"))
