#!/usr/bin/env bash
# Measures and writes docs/explanation/NAME.md: docs/explanation/NAME.intro.md, then the date and what benchmarks/NAME.py
# prints, and the other benchmarks that are named.
#
#     bash tools/measured_page.sh NAME [BENCHMARK ...]
set -euo pipefail
name=$1
page=docs/explanation/$name.md
export OPENBLAS_NUM_THREADS=1  # as `earnest` itself sets it
{
    cat "docs/explanation/$name.intro.md"
    printf '\n## Measured on %s\n\nBy `make %s`, evaluator version `%s`.\n\n' "$(date -I)" "$name" \
        "$(.venv/bin/python -c 'from earnest.checks import EVALUATOR_VERSION; print(EVALUATOR_VERSION)')"
    .venv/bin/python "benchmarks/$name.py"
    for part in "${@:2}"; do
        printf '\n'
        .venv/bin/python "benchmarks/$part.py"
    done
} > "$page.new"
mv "$page.new" "$page"
