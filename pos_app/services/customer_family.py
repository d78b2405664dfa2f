"""Who a customer is after merging: those who turned out to be the same person, and the one who was kept."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from pos_app.models import Customer, CustomerMerge, table

_M = table(CustomerMerge).c
_C = table(Customer).c


def kept_id(session: Session, customer_id: int) -> int:
    """Give who was kept of somebody merged, inside an act; anybody else is themselves."""
    kept: int | None = session.connection().scalar(select(_M.into_id).where(_M.customer_id == customer_id))
    return customer_id if kept is None else kept


def family(customer_id: int) -> Select[tuple[int]]:
    """The ids under which a customer's documents, movements and holds stand: their own and those merged into them."""
    return select(_C.id).where(
        (_C.id == customer_id) | _C.id.in_(select(_M.customer_id).where(_M.into_id == customer_id))
    )


def family_ids(session: Session, customer_id: int) -> list[int]:
    """Give the same as a list, inside an act."""
    return list(session.scalars(family(customer_id).order_by(_C.id)))
