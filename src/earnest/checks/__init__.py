"""The checks: the only list of them, in running order.

A new check touches four files: its own, this list, `findings.CheckName`, and a table of cases in `tests/checks/cases/`.
"""

from earnest.checks.base import Check
from earnest.checks.irrelevant import Irrelevant
from earnest.checks.llm_generated import LlmGenerated
from earnest.checks.low_effort import LowEffort
from earnest.checks.nonsensical import Nonsensical
from earnest.checks.self_duplicate import SelfDuplicate
from earnest.checks.shared_duplicate import SharedDuplicate

CHECKS: tuple[Check, ...] = (
    Nonsensical(),
    Irrelevant(),
    LowEffort(),
    LlmGenerated(),
    SelfDuplicate(),
    SharedDuplicate(),
)

EVALUATOR_VERSION = "2026.11.3"
"""Changes whenever the same answer may get another score than before."""
