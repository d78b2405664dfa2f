"""Give what is done at a till the id its question was given, so that one sent again is known."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("till_events", sa.Column("uid", sa.String(length=36), nullable=True))
    op.create_index(op.f("ix_till_events_uid"), "till_events", ["uid"], unique=True)


def downgrade() -> None:
    # The id serves only while an answer may be on its way: nothing that somebody made is lost with it.
    op.drop_index(op.f("ix_till_events_uid"), "till_events")
    op.drop_column("till_events", "uid")
