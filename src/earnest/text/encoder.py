"""Texts in, vectors out; each text once.

The protocol stands here with the one real encoder; anything with the same two members fits (tests use a smaller one).
"""

import io
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from earnest import models
from earnest.text.normalize import clean

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]
    from tokenizers import Tokenizer

Vector = NDArray[np.float16]

DIMENSIONS = 384
MAX_PIECES = 256
"""`max_seq_length` of the published model, its two marks for beginning and end included."""
MARKS = 2
"""Every text is given a mark for its beginning and one for its end."""
MAX_CHARACTERS_ENCODED = 2_000
"""More than MAX_PIECES hold: survey answers have 4.7 characters to a piece, 7.0 at most. The rest is not cut up."""
PIECES_A_BATCH = 1_024
"""Larger batches are no faster and take more memory (training/README.md)."""
TEXTS_A_BLOCK = 4_096
"""Texts cut into pieces at one time, which bounds the memory that their pieces take."""
MIDDLE = ("LayerNormalization_105_0", "LayerNormalization_153_0")
"""Names of the states after the second and third of six layers, in which the order of words is plainest: alone they
find .88 and .93 of what .5 % false flags allow, the last layer .74 (training/README.md, "Word order")."""
_LONG_WORD = re.compile(r"\S{100}(?=\S)")
"""The tokenizer takes a word of more than 100 characters for a single unknown piece; so it is shown in parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """What the encoder saw in n texts.

    Attributes:
        vectors: float16, shape (n, dimensions), rows of unit length; a row of zeros for a text with nothing to read.
        pieces: int32, shape (n,): how many word pieces the part that was read was cut into.
        characters: int32, shape (n,): how many characters other than white space that part has.
        disorder: float32, shape (n,): how much the network's middle speaks for words in no order, as log-odds without
            a bias; English only. 0 for a text with nothing to read.
    """

    vectors: NDArray[np.float16]
    pieces: NDArray[np.int32]
    characters: NDArray[np.int32]
    disorder: NDArray[np.float32]

    def __getitem__(self, part: slice) -> "Encoded":
        """The same for some of the texts."""
        return Encoded(self.vectors[part], self.pieces[part], self.characters[part], self.disorder[part])

    @classmethod
    def joined(cls, parts: Sequence["Encoded"]) -> "Encoded":
        """What was seen in all of these, one after another."""
        return cls(
            np.concatenate([part.vectors for part in parts]),
            np.concatenate([part.pieces for part in parts]),
            np.concatenate([part.characters for part in parts]),
            np.concatenate([part.disorder for part in parts]),
        )


class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how alike in meaning they are."""

    revision: str
    """Names the weights; vectors of different revisions must not be compared."""

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode texts; a text's vector does not depend on what else is in the list."""
        ...


class OnnxEncoder:
    """The sentence encoder that ships with Earnest: all-MiniLM-L6-v2 in eight-bit whole numbers; English.

    Every number in the network depends on one text only: batches hold texts of equally many pieces, so there is no
    padding, and activations are scaled row by row. So on one machine a text has the same vector, bit for bit, in
    whatever company it comes (training/README.md says what else was tried, and what this costs).
    """

    def __init__(
        self, model: bytes, tokenizer: bytes, order: NDArray[np.float32], *, revision: str, threads: int = 0
    ) -> None:
        """Load the model.

        Args:
            model: An ONNX model as `training/export_encoder.py` makes it.
            tokenizer: The contents of its tokenizer.json.
            order: What each number of the mean states named in MIDDLE says of disorder; float32, one after another.
            revision: Names the weights.
            threads: How many batches to run at once; 0 for one per core.
        """
        self.revision = revision
        self._threads = threads or _cores()
        self._order = order
        self._session = _session(model + _outputs(MIDDLE))
        self._tokenizer = _tokenizer(tokenizer)

    @classmethod
    def shipped(cls, threads: int = 0) -> "OnnxEncoder":
        """Load the encoder from the files that ship with Earnest.

        Raises:
            ModelUnusable: A file is missing or damaged.
        """
        return cls(
            models.read("encoder"),
            models.read("tokenizer"),
            np.load(io.BytesIO(models.read("word_order")), allow_pickle=False),
            revision=models.SHIPPED["encoder"].revision,
            threads=threads,
        )

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Encode texts of any kind and length; only the first MAX_PIECES pieces of each are read."""
        places: dict[str, int] = {}
        rows = [places.setdefault(clean(text)[:MAX_CHARACTERS_ENCODED], len(places)) for text in texts]
        distinct = list(places)
        encoded = Encoded(
            np.zeros((len(distinct), DIMENSIONS), np.float16),
            np.zeros(len(distinct), np.int32),
            np.zeros(len(distinct), np.int32),
            np.zeros(len(distinct), np.float32),
        )
        with ThreadPoolExecutor(self._threads) as pool:
            run = pool.map if self._threads > 1 else map
            for start in range(0, len(distinct), TEXTS_A_BLOCK):
                block = slice(start, start + TEXTS_A_BLOCK)
                part = encoded[block]
                for batch, vectors, disorder in run(self._read, self._batches(distinct[block], part)):
                    part.vectors[batch] = vectors
                    part.disorder[batch] = disorder
        return encoded if len(distinct) == len(rows) else _repeated(encoded, rows)

    def _batches(self, texts: Sequence[str], counts: Encoded) -> Iterator[tuple[list[int], list[list[int]]]]:
        """Cut texts into pieces, note the counts, and group texts of equally many pieces."""
        by_length: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
        for i, text in enumerate(texts):
            shown = _LONG_WORD.sub(r"\g<0> ", text)
            seen = self._tokenizer.encode(shown)
            ids = seen.ids
            read = shown[: seen.offsets[-MARKS][1]] if len(ids) == MAX_PIECES else shown
            counts.pieces[i] = len(ids) - MARKS
            counts.characters[i] = len(read) - read.count(" ")
            if len(ids) > MARKS:
                by_length[len(ids)].append((i, ids))
        for length, same in sorted(by_length.items(), reverse=True):
            size = max(1, PIECES_A_BATCH // length)
            for start in range(0, len(same), size):
                batch = same[start : start + size]
                yield [i for i, _ in batch], [ids for _, ids in batch]

    def _read(
        self, batch: tuple[list[int], list[list[int]]]
    ) -> tuple[list[int], NDArray[np.float16], NDArray[np.float32]]:
        rows, pieces = batch
        states, *middle = self._session.run(None, {"pieces": np.array(pieces, np.int64)})
        # A sum, not a mean: its direction is all that matters.
        vectors: NDArray[np.float32] = states.sum(axis=1)
        vectors /= np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
        means = [each.reshape(states.shape).sum(axis=1) / states.shape[1] for each in middle]
        disorder: NDArray[np.float32] = (np.concatenate(means, axis=1) * self._order).sum(axis=1)
        return rows, vectors.astype(np.float16), disorder


def _repeated(encoded: Encoded, rows: list[int]) -> Encoded:
    return Encoded(encoded.vectors[rows], encoded.pieces[rows], encoded.characters[rows], encoded.disorder[rows])


def _outputs(names: Sequence[str]) -> bytes:
    """What to append to an ONNX model so that it also gives out these inner results.

    A protocol buffer followed by another one is the two merged: the model and one that has only outputs, each a name
    and the type of a float32 tensor.
    """
    floats = b"\x12\x04\x0a\x02\x08\x01"
    outputs = b"".join(
        b"\x62" + bytes([len(name) + 2 + len(floats), 0x0A, len(name)]) + name.encode() + floats for name in names
    )
    return b"\x3a" + bytes([len(outputs)]) + outputs


def _session(model: bytes) -> "InferenceSession":
    import onnxruntime  # noqa: PLC0415  (importing Earnest loads no model and nothing that runs one)

    options = onnxruntime.SessionOptions()
    # One thread inside, since the batches run side by side.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _tokenizer(contents: bytes) -> "Tokenizer":
    import tokenizers  # noqa: PLC0415

    tokenizer = tokenizers.Tokenizer.from_buffer(contents)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES)
    return tokenizer


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
