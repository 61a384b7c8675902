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
        revision="minilm-l6-1",
        sha256="78b98a2c277dff7b697bfd400d92d45273ea9935b556917b02da0d22e759d1d1",
        licence="Apache-2.0",
        source="sentence-transformers/all-MiniLM-L6-v2",
    ),
    "tokenizer": ShippedFile(
        file="tokenizer.json",
        revision="minilm-l6-1",
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
    "authorship": ShippedFile(
        file="authorship.npz",
        revision="authorship-1",
        sha256="833cab4a27ba13862ad39e5fedad15d9cac0cfe51737e9a4f1e5f6a521394504",
        licence="CC-BY-SA-4.0",
        source="texts of people and of chat models, named in training/DATA.md",
    ),
    "patterns": ShippedFile(
        file="patterns.npz",
        revision="patterns-1",
        sha256="327a4cad3033f240b27bb9094c51354d9f17a17857ce4f67f97b4bb9e24721ea",
        licence="CC-BY-SA-4.0",
        source="wordfreq 3.1.1, thirteen languages, and the survey answers named in training/DATA.md",
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
