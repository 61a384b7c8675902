#!/usr/bin/env bash
# Renews requirements/*.txt: versions and hashes of everything, for every platform, without naming where they came from.
set -euo pipefail
.venv/bin/pip install -qq uv
compile=(.venv/bin/uv pip compile --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header --quiet --upgrade)
"${compile[@]}" pyproject.toml -o requirements/run.txt
"${compile[@]}" requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
