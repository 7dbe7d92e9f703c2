"""Find Mode S frames in text, byte by byte (the kernels of tenere.wire.modes_hex)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.wire.mode_s.crc import octet

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 4096
SHORTEST = 14  # characters of the shortest frame: a text of n holds at most n // 14 of them

NO_FRAME, TOO_LONG, BROKEN = range(3)
REASONS = ("text line without a Mode S frame", "text line over 4,096 bytes", "text line broken off")

UNFINISHED = -1
FIRST, SIZE, TIME, COUNTER, SIGNAL = range(5)
"""What is kept of one line: where its frame begins, bytes of the frame (0: none), time in seconds, 48-bit counter, signal level."""

MOST_DIGITS = 40
EARLIEST_S = 1e8  # a whole number from here on is a date (3 March 1973 in seconds)

NEWLINE, QUOTE, STAR, COMMA, POINT, COLON, SEMICOLON, LESS, AT = (ord(c) for c in '\n"*,.:;<@')
OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE = (ord(c) for c in "[\\]{}")


def _values() -> NDArray[np.int8]:
    """Return (256,) the value of each hex digit, -1 of what is none."""
    table = np.full(256, -1, np.int8)
    for i, c in enumerate(b"0123456789abcdef"):
        table[c] = i
    for i, c in enumerate(b"ABCDEF"):
        table[c] = 10 + i
    return table


HEX = _values()
WORD = np.array([chr(c).isascii() and (chr(c).isalnum() or chr(c) in "+-._") for c in range(256)], np.bool_)
"""Characters of one word; all others part words."""
BLANK = np.array([chr(c) in " \t\r\n,[]\0" or c in {0xEF, 0xBB, 0xBF} for c in range(256)], np.bool_)
"""What may stand before a line and means nothing: space, the commas and brackets of a JSON array, a byte order mark."""


def _fnv(word: bytes) -> int:
    """Return the 32-bit FNV-1a hash of a word."""
    value = 0x811C9DC5
    for c in word:
        value = ((value ^ c) * 0x01000193) & 0xFFFFFFFF
    return value


FRAME_NAMES = tuple(_fnv(name) for name in (b"frame", b"msg", b"hex", b"raw", b"message"))
TIME_NAMES = tuple(_fnv(name) for name in (b"timestamp", b"time", b"ts"))


@njit(cache=True)
def hash_of(text: NDArray[np.uint8], first: int, end: int) -> int:
    """Return the FNV-1a hash of text[first:end]."""
    value = 0x811C9DC5
    for i in range(first, end):
        value = ((value ^ octet(text, i)) * 0x01000193) & 0xFFFFFFFF
    return value


@njit(cache=True)
def is_hex(text: NDArray[np.uint8], first: int, end: int) -> bool:
    """Say whether text[first:end] is hex digits all through."""
    return bool(np.all(HEX[text[first:end]] >= 0))


@njit(cache=True)
def number(text: NDArray[np.uint8], first: int, end: int) -> float:
    """Return the value of plain decimal digits with at most one point, NaN for anything else (and for over 40 digits).

    The first 17 digits are taken as one integer and scaled once, so the result is right to about one unit in the last place.
    """
    digits, value, power, point = 0, 0, 0, False
    if end - first > MOST_DIGITS:
        return np.nan
    for i in range(first, end):
        c = octet(text, i)
        if c == POINT and not point:
            point = True
            continue
        if not 0x30 <= c <= 0x39:
            return np.nan
        if digits < 17:
            value, digits = value * 10 + c - 0x30, digits + 1
            power -= point
        else:
            power += not point
    if digits == 0:
        return np.nan
    return value * 10.0**power if power >= 0 else value / 10.0**-power


@njit(cache=True)
def seconds(value: float) -> float:
    """Return seconds of a time in seconds, milli-, micro- or nanoseconds, told apart by its size (from 1973 to 5138)."""
    if value >= 1e17:
        return value / 1e9
    if value >= 1e14:
        return value / 1e6
    return value / 1e3 if value >= 1e11 else value


@njit(cache=True)
def take(name: int, text: NDArray[np.uint8], first: int, end: int, line: NDArray[np.float64]) -> None:
    """Keep text[first:end] as frame or time of a line, where the name of a JSON value says so."""
    if name in FRAME_NAMES and line[SIZE] == 0:
        if end > first and text[first] == STAR:
            first += 1
        if end > first and text[end - 1] == SEMICOLON:
            end -= 1
        if end - first in (14, 28) and is_hex(text, first, end):
            line[FIRST], line[SIZE] = first, (end - first) // 2
    elif name in TIME_NAMES and np.isnan(line[TIME]):
        line[TIME] = seconds(number(text, first, end))


@njit(cache=True)
def read_json(text: NDArray[np.uint8], at: int, line: NDArray[np.float64]) -> int:  # noqa: PLR0911 - one return a way to end
    """Read the object that begins at text[at]; return its end, UNFINISHED, or -2 minus the place of a line break within it."""
    depth, name, valued, i, n = 0, 0, False, at, len(text)
    while i < n:
        c = text[i]
        if c == NEWLINE:
            return -2 - i
        if i - at > LONGEST:
            return UNFINISHED
        if c == QUOTE:
            j = i + 1
            while j < n and text[j] != QUOTE:
                if text[j] == NEWLINE:
                    return -2 - j
                j += 2 if text[j] == BACKSLASH and j + 1 < n and text[j + 1] != NEWLINE else 1
            if j >= n:
                return UNFINISHED
            if depth == 1 and valued:
                take(name, text, i + 1, j, line)
            elif depth == 1:
                name = hash_of(text, i + 1, j)
            i = j + 1
            continue
        if c in (OPEN_BRACE, OPEN_BRACKET):
            depth += 1
        elif c in (CLOSE_BRACE, CLOSE_BRACKET):
            depth -= 1
            if depth == 0:
                return i + 1
        elif depth == 1 and c == COLON:
            valued = True
        elif depth == 1 and c == COMMA:
            valued = False
        elif depth == 1 and valued and WORD[c]:
            j = i + 1
            while j < n and WORD[text[j]]:
                j += 1
            if j == n:
                return UNFINISHED
            take(name, text, i, j, line)
            i = j
            continue
        i += 1
    return UNFINISHED


@njit(cache=True)
def read_avr(text: NDArray[np.uint8], at: int, line: NDArray[np.float64]) -> int:
    """Read `*frame;`, `@counter frame;` or `<counter signal frame;` at text[at]; return as read_json does."""
    i, n = at + 1, len(text)
    while i < n and text[i] != SEMICOLON:
        if text[i] == NEWLINE:
            return -2 - i
        if i - at > LONGEST:
            return UNFINISHED
        i += 1
    if i == n:
        return UNFINISHED
    first = at + 1 + (0 if text[at] == STAR else (12 if text[at] == AT else 14))
    if i - first in (14, 28) and is_hex(text, at + 1, i):
        line[FIRST], line[SIZE] = first, (i - first) // 2
        if text[at] != STAR:
            count = 0
            for j in range(at + 1, at + 13):
                count = count << 4 | int(HEX[text[j]])
            line[COUNTER] = count  # 48 bits: exact in a double
        if text[at] == LESS:
            line[SIGNAL] = HEX[text[at + 13]] * 16 + HEX[text[at + 14]]
    return i + 1


@njit(cache=True)
def read_columns(text: NDArray[np.uint8], at: int, line: NDArray[np.float64]) -> int:
    """Read the words of a line: the longest frame, and the first number that is a date, else the first with a point."""
    i, n = at, len(text)
    least = np.nan
    while i < n and text[i] != NEWLINE:
        if i - at > LONGEST:
            return UNFINISHED
        if not WORD[text[i]]:
            i += 1
            continue
        j, point = i, False
        while j < n and WORD[text[j]] and j - at <= LONGEST:
            point = point or text[j] == POINT
            j += 1
        if j - i in (14, 28) and is_hex(text, i, j):
            if (j - i) // 2 > line[SIZE]:
                line[FIRST], line[SIZE] = i, (j - i) // 2
        else:
            value = number(text, i, j)
            if value >= EARLIEST_S and np.isnan(line[TIME]):
                line[TIME] = seconds(value)
            elif point and np.isnan(least):
                least = value
        i = j
    if i == n:
        return UNFINISHED
    if np.isnan(line[TIME]):
        line[TIME] = least
    return i + 1


@njit(cache=True)
def _refuse(refused: NDArray[np.int64], reason: int, at: int) -> None:
    """Count a reason and keep its first place."""
    if refused[reason, 0] == 0:
        refused[reason, 1] = at
    refused[reason, 0] += 1


@njit(cache=True)
def find(
    text: NDArray[np.uint8],
    skipping: bool,
    frames: NDArray[np.uint8],
    sizes: NDArray[np.int64],
    times_s: NDArray[np.float64],
    counters: NDArray[np.int64],
    signals: NDArray[np.int16],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    refused: NDArray[np.int64],
) -> tuple[int, int, bool]:
    """Find the frames of a text; return how many, where the unfinished rest begins, and whether it is to be skipped.

    Written: frames (m, 14), sizes, times_s, counters, signals, starts and ends (m,), m >= len(text) // SHORTEST + 1;
    times_s, counters and signals only where a line has them; refused: (3, 2) count and first place of each reason. skipping: the text
    begins within a line already refused.
    """
    found, at, n = 0, 0, len(text)
    line = np.zeros(5)
    while at < n:
        if skipping:
            while at < n and text[at] != NEWLINE:
                at += 1
            if at == n:
                break
            skipping = False
        while at < n and BLANK[text[at]]:
            at += 1
        if at == n:
            break
        line[FIRST], line[SIZE], line[TIME], line[COUNTER], line[SIGNAL] = 0, 0, np.nan, -1, -1
        if text[at] == OPEN_BRACE:
            end = read_json(text, at, line)
        elif text[at] == STAR or text[at] == AT or text[at] == LESS:
            end = read_avr(text, at, line)
        else:
            end = read_columns(text, at, line)
        if (end == UNFINISHED and n - at > LONGEST) or end - at - 1 > LONGEST:
            _refuse(refused, TOO_LONG, at)
            skipping = True
            continue
        if end == UNFINISHED:
            break
        if end < 0:
            _refuse(refused, BROKEN, at)
            at = -2 - end
            continue
        if line[SIZE] == 0:
            _refuse(refused, NO_FRAME, at)
        else:
            first, size = int(line[FIRST]), int(line[SIZE])
            for k in range(size):
                frames[found, k] = HEX[text[first + 2 * k]] << 4 | HEX[text[first + 2 * k + 1]]
            sizes[found], starts[found], ends[found] = size, at, end
            times_s[found], counters[found], signals[found] = line[TIME], int(line[COUNTER]), int(line[SIGNAL])
            found += 1
        at = end
    return found, at, skipping
