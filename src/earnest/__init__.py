"""Earnest tells which answers to open-ended survey questions were given in earnest.

    from earnest import Entry, Evaluator, Respondent, Survey

    respondents = [Respondent("R1", (Entry(question="What do you like about it?", answer="asdf jkl"),))]
    [found] = Evaluator().evaluate(Survey(name="Coffee"), respondents)

The files in their reading order, nouns before verbs, measures before judgements, the line before keeping, doors last:

    errors                                              what can go wrong
    survey, findings                                    what comes in, what goes out
    settings                                            every knob
    spans                                               how long things take, told to whoever traces
    models, text, rhythm, inputs                        what is measured, once per answer
    keystrokes, similarity, corpus                      the same, from many keys and among many people
    checks, scoring, validation                         what is judged, what it adds up to, how right it is
    review                                              what people look at before they decide
    evaluate                                            THE LINE: respondents -> evaluations
    store, jobs, access, service                        keeping, doing it later, who may ask, putting it together
    api, files, client, cli                             the doors

`import earnest` is cheap: what computes is imported when it is first asked for, and a model when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from earnest.errors import EarnestError
from earnest.findings import CheckName, DetectionMode, EntryEvaluation, Finding, RespondentEvaluation
from earnest.survey import Entry, KeyStroke, Paste, Respondent, Survey

if TYPE_CHECKING:
    from earnest.evaluate import Evaluator

__all__ = [
    "CheckName",
    "DetectionMode",
    "EarnestError",
    "Entry",
    "EntryEvaluation",
    "Evaluator",
    "Finding",
    "KeyStroke",
    "Paste",
    "Respondent",
    "RespondentEvaluation",
    "Survey",
    "__version__",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name == "Evaluator":
        return import_module("earnest.evaluate").Evaluator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
