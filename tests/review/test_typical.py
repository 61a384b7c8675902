"""What is typical."""

import numpy as np

from earnest.review import typicality


def test_what_most_say_is_typical_and_what_one_says_is_not() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [1, 0], [-1, 0], [1, 0]], dtype=np.float16)
    found = typicality(vectors)
    assert found.argmin() == 3
    assert found[0] == found[2] > found[1]


def test_one_alone_is_neither() -> None:
    assert typicality(np.ones((1, 4), dtype=np.float16)).tolist() == [0]
    assert typicality(np.ones((0, 4), dtype=np.float16)).tolist() == []
