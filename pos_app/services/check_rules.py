"""The rules that must never break, each as one query for what breaks it, in SQL that both databases understand."""

# ruff: noqa: S608 - what is put together here are names and texts of this module's own

from pos_app.services.check_card import CARD_RULES
from pos_app.services.check_order import ORDER_RULES
from pos_app.services.check_rule import Rule
from pos_app.services.check_stock import STOCK_RULES

PROTECTED = tuple(
    f"trg_{table}_no_{event}"
    for table in (
        "payments", "stock_movements", "cash_movements", "order_events", "order_items", "order_taxes", "orders", "shifts",
        "order_adjustments", "order_changes", "gift_card_movements", "deposit_movements", "account_movements", "loyalty_movements", "z_reports", "till_events",
        "deliveries", "delivery_lines", "publisher_returns", "publisher_return_lines", "transfers", "transfer_lines",
        "stock_count_entries", "stock_count_lines", "purchase_orders", "stock_counts",
        "book_acts", "book_changes", "category_changes", "journal_entries",
    )
    for event in ("update", "delete")
)  # fmt: skip

# What was moved for a customer who turned out to be another one counts with the one who was kept.
_OF_CUSTOMERS = (
    "SELECT customers.id AS customer_id, customers.{column} AS balance, COALESCE(m.moved, 0) AS moved FROM customers "
    "LEFT JOIN (SELECT COALESCE(customer_merges.into_id, {movements}.customer_id) AS owner, SUM(delta) AS moved "
    "FROM {movements} LEFT JOIN customer_merges ON customer_merges.customer_id = {movements}.customer_id "
    "GROUP BY COALESCE(customer_merges.into_id, {movements}.customer_id)) m "
    "ON m.owner = customers.id WHERE customers.{column} <> COALESCE(m.moved, 0) ORDER BY customers.id"
)

# What documents were settled with; a deposit counts as the tender it came by.
_PAID = (
    "(SELECT order_id, tender, reference, amount FROM payments WHERE tender <> 'pos_deposit' "
    "UNION ALL SELECT document_id, tender, reference, -delta FROM deposit_movements)"
)

RULES = (
    *STOCK_RULES,
    *CARD_RULES,
    *ORDER_RULES,
    Rule(
        "sales",
        "Every basket that was paid is a sale, and every sale was a basket paid once.",
        "basket {cart_id} is marked as paid, but no sale carries its id",
        "SELECT carts.id AS cart_id FROM carts LEFT JOIN orders ON orders.uid = carts.uid AND orders.paid_at IS NOT NULL "
        "WHERE carts.status = 'paid' AND orders.id IS NULL ORDER BY carts.id",
    ),
    Rule(
        "receipt numbers",
        "Each till's receipt numbers run from 1 without gap.",
        "till {till}: {used} receipts, numbers {low} to {high}, next {next}",
        "SELECT tills.number AS till, COUNT(orders.receipt_number) AS used, COALESCE(MIN(orders.receipt_number), 0) AS low, "
        "COALESCE(MAX(orders.receipt_number), 0) AS high, tills.next_receipt_number AS next "
        "FROM tills LEFT JOIN orders ON orders.till_id = tills.id AND orders.receipt_number IS NOT NULL "
        "AND NOT orders.training "
        "GROUP BY tills.id, tills.number, tills.next_receipt_number "
        "HAVING COUNT(orders.receipt_number) <> COALESCE(MAX(orders.receipt_number), 0) "
        "OR COALESCE(MIN(orders.receipt_number), 1) <> 1 "
        "OR COALESCE(MAX(orders.receipt_number), 0) <> tills.next_receipt_number - 1 ORDER BY tills.number",
    ),
    Rule(
        "settled documents",
        "Each document that carries a receipt number is delivered, and stays so.",
        "order {order_id}, a {kind}: {status}",
        "SELECT id AS order_id, kind, status FROM orders WHERE receipt_number IS NOT NULL AND status <> 'delivered' "
        "ORDER BY id",
    ),
    Rule(
        "payments",
        "What was paid less the change is the total.",
        "order {order_id}: paid {paid}, change {change}, total {total}",
        "SELECT orders.id AS order_id, COALESCE(p.paid, 0) AS paid, orders.change_amount AS change, "
        "orders.total_amount AS total "
        "FROM orders LEFT JOIN (SELECT order_id, SUM(amount) AS paid FROM payments GROUP BY order_id) p "
        "ON p.order_id = orders.id WHERE orders.paid_at IS NOT NULL "
        "AND COALESCE(p.paid, 0) - orders.change_amount <> orders.total_amount ORDER BY orders.id",
    ),
    Rule(
        "change",
        "Change is given of cash only.",
        "order {order_id}: cash {cash}, change {change}",
        "SELECT orders.id AS order_id, COALESCE(p.cash, 0) AS cash, orders.change_amount AS change "
        "FROM orders LEFT JOIN (SELECT order_id, SUM(amount) AS cash FROM payments WHERE tender = 'cash' "
        "GROUP BY order_id) p ON p.order_id = orders.id "
        "WHERE orders.change_amount > 0 AND orders.change_amount > COALESCE(p.cash, 0) ORDER BY orders.id",
    ),
    Rule(
        "lines",
        "The lines and the rounding sum to the total.",
        "order {order_id}: lines {lines}, rounding {rounding}, total {total}; {pieces} pieces, {said} said",
        "SELECT orders.id AS order_id, COALESCE(i.lines, 0) AS lines, orders.rounding_amount AS rounding, "
        "orders.total_amount AS total, COALESCE(i.pieces, 0) AS pieces, orders.item_count AS said "
        "FROM orders LEFT JOIN (SELECT order_id, SUM(net_amount + tax_amount) AS lines, SUM(ABS(quantity)) AS pieces "
        "FROM order_items GROUP BY order_id) i ON i.order_id = orders.id "
        "WHERE COALESCE(i.lines, 0) + orders.rounding_amount <> orders.total_amount "
        "OR COALESCE(i.pieces, 0) <> orders.item_count ORDER BY orders.id",
    ),
    Rule(
        "tax totals",
        "Each tax of a document is the sum of its lines.",
        "order {order_id}, {name}: net {net} and tax {tax} differ from the lines",
        "SELECT order_id, name, SUM(net) AS net, SUM(tax) AS tax FROM ("
        "SELECT order_id, tax_name AS name, tax_rate AS rate, net_amount AS net, tax_amount AS tax FROM order_items "
        "UNION ALL SELECT order_id, name, rate, -net_amount, -tax_amount FROM order_taxes) both_sides "
        "GROUP BY order_id, name, rate HAVING SUM(net) <> 0 OR SUM(tax) <> 0 ORDER BY order_id",
    ),
    Rule(
        "stock",
        "Each title's stock is the sum of its movements.",
        "book {book_id} “{title}”: stock {stock}, movements {moved}",
        "SELECT books.id AS book_id, books.title AS title, books.stock AS stock, COALESCE(m.moved, 0) AS moved "
        "FROM books LEFT JOIN (SELECT book_id, SUM(delta) AS moved FROM stock_movements GROUP BY book_id) m "
        "ON m.book_id = books.id WHERE books.stock <> COALESCE(m.moved, 0) ORDER BY books.id",
    ),
    Rule(
        "sold stock",
        "Each line sold took its stock, and each order cancelled gave it back.",
        "order {order_id}, book {book_id}: {wanted} should have moved, {moved} did",
        "SELECT order_id, book_id, SUM(wanted) AS wanted, SUM(moved) AS moved FROM ("
        "SELECT order_items.order_id AS order_id, order_items.book_id AS book_id, CASE "
        "WHEN orders.status = 'cancelled' OR order_items.restock IN ('damaged', 'publisher') THEN 0 "
        "ELSE -order_items.quantity END AS wanted, 0 AS moved FROM order_items "
        "JOIN orders ON orders.id = order_items.order_id AND NOT orders.training "
        "AND orders.id NOT IN (SELECT order_id FROM customer_orders) "
        "JOIN books ON books.id = order_items.book_id AND books.kind <> 'service' "
        "UNION ALL SELECT order_id, book_id, 0, delta FROM stock_movements WHERE order_id IS NOT NULL) both_sides "
        "GROUP BY order_id, book_id HAVING SUM(wanted) <> SUM(moved) ORDER BY order_id",
    ),
    Rule(
        "stock below zero",
        "Nothing was sold that was not there.",
        "book {book_id} “{title}”: stock {stock}",
        "SELECT id AS book_id, title, stock FROM books WHERE stock < 0 ORDER BY id",
        strict_only=True,
    ),
    Rule(
        "returns",
        "No more came back than was sold.",
        "order {order_id}, line {position}: sold {sold}, marked as returned {marked}, returned {returned}",
        "SELECT sold.order_id AS order_id, sold.position AS position, sold.quantity AS sold, "
        "sold.returned_quantity AS marked, COALESCE(r.returned, 0) AS returned FROM order_items sold "
        "LEFT JOIN (SELECT returned_item_id, SUM(-quantity) AS returned FROM order_items "
        "WHERE returned_item_id IS NOT NULL GROUP BY returned_item_id) r ON r.returned_item_id = sold.id "
        "WHERE sold.returned_quantity <> COALESCE(r.returned, 0) "
        "OR sold.quantity > 0 AND sold.returned_quantity > sold.quantity "
        "ORDER BY sold.order_id",
    ),
    Rule(
        "refunds",
        "What came back whole came back for exactly what it was sold for.",
        "order {order_id}, line {position}: sold for {net} and tax {tax}, came back for {back_net} and {back_tax}",
        "SELECT sold.order_id AS order_id, sold.position AS position, sold.net_amount AS net, sold.tax_amount AS tax, "
        "r.net AS back_net, r.tax AS back_tax FROM order_items sold "
        "JOIN (SELECT returned_item_id, SUM(-net_amount) AS net, SUM(-tax_amount) AS tax FROM order_items "
        "WHERE returned_item_id IS NOT NULL GROUP BY returned_item_id) r ON r.returned_item_id = sold.id "
        "WHERE sold.returned_quantity = sold.quantity AND (r.net <> sold.net_amount OR r.tax <> sold.tax_amount) "
        "OR ABS(r.net + r.tax) > ABS(sold.net_amount + sold.tax_amount) ORDER BY sold.order_id",
    ),
    Rule(
        "refunds by tender",
        "A sale, its returns and its exchanges together gave no card, voucher or account more than it had paid.",
        "order {order_id}: {tender} paid {paid}, {back} went back",
        "WITH RECURSIVE family (id, root) AS (SELECT id, id FROM orders WHERE refers_to_id IS NULL "
        "AND id IN (SELECT refers_to_id FROM orders WHERE refers_to_id IS NOT NULL) "
        "UNION ALL SELECT orders.id, family.root FROM orders JOIN family ON orders.refers_to_id = family.id) "
        "SELECT family.root AS order_id, payments.tender AS tender, "
        "SUM(CASE WHEN payments.amount > 0 THEN payments.amount ELSE 0 END) AS paid, "
        "SUM(CASE WHEN payments.amount < 0 THEN -payments.amount ELSE 0 END) AS back "
        f"FROM family JOIN {_PAID} payments ON payments.order_id = family.id WHERE payments.tender <> 'cash' "
        "GROUP BY family.root, payments.tender, payments.reference HAVING SUM(payments.amount) < 0 ORDER BY family.root",
    ),
    Rule(
        "refunds in cash",
        "Of a sale paid in nothing but cash no more cash went back than was paid, however many returns there were.",
        "order {order_id}: {over} more went back than was paid",
        "WITH RECURSIVE family (id, root) AS (SELECT id, id FROM orders WHERE refers_to_id IS NULL "
        "AND id IN (SELECT refers_to_id FROM orders WHERE refers_to_id IS NOT NULL) "
        "UNION ALL SELECT orders.id, family.root FROM orders JOIN family ON orders.refers_to_id = family.id) "
        "SELECT family.root AS order_id, -SUM(orders.total_amount) AS over "
        "FROM family JOIN orders ON orders.id = family.id WHERE family.root NOT IN ("
        f"SELECT known.root FROM family known JOIN {_PAID} payments ON payments.order_id = known.id "
        "WHERE payments.tender <> 'cash') AND family.root NOT IN ("
        "SELECT known.root FROM family known JOIN order_items ON order_items.order_id = known.id "
        "WHERE order_items.quantity < 0 AND order_items.returned_item_id IS NULL) "
        "GROUP BY family.root HAVING SUM(orders.total_amount) < 0 ORDER BY family.root",
    ),
    Rule(
        "gift cards",
        "Each gift card's balance is the sum of its movements.",
        "gift card {card_id}: balance {balance}, movements {moved}",
        "SELECT gift_cards.id AS card_id, gift_cards.balance AS balance, COALESCE(m.moved, 0) AS moved FROM gift_cards "
        "LEFT JOIN (SELECT gift_card_id, SUM(delta) AS moved FROM gift_card_movements GROUP BY gift_card_id) m "
        "ON m.gift_card_id = gift_cards.id WHERE gift_cards.balance <> COALESCE(m.moved, 0) ORDER BY gift_cards.id",
    ),
    Rule(
        "gift card payments",
        "Each document moved exactly the gift cards it sold, took back and was paid with.",
        "order {order_id}: {wanted} should have moved, {moved} did",
        "SELECT order_id, SUM(wanted) AS wanted, SUM(moved) AS moved FROM ("
        "SELECT orders.id AS order_id, order_items.amount AS wanted, 0 AS moved FROM order_items "
        "JOIN orders ON orders.id = order_items.order_id AND NOT orders.training AND orders.paid_at IS NOT NULL "
        "WHERE order_items.gift_card IS NOT NULL "
        "UNION ALL SELECT orders.id, -payments.amount, 0 FROM payments "
        "JOIN orders ON orders.id = payments.order_id AND NOT orders.training WHERE payments.tender = 'gift_card' "
        "UNION ALL SELECT order_id, 0, delta FROM gift_card_movements) both_sides "
        "GROUP BY order_id HAVING SUM(wanted) <> SUM(moved) ORDER BY order_id",
    ),
    Rule(
        "accounts",
        "What each customer owes is the sum of their account's movements.",
        "customer {customer_id}: balance {balance}, movements {moved}",
        _OF_CUSTOMERS.format(column="balance", movements="account_movements"),
    ),
    Rule(
        "loyalty",
        "Each customer's points are the sum of their loyalty's movements.",
        "customer {customer_id}: points {balance}, movements {moved}",
        _OF_CUSTOMERS.format(column="points", movements="loyalty_movements"),
    ),
    Rule(
        "loyalty payments",
        "Each document paid by loyalty moved points for it, and no other did.",
        "order {order_id}: paid by loyalty {paid}, {moved} points moved for it",
        "SELECT order_id, SUM(paid) AS paid, SUM(moved) AS moved FROM ("
        "SELECT payments.order_id AS order_id, payments.amount AS paid, 0 AS moved FROM payments "
        "JOIN orders ON orders.id = payments.order_id AND NOT orders.training WHERE payments.tender = 'pos_loyalty' "
        "UNION ALL SELECT order_id, 0, delta FROM loyalty_movements WHERE reason = 'redeemed') both_sides "
        "GROUP BY order_id HAVING SUM(paid) > 0 AND SUM(moved) >= 0 OR SUM(paid) <= 0 AND SUM(moved) < 0 "
        "OR SUM(paid) = 0 AND SUM(moved) <> 0 ORDER BY order_id",
    ),
    Rule(
        "business days",
        "Each paid document belongs to a shift of its till and carries that shift's day.",
        "order {order_id}: its till, shift and day do not agree",
        "SELECT orders.id AS order_id FROM orders LEFT JOIN shifts ON shifts.id = orders.shift_id "
        "WHERE orders.paid_at IS NOT NULL AND (shifts.id IS NULL OR orders.till_id IS NULL "
        "OR shifts.till_id <> orders.till_id OR shifts.business_date <> orders.business_date) ORDER BY orders.id",
    ),
    Rule(
        "shift totals",
        "What a closed shift expected in the drawer is the sum of its documents and of the cash for those to come.",
        "shift {shift_id}: expected {expected}, documents give {given}",
        "SELECT shifts.id AS shift_id, shifts.expected AS expected, shifts.opening_float + COALESCE(p.cash, 0) "
        "- COALESCE(o.change, 0) + COALESCE(c.moved, 0) + COALESCE(e.came, 0) - COALESCE(f.counted, 0) AS given "
        "FROM shifts "
        "LEFT JOIN (SELECT orders.shift_id AS shift_id, SUM(payments.amount) AS cash FROM payments "
        "JOIN orders ON orders.id = payments.order_id AND NOT orders.training WHERE payments.tender = 'cash' "
        "GROUP BY orders.shift_id) p "
        "ON p.shift_id = shifts.id "
        "LEFT JOIN (SELECT shift_id, SUM(change_amount) AS change FROM orders WHERE NOT training GROUP BY shift_id) o "
        "ON o.shift_id = shifts.id "
        "LEFT JOIN (SELECT shift_id, SUM(amount) AS moved FROM cash_movements GROUP BY shift_id) c "
        "ON c.shift_id = shifts.id "
        "LEFT JOIN (SELECT shift_id, SUM(amount) AS came FROM till_events WHERE act = 'part_payment' "
        "GROUP BY shift_id) e ON e.shift_id = shifts.id "
        "LEFT JOIN (SELECT orders.shift_id AS shift_id, SUM(till_events.amount) AS counted FROM till_events "
        "JOIN payments ON payments.uid = till_events.details AND payments.tender = 'cash' "
        "JOIN orders ON orders.id = payments.order_id AND NOT orders.training "
        "WHERE till_events.act = 'part_payment' AND till_events.shift_id IS NOT NULL GROUP BY orders.shift_id) f "
        "ON f.shift_id = shifts.id "
        "WHERE shifts.closed_at IS NOT NULL AND (shifts.expected IS NULL "
        "OR shifts.expected <> shifts.opening_float + COALESCE(p.cash, 0) - COALESCE(o.change, 0) "
        "+ COALESCE(c.moved, 0) + COALESCE(e.came, 0) - COALESCE(f.counted, 0) OR shifts.difference <> shifts.counted - shifts.expected) ORDER BY shifts.id",
    ),
)
