"""When two texts deny each other; near copies are in tests/test_similarity.py."""

import pytest

from earnest.text.contradiction import opposed


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("i would recommend this shop to my friends", "to my friends i would not recommend the shop"),
        ("the staff were friendly and quick to help", "staff unfriendly and it took ages until they would help"),
        ("nobody told me what was going to happen", "everybody told me what was going to happen"),
        ("it took 20 minutes until the doctor came to see me", "the doctor came to see me after 45 minutes"),
        (
            "after the last update it kept logging me out every few minutes and i lost an order for good",
            "since the last update it has never been logging me out at all and i did not lose an order",
        ),
    ],
)
def test_denial_in_other_words(a: str, b: str) -> None:
    assert opposed(a, b)
    assert opposed(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("my neighbour never complained about them", "the man next door had no complaints about them"),
        ("i dont like that the queue is so long", "that the queue is so long i dont like"),
        ("it took 20 minutes until the doctor came", "the doctor came after 20 minutes"),
        (
            "i see what happens to my work the parts i weld on monday are in a tram that drives past my house",
            "you get to see the result here what i weld at the start of the week ends up in trams passing my home",
        ),
    ],
)
def test_the_same_thing_in_other_words(a: str, b: str) -> None:
    assert not opposed(a, b)
    assert not opposed(b, a)
