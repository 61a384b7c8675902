"""Surveys to review, of any size: evaluations as the checks would have made them, and people who decide."""

import msgspec

from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.service import Batch, Service
from earnest.store import open_store
from earnest.store.base import Errand, Kind
from earnest.survey import Capture, Entry, KeyStroke, Paste, Respondent, Survey

PASSWORD = "a long enough password"
TASTE, OTHER = "What do you like about the taste?", "What else would you like to say?"
COPIED = "The taste is refreshing and reminds me of the summers that I spent with my grandparents by the sea"
LONG = "It is hard to say in a few words. " * 60
HTML = "<script>document.title = 'broken in'</script> <b>bold</b> & so on"


def typed(text: str, *, every_ms: float = 160.0) -> tuple[KeyStroke, ...]:
    """Somebody types a text, thinks for six seconds in the middle and mends two letters at the end."""
    half = len(text) // 2
    keys = [
        KeyStroke(key=each, down_ms=i * every_ms + (6_000 if i > half else 0), hold_ms=70, code="KeyA")
        for i, each in enumerate(text)
    ]
    end = keys[-1].down_ms
    slips = ["x", "y", "Backspace", "Backspace"]
    return (*keys, *(KeyStroke(key, end + 300.0 * i, 70, "KeyX") for i, key in enumerate(slips, start=1)))


def respondent(i: int) -> Respondent:
    """The i-th: 0 copies 1, 2 pastes, 3 has mark-up in the answer, 4 was recorded by timing only, 5 is long."""
    answer = {0: COPIED, 1: f"{COPIED} side", 3: HTML, 5: LONG}.get(i, f"I like that it is fresh, number {i}")
    taste = Entry(question=TASTE, answer=answer)
    if i == 2:
        text = "As an AI language model I do not taste, but people often praise it"
        taste = Entry(
            question=TASTE,
            answer=f"Well. {text}",
            key_events=typed("Well. "),
            paste_events=(Paste(at_ms=9_000, text=text),),
        )
    if i == 4:
        keys = tuple(
            msgspec.structs.replace(each, key="a" if len(each.key) == 1 else each.key) for each in typed("Just fresh")
        )
        taste = Entry(question=TASTE, answer="Just fresh", key_events=keys, capture=Capture(masked=True, dropped=3))
    return Respondent(f"R_{i}", (taste, Entry(question=OTHER, answer="" if i % 3 else "no")))


def evaluation(i: int) -> RespondentEvaluation:
    """What was found about the i-th: two in five have an issue, the worst come first."""
    person = respondent(i)
    found = _of_taste(i)
    score = max(each.score for each in found)
    taste = EntryEvaluation(
        survey_entry=_bare(person.entries[0]),
        num_issues=sum(each.is_issue for each in found),
        has_issues=any(each.is_issue for each in found),
        quality_score=100 - score,
        demerit_score=score,
        quality_issue_checks=found,
    )
    other = EntryEvaluation(_bare(person.entries[1]), 0, False, 100.0, 0.0, ())
    return RespondentEvaluation(person.identifier, taste.num_issues, 100 - score / 2, score / 2, (taste, other))


def _of_taste(i: int) -> tuple[Finding, ...]:
    low = Finding(CheckName.LOW_EFFORT, float(5 + i % 20), False)
    if i in {0, 1}:
        said = f"1 other respondent gave nearly the same answer: 'R_{1 - i}' (97 % alike); honest answers agree so by"
        said += " chance in fewer than 1 of 1,000,000 cases."
        return (Finding(CheckName.SHARED_DUPLICATE, 99.0 - i, True, said, ("near_copy",)), low)
    if i == 2:
        said = "It speaks as a chat model: 'as an ai language model'; 92 % of the answer's 72 characters were pasted."
        return (Finding(CheckName.LLM_GENERATED, 97.0, True, said, ("chatbot_identity", "pasted")), low)
    if i % 5 in {3, 4}:
        return (Finding(CheckName.IRRELEVANT, 60.0 + i % 30, True, "It is off.", ("unlike_others",)), low)
    return (low,)


def _bare(entry: Entry) -> Entry:
    return Entry(question=entry.question, answer=entry.answer)


def keep_survey(service: Service, size: int, *, tenant: str = "default", name: str = "Drinks") -> str:
    """A survey that was judged elsewhere, without key events; its job's id."""
    people = [Respondent(f"R_{i}", (Entry(question=TASTE, answer="-"),)) for i in range(size)]
    batch = Batch(survey=Survey(name=name), respondents=people, wanted=frozenset(CheckName))
    return service.keep(tenant, batch, [evaluation(i) for i in range(size)])


def judge_survey(service: Service, size: int, *, tenant: str = "default") -> str:
    """A survey that was submitted, with all its key events, and judged; its job's id."""
    people = [respondent(i) for i in range(size)]
    batch = Batch(survey=Survey(name="Drinks"), respondents=people, wanted=frozenset(CheckName))
    job = service.submit(tenant, batch)
    store = open_store(service.settings.database_url)
    for number, first in enumerate(range(0, size, service.settings.chunk_size)):
        found = range(first, min(size, first + service.settings.chunk_size))
        results = {i: msgspec.json.encode(evaluation(i)) for i in found}
        store.jobs.save_observed(
            Errand(Kind.OBSERVE, job, number), encoder="none", seen={}, sightings=[], enqueue=lambda *_: None
        )
        store.jobs.save_judged(Errand(Kind.JUDGE, job, number), results, evaluator="test", enqueue=lambda *_: None)
    store.close()
    return job


def add_people(service: Service) -> None:
    """Two coders, an operator, and somebody of another tenant."""
    known = {person.name for person in service.people.list()}
    for name, tenant, is_operator in (
        ("coder-a", "default", False),
        ("coder-b", "default", False),
        ("chief", "default", True),
        ("stranger", "elsewhere", True),
    ):
        if name not in known:
            service.people.add(name, PASSWORD, tenant=tenant, is_operator=is_operator)
