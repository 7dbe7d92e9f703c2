"""Reads or writes one airspace file in a process of its own: a job on standard input, its answer on standard output, in MessagePack."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from tenere.airspace import formats
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Volume
from tenere.airspace.setting import tree_of

MEMORY = 3 << 30
"""Bytes of memory for one file; where the system knows no such limit, none."""
MOST_VOLUMES, MOST_REFUSED = 20_000, 1000
"""What is told of one file; more volumes are for the site file."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A file to read (data, name), or volumes to write in a format (to, volumes)."""

    data: bytes = b""
    name: str = ""
    to: str = ""
    volumes: tuple[Volume, ...] = ()


def answer(job: Job) -> dict[str, Any]:
    """Do a job; what is wrong with it is the answer's error, in words."""
    try:
        return _written(job) if job.to else _read(job)
    except AirspaceError as e:
        return {"error": str(e)[:2000]}
    except (MemoryError, RecursionError):
        return {"error": "cannot be read: it is too large, or nested too deep"}


def _read(job: Job) -> dict[str, Any]:
    found, held = formats.read_any(job.data, job.name, keep_going=True)
    if len(held.volumes) > MOST_VOLUMES:
        raise AirspaceError(f"holds {len(held.volumes):,} volumes; more than {MOST_VOLUMES:,} come with the site file, [airspace] files")
    return {
        "format": found,
        "volumes": [tree_of(v) for v in held.volumes],
        "refused": [r._asdict() for r in held.refused[:MOST_REFUSED]],
        "refused_total": len(held.refused),
        "notes": [n._asdict() for n in held.notes],
    }


def _written(job: Job) -> dict[str, Any]:
    made = formats.write_as(job.volumes, job.to)
    return {"data": made.data, "lost": dict(made.lost)}


def bounded() -> None:
    """Have the system refuse this process more memory than a file may need."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Do the job on standard input."""
    bounded()
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(job)))


if __name__ == "__main__":
    main()
