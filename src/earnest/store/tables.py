"""The schema, once. Only what is searched or joined is a column; everything else is kept as the bytes that it is.

    survey ── question ── text, band, given, sample      who else answered this question (see `store.corpus`)
       ├───── response ── part                           one person's answers, as they arrived
       └───── job ─────── chunk, task, evaluation        a batch, what is to do, what was found

Numbers are keys inside; the names that the world uses are found by their digest, since they may be of any length.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect


class Utf8(TypeDecorator[str]):
    """Any text as its UTF-8 bytes: PostgreSQL's TEXT refuses NUL, and bytes sort by code point on every database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encode."""
        return None if value is None else value.encode("utf-8", "surrogatepass")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decode."""
        return None if value is None else value.decode("utf-8", "surrogatepass")


class Fingerprint(TypeDecorator[int]):
    """An unsigned 64-bit number in a signed column, in the same order."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Shift down."""
        return None if value is None else shifted(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        """Shift up."""
        return None if value is None else value + (1 << 63)


def shifted(fingerprint: int) -> int:
    """A fingerprint as its column holds it."""
    return fingerprint - (1 << 63)


NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER
DIGEST = LargeBinary  # 16 bytes
TENANT = String(100)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("tenant", TENANT, nullable=False),
    Column("name", Utf8, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the whole key
    Column("created_at", Double, nullable=False),  # all times are seconds since 1970, UTC
    Column("revoked_at", Double),
)

secret = Table(  # what this installation made for itself
    "secret",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", String(200), nullable=False),
)

survey = Table(
    "survey",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("tenant", TENANT, nullable=False),
    Column("digest", DIGEST, nullable=False),
    UniqueConstraint("tenant", "digest"),
)

question = Table(
    "question",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("digest", DIGEST, nullable=False),  # of its key: see `evaluate.question_key`
    UniqueConstraint("survey_id", "digest"),
)

response = Table(
    "response",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("tenant", TENANT, nullable=False),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("identifier", Utf8, nullable=False),
    Column("aftercare_identifier", Utf8, nullable=False),
    UniqueConstraint("survey_id", "identifier"),
    UniqueConstraint("tenant", "aftercare_identifier"),
)

part = Table(
    "part",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("response_id", ForeignKey("response.id"), nullable=False),
    Column("digest", DIGEST, nullable=False),  # of its entries: the same part again is the same row
    Column("entries", LargeBinary, nullable=False),
    Column("encoded", LargeBinary),  # what the encoder saw in the answers; None until they are observed
    UniqueConstraint("response_id", "digest"),
)

job = Table(
    "job",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("public_id", String(36), nullable=False, unique=True),
    Column("tenant", TENANT, nullable=False),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("request", LargeBinary, nullable=False),  # survey and wanted checks
    Column("callback_url", String(2000)),
    Column("parts_before", BigInteger, nullable=False),  # parts up to this id had arrived before
    Column("status", String(10), nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("reason", String(500)),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
)

chunk = Table(
    "chunk",
    metadata,
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("first", Integer, nullable=False),  # its positions: first <= position < end
    Column("end", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    PrimaryKeyConstraint("job_id", "number"),
)

task = Table(
    "task",
    metadata,
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("part_id", ForeignKey("part.id"), nullable=False),
    PrimaryKeyConstraint("job_id", "position"),
    sqlite_with_rowid=False,
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("result", LargeBinary, nullable=False),  # the bytes that are sent
    PrimaryKeyConstraint("job_id", "position"),
)

text = Table(  # a distinct answer to a question
    "text",
    metadata,
    Column("question_id", ForeignKey("question.id"), nullable=False),
    Column("fingerprint", Fingerprint, nullable=False),
    Column("comparable", Utf8, nullable=False),
    PrimaryKeyConstraint("question_id", "fingerprint"),
)

band = Table(  # texts that share a band are worth comparing
    "band",
    metadata,
    Column("question_id", ForeignKey("question.id"), nullable=False),
    Column("band", BigInteger, nullable=False),
    Column("fingerprint", Fingerprint, nullable=False),
    PrimaryKeyConstraint("question_id", "band", "fingerprint"),
    sqlite_with_rowid=False,
)

given = Table(  # who gave a text
    "given",
    metadata,
    Column("question_id", ForeignKey("question.id"), nullable=False),
    Column("fingerprint", Fingerprint, nullable=False),
    Column("respondent", Utf8, nullable=False),
    PrimaryKeyConstraint("question_id", "fingerprint", "respondent"),
    sqlite_with_rowid=False,
)

sample = Table(  # at least the texts of lowest fingerprint, with a vector: see `corpus.QuestionProfile`
    "sample",
    metadata,
    Column("question_id", ForeignKey("question.id"), nullable=False),
    Column("encoder", String(100), nullable=False),  # revision: vectors of different encoders are not compared
    Column("fingerprint", Fingerprint, nullable=False),
    Column("respondent", Utf8, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # float16
    Column("words", Integer, nullable=False),
    PrimaryKeyConstraint("question_id", "encoder", "fingerprint"),
)
