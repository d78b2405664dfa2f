"""What the shop sells: books, other goods, services, and the codes printed on them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.kinds import BookKind
from pos_app.models.base import (
    BaseModel,
    Money,
    SortKey,
    Versioned,
    enum_column,
    one_of,
)


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
    # A department or an article whose price is asked for at the counter.
    open_price: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    # Folded by domain.search.fold: what lists are sorted by, and the words a search looks through.
    title_key: Mapped[str] = mapped_column(SortKey)
    search_text: Mapped[str] = mapped_column(Text)


class BookCode(BaseModel):
    """A further barcode of a title, beside its ISBN."""

    __tablename__ = "book_codes"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
