"""What `make run` does once everything is installed: judge the example survey, show the result, serve it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EARNEST = Path(sys.executable).with_name("earnest")
SURVEY = next((ROOT / "examples").glob("*/survey.csv"))
RESULT = ROOT / "out" / "example-evaluated.csv"


def main() -> int:
    """Evaluate, then serve until interrupted."""
    RESULT.parent.mkdir(exist_ok=True)
    evaluated = subprocess.run(
        [EARNEST, "evaluate", SURVEY, "--survey-name", "Coffee at home 2026", "--output", RESULT, "--keep"],
        cwd=ROOT,
        check=False,
    ).returncode
    if evaluated:
        return evaluated
    try:
        return subprocess.run([EARNEST, "serve"], cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
