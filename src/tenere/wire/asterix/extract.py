"""Kernels that turn blocks into columns: a few hundred records at a time, every element of those, then the next.

The places of a piece's items (one row a slot), its bytes and what an element makes of them stay in the cache; each column is
written once, in order. What an element is comes as arrays (``Numbers``, ``Texts``), so one compiled kernel reads every category.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.wire.asterix.gather import PIECE, gather, gather_byte, gather_odd, reach
from tenere.wire.asterix.trace import recall
from tenere.wire.asterix.walk import record_by

if TYPE_CHECKING:
    from numpy.typing import NDArray

REAL, BYTE, SHORT, WORD, LONG = range(5)
"""What a number becomes: float64, or an integer of 1, 2, 4 or 8 bytes."""

ICAO = np.frombuffer(b"?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????", np.uint8)
"""Six-bit letters (ICAO Annex 10 IV 3.1.2.9.1.2); ? is none of them."""


class Numbers(NamedTuple):
    """Elements that are numbers, (elements,) each: where their bits are and what becomes of them.

    slot: row of places. first: byte from there; size: bytes that hold it; drop: bits after it in the last byte; mask: its bits.
    sign: its sign bit, 0 where it has none. lsb: what one step is worth. kind: REAL .. LONG; row: of the output of that kind.
    """

    slot: NDArray[np.int64]
    first: NDArray[np.int64]
    size: NDArray[np.int64]
    drop: NDArray[np.uint64]
    mask: NDArray[np.uint64]
    sign: NDArray[np.uint64]
    lsb: NDArray[np.float64]
    kind: NDArray[np.int64]
    row: NDArray[np.int64]


class Texts(NamedTuple):
    """Elements that are text, (elements,) each: first bit, bits a letter, letters, where the column begins in the output."""

    slot: NDArray[np.int64]
    bit: NDArray[np.int64]
    bits: NDArray[np.int64]
    letters: NDArray[np.int64]
    begin: NDArray[np.int64]


class Outputs(NamedTuple):
    """Columns to be written. real .. long: (elements of the kind, n); letters: one text column after the other; masks: (slots, n)."""

    real: NDArray[np.float64]
    byte: NDArray[np.uint8]
    short: NDArray[np.uint16]
    word: NDArray[np.uint32]
    long: NDArray[np.uint64]
    letters: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    places: NDArray[np.int32]


@njit(cache=True)
def _numbers(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    m: int,
    base: int,
    fields: Any,  # noqa: ANN401 - numba
    out: Any,  # noqa: ANN401 - numba
    octet: NDArray[np.uint8],
    raw: NDArray[np.uint64],
) -> None:
    """Read every number of m records, of which places (slots, m or more) holds the items, into columns from row base on.

    An absent one is NaN or 0: 0 stays 0 when its sign is extended. The bytes that hold several elements are read once.
    """
    slot = first = size = -1
    at = places[0]
    least = -1
    most = -1
    for k in range(fields.slot.size):
        fresh = fields.first[k] != first or fields.size[k] != size
        if fields.slot[k] != slot:
            slot = int(fields.slot[k])
            at = places[slot]
            least, most = reach(at, m)
            fresh = True
        kind = fields.kind[k]
        row = fields.row[k]
        sign = fields.sign[k]
        drop = fields.drop[k]
        mask = fields.mask[k]
        if fresh:
            first = int(fields.first[k])
            size = int(fields.size[k])
            if size == 1:
                gather_byte(data, at, m, first, most, octet)
            elif size <= 8:
                gather(data, at, m, first, size, most, raw)
        if size > 8:
            gather_odd(data, at, m, first, size, drop, raw)
            drop = np.uint64(0)
        if size == 1 and kind == BYTE:  # most are: flags and codes
            code = out.byte[row, base : base + m]
            for i in range(m):
                code[i] = np.uint8((((np.uint64(octet[i]) >> drop) & mask) ^ sign) - sign)
            continue
        if size == 1:
            for i in range(m):
                raw[i] = octet[i]
        if kind == REAL:
            lsb = fields.lsb[k]
            real = out.real[row, base : base + m]
            for i in range(m):
                real[i] = np.int64((((raw[i] >> drop) & mask) ^ sign) - sign) * lsb
            if least < 0:
                for i in range(m):
                    real[i] = real[i] if at[i] >= 0 else np.nan
        elif kind == BYTE:
            byte = out.byte[row, base : base + m]
            for i in range(m):
                byte[i] = np.uint8((((raw[i] >> drop) & mask) ^ sign) - sign)
        elif kind == SHORT:
            short = out.short[row, base : base + m]
            for i in range(m):
                short[i] = np.uint16((((raw[i] >> drop) & mask) ^ sign) - sign)
        elif kind == WORD:
            word = out.word[row, base : base + m]
            for i in range(m):
                word[i] = np.uint32((((raw[i] >> drop) & mask) ^ sign) - sign)
        else:
            long = out.long[row, base : base + m]
            for i in range(m):
                long[i] = (((raw[i] >> drop) & mask) ^ sign) - sign


@njit(cache=True)
def _eight(
    data: NDArray[np.uint8], at: NDArray[np.int32], m: int, first: int, to: int, icao: NDArray[np.uint8], letters: NDArray[np.uint8]
) -> None:
    """Read eight letters of six bits of m records: spaces at their end become zeros."""
    for i in range(m):
        target = np.uint64(to + 8 * i)
        if at[i] < 0:
            for j in range(8):
                letters[target + np.uint64(j)] = 0
            continue
        p = np.uint64(at[i] + first)
        value = np.uint64(0)
        for k in range(6):
            value = (value << np.uint64(8)) | np.uint64(data[p + np.uint64(k)])
        for j in range(8):
            letters[target + np.uint64(j)] = icao[(value >> np.uint64(42 - 6 * j)) & np.uint64(63)]
        past = np.uint64(8)
        while past > np.uint64(0) and letters[target + past - np.uint64(1)] == 0x20:
            past -= np.uint64(1)
            letters[target + past] = 0


@njit(cache=True)
def _ascii(data: NDArray[np.uint8], at: NDArray[np.int32], m: int, first: int, count: int, to: int, letters: NDArray[np.uint8]) -> None:
    """Read letters of eight bits of m records: spaces and zeros at their end become zeros, what is no letter a question mark."""
    for i in range(m):
        target = np.uint64(to + count * i)
        if at[i] < 0:
            for j in range(count):
                letters[target + np.uint64(j)] = 0
            continue
        p = np.uint64(at[i] + first)
        for j in range(count):
            code = data[p + np.uint64(j)]
            code = np.uint8(0x20) if code == 0 else code
            letters[target + np.uint64(j)] = code if 0x20 <= code <= 0x7E else np.uint8(0x3F)
        past = np.uint64(count)
        while past > np.uint64(0) and letters[target + past - np.uint64(1)] == 0x20:
            past -= np.uint64(1)
            letters[target + past] = 0


@njit(cache=True)
def _texts(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    m: int,
    base: int,
    fields: Any,  # noqa: ANN401 - numba
    icao: NDArray[np.uint8],
    letters: NDArray[np.uint8],
) -> None:
    """Read every text of m records: spaces and zeros at its end become zeros, what is no letter a question mark."""
    for k in range(fields.slot.size):
        at = places[fields.slot[k]]
        bits = fields.bits[k]
        count = fields.letters[k]
        begin = fields.begin[k] + base * count
        if bits == 6 and count == 8 and fields.bit[k] & 7 == 0:
            _eight(data, at, m, fields.bit[k] >> 3, begin, icao, letters)
            continue
        if bits == 8 and fields.bit[k] & 7 == 0:
            _ascii(data, at, m, fields.bit[k] >> 3, count, begin, letters)
            continue
        for i in range(m):
            to = begin + i * count
            place = at[i]
            if place < 0:
                for j in range(count):
                    letters[to + j] = 0
                continue
            past = 0
            bit = fields.bit[k]
            for j in range(count):
                p = place + (bit >> 3)
                shift = bit & 7
                code = int(data[p]) << 8
                if shift + bits > 8:
                    code |= int(data[p + 1])
                bit += bits
                code = (code >> (16 - bits - shift)) & ((1 << bits) - 1)
                if bits == 6:
                    code = int(icao[code])
                elif code and (code < 0x20 or code > 0x7E):
                    code = 0x3F
                if code & 0x5F:  # neither space nor zero
                    past = j + 1
                letters[to + j] = code | (0x20 if code == 0 else 0)
            for j in range(past, count):
                letters[to + j] = 0


@njit(cache=True)
def columns(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    take: NDArray[np.int64],
    program: NDArray[np.int32],
    runs: NDArray[np.int32],
    held: NDArray[np.int64],
    masked: NDArray[np.int64],
    listed: NDArray[np.int64],
    numbers: Any,  # noqa: ANN401 - numba
    texts: Any,  # noqa: ANN401 - numba
    icao: NDArray[np.uint8],
    places: NDArray[np.int32],
    octet: NDArray[np.uint8],
    raw: NDArray[np.uint64],
    offset: NDArray[np.int64],
    block_of: NDArray[np.int32],
    out: Any,  # noqa: ANN401 - numba
    counts: NDArray[np.bool_],
    trace: Any,  # noqa: ANN401 - numba
) -> None:
    """Read the first `take` records of each block, which read whole, into columns; of a block with take -1 one row of nothing.

    starts, ends, take: (blocks,) int64. program: Table.program; runs: runs.runs_of. held: rows of places that any record may hold;
    masked: those whose presence is wanted (out.masks, one row each); listed: those wanted as they are (out.places). places: (1 + slots,
    STRIDE) int32, octet: (PIECE,) uint8 and raw: (PIECE,) uint64, scratch. offset, block_of: (n,) out, where each record begins and its
    block. counts, trace: where all these records are, as the survey has found it (trace.Trace; block_of stays as it is), or no rows.
    """
    rows = places.T
    places[:] = -1
    m = 0
    base = 0
    if trace.slot.size:
        row = 0
        while base < offset.size:
            m = min(PIECE, offset.size - base)
            row = recall(trace, row, m, counts, places, held)
            offset[base : base + m] = places[0, :m]
            _flush(data, places, m, base, masked, listed, numbers, texts, icao, octet, raw, out)
            base += m
        return
    for block in range(starts.size):
        position = starts[block]
        for _ in range(abs(take[block])):
            offset[base + m] = position
            block_of[base + m] = block
            if take[block] > 0:
                at = record_by(data, position, ends[block], program, runs, rows, m)
                position = at
            m += 1
            if m == PIECE:
                _flush(data, places, m, base, masked, listed, numbers, texts, icao, octet, raw, out)
                for k in range(held.size):
                    places[held[k], :] = -1
                base += m
                m = 0
    if m:
        _flush(data, places, m, base, masked, listed, numbers, texts, icao, octet, raw, out)


@njit(cache=True)
def _flush(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    m: int,
    base: int,
    masked: NDArray[np.int64],
    listed: NDArray[np.int64],
    numbers: Any,  # noqa: ANN401 - numba
    texts: Any,  # noqa: ANN401 - numba
    icao: NDArray[np.uint8],
    octet: NDArray[np.uint8],
    raw: NDArray[np.uint64],
    out: Any,  # noqa: ANN401 - numba
) -> None:
    """Write what one piece says."""
    for k in range(masked.size):
        at = places[masked[k]]
        mask = out.masks[k, base : base + m]
        for i in range(m):
            mask[i] = (np.uint32(at[i]) >> np.uint32(31)) ^ np.uint32(1)  # a comparison would be done one at a time
    for k in range(listed.size):
        at = places[listed[k]]
        out.places[k, base : base + m] = at[:m]
    _numbers(data, places, m, base, numbers, out, octet, raw)
    _texts(data, places, m, base, texts, icao, out.letters)


@njit(cache=True)
def spread(first: NDArray[np.int32], counts: NDArray[np.int64], size: int, places: NDArray[np.int32]) -> None:
    """List where every repetition of an item stands. first, counts: (n,), -1 absent; places: (1, total) int32 out."""
    n = 0
    for i in range(first.size):
        for k in range(counts[i]):
            places[0, n] = first[i] + k * size
            n += 1


@njit(cache=True)
def listed_elements(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    numbers: Any,  # noqa: ANN401 - numba
    texts: Any,  # noqa: ANN401 - numba
    icao: NDArray[np.uint8],
    out: Any,  # noqa: ANN401 - numba
) -> None:
    """Read every element of repetitions: places (1, total) int32."""
    total = places.shape[1]
    octet, raw = np.empty(PIECE, np.uint8), np.empty(PIECE, np.uint64)
    piece = np.empty((1, PIECE), np.int32)
    base = 0
    while base < total:
        m = min(PIECE, total - base)
        for i in range(m):
            piece[0, i] = places[0, base + i]
        _numbers(data, piece, m, base, numbers, out, octet, raw)
        _texts(data, piece, m, base, texts, icao, out.letters)
        base += m


@njit(cache=True)
def octets(data: NDArray[np.uint8], first: NDArray[np.int64], sizes: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """Gather runs of bytes end to end: first, sizes (n,) int64; out (total,) uint8."""
    n = 0
    for i in range(first.size):
        size = sizes[i]
        out[n : n + size] = data[first[i] : first[i] + size]
        n += size
