"""The schema, once. Only what is searched or joined is a column; everything else is kept as the bytes that it is.

    survey ── question ── text, band, given, sample      who else answered this question (see `store.corpus`)
       ├───── response ── part ── typing                 one person's answers, as they arrived, and their key events
       │         └─────── verdict, rejudge               what was found outside of batches, and since
       └───── job ─────── chunk, task, evaluation        a batch, what is to do, what was found
                 ├─────── failure, delivery              who could not be judged; callbacks that were tried
                 └─────── upload ── piece; decision      the file that it came from; what people decided

    worker, tally                                        who is at work; what was counted
    person ── visit                                      who signs in to the console
    api_key, signing_secret, secret, allowance, usage    who may ask, for how much

Numbers are keys inside; the names that the world uses are found by their digest, since they may be of any length.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from earnest.store.columns import DIGEST, NUMBER, TENANT, Fingerprint, Utf8

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
    Column("scopes", String(200)),  # separated by spaces; None for all
    Column("expires_at", Double),
    Column("last_used_at", Double),
)

signing_secret = Table(  # signs a tenant's callbacks; a tenant without one has the installation's
    "signing_secret",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("tenant", TENANT, nullable=False),
    Column("value", String(200), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),  # an older one signs beside the newest until then
    Index("ix_signing_secret_tenant", "tenant"),
)

allowance = Table(  # what a tenant may do; where nothing is said, what the settings say
    "allowance",
    metadata,
    Column("tenant", TENANT, primary_key=True),
    Column("requests_per_minute", Integer),
    Column("respondents_per_day", Integer),
)

usage = Table(  # what a tenant has done
    "usage",
    metadata,
    Column("tenant", TENANT, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("period", BigInteger, nullable=False),  # number of the minute or day since 1970
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "kind", "period"),
)

worker = Table(  # who is at work; one whose `beat` stands still is dead
    "worker",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("place", String(200), nullable=False),  # machine, boot and process namespace: gives `process` a meaning
    Column("process", BigInteger, nullable=False),
    Column("version", String(40), nullable=False),
    Column("slots", Integer, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("beat", BigInteger, nullable=False),
)

tally = Table(  # what was counted since the database was made, by all processes: see `gauges`
    "tally",
    metadata,
    Column("name", String(40), nullable=False),
    Column("label", String(60), nullable=False),
    Column("amount", Double, nullable=False),
    PrimaryKeyConstraint("name", "label"),
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
    Column("identifier", Utf8),  # None for one without, and for what was kept before this column
    Column("name", Utf8),
    Column("created_at", Double),
    Column("changes", Integer, nullable=False, server_default="0"),  # the last `change` of a verdict
    UniqueConstraint("tenant", "digest"),
)

question = Table(
    "question",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("digest", DIGEST, nullable=False),  # of its key: see `evaluate.question_key`
    Column("answers", Integer, nullable=False, server_default="0"),  # rows of `given`, counted once
    Column("version", Integer, nullable=False, server_default="0"),  # grows whenever what is known of them changes
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
    Column("arrived_at", Double),
    UniqueConstraint("response_id", "digest"),
)

typing = Table(  # key and paste events of a part, apart since they are large and kept shorter
    "typing",
    metadata,
    Column("part_id", ForeignKey("part.id"), primary_key=True),
    Column("events", LargeBinary, nullable=False),  # in columns, compressed
)

verdict = Table(  # what was found about a response outside of a batch, or again; the highest version counts
    "verdict",
    metadata,
    Column("response_id", ForeignKey("response.id"), nullable=False),
    Column("version", Integer, nullable=False),  # among what batches found as well
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("change", Integer),  # its number among the changes of the survey; None for a first verdict
    Column("part_id", ForeignKey("part.id"), nullable=False),  # which answers it is about
    Column("request", LargeBinary, nullable=False),  # survey and wanted checks, as in `job`
    Column("cause", String(100), nullable=False),
    Column("evaluator", String(40), nullable=False),
    Column("evaluated_at", Double, nullable=False),
    Column("result", LargeBinary, nullable=False),
    PrimaryKeyConstraint("response_id", "version"),
    Index("uq_verdict_survey_id_change", "survey_id", "change", unique=True),
    Index("ix_verdict_part_id", "part_id"),
)

rejudge = Table(  # responses to be judged again, since others have answered alike
    "rejudge",
    metadata,
    Column("response_id", ForeignKey("response.id"), primary_key=True),
    Column("survey_id", ForeignKey("survey.id"), nullable=False),
    Column("asked_at", Double, nullable=False),
    Column("cause", String(100), nullable=False),
    Index("ix_rejudge_survey_id", "survey_id"),
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
    Column("idempotency_key", DIGEST),  # digest of the client's key, and
    Column("request_digest", DIGEST),  # of the body that came with it
    Column("failed", Integer, nullable=False, server_default="0"),  # how many of `done` could not be judged
    Index("uq_job_tenant_idempotency_key", "tenant", "idempotency_key", unique=True),
    Index("ix_job_status", "status"),
)

chunk = Table(
    "chunk",
    metadata,
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("first", Integer, nullable=False),  # its positions: first <= position < end
    Column("end", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),  # begun, not ended, in this state
    Column("evaluator", String(40)),  # its version, and
    Column("judged_at", Double),  # the moment of the judgement
    Column("ledger", LargeBinary),  # what was found, in numbers: see `review.ledger`; compressed
    PrimaryKeyConstraint("job_id", "number"),
)

task = Table(
    "task",
    metadata,
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("part_id", ForeignKey("part.id"), nullable=False),
    PrimaryKeyConstraint("job_id", "position"),
    Index("ix_task_part_id", "part_id"),
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

failure = Table(  # a respondent who could not be judged, though everything was tried
    "failure",
    metadata,
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("reason", String(500), nullable=False),
    PrimaryKeyConstraint("job_id", "position"),
)

delivery = Table(  # a try to post a callback
    "delivery",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("tried_at", Double, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("status", Integer),  # HTTP; None where nothing was answered
    Column("reason", String(200)),
    Column("next_at", Double),  # when it is tried again; None where it is not
    UniqueConstraint("job_id", "attempt"),
)

upload = Table(  # a survey file that came in by the console
    "upload",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("public_id", String(36), nullable=False, unique=True),
    Column("tenant", TENANT, nullable=False),
    Column("file", Utf8, nullable=False),  # its name
    Column("size", BigInteger, nullable=False),
    Column("choice", LargeBinary),  # which columns are what, as shown and corrected
    Column("job_id", ForeignKey("job.id")),  # None until it is judged
    Column("created_at", Double, nullable=False),
    Index("ix_upload_job_id", "job_id"),
)

piece = Table(  # a part of an uploaded file
    "piece",
    metadata,
    Column("upload_id", ForeignKey("upload.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("upload_id", "number"),
)

person = Table(  # who may sign in to the console
    "person",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("tenant", TENANT, nullable=False),
    Column("name", Utf8, nullable=False, unique=True),
    Column("password", String(300), nullable=False),  # salted and slowly hashed
    Column("is_operator", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("disabled_at", Double),
)

visit = Table(  # a signed-in browser
    "visit",
    metadata,
    Column("digest", DIGEST, primary_key=True),  # of the cookie
    Column("person_id", ForeignKey("person.id")),  # None for one that came with an API key, or from this machine
    Column("key_id", ForeignKey("api_key.id")),  # the key that opened; the visit ends with it
    Column("tenant", TENANT, nullable=False),
    Column("scopes", String(200)),
    Column("expires_at", Double, nullable=False),
)

decision = Table(  # what somebody decided about a respondent; the latest of each coder counts, unless it was undone
    "decision",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("job_id", ForeignKey("job.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("coder", Utf8, nullable=False),
    Column("ruling", String(10), nullable=False),
    Column("reason", Utf8, nullable=False),
    Column("note", Utf8, nullable=False),
    Column("is_final", Boolean, nullable=False),  # an adjudication between coders
    Column("decided_at", Double, nullable=False),
    Column("undone_at", Double),
    Index("ix_decision_job_id", "job_id", "position"),
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
