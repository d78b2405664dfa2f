"""Triggers that keep documents as they are, on both engines.

SQLite drops the triggers of a table that is rebuilt: the step that rebuilds one makes them anew.
"""

from alembic import op

EVENTS = ("update", "delete")


def on_postgres() -> bool:
    """Which of the two engines a step runs on."""
    return op.get_context().dialect.name == "postgresql"


def changed(columns: tuple[str, ...]) -> str:
    """The condition that one of the columns gets another value, compared and not listed, so that no alias evades it."""
    differs = "IS DISTINCT FROM" if on_postgres() else "IS NOT"
    return "(" + " OR ".join(f"new.{column} {differs} old.{column}" for column in columns) + ")"


def paid(*rows: str) -> str:
    """SQLite's condition that one of the rows is a paid order's."""
    numbers = ", ".join(f"{row}.order_id" for row in rows)
    return f"EXISTS (SELECT 1 FROM orders WHERE orders.id IN ({numbers}) AND orders.paid_at IS NOT NULL)"


def forbid(table: str, event: str, *conditions: str, function: str = "pos_append_only") -> None:
    """Refuse an event on a table's rows where all conditions hold."""
    if on_postgres():
        each = "STATEMENT" if event == "truncate" else "ROW"
        when = f"WHEN ({' AND '.join(conditions)}) " if conditions else ""
        body = f"FOR EACH {each} {when}EXECUTE FUNCTION {function}()"
    else:
        when = f"WHEN {' AND '.join(conditions)} " if conditions else ""
        body = f"{when}BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    op.execute(f"CREATE TRIGGER trg_{table}_no_{event} BEFORE {event.upper()} ON {table} {body}")


def forbid_always(table: str) -> None:
    """Let rows be added to a table and nothing else."""
    for event in EVENTS:
        forbid(table, event)
    if on_postgres():
        forbid(table, "truncate")


def forbid_when_paid(table: str, columns: tuple[str, ...]) -> None:
    """Keep the rows of paid orders; `columns` are those that may not change, none meaning all."""
    if on_postgres():
        function = "pos_append_only_when_paid"
        forbid(table, "update", *([changed(columns)] if columns else []), function=function)
        forbid(table, "delete", function=function)
        forbid(table, "truncate")
        return
    # A line may no more be moved into a paid order than out of it.
    forbid(table, "update", *([changed(columns)] if columns else []), paid("old", "new"))
    forbid(table, "delete", paid("old"))


def forbid_paid_orders(columns: tuple[str, ...], personal: tuple[str, ...] = ()) -> None:
    """Keep paid orders as they are but for what is not among `columns`; what is `personal` may be taken away."""
    differs = changed(columns)
    rewritten = [f"({changed((column,))} AND new.{column} IS NOT NULL)" for column in personal]
    forbid("orders", "update", "old.paid_at IS NOT NULL", f"({' OR '.join([differs, *rewritten])})")
    forbid("orders", "delete", "old.paid_at IS NOT NULL")
    if on_postgres():
        forbid("orders", "truncate")


def allow(table: str) -> None:
    """Take a table's triggers away."""
    for event in (*EVENTS, "truncate") if on_postgres() else EVENTS:
        op.execute(f"DROP TRIGGER trg_{table}_no_{event}" + (f" ON {table}" if on_postgres() else ""))
