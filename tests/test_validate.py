"""`earnest validate` as a researcher meets it: coded answers in; figures, thresholds and disagreements out."""

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earnest.checks import EVALUATOR_VERSION
from earnest.cli import app
from earnest.findings import CheckName

WHY = "Why did you choose this gym?"
HONEST = [
    "My sister goes there, so we can share the {}.",
    "It was the only one with a {} that opens before six.",
    "After my knee operation the doctor said I should use a {}.",
    "I pass it on my way to work and liked the {}.",
    "They let you try the {} for a month without any contract.",
    "The {} at my old one was always broken.",
]
THINGS = ["pool", "rowing machine", "sauna", "car park", "crèche", "climbing wall", "yoga class", "changing room"]
MASH = ["asdjkh qweoiu zxmcnb", "fghdfg hjklhjk qwpoei", "lkjsdf oiuwer mnbzxc", "qweqwe poipoi zxczxc"]
SECRET = "=purple-unicorn"
PROGRAM = [sys.executable, "-m", "earnest"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("EARNEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def coded(place: Path) -> Path:
    """48 honest answers, 24 of mash, don't-knows of which the coder calls one fine, and a misjudged one."""
    answers = [(form.format(thing), "ok") for form in HONEST for thing in THINGS]
    answers += [(f"{each} {each[::-1]}"[: 18 + i], "nonsense") for each in MASH for i in range(6)]
    answers += [
        ("I don't know", "low effort"),
        ("no idea", "OK"),
        (f"{SECRET} is what I say", "low effort"),
        ("n/a", ""),
    ]
    path = place / "coded.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["ResponseId", WHY, f"{WHY}_label", "remove"])
        writer.writerows([f"R{i}", answer, label, int(label != "ok")] for i, (answer, label) in enumerate(answers))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_figures_thresholds_and_disagreements(coded: Path, place: Path) -> None:
    done = run(
        *("validate", coded, "--false-flag-rate", "6%", "--prevalence", "5 %"),
        *("--output", "tuned.toml", "--report", "report.json", "--disagreements", "disputed.csv"),
    )
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    assert "75 answers coded, 26 as bad; 76 respondents coded, 28 as bad" in done.stdout
    assert re.search(r"Nonsensical +24 +\d+\s% .* 49 ", done.stdout)
    assert "1 of 2" in done.stdout  # too few for per cent

    figures = {(each["check"], each["thresholds"]): each for each in json.loads((place / "report.json").read_bytes())}
    assert len(figures) == 2 * (len(CheckName) + 1) + 1
    mash = figures["Nonsensical", "current"]
    assert (mash["bad"], mash["honest"]) == (24, 49)
    assert mash["recall_low"] <= mash["recall"] == round(mash["found"] / 24, 4) <= mash["recall_high"]
    assert mash["prevalence"] == 0.05

    tuned = (place / "tuned.toml").read_text(encoding="utf-8")
    assert "coded.csv" in tuned
    assert {*tomllib.loads(tuned)} == {"evaluator", "thresholds"}
    assert mash["evaluator"] == tomllib.loads(tuned)["evaluator"] == EVALUATOR_VERSION

    with (place / "disputed.csv").open(encoding="utf-8-sig", newline="") as stream:
        disputed = list(csv.DictReader(stream))
    wrong = next(each for each in disputed if each["answer"] == "no idea")
    assert (wrong["disagreement"], wrong["check"], wrong["coder"]) == ("false flag", "Low Effort", "ok")
    assert wrong["evidence"]
    assert wrong["reasons"] == "dont_know"
    [missed] = [each for each in disputed if each["disagreement"] == "missed" and each["check"] == "Low Effort"]
    assert missed["answer"] == f"'{SECRET} is what I say"  # no formula


def test_the_written_settings_are_accepted_and_change_what_is_flagged(coded: Path, place: Path) -> None:
    (place / "strict.toml").write_text("[thresholds]\nNonsensical = 100\n")
    for name, *options in (("plain",), ("strict", "--settings", "strict.toml")):
        done = run("evaluate", coded, "--output", f"{name}.json", *options)
        assert done.exit_code == 0, done.output
    assert "Thresholds of strict.toml: Nonsensical 100." in done.stderr

    def mash(name: str) -> int:
        items = json.loads((place / f"{name}.json").read_bytes())["results"]["items"]
        findings = [f for item in items for entry in item["evaluations"] for f in entry["qualityIssueChecks"]]
        return sum(each["isIssue"] for each in findings if each["type"] == "Nonsensical")

    assert mash("strict") < mash("plain")
    done = run("validate", coded, "--settings", "strict.toml", "--report", "again.csv")
    assert done.exit_code == 0, done.output
    with (place / "again.csv").open(encoding="utf-8-sig", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert (first["check"], first["thresholds"], int(first["found"])) == ("Nonsensical", "current", mash("strict"))
    assert first["threshold"] == "100.0"
    assert "chosen with evaluator" not in done.stderr


def test_thresholds_of_another_evaluator_are_obeyed_and_told_of(coded: Path, place: Path) -> None:
    (place / "old.toml").write_text('evaluator = "2001.1"\n[thresholds]\nNonsensical = 100\n')
    done = run("validate", coded, "--settings", "old.toml")
    assert done.exit_code == 0, done.output
    assert f"chosen with evaluator 2001.1; this is {EVALUATOR_VERSION}" in " ".join(done.stderr.split())


def test_what_was_asked_for_is_written_though_nobody_reads_the_figures(coded: Path, place: Path) -> None:
    asked = ("--output", "tuned.toml", "--report", "report.csv", "--disagreements", "disputed.csv")
    reader, writer = os.pipe()
    os.close(reader)  # as `| head` does once it has seen enough
    with os.fdopen(writer) as unread:
        done = subprocess.run([*PROGRAM, "validate", coded, *asked], stdout=unread, stderr=subprocess.PIPE, check=False)
    assert done.stderr == b""
    assert all((place / name).is_file() for name in asked[1::2])


def test_what_the_table_does_not_tell_is_said(place: Path) -> None:
    path = place / "coded.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "Q1", "Q1_label", "What should they change?", "Label Q2"])
        for i, thing in enumerate(THINGS):
            writer.writerow(
                [i, f"I like the {thing} very much", "ok", f"They should open the {thing} on Sundays", "ok"]
            )
    done = run("validate", path)
    assert done.exit_code == 0, done.output
    said = " ".join(done.stderr.split())
    assert "Without a column of labels, and so not counted by answers: What should they change?" in said
    assert "No wording is known of Q1" in said


def test_no_result_overwrites_another_or_the_settings_in_force(coded: Path, place: Path) -> None:
    assert "a file each" in run("validate", coded, "--report", "a.csv", "--disagreements", "./a.csv").stderr
    (place / "old.toml").write_text("port = 8001\n")
    done = run("validate", coded, "--settings", "old.toml", "--output", "old.toml")
    assert (done.exit_code, (place / "old.toml").read_text()) == (2, "port = 8001\n")
    assert "is the settings file in force" in done.stderr


def test_respondents_alone_can_be_coded(place: Path) -> None:
    path = place / "coded.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", WHY, "What should they change?", "Remove"])
        for i, thing in enumerate(THINGS):
            writer.writerow([i, f"I like the {thing} very much", f"They should open the {thing} on Sundays", i % 2])
    done = run("validate", path)
    assert done.exit_code == 0, done.output
    assert "8 respondents coded, 4 as bad" in done.stdout
    assert "Thresholds are suggested from coded answers" in done.stdout
    assert run("validate", path, "--output", "tuned.toml").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--false-flag-rate", "1.5"], "--false-flag-rate needs a share such as 1% or 0.01"),
        (["--prevalence", "few"], "--prevalence needs a share"),
        (["--output", "tuned.ini"], "--output tuned.ini: Earnest writes .toml here"),
        (["--report", "there/report.csv"], "make its folder first"),
        (["--disagreements", "coded.csv"], "never overwritten"),
        (["--label", "Mary"], "has no column 'Mary'"),
        (["--settings", "none.toml"], "Cannot read the settings file none.toml"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(coded: Path, arguments: list[str], said: str) -> None:
    done = run("validate", coded.name, *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout


def test_no_answer_is_ever_repeated_in_an_error(coded: Path) -> None:
    done = run("validate", coded, "--label", f"remove={WHY}")  # the answers, taken for labels
    assert done.exit_code == 2
    assert "purple" not in done.stderr
    assert "sauna" not in done.stderr
