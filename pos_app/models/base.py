"""What every table has in common: names of constraints, time stamps, exact types."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    func,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

RATE_SCALE = 1_000_000

# Sorted and compared byte by byte on both engines, so that paging by key agrees with the order shown
# and prefix searches can use the index.
SortKey = String(255).with_variant(String(255, collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which has no zones, stores it as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("naive datetime given to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give an aware time back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc(stored: str | datetime | None) -> datetime | None:
    """A time as either driver gives it."""
    if stored is None:
        return None
    if isinstance(stored, str):
        return datetime.fromisoformat(f"{stored}+00:00")  # five times as fast as to replace its zone
    return stored.astimezone(UTC)


class Rate(TypeDecorator[Decimal]):
    """An exact fraction (0.2 is 20 %), stored as an integer of millionths; more digits are refused, not rounded."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        """Store millionths."""
        if value is None:
            return None
        scaled = value * RATE_SCALE
        if scaled != scaled.to_integral_value():
            raise ValueError(f"rate with more than six places: {value}")
        return int(scaled)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> Decimal | None:
        """Give the fraction back."""
        return None if value is None else Decimal(value) / RATE_SCALE


Money = BigInteger


def enum_column(kind: type[Enum], length: int = 20) -> SqlEnum:
    """Text holding an enum's values; the CHECK stands beside the column under a name of its own."""
    return SqlEnum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


def one_of(column: str, kind: type[Enum]) -> str:
    """The SQL text of a CHECK that admits an enum's values only."""
    return f"{column} IN ({', '.join(repr(member.value) for member in kind)})"


def table(model: "type[Base]") -> Table:
    """A model's table, for statements on many rows that need no objects."""
    made = model.__table__
    if not isinstance(made, Table):
        raise TypeError(f"{model} is no table")
    return made


class Base(DeclarativeBase):
    """The declarative base with named constraints."""

    metadata = MetaData(naming_convention=NAMING)


class BaseModel(Base):
    """A row with a number and the times it was made and last changed."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now(), onupdate=func.now())


class Versioned:
    """An editable row: a writer holding an older version is told, never obeyed."""

    version: Mapped[int] = mapped_column(Integer, server_default="1", default=1)
