"""Whole numbers packed into few bits: what the columns of a frame of tracks are made of.

A list of n whole numbers (32 bits, signed) is one or more layers, all in little-endian words of 32 bits:

    u32 width | form << 8    u32 base    u32 more, where the form has it

- form 0, dense: then n fields of ``width`` bits, the first in the lowest bits of the first word. Each is a number less
  ``base`` (modulo 2^32).
- form 1, dense with exceptions: the same, but a field with all bits set stands for a number of the layer after the fields,
  which holds those ``more`` numbers in the same order.
- form 2, sparse: ``width`` is 0 and all n numbers are ``base`` but ``more`` of them. Two lists follow: how many rows lie
  between each of those and the one before it (the first: before it), and the numbers.

So a column costs what most of its rows need, and the odd one out pays for itself.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import WireError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int32]

HEAD = struct.Struct("<Ii")
MORE = struct.Struct("<I")
DENSE, EXCEPT, SPARSE = 0, 1, 2
DEPTH = 4
"""At most so many layers in each other."""
MISSING = -(2**31)
"""Stands for what is not known; kept out of the way where widths are chosen."""
HEAD_BITS = 8 * HEAD.size
SAMPLE = 1000
"""About so many rows say which width is best for all."""


def pack(values: Whole) -> bytes:
    """Return n whole numbers as layers."""
    out: list[bytes] = []
    _layer(values, out, 1)
    return b"".join(out)


def _layer(values: Whole, out: list[bytes], depth: int) -> None:
    n = len(values)
    low, high = (int(values.min()), int(values.max())) if n else (0, 0)
    if low == high:
        out.append(HEAD.pack(0, low))
        return
    base, width, dense_bits = _window(values, low, high) if depth < DEPTH else (low, (high - low).bit_length(), 0)
    if depth + 2 <= DEPTH:  # the lists within have layers of their own
        usual, others = _usual(values)
        if others * 4 < n and others * ((n // others).bit_length() + 1 + min(16, (high - low).bit_length())) + 3 * HEAD_BITS < dense_bits:
            rows = np.flatnonzero(values != usual).astype(np.int32)
            out.append(HEAD.pack(SPARSE << 8, usual) + MORE.pack(len(rows)))
            _layer(np.diff(rows, prepend=np.int32(-1)) - np.int32(1), out, depth + 1)
            _layer(values[rows], out, depth + 1)
            return
    above = (values.astype(np.int64) - base).astype(np.uint32)  # what lies below the base wraps round to far above
    left = above >= (1 << width) - 1 if width < 32 else np.zeros(n, np.bool_)
    if width >= 32 or (low >= base and high - base < 1 << width):
        left = np.zeros(n, np.bool_)
    more = int(np.count_nonzero(left))
    fields = np.where(left, np.uint32((1 << width) - 1), above) if more else above
    if not more:
        out += [HEAD.pack(width, base), pack_bits(fields, width)]
    else:
        out += [HEAD.pack(width | EXCEPT << 8, base), MORE.pack(more), pack_bits(fields, width)]
        _layer(values[left], out, depth + 1)


def _usual(values: Whole) -> tuple[int, int]:
    """Return a number that most rows may be, and how many are not."""
    found = [(int(np.count_nonzero(values != usual)), usual) for usual in {0, MISSING, int(values[len(values) // 2])}]
    others, usual = min(found)
    return usual, others


def _bits(above: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return how many bits each number (0 to 2^33) needs."""
    return np.frexp(above.astype(np.float64))[1]


def _window(values: Whole, low: int, high: int) -> tuple[int, int, float]:
    """Return (base, width, bits in all) of the window of numbers that makes the layer small."""
    n, some = len(values), values[:: max(1, len(values) // SAMPLE)]
    wide = some.astype(np.int64)
    span = high - low
    least = int(values.min(where=values != MISSING, initial=high)) if low == MISSING else low
    best = (low, span.bit_length(), float(n * span.bit_length()))
    rest_bits = min(32, span.bit_length())
    around = np.where(wide < 0, -2 * wide - 1, 2 * wide)  # 0 -1 1 -2 2 …
    for centred, above in ((False, wide - least), (True, around)):
        within = np.cumsum(np.bincount(_bits(np.where(above < 0, 1 << 32, above)), minlength=34))
        for width in range(1, min(32, span.bit_length())):
            more = n * (1.0 - int(within[width]) / len(some))
            bits = n * width + more * rest_bits + HEAD_BITS
            if bits < best[2]:
                best = (-(1 << (width - 1)) if centred else least, width, bits)
    return best


def pack_bits(fields: NDArray[np.uint32], width: int) -> bytes:
    """Return fields of so many bits one after the other, filled up to whole words."""
    if width == 0 or not len(fields):
        return b""
    eights = -(-len(fields) // 8)  # eight fields fill as many bytes as one has bits
    padded = np.zeros((eights, 8), np.uint64)
    padded.reshape(-1)[: len(fields)] = fields
    words = np.zeros((eights, -(-width // 8)), "<u8")
    for k in range(8):
        word, shift = divmod(k * width, 64)
        words[:, word] |= padded[:, k] << np.uint64(shift)
        if shift + width > 64:
            words[:, word + 1] |= padded[:, k] >> np.uint64(64 - shift)
    raw = np.ascontiguousarray(words.view(np.uint8)[:, :width]).tobytes()[: -(-len(fields) * width // 8)]
    return raw + bytes(-len(raw) % 4)


def unpack_bits(raw: Any, n: int, width: int) -> NDArray[np.uint32]:  # noqa: ANN401 - any buffer
    """Return the n fields of so many bits that a buffer begins with."""
    if width == 0 or n == 0:
        return np.zeros(n, np.uint32)
    eights = -(-n // 8)
    padded = np.zeros((eights, 8 * -(-width // 8)), np.uint8)
    given = np.frombuffer(raw, np.uint8)[: eights * width]
    whole = np.zeros(eights * width, np.uint8)
    whole[: len(given)] = given
    padded[:, :width] = whole.reshape(eights, width)
    words = padded.view("<u8")
    out = np.zeros((eights, 8), np.uint64)
    for k in range(8):
        word, shift = divmod(k * width, 64)
        out[:, k] = words[:, word] >> np.uint64(shift)
        if shift + width > 64:
            out[:, k] |= words[:, word + 1] << np.uint64(64 - shift)
    out &= np.uint64((1 << width) - 1)
    return out.reshape(-1)[:n].astype(np.uint32)


def unpack(raw: bytes, at: int, n: int, depth: int = 1) -> tuple[Whole, int]:
    """Return the n whole numbers packed from a place on, and where they end. Raises WireError on bytes that are none."""
    if depth > DEPTH or at + HEAD.size > len(raw):
        raise WireError("packed numbers cut short or too deep", at)
    how, base = HEAD.unpack_from(raw, at)
    width, form, more = how & 0xFF, how >> 8, 0
    at += HEAD.size
    if form != DENSE:
        if at + MORE.size > len(raw):
            raise WireError("packed numbers cut short", at)
        more = MORE.unpack_from(raw, at)[0]
        at += MORE.size
    if more > n or width > 32 or form > SPARSE or (form == SPARSE and width):
        raise WireError("packed numbers with a head that cannot be", at)
    if form == SPARSE:
        return _unpack_sparse(raw, at, n, base, more, depth)
    size = 4 * -(-n * width // 32)
    if at + size > len(raw):
        raise WireError("packed numbers cut short", at)
    fields = unpack_bits(raw[at : at + size], n, width)
    values = (fields + np.uint32(base & 0xFFFFFFFF)).view(np.int32)
    at += size
    if form == DENSE:
        return values, at
    left = fields == (1 << width) - 1
    if int(np.count_nonzero(left)) != more:
        raise WireError("packed numbers that promise others than they hold", at)
    values[left], at = unpack(raw, at, more, depth + 1)
    return values, at


def _unpack_sparse(raw: bytes, at: int, n: int, base: int, more: int, depth: int) -> tuple[Whole, int]:
    gaps, at = unpack(raw, at, more, depth + 1)
    found, at = unpack(raw, at, more, depth + 1)
    rows = np.cumsum(gaps.astype(np.int64) + 1) - 1
    if more and (int(gaps.min()) < 0 or int(rows[-1]) >= n):
        raise WireError("packed numbers in rows that are not there", at)
    values = np.full(n, base, np.int32)
    values[rows] = found
    return values, at
