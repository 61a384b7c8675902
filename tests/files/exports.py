"""Files as survey tools write them, made by code."""

import csv
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from earnest.files.tables import SurveyTable
from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.scoring import evaluate_entry, evaluate_respondent

WHY, CHANGE = "Why did you choose this coffee?", "What would you change about the delivery?"
ANSWERS = [
    ("My sister gave me a bag and I liked it", "Ring the bell, please"),
    ("It was the cheapest of the fair trade ones", ""),
    ("Because of the smell when you open it, and the box", "Come on Fridays, I am at home then"),
    ("I read about the roaster in the newspaper", "Nothing, it was fine for me"),
]


def save_csv(path: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def judged(table: SurveyTable) -> list[RespondentEvaluation]:
    """Every answer found to be low effort."""
    finding = Finding(CheckName.LOW_EFFORT, 90.0, True, "Nothing in it says why.", ("VAGUE",))
    return [
        evaluate_respondent(each, [evaluate_entry(entry, [finding]) for entry in each.entries])
        for each in table.respondents()
    ]


def qualtrics(*, coded: bool = False) -> list[list[str]]:
    """A Qualtrics CSV: codes, questions, ImportIds; then a preview, four respondents, and a row that may be spam."""
    names = ["StartDate", "EndDate", "Status", "Progress", "Duration (in seconds)", "Finished", "RecordedDate"]
    names += ["ResponseId", "DistributionChannel", "UserLanguage", "Q1", "Q2_4_TEXT", "rid"]
    texts = ["Start Date", "End Date", "Response Type", "Progress", "Duration (in seconds)", "Finished"]
    texts += ["Recorded Date", "Response ID", "Distribution Channel", "User Language"]
    texts += [f"<p>{WHY}</p>", f"{CHANGE} - Other: - Text", "rid"]
    rows = [names, texts, [json.dumps({"ImportId": f"id{i}"}) for i in range(len(names))]]
    preview, normal, spam = ("1", "0", "8") if coded else ("Survey Preview", "IP Address", "Spam")
    people = [
        (preview, "test test test", ""),
        *((normal, *each) for each in ANSWERS),
        (spam, "buy cheap watches now", ""),
    ]
    for i, (status, why, change) in enumerate(people):
        when = f"2026-11-0{i + 1} 10:00:00"
        rows.append(
            [when, when, status, "100", "95", "True", when, f"R_{i}", "anonymous", "EN", why, change, f"rid-{i}"]
        )
    return rows


def survey_monkey() -> list[list[str]]:
    """Two header rows: a multiple choice that goes on to the right, an open end, and one under "Other"."""
    return [
        ["Respondent ID", "Collector ID", "Start Date", "Which brands do you know?", "", "", WHY, CHANGE],
        ["", "", "", "Nike", "Puma", "Other (please specify)", "Open-Ended Response", "Open-Ended Response"],
        *(
            [f"1180522190{i}", "446111201", "11/24/2026 10:30:00", "Nike", "", "", why, change]
            for i, (why, change) in enumerate(ANSWERS)
        ),
    ]


def lime_survey(*, codes: bool = False) -> list[list[str]]:
    long = ["id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "startlanguage. Start language"]
    short = ["id", "submitdate", "lastpage", "startlanguage"]
    questions = ["G01Q01", "G01Q02[SQ001]"] if codes else [f"G01Q01. {WHY}", f"G01Q02[SQ001]. {CHANGE}"]
    return [
        [*(short if codes else long), *questions],
        *([str(i + 7), "2026-11-24 10:30:00", "4", "en", *each] for i, each in enumerate(ANSWERS)),
    ]


def forsta() -> list[list[str]]:
    """Tab-delimited; every open text was cut at 200 characters."""
    long = [" ".join(f"{why} {word} {i}" for i in range(40))[:200] for why, word in ANSWERS]
    return [
        ["record", "uuid", "date", "markers", "status", "Q1", "source", "vlist"],
        *(
            [str(i), f"abc{i}def", "11/24/2026 10:30", "/t1,qualified", "3", text, "panel A", "1"]
            for i, text in enumerate(long)
        ),
    ]


def google_forms() -> list[list[str]]:
    return [["Timestamp", WHY, CHANGE], *(["24/11/2026 10:30:00", *each] for each in ANSWERS)]


def sheet_xml(rows: str, *, around: str = "") -> str:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{rows}</sheetData>{around}</worksheet>'


def save_workbook(
    path: Path, sheet: str, *, strings: str | None = None, styles: str | None = None, **more: str
) -> Path:
    """A workbook with one sheet of raw XML, and further parts by their names with _ for /."""
    space = "http://schemas.openxmlformats.org/"
    relations = f"{space}officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{space}spreadsheetml/2006/main" xmlns:r="{relations}"><sheets>'
            '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships><Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId9" Type="{relations}/externalLink" Target="file:///etc/passwd" '
            'TargetMode="External"/>'
            "</Relationships>",
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings is not None:
            archive.writestr("xl/sharedStrings.xml", strings)
        if styles is not None:
            archive.writestr("xl/styles.xml", styles)
        for name, text in more.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), text)
    return path
