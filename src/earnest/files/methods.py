"""The methods paragraph: what was checked, with what, how many were removed and why, and how often that is wrong."""

from collections import Counter
from pathlib import Path

from earnest.files.outcome import Outcome, reasons_of
from earnest.files.replace import replacing
from earnest.findings import CheckName
from earnest.review.decisions import Ruling
from earnest.review.error_rates import flag_rate


def write_methods(path: Path, outcome: Outcome) -> None:
    """Write the paragraph as text that Markdown renders as well.

    Raises:
        InvalidInput: the file cannot be written.
    """
    with replacing(path, encoding="utf-8") as stream:
        stream.write("\n\n".join(paragraphs(outcome)) + "\n")


def paragraphs(outcome: Outcome) -> list[str]:
    """What was done, what came of it, and how far it is to be trusted."""
    return [_checked(outcome), _removed(outcome), _trusted(outcome)]


def rule_of(outcome: Outcome) -> str:
    """By which rule, and by whose decisions, respondents go."""
    rule = (
        f"A respondent was proposed for removal where at least {100 * outcome.proposed_from:g} % of their judged "
        "answers had an issue."
    )
    if not outcome.decisions:
        return rule
    kinds = ", ".join(f"{outcome.decided[ruling]:,} {ruling.value}" for ruling in Ruling if outcome.decided[ruling])
    people = len({each.by for each in outcome.decisions.values() if each.by})
    who = f"{people} {'person' if people == 1 else 'people'}" if people else "People"
    rest = len(outcome.evaluations) - len(outcome.decisions)
    left = f" The proposal stood for the {rest:,} on whom nobody decided." if rest > 0 else ""
    return f"{rule} {who} decided on {len(outcome.decisions):,} respondents ({kinds}).{left}"


def _checked(outcome: Outcome) -> str:
    questions = len(outcome.questions())
    own = [f"{check.value} {score:g}" for check, score in outcome.thresholds.items() if check in outcome.wanted]
    others = "" if len(own) == len(outcome.checks) else "; the other checks used their own" if own else ""
    thresholds = (
        f"Thresholds (0–100) were set to {', '.join(own)}{others}" if own else "Each check used its own threshold"
    )
    return (
        f"Open-ended answers were screened with Earnest {outcome.software} (evaluator {outcome.evaluator}) on "
        f"{outcome.on.isoformat()}, on the researchers' own computer. {outcome.answers:,} answers of "
        f"{len(outcome.evaluations):,} respondents to {questions:,} open-ended question{'' if questions == 1 else 's'} "
        f"were checked for {_listed([check.value for check in outcome.checks])}. {thresholds}. Where a check could not "
        "tell, the answer was not held against the respondent."
    )


def _removed(outcome: Outcome) -> str:
    respondents, leaving = len(outcome.evaluations), len(outcome.leaving)
    done = "were removed" if outcome.decisions else "are proposed for removal"
    return (
        f"{rule_of(outcome)} {leaving:,} of {respondents:,} respondents ({_share(leaving, respondents)}) "
        f"{done}{_why(outcome)}."
    )


def false_flags(outcome: Outcome, check: CheckName) -> str:
    """How often the check flags honest answers at the threshold that was used here, in words."""
    rate = flag_rate(check, outcome.thresholds.get(check))
    return "not measured on several sources" if rate is None else str(rate)


def _trusted(outcome: Outcome) -> str:
    rates = "; ".join(f"{check.value} {false_flags(outcome, check)}" for check in outcome.checks)
    return (
        "Measured on answers that people gave to other surveys before chat models existed, the checks flag these "
        f"shares of honest answers at the thresholds used: {rates} (docs/explanation/accuracy.md of Earnest). These "
        "rates were not measured on this survey; `earnest validate` does that with a hand-coded sample."
    )


def _why(outcome: Outcome) -> str:
    """Which issues those who go have."""
    counts: Counter[str] = Counter()
    for each in outcome.leaving:
        counts.update(check.value for check in reasons_of(each))
    several = _listed([f"{name} ({count:,})" for name, count in counts.most_common()])
    return f", with these issues, several of which may be one respondent's: {several}" if counts else ""


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"


def _listed(parts: list[str]) -> str:
    return "".join(parts) if len(parts) < 2 else f"{', '.join(parts[:-1])} and {parts[-1]}"
