"""What an address keeps when its track is lost: civil status and protection, which its next track gets back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.identify.known import CIVIL, PROTECTED, Known

if TYPE_CHECKING:
    from tenere.identify.config import IdentifyConfig


class Kept(NamedTuple):
    """protector: row of the plan that protects it, ward: entry of the registry that does, -1 none."""

    protector: int
    ward: int
    civil: bool
    touched_s: float


def recall(memory: dict[int, Kept], config: IdentifyConfig, one: Known, time_s: float) -> None:
    """Give tracks back what their address kept (in place)."""
    if not memory:
        return
    for row in np.flatnonzero((one.address > 0) & (one.recalled != one.address) & (one.live != 0) & (one.waived == 0)):
        kept = memory.get(int(one.address[row]))
        if kept is not None and time_s - kept.touched_s <= config.memory_s:
            one.civil[row] |= kept.civil
            if one.protector[row] < 0:
                one.protector[row] = kept.protector
            if one.ward[row] < 0:
                one.ward[row] = kept.ward


def remember(memory: dict[int, Kept], config: IdentifyConfig, rows: Known, time_s: float) -> None:
    """Keep by address what is known of some tracks, the latest touched last; the oldest go beyond the limit.

    What a track only borrowed is no fact about its address.
    """
    own_civil = (rows.civil != 0) & ((rows.borrowed & CIVIL) == 0)
    own = (rows.protected != 0) & ((rows.borrowed & PROTECTED) == 0)
    for row in np.flatnonzero((rows.address > 0) & (rows.live != 0) & (rows.waived == 0) & (own | own_civil)):
        address, civil = int(rows.address[row]), bool(own_civil[row])
        protector, ward = (int(rows.protector[row]), int(rows.ward[row])) if own[row] else (-1, -1)
        before = memory.pop(address, None)
        if before is not None and time_s - before.touched_s <= config.memory_s:
            protector = before.protector if protector < 0 else protector
            ward = before.ward if ward < 0 else ward
            civil |= before.civil
        memory[address] = Kept(protector, ward, civil, min(time_s, float(rows.seen_s[row])))  # one that is dropped was seen long ago
    while len(memory) > config.memory_limit:
        del memory[next(iter(memory))]
