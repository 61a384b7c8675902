"""The schemas of the OpenAPI document, made from the structs that do the reading and writing."""

import inspect
import re
from typing import Any

import msgspec

from earnest.api import contract
from earnest.findings import (
    BatchJobResults,
    CheckName,
    DataQualityBatchResponse,
    EntryEvaluation,
    EvaluationResponse,
    Finding,
    JobStatus,
    RespondentEvaluation,
)
from earnest.store.deliveries import CallbackLog, Delivery, Outcome
from earnest.store.reports import Failure, JobList, JobReport
from earnest.store.verdicts import ResponseVerdicts, SurveyChanges, VerdictChange, VerdictVersion
from earnest.survey import Absence, Capture, Entry, Input, KeyStroke, Paste

Document = dict[str, Any]

PUBLISHED_NAMES = {
    Absence: "SurveyEntryAbsence",
    Capture: "SurveyEntryCapture",
    CheckName: "QualityIssueType",
    Entry: "SurveyEntry",  # what comes back of an entry is an entry
    EntryEvaluation: "SurveyEntryEvaluation",
    Finding: "QualityIssueCheck",
    Input: "SurveyEntryInput",
    JobStatus: "BatchJobStatus",
    Outcome: "DeliveryOutcome",
    KeyStroke: "SurveyEntryKeyStroke",
    Paste: "SurveyEntryPaste",
}
STRUCTS = (
    contract.EvaluationRequest,
    EvaluationResponse,
    contract.BatchRequest,
    contract.SurveyResponse,
    contract.SurveyEntry,
    BatchJobResults,
    DataQualityBatchResponse,
    CallbackLog,
    Delivery,
    contract.Error,
    RespondentEvaluation,
    EntryEvaluation,
    Finding,
    KeyStroke,
    Paste,
    Capture,
    Input,
    Absence,
    Failure,
    JobReport,
    JobList,
    VerdictVersion,
    ResponseVerdicts,
    VerdictChange,
    SurveyChanges,
)
_SNAKE = re.compile("[a-z]+(?:_[a-z]+)+")


def ref(name: str) -> Document:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> Document:
    """The structs' schemas under their published names, with descriptions from their docstrings."""
    _, found = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    for struct in STRUCTS:
        described = _described(struct)
        schema = found[struct.__name__]
        for field in msgspec.structs.fields(struct):
            schema["properties"][field.encode_name]["description"] = described[field.name]
        required_first = dict.fromkeys([*schema.get("required", []), *schema["properties"]])
        schema["properties"] = {name: schema["properties"][name] for name in required_first}
    for schema in found.values():
        schema["description"] = schema.get("description", "").partition("Attributes:")[0].strip()
        del schema["title"]  # the name of our class
    for request in ("EvaluationRequest", "BatchRequest"):
        issues = found[request]["properties"]["qualityIssues"]
        issues["anyOf"] = [{"type": "array", "items": ref("CheckName")}, {"type": "null"}]
        issues["description"] += " Names of older clients and any case are accepted too."
    return _published(found)


def _described(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The `Attributes:` section of a docstring, by attribute."""
    section = (inspect.getdoc(struct) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.+(?:\n     .+)*)", section, re.MULTILINE)
    return {name: _SNAKE.sub(_camel, re.sub(r"\s+", " ", text)) for name, text in found}


def _camel(name: re.Match[str]) -> str:
    first, *rest = name.group().split("_")
    return first + "".join(map(str.capitalize, rest))


def _published(schemas: Document) -> Document:
    """The same under the published names, references included."""
    ours = {kind.__name__: name for kind, name in PUBLISHED_NAMES.items()}
    text = msgspec.json.encode({name: schema for name, schema in schemas.items() if name != Entry.__name__}).decode()
    for old, new in ours.items():
        text = text.replace(f'#/components/schemas/{old}"', f'#/components/schemas/{new}"')
    renamed: Document = msgspec.json.decode(text)
    return dict(sorted((ours.get(name, name), schema) for name, schema in renamed.items()))
