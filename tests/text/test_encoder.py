"""Texts in, vectors out: the same vector in whatever company, and any text will do."""

import random
import subprocess
import sys

import numpy as np
import pytest

from earnest.text.encoder import DIMENSIONS, MARKS, MAX_PIECES, Encoded, OnnxEncoder

TEXTS = [
    "The delivery was late and the box was damaged.",
    "Delivery came late, box damaged",
    "good service",
    "price",
    "idk",
    "",
    "👍",
    "I would rather not say, but since you ask: the queue was long and nobody told us why.",
    "asdfgh jkl",
    "Это слишком дорого",
    "The staff were friendly. " * 40,
    *(f"I visit about {number} times a year, mostly with {'my family ' * (number % 7)}" for number in range(60)),
]


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder.shipped(threads=1)


@pytest.fixture(scope="module")
def encoded(encoder: OnnxEncoder) -> Encoded:
    return encoder.encode(TEXTS)


def test_a_vector_does_not_depend_on_order_or_company(encoder: OnnxEncoder, encoded: Encoded) -> None:
    order = list(range(len(TEXTS)))
    random.Random(7).shuffle(order)
    seen = encoder.encode([TEXTS[i] for i in order])
    assert np.array_equal(seen.vectors, encoded.vectors[order])
    assert np.array_equal(seen.disorder, encoded.disorder[order])
    for size in (1, 7):
        chunks = [encoder.encode(TEXTS[start : start + size]) for start in range(0, len(TEXTS), size)]
        joined = Encoded.joined(chunks)
        for name in ("vectors", "pieces", "characters", "disorder"):
            assert np.array_equal(getattr(joined, name), getattr(encoded, name))


def test_a_vector_does_not_depend_on_the_number_of_threads(encoded: Encoded) -> None:
    assert np.array_equal(OnnxEncoder.shipped(threads=3).encode(TEXTS).vectors, encoded.vectors)


def test_shapes_and_types(encoded: Encoded) -> None:
    assert encoded.vectors.shape == (len(TEXTS), DIMENSIONS)
    assert encoded.vectors.dtype == np.float16
    assert encoded.pieces.dtype == encoded.characters.dtype == np.int32


def test_rows_have_unit_length_except_where_nothing_can_be_read(encoded: Encoded) -> None:
    lengths = np.linalg.norm(encoded.vectors.astype(np.float64), axis=1)
    readable = [bool(text) for text in TEXTS]
    assert np.all(np.abs(lengths[readable] - 1) < 0.001)
    assert not encoded.vectors[TEXTS.index("")].any()


def test_shuffled_words_are_in_less_order_than_sentences(encoder: OnnxEncoder) -> None:
    sentences = [
        "I would like to see more buses in the evening because I work late.",
        "The staff on the ward were kind and explained everything to me.",
        "My phone is too slow and the battery does not last a day.",
    ]
    shuffled = [" ".join(random.Random(i).sample(text.split(), len(text.split()))) for i, text in enumerate(sentences)]
    assert encoder.encode(sentences).disorder.max() < encoder.encode(shuffled).disorder.min()


def test_no_texts_give_no_rows(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).vectors.shape == (0, DIMENSIONS)


def test_equal_texts_have_equal_rows_and_white_space_does_not_count(encoder: OnnxEncoder) -> None:
    seen = encoder.encode(["good service", "bad food", "good service", "  good \n service "])
    assert np.array_equal(seen.vectors[0], seen.vectors[2])
    assert np.array_equal(seen.vectors[0], seen.vectors[3])
    assert not np.array_equal(seen.vectors[0], seen.vectors[1])


def test_what_means_the_same_is_closer_than_what_does_not(encoded: Encoded) -> None:
    late, paraphrase, service = encoded.vectors[:3].astype(np.float32)
    assert late @ paraphrase > 0.7
    assert late @ service < 0.5


@pytest.mark.parametrize(
    "text", ["\ud83d", "\x00", "a\x00b", "\u202e\u200b", "🏳️‍🌈" * 500, "\ufffe", "á" * 9_000, "ﷺ" * 50]
)
def test_any_text_is_taken(encoder: OnnxEncoder, text: str) -> None:
    seen = encoder.encode([text])
    assert np.isfinite(seen.vectors).all()
    assert seen.pieces[0] >= 0
    assert seen.characters[0] <= len(text)


def test_only_the_beginning_of_a_long_text_is_read_and_counted(encoder: OnnxEncoder) -> None:
    long = "The staff were friendly and quick. " * 300
    seen = encoder.encode([long, long + "More, and something else."])
    assert np.array_equal(seen.vectors[0], seen.vectors[1])
    assert seen.pieces[0] == MAX_PIECES - MARKS
    assert 3 < seen.characters[0] / seen.pieces[0] < 6


def test_counts_leave_white_space_out(encoder: OnnxEncoder) -> None:
    seen = encoder.encode(["good service", ""])
    assert seen.pieces.tolist() == [2, 0]
    assert seen.characters.tolist() == [11, 0]


def test_a_long_word_is_cut_into_pieces_too(encoder: OnnxEncoder) -> None:
    seen = encoder.encode(["sdfjkhwe" * 20])
    assert seen.pieces[0] > 60
    assert seen.characters[0] == 160


def test_slices_keep_rows_together(encoded: Encoded) -> None:
    part = encoded[2:4]
    assert np.array_equal(part.vectors, encoded.vectors[2:4])
    assert part.pieces.tolist() == encoded.pieces[2:4].tolist()


def test_the_weights_are_named(encoder: OnnxEncoder) -> None:
    assert encoder.revision


def test_importing_the_encoder_loads_nothing_that_runs_models() -> None:
    code = "import sys, earnest, earnest.text.encoder, earnest.text.language; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"onnxruntime", "tokenizers", "py3langid"} & set(loaded)
