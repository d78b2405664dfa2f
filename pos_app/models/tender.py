"""The ways to pay, as the shop has set them up."""

from sqlalchemy import Boolean, CheckConstraint, Integer, String, false, true
from sqlalchemy.orm import Mapped, mapped_column

from pos_app.domain.payment import OverTender, TenderKind
from pos_app.models.base import BaseModel, Versioned, enum_column, one_of


class ShopTender(Versioned, BaseModel):
    """One tender; payments carry its `code`."""

    __tablename__ = "tenders"
    __table_args__ = (
        CheckConstraint(one_of("kind", TenderKind), name="kind_known"),
        CheckConstraint(one_of("over", OverTender), name="over_known"),
    )

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[TenderKind] = mapped_column(enum_column(TenderKind))
    over: Mapped[OverTender] = mapped_column(enum_column(OverTender))
    opens_drawer: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    asks_reference: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    active: Mapped[bool] = mapped_column(Boolean, server_default=true(), default=True)
    position: Mapped[int] = mapped_column(Integer)
