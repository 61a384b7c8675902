"""A few of the broken inputs of `make fuzz`; see benchmarks/fuzz.py."""

from benchmarks.fuzz import campaign


def test_broken_inputs_are_read_or_refused_with_a_reason() -> None:
    outcomes = {reader.name: outcome for reader, outcome in campaign(inputs=2_000, seed=7)}
    assert {name: outcome.broken for name, outcome in outcomes.items() if outcome.broken} == {}
    assert all(outcome.read and outcome.refused for outcome in outcomes.values())
