"""The tables of every ASTERIX category, compiled once from libasterix and kept in the user's cache.

    >>> table(48).element["040/RHO"].unit
    'NM'

``python -m tenere.wire.asterix.tables`` compiles and keeps them ahead of the first decode.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec

from tenere.errors import WireError
from tenere.wire.asterix.compiler import compile_table, editions
from tenere.wire.asterix.table import Table

TABLE_VERSION = 1
"""Raise it whenever Table, Node or Element, or what the compiler writes into them, changes."""


class _Latest(msgspec.Struct, frozen=True):
    """What a cache file holds: one table a category, and the reason for each that cannot be had."""

    tables: list[Table]
    refused: dict[int, str]


@cache
def table(category: int, edition: str | None = None) -> Table:
    """Return the table of a category: its latest edition, or the one named ("1.32"); raise WireError where there is none."""
    latest = _latest()
    found = latest.get(category)
    if isinstance(found, Table) and edition in {None, found.edition}:
        return found
    if found is None:
        raise WireError(f"CAT{category:03d} is not a category that libasterix describes")
    if edition is None:
        raise WireError(str(found))
    known = editions()[category]
    if edition not in known:
        raise WireError(f"CAT{category:03d} has no edition {edition}: there are {', '.join(known)}")
    return compile_table(category, edition, known[edition])


def known_categories() -> tuple[int, ...]:
    """Return the categories that can be decoded, in order."""
    return tuple(sorted(c for c, t in _latest().items() if isinstance(t, Table)))


def described_categories() -> tuple[int, ...]:
    """Return the categories that exist, whether or not they can be decoded, in order."""
    return tuple(sorted(_latest()))


def cache_file() -> Path:
    """Return where the compiled tables are kept: $XDG_CACHE_HOME/tenere or ~/.cache/tenere, by version of both programs."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(home) / "tenere" / f"asterix-{version('libasterix')}-{TABLE_VERSION}.json"


@cache
def _latest() -> dict[int, Table | str]:
    """Return the latest table of every category, or why there is none: from the cache file, else compiled and kept."""
    kept: _Latest | None = None
    with contextlib.suppress(OSError, RuntimeError, msgspec.MsgspecError):
        kept = msgspec.json.decode(cache_file().read_bytes(), type=_Latest)
    if kept is None:
        kept = compile_latest()
        with contextlib.suppress(OSError, RuntimeError):
            _keep(cache_file(), msgspec.json.encode(kept))
    found: dict[int, Table | str] = dict(kept.refused)
    found.update({t.category: t for t in kept.tables})
    return found


def compile_latest() -> _Latest:
    """Compile the latest edition of every category that libasterix describes."""
    tables, refused = [], {}
    for category, known in editions().items():
        edition, spec = list(known.items())[-1]
        try:
            tables.append(compile_table(category, edition, spec))
        except WireError as error:
            refused[category] = error.reason
    return _Latest(tables, refused)


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def main() -> None:
    """Compile and keep the tables; say what there is."""
    latest = _latest()
    made = [f"{c:03d} ({t.edition})" for c, t in sorted(latest.items()) if isinstance(t, Table)]
    sys.stdout.write(f"ASTERIX tables: {', '.join(made)}\nkept in {cache_file()}\n")
    for category, reason in sorted(latest.items()):
        if isinstance(reason, str):
            sys.stdout.write(f"left out: CAT{category:03d}: {reason}\n")


if __name__ == "__main__":
    main()
