"""Columns to ASTERIX, from the same tables as the decoder.

    >>> data, ends = encode_records(34, 1, {"010/SAC": [12], "010/SIC": [34], "000": [1], "030": [3600.5], "041": [4.0]})
    >>> blocks, _ = encode_blocks(34, data, ends)
    >>> blocks.hex()
    '22000ce80c22010708400200'

All records are written together, item by item: which records hold it, where it goes in each (encode_layout.py), its bits
(encode_values.py); encode_writer.py gathers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.encode_values import Runs
from tenere.wire.asterix.encode_writer import Writer
from tenere.wire.asterix.tables import expansion, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from tenere.wire.asterix.table import Table

    I64 = NDArray[np.int64]

EXPANSION = "RE/"
"""What the paths of elements of the reserved expansion field begin with."""


def encode_records(
    category: int,
    n: int,
    columns: Mapping[str, ArrayLike | Runs],
    present: Mapping[str, ArrayLike] | None = None,
    edition: str | None = None,
) -> tuple[bytes, NDArray[np.int64]]:
    """Write n records of one category; return their bytes and where each ends, (n,) int64.

    columns: element path ("040/RHO", "161/TRN", "220", "130/SRL") -> (n,) values, or one for all:
        float   physical, in the unit of the specification (NM, deg, FL, s ...), rounded to its step; NaN: absent
        integer the raw bits (a code, a flag, a track number); negative in an unsigned element: absent
        bytes   text (six-bit letters, ASCII); empty: absent
        Runs    for an element of a repetitive item ("250/MBDATA"): the same kinds of values, some for each record, none absent;
                all elements given of one item have the same offsets. For an explicit item ("RE", "SP"): its octets after the length
    "RE/..." is an element of the reserved expansion field where that is described ("RE/MD5/SUM/ID"), under the same rules.
    An item is written where every column given for it is present, a repetitive one where it repeats, an explicit one where it
    has octets; columns not given are zero bits. Further parts of an extended item are written where one of their columns is not
    zero. An angle whose range is the full circle wraps.
    present: item, subitem or element path -> (n,) mask: written only there (an item without columns: zero bits there; a counted
    repetitive or an explicit item without any: a count of none there; the element of a further part of an extended item: that
    part is written there, even as zero bits).
    Raises WireError for a path that the edition lacks, a value that does not fit, a wrong length.
    """
    fields, masks = dict(columns), dict(present or {})
    inner = {path: fields.pop(path) for path in columns if path.startswith(EXPANSION)}
    limits = {path: masks.pop(path) for path in present or {} if path.startswith(EXPANSION)}
    if inner or limits:
        if "RE" in fields:
            raise WireError(f"CAT{category:03d} RE: given both as octets and as elements")
        fields["RE"] = _expansion(category, n, inner, limits)
    return _encoded(table(category, edition), n, fields, masks)


def _encoded(layout: Table, n: int, columns: Mapping[str, ArrayLike | Runs], present: Mapping[str, ArrayLike]) -> tuple[bytes, I64]:
    writer = Writer(layout, n, present)
    for path, given in columns.items():
        writer.add(path, given)
    return writer.write() if n else (b"", np.zeros(0, np.int64))


def _expansion(category: int, n: int, columns: Mapping[str, ArrayLike | Runs], present: Mapping[str, ArrayLike]) -> Runs:
    """Return the octets of reserved expansion fields after their length: none where nothing of it is present."""
    layout = expansion(category)
    if layout is None:
        raise WireError(f"CAT{category:03d} RE: nothing describes what is inside")
    start = len(EXPANSION)
    data, ends = _encoded(layout, n, {p[start:]: v for p, v in columns.items()}, {p[start:]: m for p, m in present.items()})
    return Runs(np.frombuffer(data, np.uint8), np.concatenate([np.zeros(1, np.int64), ends]))


def encode_blocks(category: int, data: bytes, ends: NDArray[np.int64], max_block_bytes: int = 1400) -> tuple[bytes, NDArray[np.int64]]:
    """Pack consecutive records of one category into blocks; return the blocks and where each ends, (blocks,) int64.

    A block is at most max_block_bytes long, but for a single record that is longer.
    Raises WireError for a record of more than 65,532 bytes.
    """
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    lengths = ends - starts
    if len(ends) and lengths.max() > 65532:
        raise WireError("a record longer than a block can be")
    room = min(max_block_bytes, 65535) - 3
    first: list[int] = []
    at = 0
    while at < len(ends):
        first.append(at)
        at = max(int(np.searchsorted(ends, starts[at] + room, side="right")), at + 1)
    begin = np.array(first, np.int64)
    block_of = np.zeros(len(ends), np.int64)
    block_of[begin[1:]] = 1
    block_of = np.cumsum(block_of)
    out = np.zeros(len(data) + 3 * len(begin), np.uint8)
    out[np.arange(len(data)) + np.repeat(3 * (block_of + 1), lengths)] = np.frombuffer(data, np.uint8)
    last = np.concatenate([begin[1:], np.full(1, len(ends), np.int64)]) - 1
    block_ends = ends[last] + 3 * np.arange(1, len(begin) + 1) if len(begin) else np.zeros(0, np.int64)
    block_starts = np.concatenate([np.zeros(1, np.int64), block_ends[:-1]]) if len(begin) else block_ends
    size = block_ends - block_starts
    out[block_starts], out[block_starts + 1], out[block_starts + 2] = category, size >> 8, size & 255
    return out.tobytes(), block_ends
