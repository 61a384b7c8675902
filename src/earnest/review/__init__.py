"""What people look at before they decide: a survey in numbers, who would go, and how far coders agree. No I/O."""

from earnest.review.agreement import Agreement, agreement_of
from earnest.review.closed import Coding, Column, Group, Shift, groups, shifts
from earnest.review.copies import Copied, CopyGroup, Farm, copy_groups, farms
from earnest.review.error_rates import FlagRate, flag_rate
from earnest.review.glance import Glance, Order, Removal, glance_at, order_of, removal_of
from earnest.review.ledger import CHECK_ORDER, Ledger, Question
from earnest.review.queue import Only, Sought, queue_of
from earnest.review.replay import Replay, replay_of
from earnest.review.typical import typicality

__all__ = [
    "CHECK_ORDER",
    "Agreement",
    "Coding",
    "Column",
    "Copied",
    "CopyGroup",
    "Farm",
    "FlagRate",
    "Glance",
    "Group",
    "Ledger",
    "Only",
    "Order",
    "Question",
    "Removal",
    "Replay",
    "Shift",
    "Sought",
    "agreement_of",
    "copy_groups",
    "farms",
    "flag_rate",
    "glance_at",
    "groups",
    "order_of",
    "queue_of",
    "removal_of",
    "replay_of",
    "shifts",
    "typicality",
]
