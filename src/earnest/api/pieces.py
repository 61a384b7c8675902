"""A batch body cut into its responses, in one pass over a file of any size.

Only the structure is looked at: strings are told from what stands outside, and brackets are counted, a block at a time
by numpy. Whether the pieces are sound JSON shows when each is read. Since everything but the elements of `responses` is
kept as the head and read as well, a body is accepted exactly if a reader of the whole would accept it.
"""

import json
import re
from array import array
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from earnest.errors import InvalidInput, TooLarge

BLOCK = 1 << 18
BOM = b"\xef\xbb\xbf"
MOST_DEPTH = 64
"""Brackets within brackets: what we read has 8, and unknown fields may hold more."""
MOST_RESPONSES = 100_000
"""In one batch: its job is kept in one transaction, which on SQLite lets no other one through meanwhile."""
LARGEST_RESPONSE = 10_000_000
"""Bytes. The published collector stops at 25,000 characters an answer: a hundred answers, logged in full, have 3 MB."""
TOO_DEEP = f"The body is nested too deeply: {MOST_DEPTH} brackets within one another are accepted."
LARGEST_HEAD = 1_000_000
"""Bytes of all that is not in `responses`."""

_QUOTE, _COMMA = b'",'
_STRUCTURAL = bytes(byte in b'"{}[],' for byte in range(256))
_STEPS = np.array([(byte in b"{[") - (byte in b"}]") for byte in range(256)], dtype=np.int8)
_KEY = re.compile(rb'\s*("(?:[^"\\]|\\.)*+")\s*:\s*', re.DOTALL)


class Cut(NamedTuple):
    """Where the pieces of a body are.

    Attributes:
        head: The body without what stands between the brackets of `responses`; of lines, the first.
        left_out: Where in the head, and how many bytes.
        starts: Of each response, in the body.
        ends: Likewise.
        first: The responses before this one are of a `responses` that a later one of the same name makes void.
    """

    head: bytes
    left_out: list[tuple[int, int]]
    starts: "array[int]"
    ends: "array[int]"
    first: int

    def place_of(self, at: int) -> int:
        """Where in the body a place of the head is."""
        return at + sum(length for place, length in self.left_out if place <= at)


def blocks(file: BinaryIO, end: int | None = None) -> Iterator[bytes]:
    """The file from its beginning, but for a byte order mark, up to a place or to its end."""
    file.seek(0)
    at = len(BOM) if file.read(len(BOM)) == BOM else 0
    while True:
        file.seek(at)  # somebody else may have read from it meanwhile
        block = file.read(BLOCK if end is None else min(BLOCK, end - at))
        if not block:
            return
        yield block
        at += len(block)


def cut_json(file: BinaryIO) -> Cut:
    """Find the responses of a JSON body.

    Raises:
        InvalidInput: It is nested too deeply, or has too many responses.
        TooLarge: A response or the rest is too large.
    """
    cutter = _Cutter(file)
    for block in blocks(file):
        cutter.feed(block)
    return cutter.cut()


def cut_lines(file: BinaryIO) -> Cut:
    """Find the responses of a body of lines: the first line is the head, blank ones do not count.

    Raises:
        InvalidInput: There are too many responses.
        TooLarge: A line is too large.
    """
    starts, ends = array("Q"), array("Q")
    head, offset = None, 0
    file.seek(0)
    while line := file.readline(LARGEST_RESPONSE + 2):
        if head is None:
            if len(line) > LARGEST_HEAD:
                raise TooLarge(_HEAD_TOO_LARGE)
            head = line.removeprefix(BOM)
            left_out = [(0, len(line) - len(head))]
        elif not line.isspace():
            _add(starts, ends, offset, offset + len(line.rstrip(b"\r\n")))
        offset += len(line)
    return Cut(head or b"", left_out if head else [], starts, ends, 0)


def depth_of(body: bytes) -> int:
    """How deep brackets stand within brackets."""
    structure = _Structure()
    return max(
        (int(structure.feed(body[i : i + BLOCK])[2].max(initial=0)) for i in range(0, len(body), BLOCK)), default=0
    )


_HEAD_TOO_LARGE = f"What stands beside `responses` is larger than {LARGEST_HEAD // 1_000_000} MB."


def _add(starts: "array[int]", ends: "array[int]", start: int, end: int, first: int = 0) -> None:
    path = f"responses[{len(starts) - first}]"
    if end - start > LARGEST_RESPONSE:
        fault = f"must have at most {LARGEST_RESPONSE // 1_000_000} MB"
        raise TooLarge(f"The body is too large: {path} {fault}.", details={path: fault})
    if len(starts) >= MOST_RESPONSES:
        fault = (
            f"must be an array of at most {MOST_RESPONSES:,} items; send the others in further batches of the survey"
        )
        raise InvalidInput(f"Invalid request parameters: responses {fault}.", details={"responses": fault})
    starts.append(start)
    ends.append(end)


class _Structure:
    """Tells commas and brackets from what only looks like them, block after block."""

    def __init__(self) -> None:
        self.depth = 0
        self._in_string = 0
        self._is_escaped = False

    def feed(self, block: bytes) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int32]]:
        """Where in the block commas and brackets are, which they are, and how deep one stands behind each."""
        if self._is_escaped:
            block = b"_" + block[1:]
        if b"\\" in block:
            block = block.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        self._is_escaped = block.endswith(b"\\")
        at = np.flatnonzero(np.frombuffer(block.translate(_STRUCTURAL), dtype=bool))
        found = np.frombuffer(block, dtype=np.uint8)[at]
        is_quote = found == _QUOTE
        in_string = (np.cumsum(is_quote, dtype=np.uint8) + self._in_string) & 1
        if len(in_string):
            self._in_string = int(in_string[-1])
        outside = (in_string == 0) & ~is_quote
        at, found = at[outside], found[outside]
        depths = np.cumsum(_STEPS[found], dtype=np.int32) + self.depth
        if len(depths):
            self.depth = int(depths[-1])
        return at, found, depths


class _Cutter:
    """Cuts a body that comes in blocks."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.seek(0)
        self._structure = _Structure()
        self._offset = len(BOM) if file.read(len(BOM)) == BOM else 0
        self._head = bytearray()
        self._left_out = [(0, self._offset)]
        self._field = 0  # where in the head the present field begins
        self._in_object: bool | None = None  # whether the body is an object that has not ended; None before it begins
        self._hole: int | None = None  # where `responses` began, within it
        self._start = 0  # of the present response
        self._starts, self._ends = array("Q"), array("Q")
        self._first = 0

    def feed(self, block: bytes) -> None:
        at, found, depths = self._structure.feed(block)
        if depths.max(initial=0) > MOST_DEPTH:
            raise InvalidInput(TOO_DEEP)
        matters = (depths <= 1) | ((depths == 2) & ((found == _COMMA) | (_STEPS[found] > 0)))
        copied = 0
        for place, char, depth in zip(
            at[matters].tolist(), found[matters].tolist(), depths[matters].tolist(), strict=True
        ):
            if self._hole is None:
                self._keep(block[copied : place + 1])
                copied = place + 1
                self._outside(self._offset + place + 1, char, depth)
            elif depth < 2:
                self._end_responses(self._offset + place)
                copied = place
            elif char == _COMMA:
                self._end_response(self._offset + place)
        if self._hole is None:
            self._keep(block[copied:])
        self._offset += len(block)
        if self._hole is not None and self._offset - self._start > LARGEST_RESPONSE:
            self._end_response(self._offset)  # which says so

    def _keep(self, piece: bytes) -> None:
        self._head += piece
        if len(self._head) > LARGEST_HEAD:
            raise TooLarge(_HEAD_TOO_LARGE)

    def _outside(self, behind: int, char: int, depth: int) -> None:
        """Take note of a comma or bracket that is not within `responses`."""
        if self._in_object is None:
            self._in_object = char == ord("{")
        elif depth < 1:
            self._in_object = False
        if depth == 2 and char == ord("[") and self._in_object and self._names_responses():
            self._hole = self._start = behind
            self._first = len(self._starts)
        elif depth == 1:
            self._field = len(self._head)

    def _names_responses(self) -> bool:
        key = _KEY.fullmatch(bytes(self._head[self._field : -1]))
        try:
            return key is not None and json.loads(key.group(1).decode()) == "responses"
        except ValueError:  # which reading the head will tell
            return False

    def _end_response(self, end: int) -> None:
        _add(self._starts, self._ends, self._start, end, self._first)
        self._start = end + 1

    def _end_responses(self, end: int) -> None:
        if self._hole is None:
            return
        if len(self._starts) > self._first or not self._is_blank(end):  # else the array is empty
            self._end_response(end)
        self._left_out.append((len(self._head), end - self._hole))
        self._hole = None

    def _is_blank(self, end: int) -> bool:
        """Whether nothing but white space stands between the beginning of the present response and a place."""
        self._file.seek(self._start)
        return not self._file.read(end - self._start).strip(b" \t\r\n")

    def cut(self) -> Cut:
        """What was found, now that the body has ended."""
        self._end_responses(self._offset)
        return Cut(bytes(self._head), self._left_out, self._starts, self._ends, self._first)
