"""How often each check flags an honest answer, as measured; for reports and methods sections.

From docs/explanation/accuracy.md, tables "False flags", "Duplicate Answers, false flags in whole surveys" and "Repeated
Answers": sources with at least LEAST_ANSWERS answers. A test holds the numbers against the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from earnest.findings import CheckName

LEAST_ANSWERS = 200
WHERE = "docs/explanation/accuracy.md"


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of honest answers that a check flags, in per cent.

    Attributes:
        sources: How many there are.
        median: Of them.
        highest: Of them.
    """

    sources: int
    median: float
    highest: float

    def __str__(self) -> str:
        """In words."""
        if self.sources == 1:
            return f"{self.median:.1f} % in one source"
        return f"median {self.median:.1f} %, at most {self.highest:.1f} %, in {self.sources} sources"


FALSE_FLAGS: Mapping[CheckName, Measured] = {
    CheckName.NONSENSICAL: Measured(30, 0.20, 1.1),
    CheckName.IRRELEVANT: Measured(30, 0.00, 0.9),
    CheckName.LOW_EFFORT: Measured(30, 0.05, 4.6),
    CheckName.LLM_GENERATED: Measured(30, 0.00, 6.8),
    CheckName.SELF_DUPLICATE: Measured(1, 0.0, 0.0),
    CheckName.SHARED_DUPLICATE: Measured(22, 0.10, 3.7),
}
