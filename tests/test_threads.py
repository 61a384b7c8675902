"""What threads decode, msgspec knows before there are threads; the end of `earnest/survey.py` says why."""

import subprocess
import sys

import pytest

FIRST_DECODE = """
import sys
import msgspec
from {module} import {kind}

called = []
sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name))
try:
    msgspec.msgpack.decode(b"\\x90", type={kind})
except msgspec.ValidationError:
    pass
sys.setprofile(None)
sys.exit("get_class_annotations" in called)  # by which msgspec learns what a struct is made of
"""


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        ("earnest.survey", "Entry"),
        ("earnest.findings", "RespondentEvaluation"),
        ("earnest.api.contract", "EvaluationRequest"),
        ("earnest.api.contract", "SurveyResponse"),
        ("earnest.store.responses", "_Seen"),
        ("earnest.store.events", "_Events"),
        ("earnest.store.submissions", "Request"),
        ("earnest.store.base", "_Cursor"),
        ("earnest.review.ledger", "_Kept"),
        ("earnest.review.error_rates", "_Rates"),
        ("earnest.api.desk.survey_files", "Plan"),
        ("earnest.files.parquet", "Labels"),
        ("earnest.client", "_Told"),
        ("earnest.client", "DataQualityBatchResponse"),
    ],
)
def test_a_struct_is_known_before_it_is_first_decoded(module: str, kind: str) -> None:
    code = FIRST_DECODE.format(module=module, kind=kind)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
