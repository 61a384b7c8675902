"""Writes docs/reference/ from the code: checks, settings, errors, the command line and the API.

`make docs` runs it; a test runs it too and compares, so that no page can fall behind the code.
"""

import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
GENERATED = "<!-- Written by tools/build_reference.py from the code; `make docs` renews it. -->\n"
SECTIONS = ("What it finds", "Why it matters", "How it decides", "What it gets wrong", "Reasons", "Example")


def checks_page() -> str:
    """One chapter per check, from its class docstring and its reason codes."""
    from earnest.checks import CHECKS, EVALUATOR_VERSION

    parts = [
        "# Checks\n",
        f"Evaluator version `{EVALUATOR_VERSION}`. A score is the probability, in per cent, that the answer has this "
        "kind of trouble; `isIssue` marks the scores that are worth acting on. Where a check cannot tell, it says "
        "nothing and takes nothing from the answer's score. How right they are: "
        "[accuracy](../explanation/accuracy.md).\n",
    ]
    for check in CHECKS:
        reasons = ["| reason code | what it says |\n|---|---|"]
        reasons += [f"| `{code}` | {_cell(sentence)} |" for code, sentence in check.reasons.items()]
        parts.append(f"## {check.name.value}\n")
        parts.append(_check_docstring(inspect.getdoc(type(check)) or "", "\n".join(reasons)))
    return "\n".join(parts)


def _check_docstring(text: str, reasons: str) -> str:
    """The sections as chapters; under Reasons stands the table, made from what the check declares."""
    promise, *rest = re.split(rf"^({'|'.join(SECTIONS)}):?\s*$", text, flags=re.MULTILINE)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    if tuple(sections) != SECTIONS:
        sys.exit(f"a check's docstring has not the sections {', '.join(SECTIONS)}: {promise.strip()!r}")
    sections["Reasons"] = reasons
    chapters = [f"### {name}\n\n{inspect.cleandoc(body)}\n" for name, body in sections.items()]
    return "\n".join([promise.strip() + "\n", *chapters])


def settings_page() -> str:
    """Every knob with its variable, default and sentence."""
    from earnest.settings import KNOBS, Settings, variable_of

    knobs = {knob.name: knob for knob in fields(Settings)}
    rows = [
        f"| `{variable_of(name)}` | `{knobs[name].default or ' '}` | {_cell(knobs[name].metadata['sentence'])} |"
        for name in ("settings", *KNOBS)
    ]
    return "\n".join(
        [
            "# Settings\n",
            "Earnest is set up by environment variables. `earnest doctor` shows the values in force.\n",
            "| variable | default | what it does |\n|---|---|---|",
            *rows,
            "\n## The settings file\n",
            "`EARNEST_SETTINGS`, or `--settings` of `evaluate`, `validate`, `serve` and `work`, names a file in "
            "[TOML](https://toml.io). Its keys are the variables in small letters without `EARNEST_`, and two "
            f"that only a file can set. `[thresholds]`: {knobs['thresholds'].metadata['sentence'][0].lower()}"
            f"{knobs['thresholds'].metadata['sentence'][1:]} `evaluator`: "
            f"{knobs['evaluator'].metadata['sentence'][0].lower()}{knobs['evaluator'].metadata['sentence'][1:]} "
            "A name or value that cannot be is refused. "
            "`earnest validate` [writes such a file](../how-to/validate.md).\n",
            '```toml\nport = 8001\nevaluator = "2026.11.1"\n',
            '[thresholds]\n"Low Effort" = 85\n"Nonsensical" = 60.5\n```',
            "",
        ]
    )


def errors_page() -> str:
    """Every error code, its HTTP status and its meaning."""
    from earnest import errors
    from earnest.api.errors import STATUS

    def status(kind: type[errors.EarnestError]) -> int:
        return next(STATUS[ancestor] for ancestor in kind.__mro__ if ancestor in STATUS)

    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.EarnestError)]
    rows = [
        f"| `{kind.code}` | {status(kind)} | {_cell(inspect.getdoc(kind) or '')} |"
        for kind in sorted(classes, key=lambda kind: (status(kind), kind.code))
    ]
    return "\n".join(
        [
            "# Errors\n",
            "Every error over HTTP has the body `{code, message, details?}`; `details` maps each bad field's path to "
            "what is wrong with it. On the command line the same message goes to standard error and the exit code is "
            "2. No error ever repeats an answer's text.\n",
            "| code | HTTP status | meaning |\n|---|---|---|",
            *rows,
            "",
        ]
    )


def cli_page() -> str:
    """The help of every command, as the terminal shows it."""
    os.environ |= {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "100", "_TYPER_FORCE_DISABLE_TERMINAL": "1"}
    from typer.main import get_command
    from typer.testing import CliRunner

    from earnest.cli import app

    parts = ["# Command line\n"]
    for path in _command_paths(get_command(app)):
        shown = CliRunner().invoke(app, [*path, "--help"]).output
        title = " ".join(["earnest", *path])
        body = "\n".join(line.rstrip() for line in shown.strip().splitlines())
        parts.append(f"## {title}\n\n```text\n{body}\n```\n")
    return "\n".join(parts)


def _command_paths(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from _command_paths(child, (*path, name))


def api_page() -> str:
    """Operations and their answers, from the OpenAPI document that the server itself publishes."""
    from earnest.api.openapi import document

    published = document()
    parts = [
        "# API\n",
        f"{published['info']['description']}\n\nThe running server shows the same at `/docs` and `/openapi.json`.\n",
    ]
    for route, operations in sorted(published["paths"].items()):
        for method, operation in operations.items():
            parts.append(f"## {method.upper()} {route}\n")
            parts.append(f"`{operation['operationId']}`: {operation.get('summary', '')}\n")
            if operation.get("description"):
                parts.append(operation["description"] + "\n")
            if operation.get("parameters"):
                parts.append("| parameter | in | meaning |\n|---|---|---|")
                parts += [
                    f"| `{each['name']}` | {each['in']} | {_cell(each.get('description', ''))} |"
                    for each in operation["parameters"]
                ]
                parts.append("")
            parts.append("| status | answer |\n|---|---|")
            parts += [f"| {status} | {_cell(each['description'])} |" for status, each in operation["responses"].items()]
            parts.append("")
    parts.append("## Shapes\n")
    for name, schema in sorted(published["components"]["schemas"].items()):
        parts.append(f"### {name}\n")
        parts.append(_shape(schema))
    return "\n".join(parts)


def _shape(schema: dict[str, object]) -> str:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        values = schema.get("enum")
        listed = ", ".join(f"`{value}`" for value in values) if isinstance(values, list) else ""
        return f"{schema.get('description', '')}\n{listed}\n"
    required = schema.get("required", [])
    rows = ["| field | type | required | meaning |\n|---|---|---|---|"]
    for field, each in properties.items():
        needed = "yes" if isinstance(required, list) and field in required else ""
        rows.append(f"| `{field}` | {_type_of(each)} | {needed} | {_cell(str(each.get('description', '')))} |")
    return "\n".join([str(schema.get("description", "")), "", *rows, ""])


def _type_of(schema: dict[str, object]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        return f"{_type_of(schema['items'])}[]"  # type: ignore[arg-type]
    either = schema.get("oneOf") or schema.get("anyOf")
    if isinstance(either, list):
        return " or ".join(_type_of(each) for each in either)
    kind = schema.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


PAGES: dict[str, Callable[[], str]] = {
    "checks.md": checks_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "cli.md": cli_page,
    "api.md": api_page,
}


def pages() -> dict[str, str]:
    """Every page's name and text."""
    return {name: GENERATED + write().rstrip() + "\n" for name, write in PAGES.items()}


def main() -> None:
    """Write the pages, and the OpenAPI document beside them."""
    from earnest.api.openapi import document

    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    text = json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True)
    (REFERENCE / "openapi.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
