"""What a chunk holds: its blocks, category by category, and how many records of each are to be taken.

Used alike by ``step`` (the picture) and ``details`` (every item), so that both take the same records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.blocks import find_blocks, find_inside
from tenere.wire.asterix.check import contradicted
from tenere.wire.asterix.editions import Adviser, chosen_editions
from tenere.wire.asterix.survey import History, Survey, count_faults, sender_of_block, survey

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.tick import Chunk
    from tenere.wire.asterix.blocks import Blocks
    from tenere.wire.format import SourceHint

TRAILING = "trailing bytes after the last block"
NO_BLOCK = "bytes that are no ASTERIX block"


@dataclass
class AsterixState:
    """One source: edition by category where it is not the latest, how its last blocks read, what advice it has had."""

    editions: dict[int, str] = field(default_factory=dict)
    history: History = field(default_factory=History)
    adviser: Adviser = field(default_factory=Adviser)

    def chosen(self) -> tuple[tuple[int, str], ...]:
        """Return the chosen editions, as a key."""
        return tuple(sorted(self.editions.items()))


def init(hint: SourceHint) -> AsterixState:
    """Return the state of a source that has said nothing yet.

    hint.options: {"editions": {"48": "1.20"}}, the edition of each category that is not to be read as the latest.
    Raises UsageError for an option, a category or an edition that is not known.
    """
    return AsterixState(chosen_editions(hint.options))


class Reading(NamedTuple):
    """The blocks of one category, in order: what the survey says of them, the unit of each, records to take of each, both (blocks,)."""

    found: Survey
    unit: NDArray[np.int64]
    take: NDArray[np.int64]


def read_blocks(state: AsterixState, chunk: Chunk, rejects: Rejects, *, traced: bool = False) -> list[Reading]:
    """Find and survey the blocks of a chunk; count what is refused. traced: see survey.survey. Raises WireError for 2 GiB or more."""
    data = np.frombuffer(chunk.data, np.uint8)
    if data.size >= 1 << 31:
        raise WireError("2 GiB or more in one tick")
    blocks = find_blocks(data, chunk.ends, state.chosen())
    _count_gaps(blocks, chunk.offset, rejects)
    out: list[Reading] = []
    broken = [np.empty(0, np.intp)]
    begin = blocks.start.copy()
    for category in np.unique(blocks.category).tolist():
        mine = np.flatnonzero(blocks.category == category)
        found = _survey(category, chunk, blocks, mine, state, rejects, traced=traced)
        if found is None:
            continue
        take = state.history.take(found)
        bad = found.faults > 0
        broken.append(mine[bad])
        kept = bad & (take > 0)
        begin[mine[kept]] = found.sound_to[kept] - 1  # what is taken is not searched for other blocks
        out.append(Reading(found, blocks.unit[mine], take))
        state.adviser.look(chunk.data, found, rejects, chunk.offset)
    rows = np.concatenate(broken)
    if len(rows):
        out += _inside(state, chunk, blocks._replace(start=begin), rows, rejects)
    return out


def _inside(state: AsterixState, chunk: Chunk, blocks: Blocks, rows: NDArray[np.intp], rejects: Rejects) -> list[Reading]:
    """Survey the blocks that broken ones have swallowed."""
    hidden = find_inside(np.frombuffer(chunk.data, np.uint8), chunk.ends, blocks, rows, state.chosen())
    out = []
    for category in np.unique(hidden.category).tolist():
        mine = np.flatnonzero(hidden.category == category)
        mine = mine[np.argsort(hidden.start[mine], kind="stable")]
        found = _survey(category, chunk, hidden, mine, state, rejects)
        if found is not None:
            out.append(Reading(found, hidden.unit[mine], found.whole))
    return out


def _survey(
    category: int, chunk: Chunk, blocks: Blocks, mine: NDArray[np.intp], state: AsterixState, rejects: Rejects, *, traced: bool = False
) -> Survey | None:
    """Survey the blocks of one category; None, and counted, where it cannot be read."""
    starts = blocks.start[mine]
    try:
        found = survey(category, chunk.data, starts + 3, blocks.end[mine], state.editions.get(category), traced=traced)
    except WireError as error:
        rejects.add(error.reason, chunk.offset + int(starts[0]), len(mine))
        return None
    count_faults(found, rejects, chunk.offset)
    wrong = np.flatnonzero(found.wrong & (found.faults == 0))
    if len(wrong):
        sender = sender_of_block(found, int(wrong[0]))
        rejects.add(contradicted(found.layout), chunk.offset + int(starts[wrong[0]]), len(wrong), sender)
    return found


def _count_gaps(blocks: Blocks, base_offset: int, rejects: Rejects) -> None:
    """Count the bytes that belong to no block."""
    for reason, rows in ((TRAILING, blocks.gap_trailing == 1), (NO_BLOCK, blocks.gap_trailing == 0)):
        if rows.any():
            rejects.add(reason, base_offset + int(blocks.gap_start[rows][0]), int(rows.sum()))
