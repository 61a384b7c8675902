"""Whom to look at next: the respondents that a coder asked for, in the order that they asked for."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from earnest.findings import CheckName
from earnest.review.decisions import PROPOSED_FROM
from earnest.review.glance import Order, order_of, removal_of
from earnest.review.ledger import CHECK_ORDER, Ledger


class Only(StrEnum):
    """Which respondents are looked at, by what was found about them."""

    ALL = "all"
    FLAGGED = "flagged"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom a coder wants to look at.

    Attributes:
        order: In which order.
        only: All, those with an issue, or those proposed for removal.
        check: With an issue of this kind; None for any or none.
        question: With an issue in the answer to this one, a place in the ledger's questions; None for any or none. With
            a check as well, the issue must be of that kind.
    """

    order: Order = Order.WORST
    only: Only = Only.ALL
    check: CheckName | None = None
    question: int | None = None


def queue_of(ledger: Ledger, sought: Sought) -> NDArray[np.uint32]:
    """The positions of the respondents sought, in order."""
    queue = order_of(ledger, sought.order)
    if sought.only is Only.PROPOSED:
        queue = queue[np.isin(queue, removal_of(ledger, {}, proposed_from=PROPOSED_FROM).positions)]
    is_any = sought.check is None and sought.question is None
    if sought.only is not Only.FLAGGED and is_any:
        return queue
    kinds = slice(None) if sought.check is None else [CHECK_ORDER.index(sought.check)]
    flagged = ledger.issues[:, kinds].any(axis=1)
    if sought.question is not None:
        flagged &= ledger.entries["question"] == sought.question
    return queue[np.isin(queue, ledger.entries["position"][flagged])]
