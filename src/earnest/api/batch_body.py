"""A batch body that waits in a file: read response by response, all its faults named, and never in memory as a whole.

Small bodies and large ones, JSON and lines of JSON take this one way.
"""

from collections.abc import Collection, Iterator
from typing import BinaryIO, NoReturn

from earnest.api.contract import AT_LEAST_ONE, BatchHead, BatchLines, SurveyResponse
from earnest.api.decode import EMPTY, MOST_FAULTS, NO_NUMBER, Broken, Found, invalid, read
from earnest.api.pieces import MOST_DEPTH, TOO_DEEP, Cut, blocks, cut_json, cut_lines, depth_of
from earnest.errors import InvalidInput
from earnest.store.base import Batch
from earnest.survey import Respondent


def read_batch(file: BinaryIO, *, lines: bool, html: bool) -> Batch:
    """The batch that a body asks for; its respondents are read from the file whenever they are walked through.

    Args:
        file: The body.
        lines: Whether it is lines of JSON, the first of which is the request without `responses`.
        html: Whether HTML entities in its strings stand for characters.

    Raises:
        InvalidInput: as of `decode`; of the responses, only where something else is wrong as well.
        TooLarge: A response is too large.
    """
    cut = cut_lines(file) if lines else cut_json(file)
    if not cut.head.strip() and not cut.starts:
        raise InvalidInput(EMPTY)
    body = _Body(file, cut, lines=lines, html=html)
    head = body.head()
    faults = head.faults
    if not len(body) and not faults.keys() & {"responses", "$"}:
        faults |= {"responses": "must follow, each on a line of its own" if lines else f"must {AT_LEAST_ONE}"}
    if "responses" in faults and not lines:  # a later one, that is no array, has made what was cut void
        body = _Body(file, cut._replace(first=len(cut.starts)), lines=lines, html=html)
    if faults or head.value is None or not head.is_json:
        body.refuse(faults, is_json=head.is_json)
    return head.value.batch_of(body)


class _Body(Collection[Respondent]):
    """The respondents of a body. One without an identifier is given another one each time.

    Walking through them to the end raises:
        InvalidInput: Some cannot be read; those before the first of them were handed out.
    """

    def __init__(self, file: BinaryIO, cut: Cut, *, lines: bool, html: bool) -> None:
        self._file = file
        self._cut = cut
        self._lines = lines
        self._html = html

    def __len__(self) -> int:
        """How many responses there are, sound or not."""
        return len(self._cut.starts) - self._cut.first

    def __contains__(self, respondent: object) -> bool:
        """Whether somebody is among them, which takes as long as reading them all."""
        return any(each == respondent for each in self)

    def __iter__(self) -> Iterator[Respondent]:
        """Read them one by one."""
        return self._walk({}, is_json=True)

    def _walk(self, faults: dict[str, str], *, is_json: bool) -> Iterator[Respondent]:
        """Read them one by one, as long as nothing is wrong; what was found wrong before is told at the end as well."""
        for i in range(len(self._cut.starts)):
            found = self._response(i)
            is_json &= found.is_json
            number = i - self._cut.first
            if number < 0:
                continue
            for path, fault in found.faults.items():
                if len(faults) < MOST_FAULTS:
                    faults[f"responses[{number}]" + ("" if path == "$" else f".{path}")] = fault
            if found.value is not None and is_json and not faults:
                yield found.value.respondent()
        if faults:
            raise invalid(faults)
        if not is_json:
            raise InvalidInput(NO_NUMBER)

    def head(self) -> Found[BatchHead] | Found[BatchLines]:
        """All of the request but its responses.

        Raises:
            InvalidInput: It is no JSON, or what stands before the place where it breaks is none.
        """
        if self._lines and depth_of(self._cut.head) > MOST_DEPTH:
            raise InvalidInput(TOO_DEEP)
        try:
            if self._lines:
                return read(self._cut.head, BatchLines, html=self._html)
            return read(self._cut.head, BatchHead, html=self._html)
        except Broken as broken:
            place = self._cut.place_of(broken.at)
            for i, start in enumerate(self._cut.starts):
                if start <= place:
                    self._response(i)
            raise self._told(broken, place) from None

    def refuse(self, faults: dict[str, str], *, is_json: bool) -> NoReturn:
        """Say everything that is wrong, with the head, where something is, and with the responses."""
        for _ in self._walk(dict(faults), is_json=is_json):
            pass
        raise invalid(faults)  # never reached, since walking on raises

    def _response(self, i: int) -> Found[SurveyResponse]:
        start = self._cut.starts[i]
        self._file.seek(start)
        piece = self._file.read(self._cut.ends[i] - start)
        if self._lines and depth_of(piece) > MOST_DEPTH:
            raise InvalidInput(TOO_DEEP)
        try:
            return read(piece, SurveyResponse, html=self._html)
        except Broken as broken:
            raise self._told(broken, start + broken.at) from None

    def _told(self, broken: Broken, place: int) -> InvalidInput:
        return broken.told(blocks(self._file, place), byte=place)
