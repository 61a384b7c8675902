"""Settings come from the environment, and a value that one cannot have is named together with the mend."""

import pytest

from earnest.errors import InvalidSettings
from earnest.settings import Settings


def test_what_is_not_set_has_its_default() -> None:
    assert Settings.load({}) == Settings() == Settings.load({"EARNEST_PORT": " "})
    assert Settings.load({"EARNEST_PORT": "8001"}).port == 8001


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("EARNEST_PORT", "0", "at least 1"),
        ("EARNEST_PORT", "http", "a whole number"),
        ("EARNEST_PAGE_SIZE", "5000", "at most 1000"),
        ("EARNEST_LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        ("EARNEST_API_KEY", "short", "at least 20 characters"),
    ],
)
def test_a_value_that_it_cannot_have_is_named(variable: str, value: str, fault: str) -> None:
    with pytest.raises(InvalidSettings) as raised:
        Settings.load({variable: value, "EARNEST_THREADS": "-1"})
    assert fault in raised.value.details[variable]
    assert set(raised.value.details) == {variable, "EARNEST_THREADS"}
