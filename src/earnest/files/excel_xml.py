"""The XML parts of a workbook, read as a stream: nothing in them is trusted, followed or run.

We read workbooks ourselves, because libraries lay a sheet out in memory from its first to its last cell: a file of one
kilobyte with a cell in the last row and column makes calamine (fastexcel, polars) ask for 512 GB and end the process.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from earnest.errors import InvalidInput, TooLarge
from earnest.files.cells import too_large

READ_AT_ONCE = 256 * 1024
LARGEST_PART_MB = 1024
"""Of one part, unpacked: 50 million cells have about as much. A zip archive states the size, and is cut off there."""
DEEPEST = 64
"""Elements within one another; a workbook has nine."""

UNPACKING = (
    # What zipfile raises, in its own words, where bytes of an archive are not what they should be.
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, OSError),
    *(RuntimeError, NotImplementedError, ValueError, OverflowError),
)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
Attributes = dict[str, str]


class Part:
    """One XML part of a workbook, read event by event; overridden by who wants to hear of an event."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Text, in one piece or in several."""

    def end(self, name: str) -> None:
        """An element ends."""

    def read(self, archive: zipfile.ZipFile, name: str, path: Path) -> Iterator[None]:
        """Read a part; pauses now and then, so that what was read can be taken away.

        Raises:
            InvalidInput: it is damaged, or written as no spreadsheet writes it.
            TooLarge: it is too large.
        """
        parser = self._parser(path)
        try:
            size = archive.getinfo(name).file_size
            if size > LARGEST_PART_MB * 2**20:
                raise TooLarge(
                    f"{path.name} has {size / 2**30:,.1f} GB when unpacked. "
                    f"{too_large('sheet', f'{LARGEST_PART_MB // 1024} GB of XML')}"
                )
            with archive.open(name) as stream:
                while chunk := stream.read(READ_AT_ONCE):
                    parser.Parse(chunk)
                    yield
            parser.Parse(b"", True)
        except expat.ExpatError as fault:
            raise InvalidInput(f"{path.name} is damaged: {name}, line {fault.lineno}, is not XML.") from fault
        except UNPACKING as fault:
            raise InvalidInput(f"{path.name} is damaged: {name} cannot be unpacked. Save it again in Excel.") from fault
        yield

    def read_all(self, archive: zipfile.ZipFile, name: str, path: Path) -> None:
        """Read a part at once."""
        for _ in self.read(archive, name, path):
            pass

    def _parser(self, path: Path) -> expat.XMLParserType:
        def start(name: str, attributes: Attributes) -> None:
            self.depth += 1
            if self.depth > DEEPEST:
                raise InvalidInput(f"{path.name} is no workbook of a spreadsheet: its XML is nested {DEEPEST} deep.")
            self.start(name.rpartition(":")[2], attributes)

        def end(name: str) -> None:
            self.depth -= 1
            self.end(name.rpartition(":")[2])

        def refuse(*_: object) -> None:
            raise InvalidInput(f"{path.name} is no workbook of a spreadsheet: its XML declares entities of its own.")

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = refuse
        return parser


class Texts(Part):
    """The shared strings: every text once, without its fonts and without phonetic hints."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._wanted = self._phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        """See `Part`."""
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic = True
        self._wanted = name == "t" and not self._phonetic

    def text(self, text: str) -> None:
        """See `Part`."""
        if self._wanted:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        """See `Part`."""
        self._wanted = False
        if name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.found.append(unescaped("".join(self._pieces)))


class Elements(Part):
    """All elements of some names with their attributes, in the order of the part."""

    def __init__(self, *names: str, within: str = "") -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []
        self._names = names
        self._within = within
        self._inside = not within

    def start(self, name: str, attributes: Attributes) -> None:
        """See `Part`."""
        self._inside |= name == self._within
        if name in self._names and (self._inside or name == "numFmt"):
            self.found.append((name, attributes))

    def end(self, name: str) -> None:
        """See `Part`."""
        if name == self._within:
            self._inside = False


def unescaped(text: str) -> str:
    """A text whose characters that XML cannot hold are written as _x0000_."""
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda match: _character(match[1]), text)


def _character(code: str) -> str:
    character = chr(int(code, 16))
    return "\ufffd" if "\ud800" <= character <= "\udfff" else character
