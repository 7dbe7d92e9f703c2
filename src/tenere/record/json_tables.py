"""JSON tables of positions as lines of CSV, which the format ``plots`` reads: a list of rows, or columns by name.

Trajectory tables of research tools come so: ``[{"timestamp": ..., "latitude": ...}, ...]`` or ``{"timestamp": {"0": ...}, ...}``, gzip or
not. Rows are put in order of time; what is missing is left empty. Nothing is believed of it: the format checks every value.
"""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.errors import TenereError

if TYPE_CHECKING:
    from pathlib import Path

MOST_COLUMNS = 64
LARGEST = 1 << 30
TIMES = ("timestamp", "time", "time_s")


def is_json_table(data: bytes) -> bool:
    """Say whether bytes (unpacked) may be one: JSON that begins with a list of objects or an object of objects or lists."""
    head = data[:256].lstrip()
    return head[:1] in (b"[", b"{") and head[1:].lstrip()[:1] in (b"{", b'"')


def unpacked(data: bytes, path: Path) -> bytes:
    """Return a file's bytes without gzip; raise TenereError where it is damaged or too large."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        opened = gzip.decompress(data) if len(data) < LARGEST // 8 else b""
    except (OSError, EOFError, zlib.error) as e:
        raise TenereError(f"{path}: gzip that does not unpack: {e}") from e
    if not opened or len(opened) > LARGEST:
        raise TenereError(f"{path}: unpacks to nothing, or to 1 GiB or more")
    return opened


def as_csv(data: bytes, path: Path) -> bytes:
    """Return a JSON table as CSV with a header; raise TenereError where it is none."""
    try:
        tree = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise TenereError(f"{path}: is no whole JSON: {e}") from e
    names, rows = _of_rows(tree) if isinstance(tree, list) else _of_columns(tree)
    if not rows or not names or len(names) > MOST_COLUMNS:
        raise TenereError(f"{path}: JSON, but no table: a list of rows, or columns by name, is needed")
    key = next((names.index(t) for t in TIMES if t in names), None)
    if key is None:
        raise TenereError(f"{path}: has no column {', '.join(TIMES)}")
    rows = [r for r in rows if isinstance(r[key], int | float) and not isinstance(r[key], bool)]
    if not rows:
        raise TenereError(f"{path}: no row of it has a time")
    rows.sort(key=lambda r: r[key])
    lines = [",".join(names), *(",".join(map(_cell, r)) for r in rows)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _of_rows(tree: list[Any]) -> tuple[list[str], list[list[Any]]]:
    rows = [r for r in tree if isinstance(r, dict)]
    names = list(dict.fromkeys(name for r in rows for name in r))
    return [_cell(n) for n in names], [[r.get(n) for n in names] for r in rows]


def _of_columns(tree: Any) -> tuple[list[str], list[list[Any]]]:  # noqa: ANN401 - any JSON
    if not isinstance(tree, dict):
        return [], []
    columns = {n: list(c.values()) if isinstance(c, dict) else c for n, c in tree.items() if isinstance(c, dict | list)}
    length = min((len(c) for c in columns.values()), default=0)
    return [_cell(n) for n in columns], [list(r) for r in zip(*(c[:length] for c in columns.values()), strict=True)]


def _cell(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Write one value as a cell: nothing of it may part columns or lines."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "".join(" " if c in ',;\t|"\r\n' else c for c in str(value)).strip()
