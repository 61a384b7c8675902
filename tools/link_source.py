"""Puts this checkout onto the virtual environment's path and writes the `earnest` command, with nothing to download.

An ordinary `pip install --editable .` would first fetch the build backend, without a hash; two small files do the same.
"""

import stat
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = """#!{python}
import sys

from earnest.cli import main

sys.exit(main())
"""


def main() -> None:
    """Link `src/` into the running interpreter's site-packages and write `bin/earnest`."""
    Path(sysconfig.get_path("purelib"), "earnest-source.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    command = Path(sysconfig.get_path("scripts"), "earnest")
    command.write_text(LAUNCHER.format(python=sys.executable), encoding="utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    main()
