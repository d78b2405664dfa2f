"""The rules of stock documents, each as one query for what breaks it, in SQL that both databases understand."""

# ruff: noqa: S608 - what is put together here are names and texts of this module's own

from pos_app.models import DOCUMENT_SERIES, SHOP_FLOOR
from pos_app.services.check_rule import Rule


def _moved_as_said(name: str, series: str, reason: str, said: str) -> Rule:
    """The rule that a kind of document moved what its lines say, where they say, and nothing else did in its name."""
    return Rule(
        name,
        f"Each of the {name} moved exactly what its lines say, at the place they say.",
        "{document}, book {book_id}, location {location_id}: {wanted} should have moved, {moved} did",
        "SELECT document, book_id, location_id, SUM(wanted) AS wanted, SUM(moved) AS moved FROM ("
        f"{said} UNION ALL SELECT document, book_id, COALESCE(location_id, {SHOP_FLOOR}), 0, delta "
        f"FROM stock_movements WHERE reason = '{reason}' AND document LIKE '{series} %') both_sides "
        "GROUP BY document, book_id, location_id "
        "HAVING SUM(wanted) <> SUM(moved) ORDER BY document, book_id, location_id",
    )


def _carried(place: str, sign: str) -> str:
    """What transfers say came to a place, or went from it."""
    return (
        f"SELECT 'Transfer ' || transfers.number AS document, transfer_lines.book_id AS book_id, "
        f"transfers.{place} AS location_id, {sign}transfer_lines.quantity AS wanted, 0 AS moved FROM transfer_lines "
        "JOIN transfers ON transfers.id = transfer_lines.transfer_id"
    )


def _taken_back(series: str, documents: str) -> str:
    """What was moved to take documents of a kind back."""
    key = _KEYS[documents]
    return (
        f"SELECT '{series} ' || {documents}.number || ' taken back' AS document, "
        f"stock_reversal_lines.book_id AS book_id, COALESCE({documents}.location_id, {SHOP_FLOOR}) AS location_id, "
        "stock_reversal_lines.quantity AS wanted, 0 AS moved FROM stock_reversal_lines "
        "JOIN stock_reversals ON stock_reversals.id = stock_reversal_lines.stock_reversal_id "
        f"JOIN {documents} ON {documents}.id = stock_reversals.{key}"
    )


_KEYS = {
    "deliveries": "delivery_id",
    "stock_counts": "stock_count_id",
    "publisher_returns": "publisher_return_id",
}
_KNOWN_SERIES = " UNION ALL ".join(f"SELECT '{series}' AS name" for series in DOCUMENT_SERIES)

STOCK_RULES = (
    Rule(
        "locations",
        "No place but the shop floor holds less than nothing.",
        "location {location_id}, book {book_id}: {there}",
        "SELECT location_id, book_id, SUM(delta) AS there FROM stock_movements WHERE location_id IS NOT NULL "
        "GROUP BY location_id, book_id HAVING SUM(delta) < 0 ORDER BY location_id, book_id",
    ),
    _moved_as_said(
        "transfers",
        "Transfer",
        "transfer",
        f"{_carried('to_location_id', '')} UNION ALL {_carried('from_location_id', '-')}",
    ),
    _moved_as_said(
        "deliveries",
        "Delivery",
        "delivery",
        "SELECT 'Delivery ' || deliveries.number AS document, delivery_lines.book_id AS book_id, "
        f"COALESCE(deliveries.location_id, {SHOP_FLOOR}) AS location_id, "
        "delivery_lines.quantity AS wanted, 0 AS moved FROM delivery_lines "
        "JOIN deliveries ON deliveries.id = delivery_lines.delivery_id "
        f"UNION ALL {_taken_back('Delivery', 'deliveries')}",
    ),
    _moved_as_said(
        "publisher returns",
        "Return",
        "publisher_return",
        "SELECT 'Return ' || publisher_returns.number AS document, publisher_return_lines.book_id AS book_id, "
        f"COALESCE(publisher_returns.location_id, {SHOP_FLOOR}) AS location_id, "
        "-publisher_return_lines.quantity AS wanted, 0 AS moved FROM publisher_return_lines "
        "JOIN publisher_returns ON publisher_returns.id = publisher_return_lines.publisher_return_id "
        f"UNION ALL {_taken_back('Return', 'publisher_returns')}",
    ),
    _moved_as_said(
        "counts",
        "Count",
        "count",
        "SELECT 'Count ' || stock_counts.number AS document, stock_count_lines.book_id AS book_id, "
        f"COALESCE(stock_counts.location_id, {SHOP_FLOOR}) AS location_id, "
        "stock_count_lines.difference AS wanted, 0 AS moved FROM stock_count_lines "
        "JOIN stock_counts ON stock_counts.id = stock_count_lines.stock_count_id "
        f"UNION ALL {_taken_back('Count', 'stock_counts')}",
    ),
    *(
        Rule(
            f"{name} taken back",
            f"Of none of the {name} more was taken back than it moved.",
            "number {number}, book {book_id}: {moved} moved, {back} taken back",
            f"SELECT {documents}.number AS number, back.book_id AS book_id, COALESCE({moved}, 0) AS moved, "
            f"back.back AS back FROM (SELECT stock_reversals.{key} AS document_id, "
            "stock_reversal_lines.book_id AS book_id, SUM(stock_reversal_lines.quantity) AS back "
            "FROM stock_reversal_lines JOIN stock_reversals ON stock_reversals.id = "
            f"stock_reversal_lines.stock_reversal_id WHERE stock_reversals.{key} IS NOT NULL "
            f"GROUP BY stock_reversals.{key}, stock_reversal_lines.book_id) back "
            f"JOIN {documents} ON {documents}.id = back.document_id "
            f"LEFT JOIN {lines} line ON line.{key} = back.document_id AND line.book_id = back.book_id "
            f"WHERE COALESCE({moved}, 0) * back.back >= 0 OR ABS(back.back) > ABS({moved}) "
            f"ORDER BY {documents}.number, back.book_id",
        )
        for name, documents, lines, key, moved in (
            ("deliveries", "deliveries", "delivery_lines", "delivery_id", "line.quantity"),
            ("counts", "stock_counts", "stock_count_lines", "stock_count_id", "line.difference"),
            (
                "publisher returns",
                "publisher_returns",
                "publisher_return_lines",
                "publisher_return_id",
                "-line.quantity",
            ),
        )
    ),
    Rule(
        "counted pieces",
        "What a posted count says of a title is the sum of its scans.",
        "count {number}, book {book_id}: {said} said, {counted} scanned",
        "SELECT stock_counts.number AS number, stock_count_lines.book_id AS book_id, "
        "stock_count_lines.counted AS said, COALESCE(SUM(stock_count_entries.quantity), 0) AS counted "
        "FROM stock_count_lines JOIN stock_counts ON stock_counts.id = stock_count_lines.stock_count_id "
        "LEFT JOIN stock_count_entries ON stock_count_entries.stock_count_id = stock_counts.id "
        "AND stock_count_entries.book_id = stock_count_lines.book_id "
        "GROUP BY stock_counts.number, stock_count_lines.book_id, stock_count_lines.counted "
        "HAVING COALESCE(SUM(stock_count_entries.quantity), 0) <> stock_count_lines.counted "
        "ORDER BY stock_counts.number, stock_count_lines.book_id",
    ),
    Rule(
        "purchase orders",
        "What an order has received is what was delivered on it and not taken back, and no more than ordered unless "
        "that was accepted.",
        "purchase order {number}, book {book_id}: {ordered} ordered, {received} received, {delivered} delivered",
        "SELECT purchase_orders.number AS number, l.book_id AS book_id, l.quantity AS ordered, "
        "l.received_quantity AS received, COALESCE(d.delivered, 0) AS delivered FROM purchase_order_lines l "
        "JOIN purchase_orders ON purchase_orders.id = l.purchase_order_id "
        "LEFT JOIN (SELECT purchase_order_line_id, "
        "SUM(delivery_lines.quantity + COALESCE(back.pieces, 0)) AS delivered, "
        "SUM(CASE WHEN delivery_lines.over THEN 1 ELSE 0 END) AS accepted FROM delivery_lines "
        "LEFT JOIN (SELECT stock_reversals.delivery_id AS delivery_id, stock_reversal_lines.book_id AS book_id, "
        "SUM(stock_reversal_lines.quantity) AS pieces FROM stock_reversal_lines JOIN stock_reversals "
        "ON stock_reversals.id = stock_reversal_lines.stock_reversal_id "
        "GROUP BY stock_reversals.delivery_id, stock_reversal_lines.book_id) back "
        "ON back.delivery_id = delivery_lines.delivery_id AND back.book_id = delivery_lines.book_id "
        "WHERE purchase_order_line_id IS NOT NULL "
        "GROUP BY purchase_order_line_id) d ON d.purchase_order_line_id = l.id "
        "WHERE l.received_quantity <> COALESCE(d.delivered, 0) "
        "OR l.received_quantity > l.quantity AND COALESCE(d.accepted, 0) = 0 ORDER BY purchase_orders.number",
    ),
    Rule(
        "reservations",
        "What is set aside of each title is the sum of its reservations.",
        "book {book_id} “{title}”: {reserved} set aside, reservations {held}",
        "SELECT books.id AS book_id, books.title AS title, books.reserved AS reserved, COALESCE(r.held, 0) AS held "
        "FROM books LEFT JOIN (SELECT book_id, SUM(quantity) AS held FROM reservations WHERE status = 'held' "
        "GROUP BY book_id) r ON r.book_id = books.id WHERE books.reserved <> COALESCE(r.held, 0) ORDER BY books.id",
    ),
    Rule(
        "document series",
        "Each kind of stock document has its series of numbers.",
        "{series}: its series is missing; the next document makes it anew, behind the last there is",
        f"SELECT known.name AS series FROM ({_KNOWN_SERIES}) known "
        "LEFT JOIN document_series ON document_series.name = known.name WHERE document_series.id IS NULL "
        "ORDER BY known.name",
    ),
    *(
        Rule(
            f"{name.replace('_', ' ')} numbers",
            f"The numbers of {name.replace('_', ' ')} run from 1 without gap.",
            "{used} documents, last number {high}, next {next}",
            f"SELECT s.next_number AS next, COUNT(d.id) AS used, COALESCE(MAX(d.number), 0) AS high "
            f"FROM document_series s LEFT JOIN {name} d ON 1 = 1 WHERE s.name = '{series}' GROUP BY s.next_number "
            "HAVING COUNT(d.id) <> COALESCE(MAX(d.number), 0) OR COALESCE(MAX(d.number), 0) <> s.next_number - 1",
        )
        for series, name in DOCUMENT_SERIES.items()
    ),
)
