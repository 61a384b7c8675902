"""The reconciliation pack: whom a supplier should take back, with the reason code and the evidence that they ask for.

The codes are those of Cint's exchange (developer.cint.com, reconciliation reason codes), which other suppliers read
too: 934 is a poor quality open end ("repetitive, vulgar, nonsensical, not pertaining, random strings"), 930 is
unspecified fraud. 932, straight-lining, is about closed questions, which Earnest does not judge; people's decisions may
name it, or any other.
"""

import re
from pathlib import Path

from earnest.files.cells import Column, Output, Value
from earnest.files.evaluated import evidence_of
from earnest.files.formats import write_table
from earnest.files.outcome import Outcome, question_of, reasons_of
from earnest.findings import CheckName, RespondentEvaluation

CODES = {
    "930": "Unspecified fraud",
    "932": "Straight-lining",
    "933": "Speeder",
    "934": "Poor quality open end",
    "935": "Ghost complete",
    "936": "Inconsistent answers",
}
FRAUD = frozenset({CheckName.LLM_GENERATED, CheckName.SHARED_DUPLICATE})
"""Issues that are no poor quality of the answer itself."""
CODE = re.compile(r"\b(9\d\d)\b")
HEADER = {
    "RID": "What the supplier calls the respondent",
    "reason_code": "Cint's code",
    "reason": "What the code means",
    "supplier": "Where the respondent came from",
    "respondent": "What the survey calls the respondent",
    "issues": "What Earnest found",
    "evidence": "How one can see that, question by question",
    "decided_by": "Who decided; empty where the rule proposes it",
    "note": "What they noted",
}


def write_pack(path: Path, outcome: Outcome) -> int:
    """Write a row for each respondent who goes, and return how many there are.

    Raises:
        InvalidInput: the file cannot be written.
    """
    rows = [_row(each, outcome) for each in outcome.leaving]
    write_table(
        path,
        Output(
            header=[list(HEADER)],
            columns=[Column(wording=sentence, is_text=True) for sentence in HEADER.values()],
            rows=rows,
            ours=0,
        ),
    )
    return len(rows)


def reason_code(evaluation: RespondentEvaluation, reason: str = "") -> str:
    """The code for a respondent: the one that a person named, or the milder one that fits what was found."""
    named = CODE.search(reason)
    if named and named[1] in CODES:
        return named[1]
    found = set(reasons_of(evaluation))
    return "930" if found and found <= FRAUD else "934"


def _row(evaluation: RespondentEvaluation, outcome: Outcome) -> list[Value]:
    name = evaluation.response_identifier
    decision = outcome.decisions.get(name)
    code = reason_code(evaluation, decision.reason if decision else "")
    reasons = reasons_of(evaluation)
    issues = [check.value + (f" ({count} answers)" if count > 1 else "") for check, count in reasons.items()]
    evidence = [f"{question_of(e)} – {evidence_of(e)}" for e in evaluation.evaluations if e.has_issues]
    return [
        outcome.panel_ids.get(name) or name,
        code,
        CODES[code],
        outcome.suppliers.get(name, ""),
        name,
        "; ".join(issues),
        "\n".join(evidence),
        decision.by if decision else "",
        " – ".join(filter(None, (decision.reason, decision.note))) if decision else "",
    ]
