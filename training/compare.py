"""Says whether what was just made is what ships, and fails, naming it, where it is not.

    python training/compare.py [FILE ...]
    python training/fit_typing.py | python training/compare.py --code src/earnest/checks/signs.py

Files are those of src/earnest/data, all of them if none is named. With `--code`, passes on what a fit prints; each line
`NAME = ...` of it must be what NAME is in that module.
"""

import argparse
import ast
import hashlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from earnest.models import SHIPPED

DATA = Path(__file__).parents[1] / "src/earnest/data"


def files(names: Iterable[str]) -> bool:
    """Print for each file whether its sha256 is the one in models.py; True if all are."""
    same = True
    shipped = {each.file: each.sha256 for each in SHIPPED.values()}
    for name in names or shipped:
        found = hashlib.sha256((DATA / name).read_bytes()).hexdigest()
        if found == shipped[name]:
            print(f"same bytes as ships: {name}")
        else:
            same = False
            print(f"DIFFERS from what ships: {name} has sha256 {found}, models.py says {shipped[name]}")
    return same


def coefficients(module: Path, printed: Iterable[str]) -> bool:
    """Print the lines again, and whether the coefficients among them are those of the module; True if all are."""
    known = {
        target.id: ast.dump(node.value)
        for node in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    verdicts = []
    for line in printed:
        print(line, end="", flush=True)
        if fitted := re.match(r"([A-Z][A-Z_]*) = (.+)", line):
            name, value = fitted.groups()
            verdicts.append((name, known.get(name) == ast.dump(ast.parse(value, mode="eval").body)))
    for name, same in verdicts:
        print(f"{'same as in' if same else 'DIFFERS from'} {module}: {name}")
    if not verdicts:
        print(f"DIFFERS from {module}: no coefficients were printed")
    return bool(verdicts) and all(same for _, same in verdicts)


def main() -> int:
    """Compare; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--code", type=Path, metavar="MODULE", help="compare the coefficients on standard input")
    arguments = parser.parse_args()
    return 0 if (coefficients(arguments.code, sys.stdin) if arguments.code else files(arguments.files)) else 1


if __name__ == "__main__":
    sys.exit(main())
