"""Many workers, many tenants: leases, attempts, failures, verdicts in versions, deliveries, allowances."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _extend_keys()
    _extend_responses()
    _extend_jobs()
    op.create_table(
        "worker",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("process", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worker"),
    )


def _add(table: str, *columns: "sa.Column[object]") -> None:
    for column in columns:
        op.add_column(table, column)


def _extend_keys() -> None:
    _add(
        "api_key",
        sa.Column("scopes", sa.String(length=200), nullable=True),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("last_used_at", sa.Double(), nullable=True),
    )
    op.create_table(
        "signing_secret",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_signing_secret"),
    )
    op.create_index("ix_signing_secret_tenant", "signing_secret", ["tenant"])
    op.create_table(
        "allowance",
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("requests_per_minute", sa.Integer(), nullable=True),
        sa.Column("respondents_per_day", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", name="pk_allowance"),
    )
    op.create_table(
        "usage",
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "period", name="pk_usage"),
    )


def _extend_responses() -> None:
    _add(
        "survey",
        sa.Column("identifier", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=True),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
    )
    _add(
        "question",
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
    )
    op.execute("UPDATE question SET answers = (SELECT count(*) FROM given WHERE given.question_id = question.id)")
    _add("part", sa.Column("arrived_at", sa.Double(), nullable=True))
    op.create_table(
        "typing",
        sa.Column("part_id", NUMBER, nullable=False),
        sa.Column("events", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_typing_part_id"),
        sa.PrimaryKeyConstraint("part_id", name="pk_typing"),
    )
    op.create_table(
        "verdict",
        sa.Column("response_id", NUMBER, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("survey_id", NUMBER, nullable=False),
        sa.Column("change", sa.Integer(), nullable=True),
        sa.Column("part_id", NUMBER, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("cause", sa.String(length=100), nullable=False),
        sa.Column("evaluator", sa.String(length=40), nullable=False),
        sa.Column("evaluated_at", sa.Double(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name="fk_verdict_response_id"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_verdict_survey_id"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_verdict_part_id"),
        sa.PrimaryKeyConstraint("response_id", "version", name="pk_verdict"),
    )
    op.create_index("uq_verdict_survey_id_change", "verdict", ["survey_id", "change"], unique=True)
    op.create_index("ix_verdict_part_id", "verdict", ["part_id"])
    op.create_table(
        "rejudge",
        sa.Column("response_id", NUMBER, nullable=False),
        sa.Column("survey_id", NUMBER, nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("cause", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name="fk_rejudge_response_id"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_rejudge_survey_id"),
        sa.PrimaryKeyConstraint("response_id", name="pk_rejudge"),
    )
    op.create_index("ix_rejudge_survey_id", "rejudge", ["survey_id"])


def _extend_jobs() -> None:
    _add(
        "job",
        sa.Column("idempotency_key", sa.LargeBinary(), nullable=True),
        sa.Column("request_digest", sa.LargeBinary(), nullable=True),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
    )
    op.create_index("uq_job_tenant_idempotency_key", "job", ["tenant", "idempotency_key"], unique=True)
    op.create_index("ix_job_status", "job", ["status"])
    _add(
        "chunk",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("evaluator", sa.String(length=40), nullable=True),
        sa.Column("judged_at", sa.Double(), nullable=True),
        sa.Column("ledger", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_task_part_id", "task", ["part_id"])
    op.create_table(
        "failure",
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_failure_job_id"),
        sa.PrimaryKeyConstraint("job_id", "position", name="pk_failure"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.Double(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("next_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_delivery_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("job_id", "attempt", name="uq_delivery_job_id_attempt"),
    )
