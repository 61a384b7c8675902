"""Settings come from the environment, and a value that one cannot have is named together with the mend."""

from pathlib import Path

import pytest

from earnest.errors import InvalidSettings
from earnest.findings import CheckName
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


def test_a_settings_file_sets_thresholds_and_any_other_knob(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('\ufeffport = 8001\nlog_level = "DEBUG"\n[thresholds]\n"Low Effort" = 85\nllm_generated = 43.5\n')
    for settings in (Settings.load({}, path=path), Settings.load({"EARNEST_SETTINGS": str(path)})):
        assert (settings.port, settings.log_level, settings.settings) == (8001, "DEBUG", str(path))
        assert settings.thresholds == {CheckName.LOW_EFFORT: 85, CheckName.LLM_GENERATED: 43.5}
    assert Settings.load({"EARNEST_PORT": "8002"}, path=path).port == 8002


@pytest.mark.parametrize(
    ("text", "key", "fault"),
    [
        ("prot = 8001", "prot", "is not a setting; these are: database_url"),
        ("port = true", "port", "a whole number"),
        ("host = 3", "host", "in quotes"),
        ('settings = "other.toml"', "settings", "is not a setting"),
        ("thresholds = 50", "thresholds", "[thresholds]"),
        ("evaluator = 2026.11", "evaluator", "in quotes"),
        ("[thresholds]\nlow = 50", "thresholds.low", "is not a check; these are: Nonsensical"),
        ("[thresholds]\nIrrelevant = 101", "thresholds.Irrelevant", "from 0 to 100"),
        ("[thresholds]\nIrrelevant = nan", "thresholds.Irrelevant", "from 0 to 100"),
        ('[thresholds]\nIrrelevant = "60"', "thresholds.Irrelevant", "from 0 to 100"),
        ("[thresholds]\nlow_effort = 50\nLow-Effort = 60", "thresholds.Low-Effort", "a second time"),
    ],
)
def test_a_key_or_value_of_the_file_that_cannot_be_is_named(tmp_path: Path, text: str, key: str, fault: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(InvalidSettings, match=r"settings\.toml: ") as raised:
        Settings.load({}, path=path)
    assert list(raised.value.details) == [key]
    assert fault in raised.value.details[key]


def test_a_file_that_is_not_there_or_not_toml_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="Cannot read the settings file"):
        Settings.load({"EARNEST_SETTINGS": str(tmp_path / "none.toml")})
    path = tmp_path / "settings.toml"
    path.write_text("[thresholds")
    with pytest.raises(InvalidSettings, match="not a settings file in TOML"):
        Settings.load({}, path=path)
