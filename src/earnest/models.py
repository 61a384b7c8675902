"""The files that ship with Earnest: models and word lists, by name, with revision, checksum and licence.

They lie in the package's `data` folder and are read from there, never from a network. How each was made:
training/DATA.md; the credits that their licences ask for: data/NOTICE.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from earnest.errors import ModelUnusable


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """A file in the package's `data` folder.

    Attributes:
        file: Its name there.
        revision: Names this version; what was computed with different revisions must not be compared.
        sha256: Checksum, in hexadecimal digits.
        licence: SPDX identifier.
        source: What it was made from.
    """

    file: str
    revision: str
    sha256: str
    licence: str
    source: str


SHIPPED = {
    "encoder": ShippedFile(
        file="encoder.onnx",
        revision="minilm-l6-2",
        sha256="78b98a2c277dff7b697bfd400d92d45273ea9935b556917b02da0d22e759d1d1",
        licence="Apache-2.0",
        source="sentence-transformers/all-MiniLM-L6-v2",
    ),
    "tokenizer": ShippedFile(
        file="tokenizer.json",
        revision="minilm-l6-2",
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        licence="Apache-2.0",
        source="sentence-transformers/all-MiniLM-L6-v2",
    ),
    "words": ShippedFile(
        file="words_en.txt.gz",
        revision="words-en-1",
        sha256="adcb1e9ec4b095509c44b1cad05db0f06bf13bdb201addda7c915b4c57ba6996",
        licence="CC-BY-SA-4.0",
        source="wordfreq 3.1.1, English list",
    ),
    "words_other": ShippedFile(
        file="words_other.txt.gz",
        revision="words-other-1",
        sha256="1a1b9655c63be3bd8a17936ee92ebcc6c3b536c2e3954cd24c088d6418f6751a",
        licence="CC-BY-SA-4.0",
        source="wordfreq 3.1.1, lists of 38 other languages",
    ),
    "word_order": ShippedFile(
        file="word_order.npy",
        revision="word-order-1",
        sha256="34c94cbcaec1ae6be8ece68719a174fdc333e6640b09b238094eb3318c7a0eb1",
        licence="CC-BY-SA-4.0",
        source="answers in order and shuffled, named in training/DATA.md",
    ),
    "authorship": ShippedFile(
        file="authorship.npz",
        revision="authorship-2",
        sha256="67255c6b8e7be2f414cdd914e44150395e9f8e1447833bf1788cfc53d282c8e6",
        licence="CC-BY-SA-4.0",
        source="texts of people and of chat models, named in training/DATA.md",
    ),
    "relevance": ShippedFile(
        file="relevance.npz",
        revision="relevance-1",
        sha256="57584fe317779e815ef35aaff9c681b24626b2bf52584a1997fa17586b6291bb",
        licence="CC-BY-SA-4.0",
        source="answers of people and constructed ones, named in training/DATA.md",
    ),
    "effort": ShippedFile(
        file="effort.npz",
        revision="effort-1",
        sha256="61795337ac25a06ae5eb055a97191dc32c63a7f32cef14683b7d56df7c40bb81",
        licence="CC-BY-SA-4.0",
        source="answers of people and constructed ones, named in training/DATA.md",
    ),
    "patterns": ShippedFile(
        file="patterns.npz",
        revision="patterns-2",
        sha256="d1976ed032039a445be703556f763043cc636656e489f64bba86a21329166222",
        licence="CC-BY-SA-4.0",
        source="wordfreq 3.1.1, 36 languages, and the mash and answers named in training/DATA.md",
    ),
}


def read(name: str) -> bytes:
    """Return the contents of a shipped file, checked.

    Args:
        name: A key of `SHIPPED`.

    Raises:
        ModelUnusable: The file is missing or is not the one that was shipped.
    """
    shipped = SHIPPED[name]
    try:
        contents = files("earnest").joinpath("data", shipped.file).read_bytes()
    except OSError as fault:
        raise ModelUnusable(
            f"The file {shipped.file} that ships with Earnest cannot be read; reinstall Earnest."
        ) from fault
    if hashlib.sha256(contents).hexdigest() != shipped.sha256:
        raise ModelUnusable(f"The file {shipped.file} that ships with Earnest is damaged; reinstall Earnest.")
    return contents
