"""Values as the bits of an element: what an encoder is given, checked and rounded before any byte is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import WireError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.table import Element

    Bits = NDArray[np.uint64]
    Octets = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

WORD = 64
"""Bits of the widest element that is held as a number; a wider one is held as octets."""


class Runs(NamedTuple):
    """What each record holds several of: record i has values[offsets[i]:offsets[i + 1]].

    values: (total,) of one element of a repetitive item, or the octets (uint8) of an explicit one. offsets: (n + 1,) int64.
    """

    values: NDArray[Any]
    offsets: NDArray[np.int64]


def bits_of(element: Element, values: NDArray[Any], name: str) -> tuple[Bits | Octets, Mask]:
    """Return values (m,) as the bits of an element, and which of them are there at all; raise WireError where one does not fit.

    Floats are physical, NaN absent; integers the bits themselves, negative absent where the element is unsigned; bytes text,
    empty absent. Bits are (m,) uint64, or (m, octets) uint8 of an element wider than a word, which is given as the latter or as text.
    """
    kind = values.dtype.kind
    if element.width > WORD:
        return _wide(element, values, name)
    here = np.ones(len(values), np.bool_)
    if kind == "f":
        physical = values.astype(np.float64)
        here = ~np.isnan(physical)
        raw = quantise(element, physical, name).view(np.uint64)
    elif kind in "iub":
        numbers = values.astype(np.uint8) if kind == "b" else values
        fits = f"{name}: does not fit its {element.width} bits"
        if element.signed:
            low, high = _range(element)
            _refuse((numbers < low) | (numbers > high), fits, numbers)
        else:
            here = numbers >= 0
            _refuse(here & (numbers.astype(np.uint64) >> np.uint64(element.width - 1) > 1), fits, numbers)
        raw = np.where(here, numbers, 0).astype(np.int64 if kind == "i" else np.uint64).view(np.uint64)
    elif kind == "S":
        here = values != b""
        letters, bits = _letters(element, values.astype(np.bytes_), name)
        raw = np.zeros(len(values), np.uint64)
        for k in range(letters.shape[1]):
            raw = (raw << np.uint64(bits)) | letters[:, k].astype(np.uint64)
    else:
        raise WireError(f"{name}: columns are floats, integers or bytes")
    return np.where(here, raw & np.uint64((1 << element.width) - 1), np.uint64(0)), here


def quantise(element: Element, values: NDArray[np.float64], name: str) -> NDArray[np.int64]:
    """Return physical values as whole steps of an element, (n,) int64 (0 where NaN); raise WireError where one does not fit."""
    steps = np.rint(np.where(np.isnan(values), 0.0, values) / element.lsb)
    if not element.signed and abs(element.lsb * (1 << element.width) - 360.0) < 1e-9:
        steps = steps % (1 << element.width)
    low, high = _range(element)
    _refuse((steps < low) | (steps > high), f"{name}: does not fit its {element.width} bits", values)
    return steps.astype(np.int64)


def _range(element: Element) -> tuple[int, int]:
    """Return the least and greatest number that an element holds."""
    return (-(1 << (element.width - 1)), (1 << (element.width - 1)) - 1) if element.signed else (0, (1 << element.width) - 1)


def _refuse(bad: Mask, reason: str, values: NDArray[Any]) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise WireError(f"{reason}: {values[row]} in row {row}")


_CODES = np.zeros(256, np.uint8)
_CODES[ord(" ")] = 0x20
_CODES[ord("A") : ord("Z") + 1] = np.arange(1, 27)
_CODES[ord("0") : ord("9") + 1] = np.arange(0x30, 0x3A)
"""Six-bit letters (ICAO Annex 10 IV 3.1.2.9.1.2); 0 is none."""


def _letters(element: Element, values: NDArray[np.bytes_], name: str) -> tuple[Octets, int]:
    """Return text as codes, (m, letters), padded with spaces; and the bits of one."""
    bits = {"icao": 6, "ascii": 8}.get(element.content, 0)
    if not bits:
        raise WireError(f"{name} does not hold text")
    count = element.width // bits
    _refuse(np.strings.str_len(values) > count, f"{name}: longer than {count} letters", values)
    if not len(values):  # which ljust refuses
        return np.zeros((0, count), np.uint8), bits
    letters = np.strings.ljust(values.astype(f"S{count}"), count).view(np.uint8).reshape(len(values), count)
    codes = _CODES[letters] if bits == 6 else letters
    _refuse((codes == 0).any(axis=1) & (values != b""), f"{name}: a letter that cannot be written", values)
    return codes, bits


def _wide(element: Element, values: NDArray[Any], name: str) -> tuple[Octets, Mask]:
    """Return an element wider than a word as octets."""
    size = element.width // 8
    if values.dtype.kind == "S":
        return _letters(element, values.astype(np.bytes_), name)[0], values != b""
    if values.dtype != np.uint8 or values.ndim != 2 or values.shape[1] != size or element.bit % 8 or element.width % 8:
        raise WireError(f"{name}: wider than 64 bits, so given as rows of {size} octets")
    return values.astype(np.uint8), np.ones(len(values), np.bool_)


@njit(cache=True)
def put_bits(out: NDArray[np.uint8], at: NDArray[np.int64], bit: int, width: int, values: NDArray[np.uint64]) -> None:
    """Write values into width bits (at most 64), bit bits after a byte of out each; nothing where that is negative.

    out: (bytes,) uint8, the bits still 0. at, values: (m,), values below 2 ** width.
    """
    first = bit >> 3
    last = (bit + width - 1) >> 3
    drop = np.uint64(7 - ((bit + width - 1) & 7))
    for i in range(at.size):
        if at[i] < 0:
            continue
        rest = values[i]
        out[at[i] + last] |= np.uint8((rest << drop) & np.uint64(255))
        rest >>= np.uint64(8) - drop
        for k in range(last - 1, first - 1, -1):
            out[at[i] + k] |= np.uint8(rest & np.uint64(255))
            rest >>= np.uint64(8)


@njit(cache=True)
def put_runs(out: NDArray[np.uint8], at: NDArray[np.int64], values: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
    """Copy each record's octets, (total,) with offsets (n + 1,), to its place in out; nothing where that is negative."""
    for i in range(at.size):
        if at[i] < 0:
            continue
        for k in range(offsets[i], offsets[i + 1]):
            out[at[i] + k - offsets[i]] = values[k]
