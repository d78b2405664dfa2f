"""The rules of what the card terminal was asked for, each as one query for what breaks it."""

from pos_app.services.check_rule import Rule

CARD_RULES = (
    Rule(
        "card charges",
        "Each charge that was approved is one payment, or went back to the card.",
        "charge {uid} of {amount}: {paid} in payments, {back} given back",
        "SELECT asked.uid AS uid, asked.amount AS amount, "
        "COALESCE(stored.amount, 0) + COALESCE(taken.amount, 0) AS paid, "
        "COALESCE(given.amount, 0) AS back FROM card_attempts asked "
        "LEFT JOIN payments stored ON stored.uid = asked.uid "
        "LEFT JOIN (SELECT cart_payments.uid AS uid, cart_payments.amount AS amount FROM cart_payments "
        "JOIN carts ON carts.id = cart_payments.cart_id AND carts.status <> 'paid') taken ON taken.uid = asked.uid "
        "LEFT JOIN (SELECT of_uid, SUM(amount) AS amount FROM card_attempts "
        "WHERE kind = 'reversal' AND outcome = 'approved' GROUP BY of_uid) given ON given.of_uid = asked.uid "
        "WHERE asked.kind = 'charge' AND asked.outcome = 'approved' AND COALESCE(stored.amount, 0) "
        "+ COALESCE(taken.amount, 0) + COALESCE(given.amount, 0) <> asked.amount ORDER BY asked.id",
    ),
    Rule(
        "card questions",
        "No charge is still open where its basket was paid or is gone.",
        "{kind} {uid} of {amount} is {outcome}, and its basket is no longer there to take it",
        "SELECT asked.kind AS kind, asked.uid AS uid, asked.amount AS amount, asked.outcome AS outcome "
        "FROM card_attempts asked LEFT JOIN carts ON carts.id = asked.cart_id "
        "WHERE asked.kind <> 'refund' AND asked.outcome IN ('pending', 'unknown') "
        "AND (carts.id IS NULL OR carts.status = 'paid') ORDER BY asked.id",
    ),
    Rule(
        "card refunds",
        "Each refund asked of the terminal is one that a document gave back to a card.",
        "refund {uid} of {amount}: the document gave back {back}",
        "SELECT asked.uid AS uid, asked.amount AS amount, COALESCE(-stored.amount, 0) AS back FROM card_attempts asked "
        "LEFT JOIN payments stored ON stored.uid = asked.uid WHERE asked.kind = 'refund' "
        "AND COALESCE(-stored.amount, 0) <> asked.amount ORDER BY asked.id",
    ),
)
