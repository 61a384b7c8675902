"""Refuses Python files over 400 lines and functions over 60: what outgrows them holds a noun that nobody has named yet.

Run by `make lint`; prints each offender and exits with 1.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MOST_LINES_IN_FILE = 400
MOST_LINES_IN_FUNCTION = 60
ROOT = Path(__file__).resolve().parent.parent


def offenders(path: Path) -> Iterator[str]:
    """Yield one line per limit that the file exceeds; a function's docstring does not count."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    name = path.relative_to(ROOT)
    if lines > MOST_LINES_IN_FILE:
        yield f"{name}: {lines} lines, more than {MOST_LINES_IN_FILE}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
            if length > MOST_LINES_IN_FUNCTION:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines, more than {MOST_LINES_IN_FUNCTION}"


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0


def main() -> int:
    """Check every Python file that git knows or would add, but for migrations: those are lists, and never change."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.py",
            ":!src/earnest/store/migrations/versions",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    found = [line for name in listed if (ROOT / name).exists() for line in offenders(ROOT / name)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
