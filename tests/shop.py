"""A small shop for tests."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import UserRole
from pos_app.domain.search import customer_keys, search_words, sort_key
from pos_app.domain.shop import ShopSettings
from pos_app.models import (
    Book,
    BookKind,
    Category,
    Customer,
    StockMovement,
    StockReason,
    TaxRate,
    Till,
    User,
)
from pos_app.services import cart, order
from pos_app.services.check import verify
from pos_app.services.right import Operator
from pos_app.services.setting import shop_settings, write_settings
from pos_app.services.shift import ensure_open

# Hashed at the lowest cost, so that tests do not spend their time hashing.
PIN = "1111"

PRIDE, DARKNESS, KLARA, SAPIENS = "9780141439518", "9780441478125", "9780593318171", "9780062316097"
BOOKS = [
    (PRIDE, "Pride and Prejudice", "Jane Austen", 899, 23, "Fiction"),
    (DARKNESS, "The Left Hand of Darkness", "Ursula K. Le Guin", 1099, 7, "Fiction"),
    (KLARA, "Klara and the Sun", "Kazuo Ishiguro", 1695, 2, "Fiction"),
    (SAPIENS, "Sapiens", "Yuval Noah Harari", 2499, 0, "History"),
]


@dataclass(frozen=True)
class Shop:
    """The app with what `fill` made, by name."""

    app: App
    books: dict[str, int]
    people: dict[str, Operator]

    @property
    def ana(self) -> Operator:
        return self.people["Ana"]

    @property
    def sam(self) -> Operator:
        return self.people["Sam"]

    def payment(self, amount: int, tender: Tender = Tender.CASH) -> PaymentIn:
        return PaymentIn(self.app.ids.new(), tender, amount)

    async def sell(self, *isbns: str, operator: Operator | None = None, tender: Tender = Tender.CASH) -> OrderView:
        """Ring up and pay exactly."""
        operator = operator or self.ana
        view = await cart.open_cart(self.app, operator)
        for isbn in isbns:
            view = await cart.add_scan(self.app, operator, view.id, isbn)
        return await order.pay(self.app, operator, order.PayRequest.of(view, self.payment(view.due, tender)))

    async def findings(self) -> list[str]:
        """What breaks a rule that must never break."""
        report = await verify(self.app)
        return [f"{check.name}: {finding}" for check in report.checks for finding in check.findings]

    async def stock(self, isbn: str) -> int:
        def act(session: Session) -> int:
            return session.scalars(select(Book.stock).where(Book.isbn == isbn)).one()

        return await self.app.db.read(act)


async def fill(app: App, tills: int = 1) -> Shop:
    """Put books and people into an empty shop, and open a shift on each till."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - tests without a shop do not hash

    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)

    def act(session: Session) -> tuple[dict[str, int], dict[str, Operator]]:
        write_settings(session, ShopSettings(shop_name="Marlow & Daughters"))
        books_tax = TaxRate(name="Books 0 %", rate=Decimal(0))
        other_tax = TaxRate(name="Standard 20 %", rate=Decimal("0.2"))
        session.add_all([books_tax, other_tax, Customer(name="Rosa Marchetti", **customer_keys("Rosa Marchetti"))])
        session.flush()
        categories = {category.name: category.id for category in session.scalars(select(Category))}
        books = [
            Book(
                isbn=isbn,
                title=title,
                author=author,
                price=price,
                stock=stock,
                category_id=categories[category],
                tax_rate_id=books_tax.id,
                title_key=sort_key(title),
                search_text=search_words(title, author),
            )
            for isbn, title, author, price, stock, category in BOOKS
        ]
        wrap = Book(
            title="Gift wrap",
            author="",
            price=200,
            tax_rate_id=other_tax.id,
            kind=BookKind.SERVICE,
            title_key="gift wrap",
            search_text="gift wrap",
        )
        session.add_all([*books, wrap])
        session.flush()
        session.add_all(
            StockMovement(uid=app.ids.new(), book_id=book.id, delta=book.stock, reason=StockReason.OPENING)
            for book in books
            if book.stock
        )
        people = _people(session, app, hashed, tills)
        return {book.isbn or book.title: book.id for book in [*books, wrap]}, people

    books, people = await app.db.write(act)
    return Shop(app, books, people)


def _people(session: Session, app: App, hashed: str, tills: int) -> dict[str, Operator]:
    roles = {"Ana": UserRole.CASHIER, "Jo": UserRole.CASHIER, "Sam": UserRole.MANAGER, "Max": UserRole.ADMIN}
    names = [*roles, *(f"Till {number}" for number in range(2, tills + 1))]
    users = [
        User(username=name, email=f"{name}@shop.test", role=roles.get(name, UserRole.CASHIER), hashed_pin=hashed)
        for name in names
    ]
    counters = [Till(number=number, name=f"Till {number}") for number in range(1, tills + 1)]
    session.add_all([*users, *counters])
    session.flush()
    people = {}
    for user in users:
        till = counters[int(user.username.removeprefix("Till ")) - 1 if user.username.startswith("Till ") else 0]
        shift = ensure_open(
            session, app.ids, shop_settings(session), till_id=till.id, user_id=users[0].id, now=app.clock.now()
        )
        people[user.username] = Operator(user.id, user.username, user.role, till.id, till.number, shift.opened_at)
    return people
