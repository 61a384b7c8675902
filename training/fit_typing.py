"""Fits what tells answers that were typed off from answers that were composed, and prints it for `checks/signs.py`.

    python training/fit_typing.py ../shared/data/dev

Composed: chat turns of learners of French (languagehero), the only key logs whose licence lets them train, alone and up
to five together, as if one respondent had typed them. Typed off: simulated, since the only real ones (Aalto) must not
train; how much people pause and mend when they retype is taken from published tables (benchmarks/typing_simulators.py).
So the fit has seen neither Aalto's typists nor the French students, whom `held_out` measures; only OFFSET, the caution
added at the end, was chosen with the students in view, and with simulated adults who write in their own language: no
real logs of these were at hand, and they pause less than students and learners.
"""

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, log
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.bench import Bench
from benchmarks.measures import Table, auroc, reliability, share
from benchmarks.typing_logs import Log, parts, read_logs
from benchmarks.typing_simulators import WORD_CHARACTERS, composed, copied, copyist
from numpy.typing import NDArray
from training.logistic import fit

from earnest.checks.llm_generated import PRIOR_LOG_ODDS
from earnest.checks.logistic import Logistic
from earnest.checks.signs import FEWEST_INTERVALS, FEWEST_TO_TELL, TRANSCRIBED, hesitation_signals
from earnest.keystrokes import MODIFIERS
from earnest.rhythm import SPACES, Rhythm, read_rhythm, together
from earnest.survey import KeyStroke

TRAINED = "languagehero"
PEOPLE = "llm_certain_humans_surveys*.jsonl"
LONGEST = 400
LENGTHS = ((20, 40), (40, 60), (60, 100), (100, 160), (160, 1_000))
COPIES, ADULTS = 6_000, 3_000
TOGETHER = (1, 1, 2, 3, 4, 5)
"""How many answers of a respondent are taken together, drawn from these."""
PER_TYPIST = 6
OFFSET = -1.0
"""Log-odds, so that at most 1 % are flagged of each group of honest logs below, simulated adults included."""

Signals = Mapping[str, float]
Array = NDArray[np.float64]


def main(folder: Path) -> None:
    """Fit, print, and say how the coefficients that ship do on strangers."""
    bench = Bench(folder)
    rhythms, labels = training_rows(bench)
    model = fitted([hesitation_signals(rhythm) for rhythm in rhythms], labels, balance(rhythms, labels))
    shown = ", ".join(f'"{name}": {weight:.2f}' for name, weight in model.weights.items())
    print(f"TRANSCRIBED = Logistic({model.bias + OFFSET:.2f}, {{{shown}}})\n")
    for table in held_out(bench):
        print(table.markdown())


def held_out(bench: Bench) -> Iterator[Table]:
    """What the shipped coefficients say of logs that trained nothing, and what each signal is worth there."""
    groups = test_groups(bench)
    yield flagged(groups)
    yield calibration(groups)
    yield ablation(groups, *training_rows(bench))


def flagged(groups: Mapping[str, Sequence[Rhythm]]) -> Table:
    """Share flagged by source and length."""
    table = Table(
        "LLM Generated, typed off or composed",
        (
            "key logs",
            f"from {FEWEST_TO_TELL}",
            *(f"{low} to {high - 1} intervals" for low, high in LENGTHS[:-1]),
            "160 and more",
        ),
        note="Share flagged on hesitations and corrections alone, were no length too short; below "
        f"{FEWEST_TO_TELL} (first column) the check says nothing. Aalto's sentences were typed off; one to five of a "
        "typist are taken together, as the check does with a respondent's answers. Looking up is simulated, with "
        "pauses as people make who retype essays. The students' essays are cut to the same lengths. * Lent rows to "
        "the fit.",
    )
    for name, group in groups.items():
        scored = [(rhythm.intervals, shipped(rhythm) >= -PRIOR_LOG_ODDS) for rhythm in group]
        ranges = ((FEWEST_TO_TELL, 10**9), *LENGTHS)
        cells = [[hit for size, hit in scored if low <= size < high] for low, high in ranges]
        table.add(name, *(share(sum(hits), len(hits)) for hits in cells))
    return table


def calibration(groups: Mapping[str, Sequence[Rhythm]]) -> Table:
    """Mean probability and share typed off, if one answer in seven is."""
    table = Table("LLM Generated, typed off: reliability", ("tenth of the scale", "mean score", "typed off", "logs"))
    honest = [shipped(rhythm) for rhythm in groups["fr_students, composed"]]
    copies = [shipped(rhythm) for name in groups if name.startswith("aalto") for rhythm in groups[name]]
    scores = 1 / (1 + np.exp(-PRIOR_LOG_ODDS - np.array(honest + copies)))
    weights = [6 / len(honest)] * len(honest) + [1 / len(copies)] * len(copies)
    for mean, typed_off, number in reliability(scores, [0] * len(honest) + [1] * len(copies), weights=weights):
        table.add(f"{int(10 * mean) / 10:.1f}", float(mean), float(typed_off), int(number))
    return table


def ablation(groups: Mapping[str, Sequence[Rhythm]], rhythms: Sequence[Rhythm], labels: Array) -> Table:
    """Refit without each signal."""
    table = Table(
        "LLM Generated, typed off: what each signal is worth",
        ("without", "AUROC", "flagged, at 1 % of each composed group", "the same, looking up"),
        note="Aalto's typists against the students.",
    )
    signals = [hesitation_signals(rhythm) for rhythm in rhythms]
    for left_out in ("nothing", *signals[0]):
        kept = [{name: value for name, value in each.items() if name != left_out} for each in signals]
        model = fitted(kept, labels, balance(rhythms, labels))
        scores = {
            name: np.array([model.log_odds(hesitation_signals(rhythm)) for rhythm in group])
            for name, group in groups.items()
        }
        plain, looking, *composing = scores.values()
        students, *_ = composing
        bound = max(np.quantile(each, 0.99) for each in composing)
        table.add(left_out, auroc(plain, students), float((plain > bound).mean()), float((looking > bound).mean()))
    return table


def test_groups(bench: Bench) -> dict[str, list[Rhythm]]:
    """Typed off; the same with looking up; students' parts of these lengths; chat turns, put together; adults."""
    logs = read_logs(bench.folder)
    rng = random.Random(7)
    typists: dict[str, list[Log]] = defaultdict(list)
    for log_ in logs:
        if log_.is_transcribed:
            typists[log_.typist].append(log_)
    plain = [grouped([rhythm_of(each) for each in own], rng) for own in typists.values() for _ in range(PER_TYPIST)]
    looking = [
        grouped([rhythm_of(looked_up(each, per_word, rng)) for each in own], rng)
        for own in typists.values()
        for per_word in [exp(rng.uniform(log(0.3), log(8.0))) * WORD_CHARACTERS / 100 for _ in range(PER_TYPIST)]
    ]
    sizes = [rhythm.intervals + 1 for rhythm in plain]
    students = [rhythm_of(part) for each in logs if each.source == "fr_students" for part in parts(each, sizes, rng)]
    turns = chat_turns(logs)
    return {
        "aalto_transcribe, typed off": telling(plain),
        "aalto_transcribe, typed off looking up": telling(looking),
        "fr_students, composed": telling(students),
        f"{TRAINED}*, composed": turns + [grouped(turns, rng) for _ in range(len(turns))],
        "adults, composed, simulated": telling(
            [read_rhythm(composed("", text, rng).key_events or ()) for text in survey_texts(bench, rng, ADULTS)]
        ),
    }


def training_rows(bench: Bench) -> tuple[list[Rhythm], Array]:
    """Composed chat turns and simulated copies of survey answers, with their labels (1: copied)."""
    rng = random.Random(8)
    turns = chat_turns(read_logs(bench.folder))
    honest = turns + [grouped(turns, rng) for _ in range(2 * len(turns))]
    texts = survey_texts(bench, rng, COPIES)
    copies = telling(
        [read_rhythm(copied(text, copyist(rng, glancing=i % 2 == 0), rng)) for i, text in enumerate(texts)]
    )
    return honest + copies, np.array([0.0] * len(honest) + [1.0] * len(copies))


def survey_texts(bench: Bench, rng: random.Random, number: int) -> list[str]:
    """People's answers, up to three in a row."""
    answers = [" ".join(row.answer.split()) for row in bench.rows(PEOPLE) if row.trained]
    return [" ".join(rng.sample(answers, rng.choice([1, 2, 3])))[:LONGEST] for _ in range(number)]


def balance(rhythms: Sequence[Rhythm], labels: Array) -> Array:
    """Weights with which length tells nothing: per class of length, composed and copied weigh the same."""
    lengths = np.digitize([rhythm.intervals for rhythm in rhythms], [high for _, high in LENGTHS])
    sizes = Counter(zip(lengths.tolist(), labels.tolist(), strict=True))
    weights = [
        1 / sizes[length, label] if sizes[length, 1 - label] else 0.0
        for length, label in zip(lengths.tolist(), labels.tolist(), strict=True)
    ]
    weighed: Array = np.array(weights) / float(np.mean(weights))
    return weighed


def fitted(signals: Sequence[Signals], labels: Array, weights: Array) -> Logistic:
    """A logistic model at even odds."""
    names = list(signals[0])
    bias, *slopes = fit(np.array([[each[name] for name in names] for each in signals]), labels, 0.5, weights)
    return Logistic(float(bias), dict(zip(names, map(float, slopes), strict=True)))


def shipped(rhythm: Rhythm) -> float:
    """Log-odds by the coefficients that ship."""
    return TRANSCRIBED.log_odds(hesitation_signals(rhythm))


def rhythm_of(log_: Log) -> Rhythm:
    """As `read_typing` measures it."""
    return read_rhythm([stroke for stroke in log_.strokes if stroke.key not in MODIFIERS])


def chat_turns(logs: Sequence[Log]) -> list[Rhythm]:
    """Those of the training source that are long enough."""
    return telling([rhythm_of(each) for each in logs if each.source == TRAINED])


def telling(rhythms: Sequence[Rhythm]) -> list[Rhythm]:
    """Those that are long enough to say anything."""
    return [rhythm for rhythm in rhythms if rhythm.intervals >= FEWEST_INTERVALS]


def grouped(rhythms: Sequence[Rhythm], rng: random.Random) -> Rhythm:
    """Some of them together, at random."""
    return together(rng.sample(rhythms, min(len(rhythms), rng.choice(TOGETHER))))


def looked_up(log_: Log, per_word: float, rng: random.Random) -> Log:
    """The same log, with pauses before words to look at the text."""
    late = 0.0
    strokes: list[KeyStroke] = []
    for stroke in log_.strokes:
        if strokes and strokes[-1].key in SPACES and rng.random() < per_word:
            late += rng.lognormvariate(log(2_700), 0.45)
        strokes.append(KeyStroke(stroke.key, stroke.down_ms + late, stroke.hold_ms, stroke.code))
    return replace(log_, strokes=tuple(strokes))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"))
