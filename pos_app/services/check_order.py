"""The rules of customer orders, each as one query for what breaks it, in SQL that both databases understand."""

from pos_app.services.check_rule import Rule

ORDER_RULES = (
    Rule(
        "deposits",
        "Of no order's deposits more was used or given back than was paid, by any tender.",
        "order {order_id}, {status}: {rest} left",
        "SELECT orders.id AS order_id, orders.status AS status, SUM(delta) AS rest FROM deposit_movements "
        "JOIN orders ON orders.id = deposit_movements.order_id "
        "GROUP BY orders.id, orders.status, tender, reference "
        "HAVING SUM(delta) < 0 ORDER BY orders.id",
    ),
    Rule(
        "deposit payments",
        "Each document moved exactly the deposits it took, used and gave back.",
        "order {order_id}: {wanted} should have moved, {moved} did",
        "SELECT order_id, SUM(wanted) AS wanted, SUM(moved) AS moved FROM ("
        "SELECT order_id, -amount AS wanted, 0 AS moved FROM payments WHERE tender = 'pos_deposit' "
        "UNION ALL SELECT document_id, 0, delta FROM deposit_movements) both_sides "
        "GROUP BY order_id HAVING SUM(wanted) <> SUM(moved) ORDER BY order_id",
    ),
    Rule(
        "changes of orders",
        "Each line of an order that was changed stands as it was changed last.",
        "order {order_id}, line {position}: {quantity} for {amount}, changed to {wanted} for {agreed}",
        "SELECT order_items.order_id AS order_id, order_items.position AS position, order_items.quantity AS quantity, "
        "order_items.amount AS amount, last.quantity AS wanted, last.amount AS agreed FROM order_changes last "
        "JOIN order_items ON order_items.id = last.order_item_id "
        "LEFT JOIN order_changes later ON later.order_item_id = last.order_item_id AND later.id > last.id "
        "WHERE later.id IS NULL AND (order_items.quantity <> last.quantity OR order_items.amount <> last.amount "
        "OR order_items.discount_amount <> last.discount_amount OR order_items.net_amount <> last.net_amount "
        "OR order_items.tax_amount <> last.tax_amount OR order_items.order_id <> last.order_id) "
        "ORDER BY order_items.order_id",
    ),
    Rule(
        "ordered copies",
        "Each copy ordered is waited for, held or collected; none is once it is cancelled, and all are once delivered.",
        "order {order_id}, {status}, line {position}: {quantity} ordered, {noted} noted, {collected} collected",
        "SELECT orders.id AS order_id, orders.status AS status, order_items.position AS position, "
        "order_items.quantity AS quantity, COALESCE(r.noted, 0) AS noted, COALESCE(r.collected, 0) AS collected "
        "FROM customer_orders JOIN orders ON orders.id = customer_orders.order_id "
        "JOIN order_items ON order_items.order_id = orders.id "
        "JOIN books ON books.id = order_items.book_id AND books.kind <> 'service' "
        "LEFT JOIN (SELECT order_item_id, "
        "SUM(CASE WHEN status IN ('waiting', 'held') THEN quantity ELSE 0 END) AS noted, "
        "SUM(CASE WHEN status = 'collected' THEN quantity ELSE 0 END) AS collected "
        "FROM reservations WHERE order_item_id IS NOT NULL GROUP BY order_item_id) r "
        "ON r.order_item_id = order_items.id "
        "WHERE orders.status = 'delivered' AND COALESCE(r.collected, 0) <> order_items.quantity "
        "OR orders.status = 'cancelled' AND COALESCE(r.noted, 0) <> 0 "
        "OR orders.status NOT IN ('delivered', 'cancelled') "
        "AND COALESCE(r.noted, 0) + COALESCE(r.collected, 0) <> order_items.quantity ORDER BY orders.id",
    ),
)
