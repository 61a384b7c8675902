#!/usr/bin/env bash
# Measures and writes docs/explanation/NAME.md: docs/explanation/NAME.intro.md, then the date and what benchmarks/NAME.py prints.
set -euo pipefail
name=$1
page=docs/explanation/$name.md
{
    cat "docs/explanation/$name.intro.md"
    printf '\n## Measured on %s\n\nBy `make %s`, evaluator version `%s`.\n\n' "$(date -I)" "$name" \
        "$(.venv/bin/python -c 'from earnest.checks import EVALUATOR_VERSION; print(EVALUATOR_VERSION)')"
    .venv/bin/python "benchmarks/$name.py"
} > "$page.new"
mv "$page.new" "$page"
