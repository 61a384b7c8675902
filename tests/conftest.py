"""What all tests share: an encoder that needs no model, and workers that look often."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
import pytest

from earnest.jobs import batch, dbos_engine
from earnest.text.encoder import Encoded

DIMENSIONS = 384

pytest_plugins = ["tests.postgres"]


class TinyEncoder:
    """Adds up a random direction per word: texts with the same words are alike, and nothing is known of meaning."""

    revision = "tiny"

    def encode(self, texts: Sequence[str]) -> Encoded:
        vectors = np.zeros((len(texts), DIMENSIONS))
        for i, text in enumerate(texts):
            for word in text.split():
                seed = int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest())
                vectors[i] += np.random.default_rng(seed).normal(size=DIMENSIONS)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return Encoded(
            vectors=np.divide(vectors, lengths, out=vectors, where=lengths > 0).astype(np.float16),
            pieces=np.array([sum(1 + len(word) // 5 for word in text.split()) for text in texts], dtype=np.int32),
            characters=np.array([sum(map(len, text.split())) for text in texts], dtype=np.int32),
            disorder=np.zeros(len(texts), dtype=np.float32),
        )


@pytest.fixture(scope="session")
def tiny_encoder() -> TinyEncoder:
    return TinyEncoder()


@pytest.fixture(autouse=True, scope="session")
def quick_polls() -> Iterator[None]:
    """Workers of the tests' own process look for work all the time, and try again at once."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("POLL_S", "IDLE_POLL_S", "CALLBACK_POLL_S"):
            patch.setattr(dbos_engine, name, 0.05)
        patch.setattr(batch, "PAUSES_S", (0.0, 0.0))
        yield
