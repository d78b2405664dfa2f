"""What was changed in titles and categories, by whom: append-only. Titles that were merged, used copies of titles."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.used import Grade
from pos_app.models.base import BaseModel, enum_column, one_of


class BookAct(BaseModel):
    """One thing a person did to one title or to many, undone as one; an undo points at what it undoes. Append-only."""

    __tablename__ = "book_acts"
    __table_args__ = (Index("idx_book_acts_user", "user_id", "id"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    undoes_uid: Mapped[str | None] = mapped_column(String(36))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))


class BookChange(BaseModel):
    """One field of one title, before and after, as JSON. Append-only."""

    __tablename__ = "book_changes"
    __table_args__ = (
        Index("idx_book_changes_book", "book_id", "id"),
        Index("idx_book_changes_act", "act_id", "id"),
    )

    act_id: Mapped[int] = mapped_column(ForeignKey("book_acts.id", ondelete="RESTRICT"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"))
    field: Mapped[str] = mapped_column(String(40))
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)


class CategoryChange(BaseModel):
    """One category before and after, as JSON; null where there was none, or is none any more. Append-only."""

    __tablename__ = "category_changes"
    __table_args__ = (Index("idx_category_changes_act", "act_id", "id"),)

    act_id: Mapped[int] = mapped_column(ForeignKey("book_acts.id", ondelete="RESTRICT"))
    category_id: Mapped[int] = mapped_column(index=True)
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)


class BookAddition(BaseModel):
    """Titles that an act added and stock that it set, as JSON (services.book_addition); taken back, the row goes."""

    __tablename__ = "book_additions"

    act_id: Mapped[int] = mapped_column(ForeignKey("book_acts.id", ondelete="RESTRICT"), index=True)
    content: Mapped[str] = mapped_column(Text)


class StoredCover(BaseModel):
    """A small picture under the SHA-256 of its bytes; `books.cover_image` holds the digest."""

    __tablename__ = "covers"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class UsedCopy(BaseModel):
    """That a row of `books` is a used copy of another title, and how worn it is."""

    __tablename__ = "used_copies"
    __table_args__ = (CheckConstraint(one_of("grade", Grade), name="grade_known"),)

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), unique=True)
    copy_of_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
    grade: Mapped[Grade] = mapped_column(enum_column(Grade))
    note: Mapped[str | None] = mapped_column(String(255))


class BookMerge(BaseModel):
    """That a title was found to be another one, under which it is sold now."""

    __tablename__ = "book_merges"
    __table_args__ = (CheckConstraint("book_id <> into_id", name="into_another"),)

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"), unique=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="RESTRICT"), index=True)
