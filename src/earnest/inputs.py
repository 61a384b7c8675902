"""Capture -> OtherInput: how much of an answer came in otherwise than by keys and pastes, and whether a person did it.

Measures only; what they mean is for the checks to decide.
"""

from dataclasses import dataclass

from earnest.survey import Capture, Input

MOST_INPUTS = 5000
"""More is not read; a log with more counts as truncated."""
SCRIPT_EVENTS = frozenset({"keydown", "paste"})
"""Events that a script made and that by themselves put nothing into the field."""


@dataclass(frozen=True, slots=True)
class OtherInput:
    """Characters that came in otherwise than by keys and pastes.

    Attributes:
        unkeyed: By dictation, suggestions, autocorrection, input methods, undo: people do that, and no key tells.
        prefilled: Stood in the field already.
        scripted: Put there by a script, with or without an event.
        scripted_at_once: The largest part of these that came in one go.
        script_keys: Key events that a script made; they are not among the keys.
        touch: Whether the device is mainly used with a finger.
    """

    unkeyed: int = 0
    prefilled: int = 0
    scripted: int = 0
    scripted_at_once: int = 0
    script_keys: int = 0
    touch: bool = False


def read_inputs(capture: Capture) -> OtherInput:
    """Add up what came in otherwise."""
    inputs = capture.inputs[:MOST_INPUTS]
    by_script = [int(each.added) for each in inputs if each.kind not in SCRIPT_EVENTS and _is_script(each)]
    return OtherInput(
        unkeyed=sum(int(each.added) for each in inputs if each.kind != "prefilled" and not _is_script(each)),
        prefilled=sum(int(each.added) for each in inputs if each.kind == "prefilled"),
        scripted=sum(by_script),
        scripted_at_once=max(by_script, default=0),
        script_keys=sum(int(each.added) for each in inputs if each.by_script and each.kind == "keydown"),
        touch=capture.touch,
    )


def _is_script(event: Input) -> bool:
    return event.by_script or event.kind == "noEvent"
