"""Bytes in, a request struct out, or every fault that the bytes have.

msgspec reads a sound body at once but stops at the first fault. So a body that it refuses is read a second time,
tolerantly and slowly, and compared with the same struct types field by field. Nothing is declared twice: what a value
must be stands in the type, and the words for it in the type's `Meta(extra={"must": …})`.
"""

import json
import math
from collections.abc import Iterator
from enum import EnumMeta
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

import msgspec

from earnest.errors import InvalidInput
from earnest.text.normalize import decode_entities

T = TypeVar("T")
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

MOST_FAULTS = 100
"""Faults listed in one error: more help nobody, and a hostile body has millions."""
LONGEST_NUMBER = 400
"""Digits. The largest finite float has 309; longer ones are infinite, and slow to read."""

_MUST = {str: "be a string", int: "be a whole number", float: "be a number", bool: "be true or false"}


def decode(body: bytes, kind: type[T], *, html: bool = False) -> T:
    """Read a request body.

    Args:
        body: JSON, UTF-8.
        kind: The struct to read it as; fields that it does not know are ignored.
        html: Whether HTML entities in the body's strings stand for characters.

    Raises:
        InvalidInput: with the position where the JSON breaks, or with the path of every bad field in `details`.
    """
    if not (html and (b"&" in body or b"\\u0026" in body)):
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass  # what exactly is wrong, if anything is, shows below
    constants: list[str] = []
    tree = _tree(body, constants, html=html)
    if faults := faults_of(tree, kind):
        raise invalid(faults)
    if constants:
        raise InvalidInput("The body is not valid JSON: NaN and Infinity are no numbers there.")
    return msgspec.convert(tree, kind)


def invalid(faults: dict[str, str]) -> InvalidInput:
    """The error that names these fields; the first one already in its message."""
    path, fault = next(iter(faults.items()))
    more = f" (and {len(faults) - 1} more, see details)" if len(faults) > 1 else ""
    return InvalidInput(f"Invalid request parameters: {path} {fault}{more}.", details=faults)


def _tree(body: bytes, constants: list[str], *, html: bool) -> Json:
    """Parse any JSON, with broken characters mended and, on demand, entities decoded.

    NaN and Infinity, which are no JSON, become a number that no field accepts, and are noted in `constants`.
    """
    if not body.strip():
        raise InvalidInput("The body is empty; send a JSON object.")

    def constant(name: str) -> float:
        constants.append(name)
        return math.inf

    try:
        return _mended(json.loads(body.decode("utf-8-sig"), parse_constant=constant, parse_int=_whole), html=html)
    except UnicodeDecodeError as fault:
        raise InvalidInput(f"The body is not UTF-8: byte {fault.start} does not belong.") from None
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno} (character {fault.pos})"
        what = fault.msg.partition(":")[0].removesuffix(" at")
        raise InvalidInput(f"The body is not valid JSON: {what} at {place}.") from None
    except RecursionError:
        raise InvalidInput("The body is nested too deeply.") from None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def _mended(node: Json, *, html: bool) -> Json:
    if isinstance(node, str):
        # A script that cuts a text inside an emoji leaves half of it: no Unicode, but no reason to lose the rest.
        text = node if node.isascii() else node.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return decode_entities(text) if html else text
    if isinstance(node, list):
        return [_mended(each, html=html) for each in node]
    if isinstance(node, dict):
        return {name: _mended(each, html=html) for name, each in node.items()}
    return node


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
        for field in msgspec.structs.fields(kind):
            place = f"{path}.{field.encode_name}" if path else field.encode_name
            if field.encode_name in value:
                yield from _faults(value[field.encode_name], field.type, place)
            elif field.required:
                yield place, f"is required; it must {must(field.type)}"


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
