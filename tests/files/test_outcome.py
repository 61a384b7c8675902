"""What is handed over: to the supplier, to the client, to the readers of a paper, and from people's decisions."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.files.exports import WHY, save_csv

from earnest.files.evaluated import DECIDED, Added
from earnest.files.excel import Workbook
from earnest.files.methods import paragraphs
from earnest.files.outcome import Outcome
from earnest.files.reconciliation import reason_code, write_pack
from earnest.files.report import write_report
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.review.decisions import Decision, Ruling, goes, is_proposed
from earnest.review.error_rates import flag_rate
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.survey import Entry, Respondent

MASH, COPY = CheckName.NONSENSICAL, CheckName.SHARED_DUPLICATE
HOSTILE = '<script>alert("x")</script> =1+1'


def respondent(name: str, *issues: CheckName | None, answer: str = HOSTILE) -> RespondentEvaluation:
    """A respondent with an answer for each issue; None for an answer that is fine."""
    entries = tuple(Entry(f"Question {i}?", answer, question_identifier=f"Q{i}") for i in range(len(issues)))
    evaluations = [
        evaluate_entry(entry, [Finding(check or MASH, 95.0 if check else 2.0, check is not None, "It shows.", ("X",))])
        for entry, check in zip(entries, issues, strict=True)
    ]
    return evaluate_respondent(Respondent(name, entries), evaluations)


GOOD, HALF, COPIED = respondent("A", None, None, None), respondent("B", MASH, None), respondent("=C", COPY, COPY)


def outcome(**more: object) -> Outcome:
    return Outcome(
        survey="Coffee <b>club</b>",
        evaluations=[GOOD, HALF, COPIED],
        wanted=frozenset({MASH, COPY}),
        software="1.2.3",
        evaluator="2026.11",
        on=date(2026, 11, 24),
        **more,  # type: ignore[arg-type]
    )


def test_a_respondent_is_proposed_where_enough_of_the_judged_answers_are_bad() -> None:
    assert [is_proposed(each) for each in (GOOD, HALF, COPIED)] == [False, True, True]
    assert not is_proposed(HALF, 0.51)
    assert not is_proposed(respondent("D", MASH, None, None))
    assert not is_proposed(respondent("E"))


def test_people_s_decisions_win_over_the_proposal() -> None:
    decisions = {"A": Decision(ruling=Ruling.REMOVE), "B": Decision(ruling=Ruling.UNSURE)}
    assert [goes(each, decisions) for each in (GOOD, HALF, COPIED)] == [True, False, True]


def test_the_reason_code_is_the_milder_one_that_fits_or_the_one_that_people_named() -> None:
    assert reason_code(HALF) == "934"
    assert reason_code(COPIED) == "930"
    assert reason_code(respondent("D", COPY, MASH)) == "934"
    assert reason_code(COPIED, "932 straight-lining in the grid") == "932"
    assert reason_code(COPIED, "room 999") == "930"


@pytest.mark.parametrize("name", ["pack.csv", "pack.xlsx"])
def test_the_pack_has_a_row_for_everybody_who_goes(tmp_path: Path, name: str) -> None:
    decisions = {"B": Decision(ruling=Ruling.REMOVE, reason="933", note="42 seconds", by="Anna")}
    found = outcome(decisions=decisions, suppliers={"=C": "Cedar"}, panel_ids={"=C": "rid-3"})
    assert write_pack(tmp_path / name, found) == 2
    table = SurveyTable.taken_from(tmp_path / name)
    first, second = [dict(zip(table.header, record.cells, strict=True)) for record in table.rows()]
    if first["RID"] != "rid-3":
        first, second = second, first
    assert (first["reason_code"], first["reason"], first["supplier"]) == ("930", "Unspecified fraud", "Cedar")
    assert first["issues"] == "Duplicate Answers (2 answers)"
    assert "Q0 – Duplicate Answers: It shows." in first["evidence"]
    assert first["respondent"] == ("'=C" if name == "pack.csv" else "=C")
    assert (second["RID"], second["reason_code"], second["decided_by"]) == ("B", "933", "Anna")
    assert second["note"] == "933 – 42 seconds"


def test_the_report_stands_alone_and_nothing_in_it_runs(tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", outcome(suppliers={"A": "Alder", "B": "Alder", "=C": "Cedar"}))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=|url\(|@import|https?://""", page)
    assert "Coffee &lt;b&gt;club&lt;/b&gt;" in page
    assert "&lt;script&gt;" in page
    for said in ("1.2.3", "2026.11", "Proposed for removal", "Cedar", "It shows.", "Question 0?"):
        assert said in page


def test_a_report_of_nothing_says_so(tmp_path: Path) -> None:
    empty = Outcome(
        survey="", evaluations=[], wanted=frozenset(CheckName), software="1", evaluator="1", on=date(2026, 1, 1)
    )
    write_report(tmp_path / "report.html", empty)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nothing was found" in page
    assert "Nobody." in page


def test_the_methods_paragraph_says_what_a_reader_must_know() -> None:
    text = " ".join(paragraphs(outcome(thresholds={MASH: 80.0}, proposed_from=0.6)))
    for said in ("Earnest 1.2.3 (evaluator 2026.11)", "7 answers of 3 respondents to 3 open-ended questions"):
        assert said in text
    for said in ("Nonsensical 80; the other checks used their own", "at least 60 %", "1 of 3 respondents (33.3 %)"):
        assert said in text
    decided = outcome(decisions={"B": Decision(ruling=Ruling.REMOVE, by="Anna"), "A": Decision(ruling=Ruling.KEEP)})
    assert "1 person decided on 2 respondents (1 keep, 1 remove)" in " ".join(paragraphs(decided))


def test_decisions_stand_in_the_table(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "in.csv", [["id", WHY], ["A", "it was nice for me"], ["B", "it was much too dear"]])
    table = SurveyTable.read(path)
    at = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    decision = Decision(ruling=Ruling.REMOVE, reason="934", note="=cmd", by="Anna", at=at)
    found = [evaluate_respondent(each, [evaluate_entry(e, []) for e in each.entries]) for each in table.respondents()]
    table.write(tmp_path / "out.xlsx", found, Added(decisions={"B": decision}))
    header, first, second = [record.cells for record in Workbook.open(tmp_path / "out.xlsx").records()]
    assert header[-5:] == list(DECIDED)
    assert first[-5:] == [""] * 5
    assert second[-5:] == ["remove", "934", "=cmd", "Anna", "2026-11-24T10:30:00+00:00"]
    again = SurveyTable.read(tmp_path / "out.xlsx")
    assert [each.name for each in again.taken if each.role.value == "found"] == header[2:]


@pytest.mark.parametrize(("thresholds", "from_score"), [({}, None), ({MASH: 40.0}, 40.0)])
def test_the_error_rates_are_those_of_the_thresholds_used(
    tmp_path: Path, thresholds: dict[CheckName, float], from_score: float | None
) -> None:
    found = outcome(thresholds=thresholds)
    rate = flag_rate(MASH, from_score)
    assert rate
    assert f"Nonsensical {rate}; " in paragraphs(found)[-1]
    write_report(tmp_path / "report.html", found)
    assert str(rate) in (tmp_path / "report.html").read_text(encoding="utf-8")
