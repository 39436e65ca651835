"""Which column of an imported sheet stands for which field."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_run", sa.Column("columns", sa.JSON(), nullable=True))
    op.execute("UPDATE import_run SET columns = '{}'")
    with op.batch_alter_table("import_run") as run:
        run.alter_column("columns", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    op.drop_column("import_run", "columns")
