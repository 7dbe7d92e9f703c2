"""What cannot be: items out of range, and blocks that contradict the edition they are read with.

A time of day of 25 h is one bad item: it is nulled and counted, the record kept. A record with a bad time, a bad
position and bits where the edition has none was written by another edition, or is not ASTERIX at all: its block is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.wire.asterix.gather import gather, gather_byte, reach
from tenere.wire.asterix.tables import table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.wire.asterix.records import Records
    from tenere.wire.asterix.table import Element, Table

DAY_S = 86400.0

CONTRADICTED = "block refused: contents contradict edition"

WRONG = 5
"""Doubt of a record that contradicts its edition: see doubt."""

MOST_DOUBT = 1
"""Doubt of a record that is taken from a block which fails further on."""


class Rule(NamedTuple):
    """The least and greatest value of an element in its own unit, what it is, and whether a breach speaks of a wrong edition."""

    low: float
    high: float
    what: str
    telling: bool


class Checks(NamedTuple):
    """Every check of one edition as arrays, (checks,) each: bits of a slot of an item lie in low..high, or in a set of values.

    set_at: -1, or where the element's allowed values begin in sets (bool, one a value). column: row of the failure matrix, or -1.
    """

    slot: NDArray[np.int64]
    item: NDArray[np.int64]
    bit: NDArray[np.int64]
    width: NDArray[np.int64]
    signed: NDArray[np.bool_]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    set_at: NDArray[np.int64]
    telling: NDArray[np.bool_]
    column: NDArray[np.int64]
    sets: NDArray[np.bool_]
    after: NDArray[np.int64]
    """Where the checks of the next slot begin."""


_RANGES = {
    ("°", "LAT"): Rule(-90.0, 90.0, "latitude", telling=True),
    ("°", "LON"): Rule(-180.0, 180.0, "longitude", telling=True),
    ("FL", ""): Rule(-20.0, 1500.0, "flight level", telling=False),  # -15 in the specifications; transponders go a little below
    ("ft", ""): Rule(-2000.0, 150_000.0, "height", telling=False),
    ("ft/min", ""): Rule(-60_000.0, 60_000.0, "vertical rate", telling=False),
    ("NM/s", ""): Rule(-2.0, 2.0, "speed", telling=False),
}
"""Ranges by unit and last name of an element that is wide enough to leave them."""


def rule_of(category: int, element: Element) -> Rule | None:
    """Return the range of an element, where it has one narrower than its bits."""
    if element.unit == "s" and element.width == 24 and element.lsb == 1 / 128:
        return Rule(0.0, DAY_S - element.lsb, "time of day", telling=True)
    if category == 62 and element.path in {"185/VX", "185/VY"}:
        return Rule(-3000.0, 3000.0, "speed", telling=True)
    if category in {10, 48} and element.path in {"042/X", "042/Y"}:  # the ends of the scale say "beyond it"
        most = ((1 << element.width - 1) - 2) * element.lsb
        return Rule(-most, most, "position", telling=False)
    if element.width < 14:
        return None
    last = element.path.rsplit("/", 1)[-1]
    return _RANGES.get((element.unit, last), _RANGES.get((element.unit, "")))


_KNOWN: dict[int, tuple[Table, Checks, dict[str, tuple[int, str]]]] = {}
"""Checks by the identity of their table, which is kept with them."""


def checks_of(layout: Table) -> tuple[Checks, dict[str, tuple[int, str]]]:
    """Return the checks of an edition, and element path -> (row of the failure matrix, reason)."""
    known = _KNOWN.get(id(layout))
    if known is None or known[0] is not layout:
        if len(_KNOWN) >= 256:
            _KNOWN.clear()
        known = _KNOWN[id(layout)] = (layout, *_checks_of(layout))
    return known[1], known[2]


def _checks_of(layout: Table) -> tuple[Checks, dict[str, tuple[int, str]]]:
    category = layout.category
    rows: list[tuple[int, int, int, int, bool, int, int, int, bool, int]] = []
    reasons: dict[str, tuple[int, str]] = {}
    octets: dict[tuple[int, int], NDArray[np.bool_]] = {}
    wide: list[tuple[tuple[int, int, int, int, bool], NDArray[np.bool_]]] = []
    item_of = {e.slot: e.item for e in layout.elements}
    for element in layout.elements:
        if element.repeated or element.width > 56:
            continue
        bits = (element.slot, element.item, element.bit, element.width, element.signed)
        rule = rule_of(category, element)
        if rule is not None:
            low, high = int(np.ceil(rule.low / element.lsb)), int(np.floor(rule.high / element.lsb))
            item = element.path.split("/", 1)[0]
            reason = f"CAT{category:03d} I{category:03d}/{item} {rule.what} out of range"
            reasons[element.path] = (len(reasons), reason)
            rows.append((*bits, low, high, -1, rule.telling, reasons[element.path][0]))
        elif element.content == "table" and element.values and element.width <= 8 and len(element.values) < 1 << element.width:
            allowed = np.isin(np.arange(1 << element.width), list(element.values))
            if element.bit % 8 + element.width <= 8:
                _narrow(octets, element.slot, element.bit, element.width, allowed)
            else:
                wide.append((bits, allowed))
    for spare in layout.spares:
        for bit in range(spare.bit, spare.bit + spare.width):
            if not spare.repeated:
                _narrow(octets, spare.slot, bit, 1, np.array([True, False]))
    sets: list[NDArray[np.bool_]] = []
    at = 0
    for (slot, octet), allowed in octets.items():
        wide.append(((slot, item_of.get(slot, slot), 8 * octet, 8, False), allowed))
    for bits, allowed in wide:
        rows.append((*bits, 0, 0, at, False, -1))
        sets.append(allowed)
        at += len(allowed)
    rows.sort(key=lambda r: r[:3])
    a = [np.ascontiguousarray(column) for column in np.array(rows, np.int64).reshape(-1, 10).T]
    after = np.searchsorted(a[0], a[0], side="right")
    listed = np.concatenate([np.zeros(0, np.bool_), *sets])
    checks = Checks(a[0], a[1], a[2], a[3], a[4] != 0, a[5], a[6], a[7], a[8] != 0, a[9], listed, after)
    return checks, reasons


def _narrow(octets: dict[tuple[int, int], NDArray[np.bool_]], slot: int, bit: int, width: int, allowed: NDArray[np.bool_]) -> None:
    """Narrow the values that an octet of a slot may have to those whose bits, a few from one on, have allowed values."""
    known = octets.setdefault((slot, bit // 8), np.ones(256, np.bool_))
    known &= allowed[(np.arange(256) >> (8 - bit % 8 - width)) & ((1 << width) - 1)]


@njit(cache=True)
def doubt(data: NDArray[np.uint8], rows: NDArray[np.int32], i: int, begin: int, checks: Any, failed: NDArray[np.bool_]) -> int:  # noqa: ANN401 - numba
    """Check record i; return how much it speaks against its edition.

    rows: (n, 1 + slots) as Records.rows; what does not lie after `begin`, where the record begins, is none of it.
    failed: (ranges,) bool, set where an element is out of its range.
    An item out of a range that tells counts two, an item with bits or values that the edition leaves unused counts one, any other
    range nothing.
    """
    telling = 0
    unused = 0
    last_telling = -1
    last_unused = -1
    k = 0
    while k < checks.slot.size:
        at = rows[i, checks.slot[k] + 1]
        if at <= begin:
            k = checks.after[k]
            continue
        bit = checks.bit[k]
        width = checks.width[k]
        first = at + (bit >> 3)
        allowed = checks.set_at[k]
        if width == 8 and bit & 7 == 0 and allowed >= 0:  # most are: the octets that hold flags and spare bits
            value = int(data[first])
        else:
            last = at + ((bit + width - 1) >> 3)
            value = 0
            for p in range(first, last):
                value = (value << 8) | int(data[p])
            drop = 7 - ((bit + width - 1) & 7)
            value = ((value << (8 - drop)) | (int(data[last]) >> drop)) & ((1 << width) - 1)
            if checks.signed[k] and value >> (width - 1):
                value -= 1 << width
        if not (checks.sets[allowed + value] if allowed >= 0 else checks.low[k] <= value <= checks.high[k]):
            item = checks.item[k]
            if checks.column[k] >= 0:
                failed[checks.column[k]] = True
                if checks.telling[k] and item != last_telling:
                    telling += 1
                    last_telling = item
            elif item != last_unused:
                unused += 1
                last_unused = item
        k += 1
    return 2 * telling + unused


class Scores(NamedTuple):
    """Of the records of a piece, (PIECE,) int64 each: the doubt of each, and its items last found out of range and unused."""

    doubt: NDArray[np.int64]
    telling: NDArray[np.int64]
    unused: NDArray[np.int64]


@njit(cache=True)
def doubts(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    m: int,
    checks: Any,  # noqa: ANN401 - numba
    failed: NDArray[np.bool_],
    scores: Scores,
    octet: NDArray[np.uint8],
    raw: NDArray[np.uint64],
) -> None:
    """Check m records at once, as `doubt` does each of them: scores.doubt is written.

    places: (1 + slots, m or more), the slots of the records, a column each, -1 absent. octet, raw: (PIECE,) scratch.
    """
    scores.doubt[:m] = 0
    scores.telling[:m] = -1
    scores.unused[:m] = -1
    slot = -1
    at = places[0]
    most = -1
    for k in range(checks.slot.size):
        if checks.slot[k] != slot:
            slot = int(checks.slot[k])
            at = places[slot + 1]
            most = reach(at, m)[1]
        if most < 0:
            continue
        first = checks.bit[k] >> 3
        last = (checks.bit[k] + checks.width[k] - 1) >> 3
        drop = 7 - ((checks.bit[k] + checks.width[k] - 1) & 7)
        mask = (1 << checks.width[k]) - 1
        sign = 1 << (checks.width[k] - 1) if checks.signed[k] else 0
        allowed = checks.set_at[k]
        bad = False
        if allowed >= 0 and first == last:
            gather_byte(data, at, m, first, most, octet)
            for i in range(m):
                value = (np.int64(octet[i]) >> drop) & mask
                bad |= not checks.sets[np.uint64(allowed + value)] and at[i] >= 0
                raw[i] = value
        else:
            gather(data, at, m, first, last - first + 1, most, raw)
            for i in range(m):
                raw[i] = (((np.int64(raw[i]) >> drop) & mask) ^ sign) - sign
            if allowed >= 0:
                for i in range(m):
                    bad |= not checks.sets[np.uint64(allowed) + raw[i]] and at[i] >= 0
            else:
                low = checks.low[k]
                high = checks.high[k]
                for i in range(m):
                    value = np.int64(raw[i])
                    bad |= (value < low or value > high) and at[i] >= 0
        if bad:
            _blame(at, m, k, checks, raw, failed, scores)


@njit(cache=True)
def _blame(
    at: NDArray[np.int32],
    m: int,
    k: int,
    checks: Any,  # noqa: ANN401 - numba
    values: NDArray[np.uint64],
    failed: NDArray[np.bool_],
    scores: Scores,
) -> None:
    """Count check k against those records whose value breaks it."""
    item = checks.item[k]
    allowed = checks.set_at[k]
    for i in range(m):
        value = np.int64(values[i])
        if at[i] < 0 or (checks.sets[allowed + value] if allowed >= 0 else checks.low[k] <= value <= checks.high[k]):
            continue
        if checks.column[k] >= 0:
            failed[checks.column[k]] = True
            if checks.telling[k] and item != scores.telling[i]:
                scores.doubt[i] += 2
                scores.telling[i] = item
        elif item != scores.unused[i]:
            scores.doubt[i] += 1
            scores.unused[i] = item


@njit(cache=True)
def check(data: NDArray[np.uint8], rows: NDArray[np.int32], checks: Any, failed: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> None:  # noqa: ANN401 - numba
    """Check every record.

    rows: (n, 1 + slots) as Records.rows. failed: (n, ranges) bool out, where an element is out of its range.
    wrong: (n,) bool out: the record contradicts its edition.
    """
    for i in range(rows.shape[0]):
        wrong[i] = doubt(data, rows, i, 0, checks, failed[i]) >= WRONG


def contradicted(layout: Table) -> str:
    """Return the words that count a block whose contents contradict its edition."""
    return f"CAT{layout.category:03d} {CONTRADICTED} {layout.edition}"


def source_slot(layout: Table) -> int:
    """Return the slot of the item that names the sender, -1 where the category has none."""
    return layout.slot["010"] if "010/SAC" in layout.element else -1


def sender_at(data: NDArray[np.uint8], at: int) -> str:
    """Return "SAC 12 SIC 34" as it stands at a place; empty for -1."""
    return "" if at < 0 else f"SAC {data[at]} SIC {data[at + 1]}"


class Checked:
    """The records that stand, with their elements out of range as absent."""

    def __init__(
        self,
        records: Records,
        rejects: Rejects,
        base_offset: int,
        starts: NDArray[np.int64] | None = None,
        breached: NDArray[np.bool_] | None = None,
    ) -> None:
        """Check records; count what is refused. starts: (blocks,) where each block begins, header included.

        breached: (ranges,) which ranges any of the records may leave, where the blocks have been chosen before; None: blocks that
        contradict their edition are refused here.
        """
        checks, reasons = checks_of(records.table)
        failed = np.zeros((0, len(reasons)), np.bool_)
        if breached is None or breached.any():
            failed = np.zeros((len(records), len(reasons)), np.bool_)
            wrong = np.zeros(len(records), np.bool_)
            check(records.data, records.rows, checks, failed, wrong)
            if breached is None and starts is not None and wrong.any():
                blocks = np.unique(records.block[wrong])
                rejects.add(contradicted(records.table), base_offset + int(starts[blocks[0]]), len(blocks))
                keep = ~np.isin(records.block, blocks)
                records, failed = records.take(keep), failed[keep]
        self.records = records
        self.rejects = rejects
        self.base_offset = base_offset
        self.failed: dict[str, NDArray[np.bool_]] = {}
        for path, (row, reason) in reasons.items():
            if len(failed) and failed[:, row].any():
                self.failed[path] = failed[:, row].copy()
                self.count(reason, self.failed[path])

    def __len__(self) -> int:
        """Count the records."""
        return len(self.records)

    def count(self, reason: str, bad: NDArray[np.bool_]) -> None:
        """Count bad items, with the offset of the first record that holds one."""
        rows = np.flatnonzero(bad)
        if len(rows):
            first = self.records.rows[rows[0]]
            source = source_slot(self.records.table)
            sender = sender_at(self.records.data, int(first[source + 1]) if source >= 0 else -1)
            self.rejects.add(reason, self.base_offset + int(first[0]), len(rows), sender)

    def knows(self, path: str) -> bool:
        """Say whether any record holds an element; never, where an edition other than the latest lacks it."""
        layout = self.records.table
        if path not in layout.element and path not in layout.slot and layout is not table(layout.category):
            return False
        return self.records.holds(path)

    def column(self, path: str) -> NDArray[np.float64]:
        """Return an element in the specification's unit, NaN where absent or out of range."""
        if not self.knows(path):
            return np.full(len(self), np.nan)
        out = self.records.column(path)
        bad = self.failed.get(path)
        if bad is not None:
            out[bad] = np.nan
        return out

    def integer(self, path: str, absent: int = -1) -> NDArray[np.int64]:
        """Return the bits of an element, `absent` where it is not there."""
        return self.records.integer(path, absent) if self.knows(path) else np.full(len(self), absent, np.int64)

    def flag(self, path: str, *values: int) -> NDArray[np.bool_]:
        """Say where an element is one of some values (1 where none are given)."""
        if not self.knows(path):
            return np.zeros(len(self), np.bool_)
        found = self.records.integer(path)
        if len(values) > 1:
            return np.isin(found, values)
        hit: NDArray[np.bool_] = found == (values[0] if values else 1)
        return hit

    def text(self, path: str) -> NDArray[np.bytes_]:
        """Return a text element; letters outside its alphabet are counted and the text left empty."""
        if not self.knows(path):
            return np.zeros(len(self), "S8")
        out, bad = self.records.text(path)
        category = self.records.table.category
        self.count(f"CAT{category:03d} I{category:03d}/{path.split('/', 1)[0]} letter outside the alphabet", bad)
        return out

    def pair(self, first: str, second: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return two elements that mean nothing apart: both NaN where either is."""
        a, b = self.column(first), self.column(second)
        gone = np.isnan(a) | np.isnan(b)
        if gone.any():
            a[gone] = np.nan
            b[gone] = np.nan
        return a, b
