"""The cells of text rows, and what they hold, by kernels (policy is in rows.py).

A cell is a span of bytes. Empty ones, a minus alone and the words in NOTHING, say nothing: they are missing, not wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    U8 = NDArray[np.uint8]
    I64 = NDArray[np.int64]
    F64 = NDArray[np.float64]

GOOD, WIDTH, QUOTE = 0, 1, 2
"""Of a row: whole; another number of columns than the header; a quote that does not close."""
BAD, COMMA, ISO = 1, 2, 3
"""Of a cell: does not read; a number with a decimal comma; a time that was text."""

SPACE, QUOTES, PLUS, DECIMAL_COMMA, MINUS, POINT, ZERO, NINE, COLON, TILDE = (ord(c) for c in ' "+,-.09:~')
NOTHING = ("nan", "null", "none", "na", "n/a", "nat")
_WORDS = np.zeros((len(NOTHING), 4), np.uint8)
for _i, _word in enumerate(NOTHING):
    _WORDS[_i, : len(_word)] = np.frombuffer(_word.encode(), np.uint8)

MOST_DIGITS = 18
_TENS = np.array([float(f"1e{k}") for k in range(309)])


class Text(NamedTuple):
    """One column of text: cell i is octets[first[i]:last[i]]."""

    octets: U8
    first: I64
    last: I64


@njit(cache=True)
def find(text: U8, starts: I64, ends: I64, delimiter: int, slot: I64, first: I64, last: I64, state: U8) -> None:
    """Find the wanted cells of rows starts..ends (n,); first and last (k, n) are written.

    slot (columns,): which of the k each column is, -1 unwanted. state (n,): GOOD, WIDTH or QUOTE. A cell that begins with a quote
    ends with the next one that is not doubled; nothing but spaces may follow it.
    """
    columns = len(slot)
    for i in range(len(starts)):
        at, end, column = starts[i], ends[i], 0
        while True:
            begin = at
            while begin < end and text[begin] == SPACE:
                begin += 1
            if begin < end and text[begin] == QUOTES:
                begin += 1
                at = begin
                while at < end and (text[at] != QUOTES or (at + 1 < end and text[at + 1] == QUOTES)):
                    at += 2 if text[at] == QUOTES else 1
                if at >= end:
                    state[i] = QUOTE
                    break
                stop = at
                at += 1
                while at < end and text[at] == SPACE:
                    at += 1
                if at < end and text[at] != delimiter:
                    state[i] = QUOTE
                    break
            else:
                while at < end and text[at] != delimiter:
                    at += 1
                stop = at
                begin = min(begin, stop)
            while stop > begin and text[stop - 1] == SPACE:
                stop -= 1
            if column < columns and slot[column] >= 0:
                first[slot[column], i], last[slot[column], i] = begin, stop
            column += 1
            if at >= end:
                break
            at += 1
        if state[i] == GOOD and column != columns:
            state[i] = WIDTH


@njit(cache=True)
def _lower(byte: int) -> int:
    return byte + 32 if 65 <= byte <= 90 else byte


@njit(cache=True)
def is_nothing(text: U8, first: int, last: int) -> bool:
    """Say whether a cell is empty, a minus alone or one of NOTHING."""
    size = last - first
    if size == 0:
        return True
    if text[first] == MINUS:
        return size == 1
    if size > 4 or (text[first] | 32) != 110:  # they all begin with n
        return False
    for w in range(len(_WORDS)):
        same = True
        for k in range(4):
            want = _WORDS[w, k]
            have = _lower(text[first + k]) if k < size else 0
            if want != have:
                same = False
                break
        if same:
            return True
    return False


@njit(cache=True)
def decimal(text: U8, first: int, last: int) -> tuple[float, int]:
    """Return the number in a cell, such as -12.5e3, and 0; NaN and BAD or COMMA where it is none."""
    at, negative = first, False
    if at < last and (text[at] == MINUS or text[at] == PLUS):
        negative = text[at] == MINUS
        at += 1
    mantissa, digits, power, any_digit, point = np.int64(0), 0, 0, False, False
    while at < last:
        c = text[at]
        if ZERO <= c <= NINE:
            any_digit = True
            if digits < MOST_DIGITS:
                mantissa = mantissa * 10 + (c - ZERO)
                digits += 1 if mantissa > 0 else 0
                power -= 1 if point else 0
            elif not point:
                power += 1
        elif c == POINT and not point:
            point = True
        else:
            break
        at += 1
    if not any_digit:
        return np.nan, BAD
    if at < last and (text[at] | 32) == 101:  # e
        at += 1
        down = False
        if at < last and (text[at] == MINUS or text[at] == PLUS):
            down = text[at] == MINUS
            at += 1
        exponent, some = 0, False
        while at < last and ZERO <= text[at] <= NINE:
            exponent = min(exponent * 10 + (text[at] - ZERO), 9999)
            some = True
            at += 1
        if not some:
            return np.nan, BAD
        power += -exponent if down else exponent
    if at < last:
        return np.nan, COMMA if text[at] == DECIMAL_COMMA else BAD
    value = float(mantissa)
    if mantissa == 0:
        value = 0.0
    elif power > 308:
        return np.nan, BAD
    elif power >= 0:
        value *= _TENS[power]
    elif power >= -308:
        value /= _TENS[-power]
    else:
        value = value / _TENS[308] / _TENS[min(-308 - power, 308)]
    return (-value if negative else value), (GOOD if np.isfinite(value) else BAD)


@njit(cache=True)
def decimals(text: U8, first: I64, last: I64, out: F64, state: U8) -> None:
    """Read numbers (n,); NaN where missing or wrong."""
    for i in range(len(first)):
        if is_nothing(text, first[i], last[i]):
            out[i] = np.nan
        else:
            out[i], state[i] = decimal(text, first[i], last[i])


@njit(cache=True)
def codes(text: U8, first: I64, last: I64, base: int, most: int, out: F64, state: U8) -> None:
    """Read whole numbers (n,) of up to ``most`` digits in base 8, 10 or 16; NaN where missing or wrong.

    "0x" may stand before hex digits, and ".0" after others (a code that went through a float). "~" before hex digits says that
    they are no ICAO address: 1 << 24 is added.
    """
    for i in range(len(first)):
        at, end = first[i], last[i]
        out[i] = np.nan
        if is_nothing(text, at, end):
            continue
        value, extra = 0, 0
        if base == 16:
            if text[at] == TILDE:
                extra = 1 << 24
                at += 1
            elif end - at > 2 and text[at] == ZERO and (text[at + 1] | 32) == 120:
                at += 2
        elif end - at > 2 and text[end - 1] == ZERO and text[end - 2] == POINT:
            end -= 2
        good = 1 <= end - at <= most
        while good and at < end:
            c = _lower(text[at])
            digit = c - ZERO if ZERO <= c <= NINE else (c - 87 if 97 <= c <= 102 else 99)
            good = digit < base
            value = value * base + digit
            at += 1
        if good:
            out[i] = value + extra
        else:
            state[i] = BAD


@njit(cache=True)
def _pair(text: U8, at: int, last: int) -> int:
    """Return the two digits at a place, -1 where they are none."""
    if at + 2 > last:
        return -1
    a, b = np.int64(text[at]) - ZERO, np.int64(text[at + 1]) - ZERO
    return int(a * 10 + b) if 0 <= a <= 9 and 0 <= b <= 9 else -1


@njit(cache=True)
def _days(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar (2000-03-01 is 11,017)."""
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@njit(cache=True)
def iso(text: U8, first: int, last: int) -> tuple[float, int]:  # noqa: PLR0911 - each return is one part that does not read
    """Return Unix seconds of ISO 8601 text, UTC where it states no offset: 2026-01-31T12:34:56.789Z; NaN and BAD where it is none."""
    century, year = _pair(text, first, last), _pair(text, first + 2, last)
    month, day = _pair(text, first + 5, last), _pair(text, first + 8, last)
    if century < 0 or year < 0 or not (1 <= month <= 12 and 1 <= day <= 31) or text[first + 4] != MINUS or text[first + 7] != MINUS:
        return np.nan, BAD
    year += century * 100
    seconds = float(_days(year, month, day)) * 86_400.0
    at = first + 10
    if at == last:
        return seconds, GOOD
    if text[at] != SPACE and (text[at] | 32) != 116:  # t
        return np.nan, BAD
    hour, minute, second = _pair(text, at + 1, last), _pair(text, at + 4, last), 0
    if not (0 <= hour <= 24 and 0 <= minute <= 59) or text[at + 3] != COLON:
        return np.nan, BAD
    at += 6
    fraction = 0.0
    if at < last and text[at] == COLON:
        second = _pair(text, at + 1, last)
        if not 0 <= second <= 60:
            return np.nan, BAD
        at += 3
        if at < last and (text[at] == POINT or text[at] == DECIMAL_COMMA):
            at += 1
            scale = 0.1
            while at < last and ZERO <= text[at] <= NINE:
                fraction += (text[at] - ZERO) * scale
                scale *= 0.1
                at += 1
    seconds += hour * 3600.0 + minute * 60.0 + second + fraction
    if at < last and (text[at] | 32) == 122:  # z
        at += 1
    elif at < last and (text[at] == PLUS or text[at] == MINUS):
        sign = -1 if text[at] == PLUS else 1
        hours = _pair(text, at + 1, last)
        at = min(at + 3, last)
        if at < last and text[at] == COLON:
            at += 1
        minutes = 0
        if at < last:
            minutes = _pair(text, at, last)
            at += 2
        if not (0 <= hours <= 23 and 0 <= minutes <= 59):
            return np.nan, BAD
        seconds += sign * (hours * 3600.0 + minutes * 60.0)
    return (seconds, GOOD) if at == last else (np.nan, BAD)


@njit(cache=True)
def times(text: U8, first: I64, last: I64, out: F64, state: U8) -> None:
    """Read times (n,): numbers as they stand, ISO 8601 text as Unix seconds, whose state is ISO."""
    for i in range(len(first)):
        if is_nothing(text, first[i], last[i]):
            out[i] = np.nan
            continue
        if last[i] - first[i] >= 10 and text[first[i] + 4] == MINUS:  # no number has a minus there but 1e-3, which is shorter
            out[i], state[i] = iso(text, first[i], last[i])
            if state[i] == GOOD:
                state[i] = ISO
        else:
            out[i], state[i] = decimal(text, first[i], last[i])


@njit(cache=True)
def letters(text: U8, first: I64, last: I64, out: U8) -> None:
    """Copy cells into out (n, width), cut there, NUL after them; what is no printable ASCII becomes a question mark."""
    width = out.shape[1]
    for i in range(len(first)):
        if is_nothing(text, first[i], last[i]):
            continue
        for k in range(min(last[i] - first[i], width)):
            c = text[first[i] + k]
            out[i, k] = c if 32 <= c < 127 else 63


@njit(cache=True)
def flags(text: U8, first: I64, last: I64, out: F64, state: U8) -> None:
    """Read yes or no (n,), by the first letter: 1, true, t, yes, y; 0, false, f, no, n; NaN where missing."""
    for i in range(len(first)):
        out[i] = np.nan
        if is_nothing(text, first[i], last[i]):
            continue
        c = _lower(text[first[i]])
        if c in {49, 116, 121}:
            out[i] = 1.0
        elif c in {48, 102, 110}:
            out[i] = 0.0
        else:
            state[i] = BAD
