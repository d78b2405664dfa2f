"""What the shop sells: books, other goods, services, and the codes printed on them."""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.kinds import Availability, BookKind
from pos_app.domain.search import book_keys, sort_key
from pos_app.models.base import (
    Base,
    BaseModel,
    Money,
    SortKey,
    Versioned,
    enum_column,
    one_of,
)

SORTED_BY = (
    "author_key", "price", "stock", "reorder_at", "cost", "publisher", "series", "published_on", "format", "language",
    "shelf", "sold_count", "updated_at",
)  # fmt: skip

# Indexes of what some titles lack: their names, columns, and which titles are in them, as either database says it.
LACKING = (
    ("open_price", "open_price", "open_price = 1", "open_price = true"),
    ("no_cover", "cover_image", "cover_image IS NULL", "cover_image IS NULL"),
    ("no_description", "description", "description IS NULL", "description IS NULL"),
)

# The state that a list shows (domain.kinds.StockState).
_STATE = (
    "CASE WHEN NOT active THEN 3 WHEN kind = 'service' THEN 0 "
    "WHEN stock <= 0 THEN 2 WHEN stock < reorder_at THEN 1 ELSE 0 END"
)


def _author_key(context: Any) -> str:
    return sort_key(context.get_current_parameters().get("author") or "")


class Book(Versioned, BaseModel):
    """One title. Amounts are minor units; `stock` is the sum of the title's stock movements."""

    __tablename__ = "books"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        CheckConstraint("reorder_at >= 0", name="reorder_at_not_negative"),
        CheckConstraint(one_of("kind", BookKind), name="kind_known"),
        Index("idx_books_title_author", "title", "author"),
        Index("idx_books_price_stock", "price", "stock"),
        Index("idx_books_title_key", "title_key", "id"),
        Index("idx_books_category_title_key", "category_id", "title_key", "id"),
        # One for each column that a list can be sorted by; what they cost stands in docs/decisions/0012.
        Index("idx_books_stock_state", "stock_state", "title_key", "id"),
        *(Index(f"idx_books_{column}", column, "id") for column in SORTED_BY),
        *(
            Index(f"idx_books_{name}", column, "id", sqlite_where=text(sqlite), postgresql_where=text(postgres))
            for name, column, sqlite, postgres in LACKING
        ),
    )

    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)
    title: Mapped[str] = mapped_column(String(255), index=True)
    author: Mapped[str] = mapped_column(String(255), index=True)
    description: Mapped[str | None] = mapped_column(Text)
    price: Mapped[int] = mapped_column(Money)
    cost: Mapped[int | None] = mapped_column(Money)
    stock: Mapped[int] = mapped_column(Integer, index=True, server_default="0", default=0)
    # Set aside for somebody: the sum of the reservations held. What can be sold is the stock less this.
    reserved: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    reorder_at: Mapped[int] = mapped_column(Integer, server_default="0", default=0)
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("categories.id", name="fk_books_category", ondelete="SET NULL")
    )
    tax_rate_id: Mapped[int] = mapped_column(ForeignKey("tax_rates.id", ondelete="RESTRICT"))
    cover_image: Mapped[str | None] = mapped_column(String(500))
    publisher: Mapped[str | None] = mapped_column(String(255))
    series: Mapped[str | None] = mapped_column(String(255))
    # As printed on the spine: "3", "IV", "2a".
    series_number: Mapped[str | None] = mapped_column(String(20))
    # ISO 8601, as precise as known ("2021", "2021-03", "2021-03-02"); years before Christ are negative.
    published_on: Mapped[str | None] = mapped_column(String(11))
    format: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str | None] = mapped_column(String(16))
    shelf: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[BookKind] = mapped_column(enum_column(BookKind), server_default="book", default=BookKind.BOOK)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
    # As the trade's files last said; nothing where the title can be had, or nobody said.
    availability: Mapped[Availability | None] = mapped_column(enum_column(Availability))
    # The trade's codes, as domain.subject keeps them; BookSubject is their index.
    subjects: Mapped[str | None] = mapped_column(String(500))
    # A department or an article whose price is asked for at the counter.
    open_price: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    # Folded by domain.search.fold: what lists are sorted by, and the words a search looks through.
    title_key: Mapped[str] = mapped_column(SortKey)
    search_text: Mapped[str] = mapped_column(Text)
    # What a list by author is sorted by; written with a new book by itself, with a changed author by who changes it.
    author_key: Mapped[str] = mapped_column(SortKey, server_default="", default=_author_key)
    # Copies sold less those that came back to be sold again: kept where a sale moves stock.
    sold_count: Mapped[int] = mapped_column(Integer, server_default="0", default=0)

    # Computed by the database.
    stock_state: Mapped[int] = mapped_column(Integer, Computed(_STATE), nullable=True)

    def fold_words(self) -> None:
        """Write what the book is sorted and found by, after its title, author, publisher or series changed."""
        for name, value in book_keys(self.title, self.author, self.publisher, self.series).items():
            setattr(self, name, value)


class BookCode(BaseModel):
    """A further barcode of a title, beside its ISBN."""

    __tablename__ = "book_codes"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)


class BookSubject(Base):
    """The index of the titles' subjects: "93:FBA" and the title that has it. Kept by triggers, only read here."""

    __tablename__ = "book_subjects"
    __table_args__ = (Index("idx_book_subjects_book", "book_id", "subject"), {"sqlite_with_rowid": False})

    subject: Mapped[str] = mapped_column(
        String(30).with_variant(String(30, collation="C"), "postgresql"), primary_key=True
    )
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), primary_key=True)
