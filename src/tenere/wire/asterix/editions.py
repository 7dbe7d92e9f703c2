"""Which edition a source speaks: chosen by its options, proposed by its bytes, never taken without being asked.

An edition is proposed by reading the blocks with every edition that there is: the share of bytes that stand in records which read
whole, contradict nothing and keep every range.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import UsageError, WireError
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.asterix.check import check, checks_of
from tenere.wire.asterix.records import records_of
from tenere.wire.asterix.survey import survey
from tenere.wire.asterix.tables import described_categories, known_categories, known_editions, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.wire.asterix.survey import Survey

OPTIONS = ("editions",)

SAMPLE_BYTES = 1 << 16
"""Bytes of blocks of one category that a proposal reads with every edition."""

CLEARLY = 0.4
"""Share by which another edition explains more than the one in use before it is worth a word."""

EXPLAINED = 0.8
"""Share that it then explains at the least."""

ENOUGH = 3
"""Records that it then reads at the least."""


def chosen_editions(options: Mapping[str, Any]) -> dict[int, str]:
    """Return edition by category, as a source's options say; raise UsageError for what is not known."""
    for key in options:
        if key not in OPTIONS:
            raise UsageError(f"options.{key}: not an option of asterix{_nearest(key, OPTIONS)}; there is {', '.join(OPTIONS)}")
    said = options.get("editions", {})
    if not isinstance(said, dict):
        raise UsageError('options.editions: must be a table of category = "edition"')
    out = {}
    for key, edition in said.items():
        category = _category(key)
        known = known_editions(category)
        if str(edition) not in known:
            near = _nearest(str(edition), known)
            raise UsageError(f"options.editions.{key}: CAT{category:03d} has no edition {edition}{near}; there are {', '.join(known)}")
        try:
            table(category, str(edition))
        except WireError as error:
            raise UsageError(f"options.editions.{key}: {error.reason}") from None
        out[category] = str(edition)
    return out


def _category(key: object) -> int:
    """Return a category given as 48, "48", "048" or "CAT048"."""
    text = str(key).upper().removeprefix("CAT")
    category = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else -1
    if category not in described_categories():
        known = ", ".join(str(c) for c in described_categories())
        raise UsageError(f"options.editions.{key}: not a category that libasterix describes; there are {known}")
    return category


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f" (did you mean {near[0]}?)" if near else ""


def propose_editions(data: bytes, ends: NDArray[np.int64]) -> dict[int, list[tuple[str, float]]]:
    """Return, for each category in some units, every edition with the share of its bytes that it explains, best first.

    data, ends: units as in tick.Chunk. The share counts whole records that contradict nothing and keep every range; editions that
    explain the same are in order of age, the latest first. At most SAMPLE_BYTES of each category are read.
    """
    blocks = find_blocks(np.frombuffer(data, np.uint8), ends)
    out = {}
    for category in np.unique(blocks.category).tolist():
        if category in known_categories():
            mine = np.flatnonzero(blocks.category == category)
            mine = _sample(blocks.end[mine] - blocks.start[mine], mine)
            ranked = rank(category, data, blocks.start[mine] + 3, blocks.end[mine])
            out[category] = [(edition, share) for edition, share, _ in ranked]
    return out


def _sample(sizes: NDArray[np.int64], rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return some of the rows, spread evenly, whose sizes sum to about SAMPLE_BYTES."""
    parts = max(1, -(-int(sizes.sum()) // SAMPLE_BYTES))
    return rows[::parts]


def rank(category: int, data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[tuple[str, float, int]]:
    """Return every edition of a category with the share of some blocks' bytes that it explains and the records it reads, best first."""
    total = max(int((ends - starts).sum()), 1)
    scored = []
    for age, edition in enumerate(reversed(known_editions(category))):
        try:
            found = survey(category, data, starts, ends, edition)
        except WireError:
            continue
        records = records_of(found, slice(None), found.whole)
        checks, reasons = checks_of(found.layout)
        failed, wrong = np.zeros((len(records), len(reasons)), np.bool_), np.zeros(len(records), np.bool_)
        check(records.data, records.rows, checks, failed, wrong)
        good = ~failed.any(axis=1)
        sizes = np.diff(np.append(records.offset, 0))
        last = np.flatnonzero(np.append(np.diff(records.block) != 0, True)) if len(records) else np.empty(0, np.intp)
        sizes[last] = found.end[records.block[last]] - records.offset[last]
        scored.append((-float(sizes[good].sum()) / total, age, edition, int(good.sum())))
    return [(edition, -share, count) for share, _, edition, count in sorted(scored)]


class Adviser:
    """Says, once for each category of one source, that another edition than the one in use explains its blocks clearly better."""

    LOOKS = (1, 4, 16, 64, 256)
    """After how many refused blocks it looks: each look reads a bounded sample with every edition."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.refused: dict[int, int] = {}
        self.said: set[int] = set()

    def look(self, data: bytes, found: Survey, rejects: Rejects, base_offset: int) -> None:
        """Look at the blocks of one category in one chunk; count the advice as a reason where there is any."""
        category = found.layout.category
        bad = (found.faults > 0) | found.wrong
        count = int(bad.sum())
        if not count or category in self.said:
            return
        before = self.refused.get(category, 0)
        self.refused[category] = min(before + count, self.LOOKS[-1])
        if not any(before < n <= before + count for n in self.LOOKS) or len(known_editions(category)) < 2:
            return
        rows = _sample(found.end - found.start, np.arange(len(bad)))
        ranked = rank(category, data, found.start[rows], found.end[rows])
        edition, share, records = ranked[0]
        used = next((s for e, s, _ in ranked if e == found.layout.edition), 0.0)
        if share >= EXPLAINED and share - used >= CLEARLY and records >= ENOUGH:
            self.said.add(category)
            first = int(found.start[np.flatnonzero(bad)[0]]) - 3
            rejects.add(f"CAT{category:03d} reads better as edition {edition}: set options.editions", base_offset + first)
