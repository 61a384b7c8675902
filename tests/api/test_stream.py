"""Bodies as they arrive: compressed, in lines, too large, too slow, twice."""

import errno
import gzip
import json
import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from tests.api.conftest import KEY

from earnest.api import stream
from earnest.api.app import create_app
from earnest.errors import InvalidInput, TooLarge
from earnest.service import Service
from earnest.settings import Settings
from earnest.store import spool as spooling

ONE = "/api/v1/data-quality"
BATCH = "/api/v1/data-quality/batch"
ENTRY = {"question": "Why?", "answer": "Because it smells of toast."}
RESPONSES = [{"responseIdentifier": f"r{i}", "surveyEntries": [ENTRY]} for i in range(3)]
BODY: dict[str, Any] = {"surveyName": "S", "responses": RESPONSES}
JSON = json.dumps(BODY).encode()
LINES = "\n".join(map(json.dumps, [{"surveyName": "S"}, *RESPONSES])).encode()
PLAIN = {"Content-Type": "application/json"}
PACKED: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstandard.compress}


def submit(api: httpx.Client, body: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.post(BATCH, content=body, headers=PLAIN | named)


def total(service: Service, response: httpx.Response) -> int:
    assert response.status_code == 202, response.text
    return service.page("default", response.json()["batchJobId"]).job.total


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize(("kind", "body"), [("application/json", JSON), ("Application/X-NDJSON; charset=utf-8", LINES)])
def test_a_batch_may_be_compressed_and_in_lines(
    api: httpx.Client, service: Service, coding: str, kind: str, body: bytes
) -> None:
    for sent, header in ((body, "identity"), (PACKED[coding](body), coding)):
        assert total(service, submit(api, sent, Content_Type=kind, Content_Encoding=header)) == 3


def test_a_single_respondent_may_be_compressed(api: httpx.Client) -> None:
    body = gzip.compress(json.dumps({"surveyEntries": [ENTRY]}).encode())
    assert api.post(ONE, content=body, headers=PLAIN | {"Content-Encoding": "GZIP"}).status_code == 200


@pytest.mark.parametrize("coding", PACKED)
def test_several_members_are_one_body(api: httpx.Client, service: Service, coding: str) -> None:
    body = PACKED[coding](JSON[:50]) + PACKED[coding](JSON[50:])
    assert total(service, submit(api, body, Content_Encoding=coding)) == 3


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("damage", [lambda body: body[:-6], lambda body: b"x" + body, lambda body: body + b"junk"])
def test_a_damaged_body_is_a_bad_request(api: httpx.Client, coding: str, damage: Any) -> None:
    lines = PACKED[coding](LINES)
    response = submit(api, damage(lines), Content_Encoding=coding, Content_Type="application/x-ndjson")
    assert (response.status_code, response.json()["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("coding", PACKED)
def test_a_body_that_inflates_beyond_the_limit_is_refused(api: httpx.Client, coding: str) -> None:
    response = submit(api, PACKED[coding](b" " * 1_000_001), Content_Encoding=coding)
    assert (response.status_code, response.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(("coding", "largest"), [("gzip", stream.PIECE), ("zstd", 17_000_000)])
def test_a_bomb_is_noticed_before_it_has_gone_off(coding: str, largest: int) -> None:
    bomb = PACKED[coding](bytes(200_000_000))
    inflater = Watched(stream._INFLATERS[coding]())
    writer = stream._Writer(BytesIO(), 10**9)
    with pytest.raises(TooLarge, match="200 times"):
        writer.write(inflater, bomb)
    assert sum(inflater.sizes) <= max(stream.UNSUSPICIOUS, stream.MOST_INFLATED * len(bomb)) + largest
    assert max(inflater.sizes) <= largest


class Watched:
    """An inflater, and the sizes of the pieces that it had in memory."""

    def __init__(self, inflater: stream._Inflater) -> None:
        self.sizes: list[int] = []
        self._inflater = inflater

    def inflate(self, data: bytes) -> Iterator[bytes]:
        for piece in self._inflater.inflate(data):
            self.sizes.append(len(piece))
            yield piece

    def end(self) -> None:
        self._inflater.end()


@given(pieces=st.lists(st.binary(max_size=60), max_size=6), cuts=st.lists(st.integers(0, 500), max_size=5))
@pytest.mark.parametrize("coding", PACKED)
def test_a_body_inflates_to_the_same_however_it_is_cut(coding: str, pieces: list[bytes], cuts: list[int]) -> None:
    packed = b"".join(PACKED[coding](piece) for piece in pieces)
    inflater = stream._INFLATERS[coding]()
    places = sorted({0, len(packed), *(cut for cut in cuts if cut < len(packed))})
    found = b"".join(b"".join(inflater.inflate(packed[start:end])) for start, end in pairwise(places))
    inflater.end()
    assert found == b"".join(pieces)


def test_output_that_ends_with_a_full_piece_is_not_taken_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PIECE", 100)
    for size in (99, 100, 101, 200, 10_000):
        inflater = stream._Gzip()
        assert b"".join(inflater.inflate(gzip.compress(bytes(size)))) == bytes(size)
        inflater.end()
    cut_off = stream._Gzip()
    list(cut_off.inflate(zlib.compress(b"x", wbits=31)[:-1]))
    with pytest.raises(InvalidInput, match="too early"):
        cut_off.end()


@pytest.mark.parametrize("path", [ONE, BATCH])
def test_a_slow_body_is_cut_off(service: Service, server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "GRACE_S", 0.2)
    address = urlsplit(server)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Aftercare-Key: {KEY}\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for _ in range(999):
            try:
                connection.sendall(b"{")
                connection.settimeout(0.02)
                answer = connection.recv(65_536)
                break
            except TimeoutError:
                continue
        connection.settimeout(10)
        while more := connection.recv(65_536):
            answer += more
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answer


def test_a_body_that_keeps_coming_is_waited_for(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "GRACE_S", 0.5)

    def slowly() -> Iterator[bytes]:
        yield JSON[:-1] + b" " * 20_000  # two seconds' worth
        time.sleep(0.6)
        yield b"}"

    headers = PLAIN | {"X-Aftercare-Key": KEY}
    assert httpx.post(f"{server}{BATCH}", content=slowly(), headers=headers).status_code == 202


class FullDisk:
    """A file on a disk without room."""

    def __init__(self, dir: Path) -> None:
        pass

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, _: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_told_and_nothing_is_kept(
    api: httpx.Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "TemporaryFile", FullDisk)
    response = submit(api, JSON, Idempotency_Key="on a full disk")
    assert (response.status_code, response.json()["code"]) == (507, "OUT_OF_SPACE")
    monkeypatch.undo()
    assert total(service, submit(api, JSON, Idempotency_Key="on a full disk")) == 3


def test_a_request_sent_again_is_the_same_job_however_it_is_compressed(api: httpx.Client) -> None:
    first = submit(api, JSON, Idempotency_Key="again").json()
    for coding, packed in PACKED.items():
        again = submit(api, packed(JSON), Idempotency_Key="again", Content_Encoding=coding)
        assert (again.status_code, again.json()) == (202, first)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps(BODY | {"surveyName": "T"}).encode(), {}),
        (JSON, {"X-Request-Encoding": "html"}),
        (LINES, {"Content-Type": "application/x-ndjson"}),
        (b"{", {}),
    ],
)
def test_another_request_with_the_same_key_is_a_conflict(
    api: httpx.Client, body: bytes, headers: dict[str, str]
) -> None:
    submit(api, JSON, Idempotency_Key="conflict")
    response = api.post(BATCH, content=body, headers=PLAIN | headers | {"Idempotency-Key": "conflict"})
    assert (response.status_code, response.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")


def test_a_refused_request_does_not_use_its_key_up(api: httpx.Client) -> None:
    assert submit(api, b"{", Idempotency_Key="refused").status_code == 400
    assert submit(api, JSON, Idempotency_Key="refused").status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "\t", "a\x7f"])
def test_a_key_that_is_none_is_a_bad_request(api: httpx.Client, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode()), (b"Content-Type", b"application/json")]
    response = api.post(BATCH, content=JSON, headers=headers)
    assert response.status_code == 400
    assert list(response.json()["details"]) == ["Idempotency-Key"]


def test_respondents_without_a_name_count_once_however_often_they_are_sent(api: httpx.Client) -> None:
    body = json.dumps(BODY | {"responses": [{"surveyEntries": [ENTRY]}]}).encode()
    assert len({submit(api, body, Idempotency_Key="nameless").json()["batchJobId"] for _ in range(3)}) == 1


def test_tenants_keys_do_not_meet(api: httpx.Client, service: Service) -> None:
    mine = submit(api, JSON, Idempotency_Key="shared").json()
    theirs = submit(
        api, b"{}", Idempotency_Key="shared", X_Aftercare_Key=service.create_key("other", tenant="stream-other")
    )
    assert theirs.status_code == 400
    assert mine["batchJobId"] not in theirs.text


@pytest.mark.slow
def test_a_batch_goes_its_way_on_either_database(database_url: str) -> None:
    service = Service.open(Settings(database_url=database_url, api_key=KEY))
    with TestClient(create_app(service)) as api:
        api.headers["X-Aftercare-Key"] = KEY
        jobs = {submit(api, LINES, Content_Type="application/x-ndjson", Idempotency_Key="k").text for _ in range(2)}
        assert len(jobs) == 1
        assert total(service, submit(api, gzip.compress(JSON), Content_Encoding="gzip")) == 3
    service.close()
