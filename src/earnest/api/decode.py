"""Bytes in, a request struct out, or every fault that the bytes have.

msgspec reads a sound body at once but stops at the first fault. So a body that it refuses is read a second time,
tolerantly and slowly, and compared with the same struct types field by field. Nothing is declared twice: what a value
must be stands in the type, and the words for it in the type's `Meta(extra={"must": …})`.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import EnumMeta
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Generic, TypeVar, Union, get_args, get_origin

import msgspec

from earnest.api.pieces import BOM, MOST_DEPTH, TOO_DEEP, depth_of
from earnest.errors import InvalidInput
from earnest.text.normalize import decode_entities

T = TypeVar("T")
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MOST_FAULTS = 100
"""Faults listed in one error: more help nobody, and a hostile body has millions."""
LONGEST_NUMBER = 400
"""Digits. The largest finite float has 309; longer ones are infinite, and slow to read."""

EMPTY = "The body is empty; send a JSON object."
NO_NUMBER = "The body is not valid JSON: NaN and Infinity are no numbers there."

_CONTINUATION = bytes(range(0x80, 0xC0))
_MUST = {str: "be a string", int: "be a whole number", float: "be a number", bool: "be true or false"}


class Broken(ValueError):
    """What is no JSON.

    Attributes:
        what: Is wrong with it; with room for `place`, or without.
        at: The byte that does not belong.
    """

    def __init__(self, what: str, at: int = 0) -> None:
        self.what = what
        self.at = at
        super().__init__(what)

    def told(self, before: Iterable[bytes], *, byte: int) -> InvalidInput:
        """The error that says so.

        Args:
            before: The body up to the byte that does not belong, in any pieces, without a byte order mark.
            byte: Which one does not, of the whole body.
        """
        lines, characters, of_line = 1, 0, 0
        for piece in before:
            count = _characters(piece)
            lines += piece.count(b"\n")
            of_line = _characters(piece.rpartition(b"\n")[2]) + (0 if b"\n" in piece else of_line)
            characters += count
        place = f"line {lines}, column {of_line + 1} (character {characters})"
        return InvalidInput(self.what.format(place=place, byte=byte))


def decode(body: bytes, kind: type[T], *, html: bool = False) -> T:
    """Read a request body.

    Args:
        body: JSON, UTF-8.
        kind: The struct to read it as; fields that it does not know are ignored.
        html: Whether HTML entities in the body's strings stand for characters.

    Raises:
        InvalidInput: with the position where the JSON breaks, or with the path of every bad field in `details`.
    """
    if depth_of(body) > MOST_DEPTH:
        raise InvalidInput(TOO_DEEP)
    plain = body.removeprefix(BOM)
    if not plain.strip():
        raise InvalidInput(EMPTY)
    try:
        found = read(plain, kind, html=html)
    except Broken as broken:
        raise broken.told([plain[: broken.at]], byte=len(body) - len(plain) + broken.at) from None
    if found.faults:
        raise invalid(found.faults)
    if not found.is_json or found.value is None:
        raise InvalidInput(NO_NUMBER)
    return found.value


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was read.

    Attributes:
        value: None where there are faults.
        faults: The path of each bad field, and what it must be.
        is_json: Whether all numbers are such as JSON has, neither NaN nor infinite.
    """

    value: T | None
    faults: dict[str, str] = field(default_factory=dict)
    is_json: bool = True


def read(body: bytes, kind: type[T], *, html: bool) -> Found[T]:
    """Read JSON without a byte order mark, all of a body or a piece of one.

    Raises:
        Broken: It is no JSON.
    """
    text = _text(body)  # msgspec does not look at the bytes of what it skips
    if not (html and (b"&" in body or b"\\u0026" in body)):
        try:
            return Found(msgspec.json.decode(body, type=kind))
        except (msgspec.MsgspecError, RecursionError):
            pass  # what exactly is wrong, if anything is, shows below
    constants: list[str] = []
    tree = _tree(text, constants, html=html)
    if faults := faults_of(tree, kind):
        return Found(None, faults, not constants)
    return Found(msgspec.convert(tree, kind), is_json=not constants)


def invalid(faults: dict[str, str]) -> InvalidInput:
    """The error that names these fields; the first one already in its message."""
    path, fault = next(iter(faults.items()))
    more = f" (and {len(faults) - 1} more, see details)" if len(faults) > 1 else ""
    return InvalidInput(f"Invalid request parameters: {path} {fault}{more}.", details=faults)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as fault:
        raise Broken("The body is not UTF-8: byte {byte} does not belong.", fault.start) from None


def _tree(text: str, constants: list[str], *, html: bool) -> Json:
    """Parse any JSON, with broken characters mended and, on demand, entities decoded.

    NaN and Infinity, which are no JSON, become a number that no field accepts, and are noted in `constants`.
    """

    def constant(name: str) -> float:
        constants.append(name)
        return math.inf

    try:
        return _mended(json.loads(text, parse_constant=constant, parse_int=_whole), html=html)
    except json.JSONDecodeError as fault:
        what = fault.msg.partition(":")[0].removesuffix(" at")
        raise Broken(f"The body is not valid JSON: {what} at {{place}}.", len(text[: fault.pos].encode())) from None
    except RecursionError:
        raise Broken(TOO_DEEP) from None


def _characters(piece: bytes) -> int:
    """How many characters begin in a piece of UTF-8."""
    return len(piece.translate(None, _CONTINUATION))


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _mended(node: Json, *, html: bool) -> Json:
    if isinstance(node, str):
        text = _sound(node)
        return decode_entities(text) if html else text
    if isinstance(node, list):
        return [_mended(each, html=html) for each in node]
    if isinstance(node, dict):
        return {_sound(name): _mended(each, html=html) for name, each in node.items()}
    return node


def _sound(text: str) -> str:
    """The text as Unicode. A script that cuts inside an emoji leaves half of it: no reason to lose the rest."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def faults_of(tree: Json, kind: type) -> dict[str, str]:
    """What keeps parsed JSON from being of a kind: the path of each bad field, and what it must be."""
    return dict(islice(_faults(tree, kind, ""), MOST_FAULTS))


def _faults(value: Json, kind: object, path: str) -> Iterator[tuple[str, str]]:
    """Say what keeps a value from being of a kind: the faults of its parts, or else its own."""
    try:
        msgspec.convert(value, kind)
        return
    except msgspec.ValidationError:
        pass
    found = False
    for fault in _faults_of_parts(value, _bare(kind), path):
        found = True
        yield fault
    if not found:
        yield path or "$", f"must {must(kind)}"


def _faults_of_parts(value: Json, kind: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list) and get_origin(kind) is tuple:
        for i, each in enumerate(value):
            yield from _faults(each, get_args(kind)[0], f"{path}[{i}]")
    elif isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for one in msgspec.structs.fields(kind):
            place = f"{path}.{one.encode_name}" if path else one.encode_name
            if one.encode_name in value:
                yield from _faults(value[one.encode_name], one.type, place)
            elif one.required:
                yield place, f"is required; it must {must(one.type)}"


def _bare(kind: object) -> object:
    """The kind without annotations and without None."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        real = [each for each in get_args(kind) if each not in {NoneType, msgspec.UnsetType}]
        return _bare(real[0]) if len(real) == 1 else kind
    return kind


def must(kind: object) -> str:
    """What a value has to be to be of a kind, to be read after "must"."""
    if get_origin(kind) is Annotated:
        bare, *metas = get_args(kind)
        words = [meta.extra["must"] for meta in metas if isinstance(meta, msgspec.Meta) and meta.extra]
        return str(words[0]) if words else must(bare)
    if get_origin(kind) in {Union, UnionType}:
        real = [each for each in get_args(kind) if each not in {NoneType, msgspec.UnsetType}]
        return must(real[0])
    if isinstance(kind, EnumMeta):
        return "be one of: " + ", ".join(kind.__members__[name].value for name in kind.__members__)
    if get_origin(kind) is tuple:
        return "be an array"
    return _MUST[kind] if isinstance(kind, type) and kind in _MUST else "be an object"
