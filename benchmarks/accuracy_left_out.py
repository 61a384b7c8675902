"""How each fit carries over to sources that it has not seen: every source is left out once, thresholds included.

The fits themselves stand in training/; that of the text model takes long and needs other libraries, so it leaves its
figures there when the model is trained.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measures import Table

LEFT_OUT = Path(__file__).parents[1] / "training/left_out/authorship.json"
FITS = ("fit_nonsensical", "fit_irrelevant", "fit_low_effort", "fit_duplicates", "fit_typing")


def tables(bench: Bench) -> Iterator[Table]:
    """The tables of all fits, the text model's first."""
    yield authorship()
    for name in FITS:
        yield from import_module(f"training.{name}").held_out(bench)


def authorship() -> Table:
    """What `training/train_authorship.py` found when it kept the shipped model."""
    table = Table(
        "LLM Generated, text alone, sources left out",
        ("texts left out", "n", "above what 1 % of people exceed", "above what text alone takes"),
        note="People's sources and the machine's questions were left out in turn; alpaca_eval, comnets_students, ndhal,"
        " nhs_fft and authenticheck_asap are never learnt from. Texts of eight words and more. The last column is what "
        "ships: the bound that no source of certain people with 150 texts or more exceeds in more than 1 %.",
    )
    for name, count, *shares in json.loads(LEFT_OUT.read_text("utf-8")):
        table.add(name, count, *(f"{100 * share:.1f} %" for share in shares))
    return table
