"""What waits in files: nothing of it stays, and a full disk is said to be one."""

import errno
import os
from pathlib import Path

import msgspec
import pytest

from earnest.errors import OutOfSpace
from earnest.store import spool as spooling
from earnest.store.engines import connect
from earnest.store.spool import Records, folder_of, spool


class Word(msgspec.Struct):
    text: str


def test_nothing_is_seen_of_a_spool_and_nothing_stays(tmp_path: Path) -> None:
    with spool(tmp_path) as file:
        file.write(b"answers")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_to_be_one(tmp_path: Path, number: int) -> None:
    with pytest.raises(OutOfSpace), spool(tmp_path):
        raise OSError(number, os.strerror(number))


def test_other_troubles_with_the_disk_are_not_taken_for_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), spool(tmp_path / "none"):
        raise AssertionError("never begun")


def test_records_come_back_in_order_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MOST_BYTES", 100)
    monkeypatch.setattr(spooling, "MOST_RECORDS", 3)
    words = [Word("x" * size) for size in (0, 1, 2, 3, 99, 500, 4)]
    with spool(tmp_path) as file:
        records = Records(file, Word)
        assert list(records.slices()) == []
        for word in words:
            records.add(word)
        slices = list(records.slices())
    assert len(records) == 7
    assert [each for some in slices for each in some] == words
    assert [len(some) for some in slices] == [3, 2, 1, 1]


def test_the_spool_lies_beside_an_sqlite_database(tmp_path: Path) -> None:
    assert folder_of(connect(f"sqlite:///{tmp_path / 'earnest.db'}")) == tmp_path
    assert folder_of(connect("sqlite:///earnest.db")) == Path.cwd()
    assert folder_of(connect("postgresql://nobody@/nothing")) is None
