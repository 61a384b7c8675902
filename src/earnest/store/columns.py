"""What the columns of our tables hold, where that is not what a database calls it."""

from sqlalchemy import BigInteger, Integer, LargeBinary, String, TypeDecorator
from sqlalchemy.engine import Dialect


class Utf8(TypeDecorator[str]):
    """Any text as its UTF-8 bytes: PostgreSQL's TEXT refuses NUL, and bytes sort by code point on every database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encode."""
        return None if value is None else value.encode("utf-8", "surrogatepass")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Decode."""
        return None if value is None else utf8(value)


class Fingerprint(TypeDecorator[int]):
    """An unsigned 64-bit number in a signed column, in the same order."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Shift down."""
        return None if value is None else shifted(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        """Shift up."""
        return None if value is None else value + (1 << 63)


def utf8(stored: bytes) -> str:
    """A text from what its column holds."""
    return stored.decode("utf-8", "surrogatepass")


def shifted(fingerprint: int) -> int:
    """A fingerprint as its column holds it."""
    return fingerprint - (1 << 63)


NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER
DIGEST = LargeBinary  # 16 bytes
TENANT = String(100)
