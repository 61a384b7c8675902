#!/usr/bin/env bash
# Creates .venv if it is not there and installs one pinned, hashed list of packages and Earnest itself into it.
set -euo pipefail
python=$1 list=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Earnest needs Python 3.11 or newer; $("$python" --version) was found. Name another: make PYTHON=python3.12 run" >&2
    exit 1
}
if [ ! -x .venv/bin/pip ]; then
    # Debian splits ensurepip off into python3-venv; without it a virtual environment has no pip.
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv
        else
            echo "This Python cannot create virtual environments. On Debian: sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
    "$python" -m venv .venv
fi
echo "Installing $list into .venv ..." >&2
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$list"
.venv/bin/python tools/link_source.py
