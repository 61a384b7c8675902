"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_keys()
    _create_responses()
    _create_jobs()
    _create_corpus()


def _create_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secret"),
    )


def _create_responses() -> None:
    op.create_table(
        "survey",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint("tenant", "digest", name="uq_survey_tenant_digest"),
    )
    op.create_table(
        "question",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("survey_id", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_question_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_question"),
        sa.UniqueConstraint("survey_id", "digest", name="uq_question_survey_id_digest"),
    )
    op.create_table(
        "response",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("survey_id", NUMBER, nullable=False),
        sa.Column("identifier", sa.LargeBinary(), nullable=False),
        sa.Column("aftercare_identifier", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_response_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_response"),
        sa.UniqueConstraint("survey_id", "identifier", name="uq_response_survey_id_identifier"),
        sa.UniqueConstraint("tenant", "aftercare_identifier", name="uq_response_tenant_aftercare_identifier"),
    )
    op.create_table(
        "part",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("response_id", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("encoded", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name="fk_part_response_id"),
        sa.PrimaryKeyConstraint("id", name="pk_part"),
        sa.UniqueConstraint("response_id", "digest", name="uq_part_response_id_digest"),
    )


def _create_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("public_id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(length=100), nullable=False),
        sa.Column("survey_id", NUMBER, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("callback_url", sa.String(length=2000), nullable=True),
        sa.Column("parts_before", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_job_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("public_id", name="uq_job_public_id"),
    )
    op.create_table(
        "chunk",
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_chunk_job_id"),
        sa.PrimaryKeyConstraint("job_id", "number", name="pk_chunk"),
    )
    op.create_table(
        "task",
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_task_job_id"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_task_part_id"),
        sa.PrimaryKeyConstraint("job_id", "position", name="pk_task"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evaluation",
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_evaluation_job_id"),
        sa.PrimaryKeyConstraint("job_id", "position", name="pk_evaluation"),
    )


def _create_corpus() -> None:
    op.create_table(
        "text",
        sa.Column("question_id", NUMBER, nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("comparable", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_text_question_id"),
        sa.PrimaryKeyConstraint("question_id", "fingerprint", name="pk_text"),
    )
    op.create_table(
        "band",
        sa.Column("question_id", NUMBER, nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_band_question_id"),
        sa.PrimaryKeyConstraint("question_id", "band", "fingerprint", name="pk_band"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "given",
        sa.Column("question_id", NUMBER, nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("respondent", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_given_question_id"),
        sa.PrimaryKeyConstraint("question_id", "fingerprint", "respondent", name="pk_given"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sample",
        sa.Column("question_id", NUMBER, nullable=False),
        sa.Column("encoder", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("respondent", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name="fk_sample_question_id"),
        sa.PrimaryKeyConstraint("question_id", "encoder", "fingerprint", name="pk_sample"),
    )
