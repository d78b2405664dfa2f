"""What a till's database role may do: all that the program does at a counter, and nothing that changes what was sold.

Tables are made, and people and their PINs kept, by the owner's role, which tills do not have.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from pos_app.errors import Refused
from pos_app.models import Base

# Written once: whatever these hold stays as it is. Triggers see to it too, for everybody.
KEPT = (
    "account_movements", "approvals", "book_acts", "book_changes", "card_attempts", "cash_movements",
    "category_changes", "customer_merges", "deliveries", "delivery_lines", "deposit_movements",
    "gift_card_movements", "journal_entries", "loyalty_movements", "order_adjustments", "order_changes",
    "order_events", "order_items", "order_taxes", "orders", "payments", "publisher_return_lines",
    "publisher_returns", "purchase_orders", "quote_lines", "quotes", "shifts", "stock_count_entries",
    "stock_count_lines", "stock_counts", "stock_movements", "stock_reversal_lines", "stock_reversals",
    "till_events", "tills", "transfer_lines", "transfers", "z_reports",
)  # fmt: skip
# What of a table goes on changing, where that is not all of it. Each has `updated_at` too.
GOES_ON: dict[str, tuple[str, ...]] = {
    "approvals": ("used_at",),
    "card_attempts": ("outcome", "scheme", "terminal_reference", "tries", "said_by_id"),
    "customer_merges": ("into_id",),
    "order_items": ("returned_quantity",),
    # What tells of a person is taken away where they are erased, and not changed: triggers see to it.
    "orders": ("status", "version", "shipping_address", "note"),
    "purchase_orders": (
        "status", "sent_by_id", "sent_at", "ended_by_id", "ended_at", "expected_on", "note", "version",
    ),
    "quotes": ("order_id", "note", "version"),
    "shifts": ("opening_float", "closed_at", "expected", "counted", "difference"),
    "stock_counts": ("status", "ended_by_id", "ended_at", "version"),
    "tills": (
        "name", "next_receipt_number", "next_training_number", "next_z_number", "journal_sequence", "journal_hash",
        "journal_at", "machine_uid", "machine_name", "machine_place", "pin_failures", "pin_blocked_until", "version",
    ),
    "users": ("pin_failures", "pin_blocked_until", "version"),
    # Of what is no document, but is found by what it says.
    "book_additions": ("content",),
    "book_codes": (),
    "book_imports": ("rows", "finished"),
    "book_merges": (),
    "book_subjects": (),
    "book_suppliers": ("position", "cost"),
    "cart_changes": ("undone",),
    "cart_payments": (),
    "covers": (),
    "customer_consents": ("withdrawn_at", "withdrawn_user_id"),
    "customer_orders": ("ready_at", "hold_until", "told_at"),
    "document_series": ("next_number",),
    "gift_cards": ("balance", "version"),
    "import_columns": ("content",),
    "locations": (),
    "promotion_books": (),
    "purchase_order_lines": ("received_quantity",),
    "record_references": (),
    "reservations": ("quantity", "status", "name", "ended_at", "sale_id", "delivery_id", "version"),
    "reviews": ("rating", "comment", "staff_pick"),
    "rights": (),
    "saved_views": ("content",),
    "settings": ("value", "version"),
    "tenders": ("name", "over", "opens_drawer", "asks_reference", "active", "position", "version"),
    "used_copies": ("copy_of_id",),
}  # fmt: skip
# People are kept by the owner; their hashes are read by a function, one at a time.
HIDDEN = {"users": ("hashed_password", "hashed_pin")}
# The rest is changed as the shop goes on: titles, customers, baskets, settings.
FREE = frozenset(Base.metadata.tables) - frozenset(KEPT) - frozenset(HIDDEN)
# What of it ends by being taken away: the basket recalled, the code of another title, the import taken back. What
# other rows are counted by or refer to is switched off instead.
ENDS = frozenset({
    "book_additions", "book_codes", "book_merges", "book_subjects", "book_suppliers", "books", "cart_changes",
    "cart_items", "cart_payments", "carts", "categories", "customer_consents", "promotion_books",
    "purchase_order_lines", "quick_keys", "reviews", "rights", "saved_views", "used_copies",
})  # fmt: skip
# Which row it is, and since when, is never changed.
ALWAYS_KEPT = frozenset({"id", "created_at"})
PIN_FUNCTION = "pos_hashed_pin(integer)"


def grants(role: str, database: str, schema: str) -> Iterator[str]:
    """Give the statements that let a role be a till's, whatever it was allowed before. The owner runs them."""
    who, where = quoted(role), quoted(schema)
    yield f"REVOKE TEMPORARY ON DATABASE {quoted(database)} FROM PUBLIC"
    yield f"REVOKE CREATE ON SCHEMA {where} FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {where} FROM {who}"
    yield f"REVOKE EXECUTE ON FUNCTION {where}.{PIN_FUNCTION} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {quoted(database)} TO {who}"
    yield f"GRANT USAGE ON SCHEMA {where} TO {who}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {where} TO {who}"
    yield f"GRANT SELECT ON {where}.alembic_version TO {who}"
    yield f"GRANT EXECUTE ON FUNCTION {where}.{PIN_FUNCTION} TO {who}"
    for name, table in sorted(Base.metadata.tables.items()):
        seen = f" ({', '.join(seen_columns(table))})" if name in HIDDEN else ""
        yield f"GRANT SELECT{seen} ON {where}.{name} TO {who}"
        if name not in HIDDEN:
            yield f"GRANT INSERT ON {where}.{name} TO {who}"
        if changing := changing_columns(table):
            yield f"GRANT UPDATE ({', '.join(changing)}) ON {where}.{name} TO {who}"
        if name in ENDS:
            yield f"GRANT DELETE ON {where}.{name} TO {who}"


def seen_columns(table: Table) -> list[str]:
    """The columns of a table that a till reads."""
    return [column.name for column in table.columns if column.name not in HIDDEN.get(table.name, ())]


def changing_columns(table: Table) -> list[str]:
    """The columns of a table that a till changes; none of one whose rows stay as they were added."""
    rest = () if table.name in KEPT else [column.name for column in table.columns if column.name not in ALWAYS_KEPT]
    columns = GOES_ON.get(table.name, rest)
    return list(dict.fromkeys((*columns, "updated_at"))) if columns else []


def quoted(name: str) -> str:
    """A name as PostgreSQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def grants_here(session: Session, role: str) -> list[str]:
    """Give the statements for the database an act runs on. Raises Refused("role.kind" | "role.missing" | …)."""
    if session.get_bind().dialect.name != "postgresql":
        raise Refused("role.kind")
    row = session.execute(
        text(
            "SELECT current_database(), current_schema(), "
            "r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER') AS owns FROM pg_class c "
            "LEFT JOIN pg_roles r ON r.rolname = :role WHERE c.oid = 'alembic_version'::regclass"
        ),
        {"role": role},
    ).one()
    if row.owns is None:
        raise Refused("role.missing", role=role)
    if row.owns:
        raise Refused("role.owner", role=role)
    return list(grants(role, row.current_database, row.current_schema))


def till_roles(session: Session) -> list[str]:
    """Give the roles that were made tills' before, to the owner: they see the tills and do not own them."""
    found = session.execute(
        text(
            "SELECT DISTINCT grantee FROM information_schema.role_table_grants "
            "WHERE table_name = 'tills' AND privilege_type = 'SELECT' AND table_schema = current_schema() "
            "AND (SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = 'tills'::regclass) "
            "AND grantee NOT IN (SELECT rolname FROM pg_roles r JOIN pg_class c ON c.oid = 'tills'::regclass "
            "WHERE r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER')) ORDER BY grantee"
        )
    )
    return [row.grantee for row in found]


def lacks(session: Session) -> list[str]:
    """Give the tables that this session's role lacks something on, such as those a migration made."""
    found = []
    for name, table in sorted(Base.metadata.tables.items()):
        seen = seen_columns(table)
        needed = [(column, "SELECT") for column in seen]
        needed += [(column, "UPDATE") for column in changing_columns(table)]
        needed += [] if name in HIDDEN else [(column, "INSERT") for column in seen]
        has = _of_columns(session, name, needed)
        if not all(has) or (name in ENDS and not _deletes(session, name)):
            found.append(name)
    return found


def exceeds(session: Session) -> list[str]:
    """Give the tables that this session's role may change more of than a till does, as an earlier version let it."""
    found = []
    for name, table in sorted(Base.metadata.tables.items()):
        changing = changing_columns(table)
        rest = [(column.name, "UPDATE") for column in table.columns if column.name not in changing]
        if any(_of_columns(session, name, rest)) or (name not in ENDS and _deletes(session, name)):
            found.append(name)
    return found


def _of_columns(session: Session, name: str, rights: list[tuple[str, str]]) -> Sequence[bool]:
    """Tell for each column and right whether this session's role has it."""
    query = text(
        "SELECT has_column_privilege(:name, wanted, needed) "
        "FROM unnest(CAST(:columns AS text[]), CAST(:rights AS text[])) AS of_column (wanted, needed)"
    )
    columns, needed = [column for column, _ in rights], [right for _, right in rights]
    return session.scalars(query, {"name": name, "columns": columns, "rights": needed}).all()


def _deletes(session: Session, name: str) -> bool:
    return bool(session.scalar(text("SELECT has_table_privilege(:name, 'DELETE')"), {"name": name}))
