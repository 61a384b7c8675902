"""How often each check is right, per source of labelled answers; prints Markdown.

    python benchmarks/accuracy.py [../shared/data/dev [responsiveness authenticity typing duplicates]]

Every figure is of our own checks as they ship, run by the `Evaluator`. An answer that a check cannot tell about
counts as score 0 and as not flagged; the column "coverage" says how many it can tell about. Sources marked * lent rows
to the fit of the shipped coefficients. Thresholds and word lists were chosen with all of these sources in view, so
expect strangers to be flagged a little more often than the tables say.
"""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.bench import Bench

PARTS = ("responsiveness", "authenticity", "typing", "duplicates", "honest", "languages", "left_out", "others")


def main(folder: Path, parts: list[str]) -> None:
    """Print the tables of these parts, each a module `accuracy_<part>` with `tables(bench)`."""
    if not folder.is_dir():
        print(f"Accuracy: skipped, there are no labelled answers in {folder}.", file=sys.stderr)
        return
    bench = Bench(folder)
    for part in parts:
        for table in import_module(f"benchmarks.accuracy_{part}").tables(bench):
            print(table.markdown(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"), sys.argv[2:] or list(PARTS))
