"""How much came in without keys, and whether a person did it."""

from earnest.inputs import MOST_INPUTS, OtherInput, read_inputs
from earnest.survey import Capture, Input


def test_what_people_do_is_kept_apart_from_what_scripts_do_and_what_stood_there() -> None:
    capture = Capture(
        inputs=(
            Input(0, "prefilled", 5),
            Input(10, "insertReplacementText", 8, removed=3),
            Input(20, "insertCompositionText", 12),
            Input(30, "insertText", 40, by_script=True),
            Input(40, "noEvent", 60),
            Input(50, "keydown", 33, by_script=True),
            Input(60, "paste", 99, by_script=True),
        ),
        touch=True,
    )
    assert read_inputs(capture) == OtherInput(
        unkeyed=20, prefilled=5, scripted=100, scripted_at_once=60, script_keys=33, touch=True
    )


def test_of_a_hostile_log_only_so_much_is_read() -> None:
    inputs = (Input(0, "insertText", 1),) * (MOST_INPUTS + 10)
    assert read_inputs(Capture(inputs=inputs)).unkeyed == MOST_INPUTS


def test_nothing_is_nothing() -> None:
    assert read_inputs(Capture()) == OtherInput()
