"""How fast a whole evaluation is, next to the encoder alone on the same answers in the same run, and how much memory.

    .venv/bin/python benchmarks/speed.py [BATCH.json]

Prints a Markdown table. Speed is in answers per second of CPU time on one thread, the median of interleaved rounds;
absolute times mean little on a shared machine, so the ratio is what to read. Peak memory is that of the whole process.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import msgspec

from earnest.evaluate import Evaluator
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import OnnxEncoder
from earnest.text.normalize import clean

ROUNDS = 5
ROOT = Path(__file__).resolve().parent.parent


class Response(msgspec.Struct, rename="camel"):
    """One respondent of a batch body, as far as speed needs it."""

    survey_entries: tuple[Entry, ...]


class Body(msgspec.Struct, rename="camel"):
    """A batch body, as far as speed needs it."""

    responses: list[Response]


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds that the whole process spends on `work`, all threads together."""
    start = process_time()
    work()
    return process_time() - start


def main() -> None:
    """Measure the example survey, or the batch body named on the command line."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else next((ROOT / "examples").glob("*/survey.json"))
    body = msgspec.json.decode(path.read_bytes(), type=Body)
    respondents = [Respondent(str(i), response.survey_entries) for i, response in enumerate(body.responses)]
    answers = [clean(entry.answer) for respondent in respondents for entry in respondent.entries]
    encoder = OnnxEncoder.shipped(threads=1)
    evaluator = Evaluator(encoder=encoder)
    survey = Survey(name="speed")
    evaluator.evaluate(survey, respondents[:20])
    alone, whole = [], []
    for _ in range(ROUNDS):
        alone.append(cpu_seconds(lambda: encoder.encode(answers)))
        whole.append(cpu_seconds(lambda: evaluator.evaluate(survey, respondents)))
    events = sum(len(e.key_events or ()) for r in respondents for e in r.entries)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(respondents)} respondents, {len(answers)} answers ({len(set(answers))} distinct), {events} key events\n"
    )
    print("| what | answers per CPU-second | relative to the encoder |\n|---|---|---|")
    print(f"| encoder alone | {len(answers) / median(alone):.0f} | 1 |")
    print(
        f"| whole evaluation, six checks | {len(answers) / median(whole):.0f} | {median(alone) / median(whole):.2f} |"
    )
    print(f"\nPeak memory of the process: {peak_mb:.0f} MB.")


if __name__ == "__main__":
    main()
