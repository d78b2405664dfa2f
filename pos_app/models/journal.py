"""What was done at a till, in an order nobody can change unseen."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.models.base import BaseModel, UtcDateTime


class JournalEntry(BaseModel):
    """One entry of a till's chain: `hash` is SHA-256 over `previous_hash` and `content` (domain.journal). Append-only.

    `content` is canonical JSON of integers, UTC microseconds and text, and says till, sequence, time and act again.
    """

    __tablename__ = "journal_entries"
    __table_args__ = (UniqueConstraint("till_id", "sequence", name="uq_journal_entries_sequence"),)

    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id", ondelete="RESTRICT"))
    sequence: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(30))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
