"""Which process this is, so that another one on the same machine can tell at once that it is gone."""

import socket
from pathlib import Path

PROCESS_BITS = 22
"""Linux numbers processes below 2 ** 22 (PID_MAX_LIMIT)."""
_GONE = {"Z", "X"}
"""Ended, though its parent has not noticed yet: proc(5)."""
_LONGEST_HOST = 100


def own_place() -> str:
    """Machine, boot and process namespace: within one, a process has a number of its own. Empty where there is none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()[:_LONGEST_HOST]} {boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def process_of(number: int) -> int:
    """A process's number and, since numbers are used again, its start."""
    return _named(number, _stat(number))


def is_gone(process: int) -> bool:
    """Whether a process of this place has ended."""
    number = process % (1 << PROCESS_BITS)
    stat = _stat(number)
    return not stat or stat[0] in _GONE or _named(number, stat) != process


def _named(number: int, stat: list[str]) -> int:
    started = int(stat[19]) if stat else 0  # clock ticks after boot
    return started << PROCESS_BITS | number


def _stat(number: int) -> list[str]:
    """What Linux says about a process, from its state on; nothing where it is gone, or this is not Linux."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
