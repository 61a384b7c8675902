"""Taking answers out of what is known of a survey: the other way round of `corpus.add_sightings`."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    type_coerce,
    update,
)

from earnest.similarity import bands
from earnest.store.columns import Fingerprint, shifted
from earnest.store.corpus import parted
from earnest.store.engines import execute_many, listed
from earnest.store.samples import Key
from earnest.store.tables import band, given, job, question, response, sample, survey, text, verdict

Gift = tuple[int, int, str]
"""Who gave what: number of the question, fingerprint of the text, respondent."""


def gifts_of(connection: Connection, survey_id: int, respondents: Collection[str]) -> list[Gift]:
    """What some respondents gave in a survey; all that is known of it is looked through.

    (An index by respondent would cost every answer more than the few deletions are worth: 1,000,000 answers are looked
    through in about a second, while nobody has to wait.)
    """
    numbers = connection.execute(select(question.c.id).where(question.c.survey_id == survey_id)).scalars().all()
    gifts: list[Gift] = []
    for number in numbers:
        for some in parted(sorted(respondents)):
            own = select(given).where(given.c.question_id == number, given.c.respondent.in_(some))
            gifts += [(number, row.fingerprint, row.respondent) for row in connection.execute(own)]
    return gifts


def some_gifts(connection: Connection, survey_id: int, most: int) -> list[Gift]:
    """Some of what was given in a survey, at most so many; none once nothing is left."""
    numbers = select(question.c.id).where(question.c.survey_id == survey_id)
    rows = connection.execute(select(given).where(given.c.question_id.in_(numbers)).limit(most))
    return [(row.question_id, row.fingerprint, row.respondent) for row in rows]


def forget(connection: Connection, gifts: Sequence[Gift]) -> int:
    """Forget who gave what, and the texts that nobody else gave; return how many texts those are.

    What a sample still has to say of a text goes on under the name of the first of those who gave it as well.
    """
    if not gifts:
        return 0
    numbers = sorted({number for number, _, _ in gifts})
    # Whoever adds answers holds these rows, too (see `add_sightings`): no text goes that somebody is just giving.
    connection.execute(
        select(question.c.id).where(question.c.id.in_(numbers)).order_by(question.c.id).with_for_update()
    )
    gone = delete(given).where(
        given.c.question_id == bindparam("q"),
        given.c.fingerprint == bindparam("f"),
        given.c.respondent == bindparam("r"),
    )
    execute_many(connection, gone, [{"q": q, "f": f, "r": r} for q, f, r in sorted(gifts)])
    keys = {(number, fingerprint) for number, fingerprint, _ in gifts}
    heirs = _heirs(connection, keys)
    _rename(connection, {key: heirs[key] for key in keys & heirs.keys()})
    orphans = keys - heirs.keys()
    _drop_texts(connection, orphans)
    for number, count in Counter(number for number, _, _ in gifts).items():
        changed = {"answers": question.c.answers - count, "version": question.c.version + 1}
        connection.execute(update(question).where(question.c.id == number).values(changed))
    return len(orphans)


def drop_bare_surveys(connection: Connection, survey_ids: Iterable[int]) -> None:
    """Delete those of the surveys of which nothing is left.

    But never the newest survey or question: SQLite would give its number again, and a worker that remembers what the
    number's answers meant would take one for the other.
    """
    for survey_id in sorted(set(survey_ids)):
        connection.execute(select(survey.c.id).where(survey.c.id == survey_id).with_for_update())
        numbers = select(question.c.id).where(question.c.survey_id == survey_id)
        users = [table.c.survey_id == survey_id for table in (response, job, verdict)]
        if any(_exists(connection, each) for each in [*users, given.c.question_id.in_(numbers)]):
            continue
        for table in (text, band, sample):
            connection.execute(delete(table).where(table.c.question_id.in_(numbers)))
        newest_question = select(func.max(question.c.id)).scalar_subquery()
        connection.execute(delete(question).where(question.c.survey_id == survey_id, question.c.id < newest_question))
        if not _exists(connection, question.c.survey_id == survey_id):
            newest = select(func.max(survey.c.id)).scalar_subquery()
            connection.execute(delete(survey).where(survey.c.id == survey_id, survey.c.id < newest))


def _exists(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return connection.execute(select(literal(1)).where(condition).limit(1)).first() is not None


def _heirs(connection: Connection, keys: Collection[Key]) -> dict[Key, str]:
    """Of those texts that somebody still gave, the first of them by name."""
    asked = listed(connection, sorted((q, shifted(f)) for q, f in keys), "question_id", "fingerprint")
    same = and_(given.c.question_id == asked.c.question_id, given.c.fingerprint == asked.c.fingerprint)
    first = select(given.c.respondent).where(same).order_by(given.c.respondent).limit(1).scalar_subquery()
    rows = connection.execute(select(asked.c.question_id, type_coerce(asked.c.fingerprint, Fingerprint), first))
    return {(number, fingerprint): name for number, fingerprint, name in rows if name is not None}


def _rename(connection: Connection, heirs: Mapping[Key, str]) -> None:
    renamed = (
        update(sample)
        .where(sample.c.question_id == bindparam("q"), sample.c.fingerprint == bindparam("f"))
        .values(respondent=bindparam("heir"))
    )
    execute_many(connection, renamed, [{"q": q, "f": f, "heir": name} for (q, f), name in sorted(heirs.items())])


def _drop_texts(connection: Connection, keys: Collection[Key]) -> None:
    for some in parted(sorted(keys)):
        rows = connection.execute(select(text).where(_is_one_of(text, some))).all()
        in_bands = [
            {"q": row.question_id, "b": each, "f": row.fingerprint}
            for row in rows
            for each in set(bands(row.comparable))
        ]
        gone = delete(band).where(
            band.c.question_id == bindparam("q"), band.c.band == bindparam("b"), band.c.fingerprint == bindparam("f")
        )
        execute_many(connection, gone, in_bands)
        for table in (sample, text):
            connection.execute(delete(table).where(_is_one_of(table, some)))


def _is_one_of(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """Said question by question, so that each is looked up in the index."""
    by_question = defaultdict(list)
    for number, fingerprint in keys:
        by_question[number].append(fingerprint)
    return or_(*(and_(table.c.question_id == q, table.c.fingerprint.in_(some)) for q, some in by_question.items()))
