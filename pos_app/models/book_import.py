"""Files of titles that were taken into the catalogue, and how far each came."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel


class ImportColumns(BaseModel):
    """Which column holds what in tables whose columns have these names, as JSON; `signature` is a digest of them."""

    __tablename__ = "import_columns"

    signature: Mapped[str] = mapped_column(String(40), unique=True)
    content: Mapped[str] = mapped_column(Text)


class RecordReference(BaseModel):
    """Which title a sender of ONIX means by a record's reference, where that does not hold the ISBN.

    The last one told counts, so that two files taken in at once need not wait for each other.
    """

    __tablename__ = "record_references"

    reference: Mapped[str] = mapped_column(String(100), index=True)
    isbn: Mapped[str] = mapped_column(String(13))


class BookImport(BaseModel):
    """One file; `rows` of it are stored, and it goes on there where something broke it off.

    `digest` is the SHA-256 of the file and of how its columns are read. `uid` is also that of the act in the history of
    titles.
    """

    __tablename__ = "book_imports"
    __table_args__ = (Index("idx_book_imports_digest", "digest", "finished"),)

    uid: Mapped[str] = mapped_column(String(36), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(255))
    rows: Mapped[int] = mapped_column(Integer)
    finished: Mapped[bool] = mapped_column(Boolean, server_default=false())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    till_id: Mapped[int | None] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
