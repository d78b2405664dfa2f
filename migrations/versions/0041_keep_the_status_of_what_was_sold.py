"""Keep the status of a document that carries a receipt number: it was delivered when it was paid, and stays so.

What moves on, and is called off, are customer orders, which carry no number.
"""

from migrations import protection

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

KEPT = (
    "id", "uid", "content_hash", "kind", "user_id", "customer_id", "till_id", "shift_id", "receipt_number",
    "business_date", "placed_at", "paid_at", "currency", "prices_include_tax", "tax_level", "discount_amount",
    "net_amount", "tax_amount", "rounding_amount", "total_amount", "change_amount", "item_count", "created_at",
    "training", "refers_to_id", "reason", "allowed_by_id",
)  # fmt: skip
PERSONAL = ("shipping_address", "note")


def upgrade() -> None:
    protection.allow("orders")
    protection.forbid_paid_orders((*KEPT, "status"), PERSONAL)


def downgrade() -> None:
    protection.allow("orders")
    protection.forbid_paid_orders(KEPT, PERSONAL)
