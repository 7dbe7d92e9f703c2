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
from typing import TypeVar

import msgspec

from tenere.errors import WireError
from tenere.wire.asterix.compiler import compile_expansion, compile_table, editions, expansions
from tenere.wire.asterix.table import Table

TABLE_VERSION = 4
"""Raise it whenever Table, Node or Element, or what the compiler writes into them, changes."""

Kept = TypeVar("Kept")


class _Latest(msgspec.Struct, frozen=True):
    """What the first cache file holds: one table a category and one an expansion field, the reason for each that cannot be had.

    known: the names of the editions of every category, oldest first.
    """

    tables: list[Table]
    expansions: list[Table]
    refused: dict[int, str]
    known: dict[int, list[str]]


class _Others(msgspec.Struct, frozen=True):
    """What the second holds: every older edition that can be read."""

    tables: list[Table]
    refused: dict[str, str]


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
    known = known_editions(category)
    if edition not in known:
        raise WireError(f"CAT{category:03d} has no edition {edition}: there are {', '.join(known)}")
    older = _others()[category, edition]
    if isinstance(older, str):
        raise WireError(older)
    return older


def expansion(category: int) -> Table | None:
    """Return the table of a category's reserved expansion field: its latest edition; None where none is described."""
    return {t.category: t for t in _kept_latest().expansions}.get(category)


def known_categories() -> tuple[int, ...]:
    """Return the categories that can be decoded, in order."""
    return tuple(sorted(c for c, t in _latest().items() if isinstance(t, Table)))


def described_categories() -> tuple[int, ...]:
    """Return the categories that exist, whether or not they can be decoded, in order."""
    return tuple(sorted(_latest()))


def known_editions(category: int) -> tuple[str, ...]:
    """Return the names of the editions of a category, oldest first; none of one that is not described."""
    return tuple(_kept_latest().known.get(category, ()))


def cache_file(what: str = "") -> Path:
    """Return where the compiled tables are kept: $XDG_CACHE_HOME/tenere or ~/.cache/tenere, by version of both programs."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(home) / "tenere" / f"asterix-{version('libasterix')}-{TABLE_VERSION}{what}.json"


@cache
def _latest() -> dict[int, Table | str]:
    """Return the latest table of every category, or why there is none."""
    kept = _kept_latest()
    found: dict[int, Table | str] = dict(kept.refused)
    found.update({t.category: t for t in kept.tables})
    return found


@cache
def _kept_latest() -> _Latest:
    """Return the latest tables: from the cache file, else compiled and kept."""
    kept = _read("", _Latest)
    if kept is None:
        kept = compile_latest()
        _write("", msgspec.json.encode(kept))
    return kept


@cache
def _others() -> dict[tuple[int, str], Table | str]:
    """Return every edition but the latest by category and name, or why it cannot be had: from its cache file, else compiled and kept."""
    kept = _read("-editions", _Others)
    if kept is None:
        kept = compile_others()
        _write("-editions", msgspec.json.encode(kept))
    found: dict[tuple[int, str], Table | str] = {(t.category, t.edition): t for t in kept.tables}
    for name, reason in kept.refused.items():
        category, _, edition = name.partition(" ")
        found[int(category), edition] = reason
    return found


def compile_latest() -> _Latest:
    """Compile the latest edition of every category that libasterix describes, and of every expansion field."""
    tables, refused, known = [], {}, {}
    for category, specs in editions().items():
        edition, spec = list(specs.items())[-1]
        known[category] = list(specs)
        try:
            tables.append(compile_table(category, edition, spec))
        except WireError as error:
            refused[category] = error.reason
    fields = []
    for category, specs in expansions().items():
        edition, spec = list(specs.items())[-1]
        with contextlib.suppress(WireError):  # its bytes are kept all the same
            fields.append(compile_expansion(category, edition, spec))
    return _Latest(tables, fields, refused, known)


def compile_others() -> _Others:
    """Compile every edition but the latest of every category."""
    tables, refused = [], {}
    for category, specs in editions().items():
        for edition, spec in list(specs.items())[:-1]:
            try:
                tables.append(compile_table(category, edition, spec))
            except WireError as error:
                refused[f"{category} {edition}"] = error.reason
    return _Others(tables, refused)


def _read(what: str, kind: type[Kept]) -> Kept | None:
    """Return what a cache file holds; None where there is none that can be read."""
    with contextlib.suppress(OSError, RuntimeError, msgspec.MsgspecError):
        return msgspec.json.decode(cache_file(what).read_bytes(), type=kind)
    return None


def _write(what: str, content: bytes) -> None:
    """Keep a cache file; where that cannot be, go on without."""
    with contextlib.suppress(OSError, RuntimeError):
        _keep(cache_file(what), content)


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
