"""`python -m earnest` is `earnest`."""

from earnest.cli import main

main()
