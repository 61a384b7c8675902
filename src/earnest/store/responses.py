"""Responses and the parts in which they arrive. A part is stored once; the same one again is the same row."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import uuid4

import msgspec
import numpy as np
import zstandard
from sqlalchemy import Connection, Engine, Row, and_, bindparam, select, update

from earnest.corpus import Sighting
from earnest.store.base import Admit, KeptPart, KeptResponse, Part
from earnest.store.corpus import add_sightings, digest_of, parted
from earnest.store.engines import execute_many, insert, insert_new, listed, writing
from earnest.store.events import pack_events, with_events, without_events
from earnest.store.tables import part, response, survey, typing
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoded

LEVEL = 3  # zstd's default: an answer with its key events shrinks to a tenth, and costs less than storing it as it is


class Packed(msgspec.Struct, frozen=True):
    """A part ready for storing, prepared before the transaction starts."""

    identifier: str
    digest: bytes
    entries: bytes
    events: bytes | None


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    """What an encoder saw, as it is stored."""

    encoder: str
    vectors: bytes
    pieces: bytes
    characters: bytes
    disorder: bytes = b""
    """Absent from what encoders before minilm-l6-2 saw."""


class Responses:
    """The responses of all surveys."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, tenant: str, asked: Part, encoder: str, *, admit: Admit | None = None) -> KeptResponse:
        """Keep a part of a response, which counts as one respondent, and find what came before it."""
        [packed] = pack([Respondent("", asked.entries)])
        with writing(self._engine) as connection:
            [part_id] = _keep(connection, [(_find(connection, tenant, asked), packed)])
            [kept] = load(connection, {0: part_id}, before=part_id, encoder=encoder, events=True).values()
            if admit is not None:
                admit(connection, 1)
        return kept

    def save_observed(
        self, kept: KeptResponse, encoded: Encoded, sightings: Sequence[Sighting], *, encoder: str
    ) -> None:
        """Keep what was seen in a part, and tell its survey's corpus."""
        with writing(self._engine) as connection:
            save_encoded(connection, encoder, {kept.part.id: encoded})
            add_sightings(connection, kept.survey_id, encoder, sightings)


def pack(respondents: Iterable[Respondent]) -> Iterator[Packed]:
    """Make respondents' answers ready for storing, one by one."""
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    for each in respondents:
        plain = msgspec.msgpack.encode(each.entries)
        events = pack_events(each.entries)
        kept = plain if events is None else msgspec.msgpack.encode(without_events(each.entries))
        digest = blake2b(plain, digest_size=16).digest()
        yield Packed(each.identifier, digest, compressor.compress(kept), events)


def open_survey(connection: Connection, tenant: str, name: str, about: Survey) -> int:
    """The number of a tenant's survey, from now on if it had none."""
    row = {
        "tenant": tenant,
        "digest": digest_of(name),
        "identifier": about.identifier,
        "name": about.name,
        "created_at": time.time(),
    }
    connection.execute(insert(connection, survey).on_conflict_do_nothing(), row)
    found = select(survey.c.id).where(survey.c.tenant == tenant, survey.c.digest == row["digest"])
    return int(connection.execute(found).scalar_one())


def named(identifier: str | None) -> str:
    """The name under which a survey is kept; one without an identifier gets a name of its own."""
    return f"survey:{identifier}" if identifier is not None else f"unnamed:{uuid4().hex}"


def keep_parts(connection: Connection, tenant: str, survey_id: int, parts: Sequence[Packed]) -> list[int]:
    """Keep many respondents' parts and return their numbers, in order."""
    identifiers = sorted({each.identifier for each in parts})
    rows = [
        {"tenant": tenant, "survey_id": survey_id, "identifier": identifier, "aftercare_identifier": uuid4().hex}
        for identifier in identifiers
    ]
    insert_new(connection, response, rows)
    numbers: dict[str, int] = {}
    for some in parted(identifiers):
        found = select(response.c.identifier, response.c.id).where(
            response.c.survey_id == survey_id, response.c.identifier.in_(some)
        )
        numbers |= {identifier: number for identifier, number in connection.execute(found)}
    return _keep(connection, [(numbers[each.identifier], each) for each in parts])


def load(
    connection: Connection, parts: Mapping[int, int], *, before: int, encoder: str, events: bool
) -> dict[int, KeptResponse]:
    """Load what is to be observed or judged.

    Args:
        connection: Where from.
        parts: Number of the part to judge, by position.
        before: Parts up to this number had arrived before; of those, what is older than a part is its past.
        encoder: Revision of the encoder whose vectors are wanted.
        events: Whether to load how the answers were typed as well, which only a judge needs, and not of the past.
    """
    asked = listed(connection, [(number,) for number in set(parts.values())], "id")
    wanted = select(part, response.c.survey_id, response.c.identifier, response.c.aftercare_identifier)
    wanted = wanted.join_from(asked, part, part.c.id == asked.c.id).join(response, response.c.id == part.c.response_id)
    if events:
        wanted = wanted.add_columns(typing.c.events).outerjoin(typing, typing.c.part_id == part.c.id)
    own = connection.execute(wanted).all()
    of_response = listed(connection, [(number,) for number in {row.response_id for row in own}], "id")
    past = defaultdict(list)
    for row in connection.execute(
        select(part)
        .join_from(of_response, part, and_(part.c.response_id == of_response.c.id, part.c.id <= before))
        .order_by(part.c.id)
    ):
        past[row.response_id].append(_kept(row, encoder))
    by_part = {
        row.id: KeptResponse(
            survey_id=row.survey_id,
            identifier=row.identifier,
            aftercare_identifier=row.aftercare_identifier,
            part=_kept(row, encoder, row.events if events else None),
            earlier=tuple(each for each in past[row.response_id] if each.id < row.id),
        )
        for row in own
    }
    return {position: by_part[number] for position, number in parts.items()}


def save_encoded(connection: Connection, encoder: str, seen: Mapping[int, Encoded]) -> None:
    """Keep what the encoder saw in some parts, as part of a larger transaction."""
    statement = update(part).where(part.c.id == bindparam("number")).values(encoded=bindparam("seen"))
    rows: list[dict[str, object]] = [
        {
            "number": number,
            "seen": msgspec.msgpack.encode(
                _Seen(
                    encoder,
                    each.vectors.tobytes(),
                    each.pieces.tobytes(),
                    each.characters.tobytes(),
                    each.disorder.tobytes(),
                )
            ),
        }
        for number, each in sorted(seen.items())
    ]
    execute_many(connection, statement, rows)


def _find(connection: Connection, tenant: str, asked: Part) -> int:
    """The number of the response that a part belongs to, from now on if it had none."""
    known = asked.aftercare_response_identifier
    own = known or uuid4().hex
    ours = select(response.c.id).where(response.c.tenant == tenant, response.c.aftercare_identifier == own)
    if known is not None:
        found = connection.execute(ours).scalar()
        if found is not None:
            return int(found)
    identifier = asked.response_identifier if asked.response_identifier is not None else own
    # Outside a survey only the name that we gave ties parts together: others' respondents may be called "1" as well.
    name = named(asked.survey.identifier) if asked.survey.identifier is not None else f"response:{own}"
    survey_id = open_survey(connection, tenant, name, asked.survey)
    row = {"tenant": tenant, "survey_id": survey_id, "identifier": identifier, "aftercare_identifier": own}
    connection.execute(insert(connection, response).on_conflict_do_nothing(), row)
    same = select(response.c.id).where(response.c.survey_id == survey_id, response.c.identifier == identifier)
    found = connection.execute(ours).scalar()  # of ours, or of one who used our name at the same moment
    return int(connection.execute(same).scalar_one() if found is None else found)


def _keep(connection: Connection, parts: Sequence[tuple[int, Packed]]) -> list[int]:
    """Keep parts of known responses and return their numbers, in order."""
    now = time.time()
    rows: list[dict[str, object]] = [  # sorted: two who keep the same parts wait for each other in one order only
        {"response_id": number, "digest": each.digest, "entries": each.entries, "arrived_at": now}
        for number, each in sorted(parts, key=lambda one: (one[0], one[1].digest))
    ]
    insert_new(connection, part, rows)
    asked = listed(connection, [(number,) for number in {number for number, _ in parts}], "id")
    found = connection.execute(
        select(part.c.response_id, part.c.digest, part.c.id).join_from(asked, part, part.c.response_id == asked.c.id)
    )
    numbers = {(response_id, digest): number for response_id, digest, number in found}
    places = [numbers[number, each.digest] for number, each in parts]
    typed = {place: each.events for place, (_, each) in zip(places, parts, strict=True) if each.events is not None}
    insert_new(connection, typing, [{"part_id": place, "events": events} for place, events in sorted(typed.items())])
    return places


def _kept(row: Row[Any], encoder: str, events: bytes | None = None) -> KeptPart:
    entries = msgspec.msgpack.decode(zstandard.decompress(row.entries), type=tuple[Entry, ...])
    if events is not None:  # parts that release 1.0 kept have theirs inside `entries`
        entries = with_events(entries, events)
    seen = msgspec.msgpack.decode(row.encoded, type=_Seen) if row.encoded is not None else None
    if seen is None or seen.encoder != encoder:
        return KeptPart(row.id, entries, None)
    vectors = np.frombuffer(seen.vectors, dtype=np.float16).reshape(len(entries), -1)
    return KeptPart(
        row.id,
        entries,
        Encoded(
            vectors,
            np.frombuffer(seen.pieces, dtype=np.int32),
            np.frombuffer(seen.characters, dtype=np.int32),
            np.frombuffer(seen.disorder, dtype=np.float32),
        ),
    )


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
for _kind in (Packed, _Seen):
    msgspec.msgpack.Decoder(_kind)
