"""What cannot be: items out of range, and blocks that contradict the edition they are read with.

A time of day of 25 h is one bad item: it is nulled and counted, the record kept. A record with a bad time, a bad
position and bits where the edition has none was written by another edition, or is not ASTERIX at all: its block is refused.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.wire.asterix.tables import table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.wire.asterix.records import Records
    from tenere.wire.asterix.table import Element

DAY_S = 86400.0

CONTRADICTED = "block refused: contents contradict edition"


class Rule(NamedTuple):
    """The least and greatest value of an element in its own unit, what it is, and whether a breach speaks of a wrong edition."""

    low: float
    high: float
    what: str
    telling: bool


class Checks(NamedTuple):
    """Every check of one edition as arrays, (checks,) each: bits of a slot of an item lie in low..high, or in a set of values.

    set_at: -1, or where the element's allowed values begin in sets (uint8, one a value). column: row of the failure matrix, or -1.
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
    sets: NDArray[np.uint8]


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


@cache
def checks_of(category: int, edition: str | None = None) -> tuple[Checks, dict[str, tuple[int, str]]]:
    """Return the checks of an edition, and element path -> (row of the failure matrix, reason)."""
    layout = table(category, edition)
    rows: list[tuple[int, int, int, int, bool, int, int, int, bool, int]] = []
    sets: list[int] = []
    reasons: dict[str, tuple[int, str]] = {}
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
            rows.append((*bits, 0, 0, len(sets), False, -1))
            sets += [int(v in element.values) for v in range(1 << element.width)]
    rows += [
        (s.slot, item_of.get(s.slot, s.slot), s.bit, s.width, False, 0, 0, -1, False, -1)
        for s in layout.spares
        if not s.repeated and s.width <= 56
    ]
    rows.sort(key=lambda r: r[:3])
    a = [np.ascontiguousarray(column) for column in np.array(rows, np.int64).reshape(-1, 10).T]
    checks = Checks(a[0], a[1], a[2], a[3], a[4] != 0, a[5], a[6], a[7], a[8] != 0, a[9], np.array(sets, np.uint8))
    return checks, reasons


@njit(cache=True)
def check(data: NDArray[np.uint8], rows: NDArray[np.int32], checks: Any, failed: NDArray[np.uint8], wrong: NDArray[np.bool_]) -> None:  # noqa: ANN401 - numba
    """Check every record.

    rows: (n, 1 + slots) as Records.rows. failed: (ranges, n) uint8 out, 1 where an element is out of its range.
    wrong: (n,) bool out: the record contradicts its edition. An item out of a range that tells counts two, an item with bits or
    values that the edition leaves unused counts one; five is too much.
    """
    for i in range(rows.shape[0]):
        telling = 0
        unused = 0
        last_telling = -1
        last_unused = -1
        for k in range(checks.slot.size):
            at = rows[i, checks.slot[k] + 1]
            if at < 0:
                continue
            bit = checks.bit[k]
            width = checks.width[k]
            first = at + (bit >> 3)
            last = at + ((bit + width - 1) >> 3)
            value = 0
            for p in range(first, last):
                value = (value << 8) | int(data[p])
            drop = 7 - ((bit + width - 1) & 7)
            value = ((value << (8 - drop)) | (int(data[last]) >> drop)) & ((1 << width) - 1)
            if checks.signed[k] and value >> (width - 1):
                value -= 1 << width
            allowed = checks.set_at[k]
            if checks.sets[allowed + value] if allowed >= 0 else checks.low[k] <= value <= checks.high[k]:
                continue
            item = checks.item[k]
            if checks.column[k] >= 0:
                failed[checks.column[k], i] = 1
                if checks.telling[k] and item != last_telling:
                    telling += 1
                    last_telling = item
            elif item != last_unused:
                unused += 1
                last_unused = item
        wrong[i] = 2 * telling + unused >= 5


class Checked:
    """The records that stand, with their elements out of range as absent."""

    def __init__(self, records: Records, rejects: Rejects, base_offset: int, starts: NDArray[np.int64]) -> None:
        """Check records; count what is refused. starts: (blocks,) where each block begins, header included."""
        checks, reasons = checks_of(records.table.category, records.table.edition)
        failed = np.zeros((len(reasons), len(records)), np.uint8)
        wrong = np.zeros(len(records), np.bool_)
        check(records.data, records.rows, checks, failed, wrong)
        if wrong.any():
            blocks = np.unique(records.block[wrong])
            reason = f"CAT{records.table.category:03d} {CONTRADICTED} {records.table.edition}"
            rejects.add(reason, base_offset + int(starts[blocks[0]]), len(blocks))
            keep = ~np.isin(records.block, blocks)
            records, failed = records.take(keep), failed[:, keep]
        self.records = records
        self.rejects = rejects
        self.base_offset = base_offset
        self.failed: dict[str, NDArray[np.bool_]] = {}
        for path, (row, reason) in reasons.items():
            if failed[row].any():
                self.failed[path] = failed[row].astype(np.bool_)
                self.count(reason, self.failed[path])

    def __len__(self) -> int:
        """Count the records."""
        return len(self.records)

    def count(self, reason: str, bad: NDArray[np.bool_]) -> None:
        """Count bad items, with the offset of the first record that holds one."""
        rows = np.flatnonzero(bad)
        if len(rows):
            self.rejects.add(reason, self.base_offset + int(self.records.rows[rows[0], 0]), len(rows))

    def column(self, path: str) -> NDArray[np.float64]:
        """Return an element in the specification's unit, NaN where absent or out of range."""
        if not self.records.holds(path):
            return np.full(len(self), np.nan)
        out = self.records.column(path)
        bad = self.failed.get(path)
        if bad is not None:
            out[bad] = np.nan
        return out

    def integer(self, path: str, absent: int = -1) -> NDArray[np.int64]:
        """Return the bits of an element, `absent` where it is not there."""
        return self.records.integer(path, absent) if self.records.holds(path) else np.full(len(self), absent, np.int64)

    def flag(self, path: str, *values: int) -> NDArray[np.bool_]:
        """Say where an element is one of some values (1 where none are given)."""
        if not self.records.holds(path):
            return np.zeros(len(self), np.bool_)
        found = self.records.integer(path)
        if len(values) > 1:
            return np.isin(found, values)
        hit: NDArray[np.bool_] = found == (values[0] if values else 1)
        return hit

    def text(self, path: str) -> NDArray[np.bytes_]:
        """Return a text element; letters outside its alphabet are counted and the text left empty."""
        if not self.records.holds(path):
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
