"""The errors that bad input may raise. Anything else that escapes is a bug of ours."""

from __future__ import annotations

from dataclasses import dataclass, field


class TenereError(Exception):
    """Something a user can mend: the message says what, where and what to do."""

    usage = False
    """True: about how the program was called or configured (exit status 2), not about a recording (1)."""


class UsageError(TenereError):
    """Wrong words on the command line, or in a site file."""

    usage = True


class WireError(TenereError):
    """Bytes that cannot be what they claim to be.

    reason is short and stable (it is counted); offset is in bytes from the start of what was given.
    """

    def __init__(self, reason: str, offset: int = 0) -> None:
        """Keep the reason and the offset apart, for counting."""
        super().__init__(f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset


@dataclass
class Rejects:
    """Counts of what was refused, by reason, each with its first offset and who sent that. Bounded: at most LIMIT reasons."""

    LIMIT = 256
    OVERFLOW = "other reasons"

    counts: dict[str, int] = field(default_factory=dict)
    first_offset: dict[str, int] = field(default_factory=dict)
    first_sender: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, offset: int = 0, count: int = 1, sender: str = "") -> None:
        """Count a reason (nothing is kept for a count of 0). sender: who sent the first, as its format names it ("SAC 12 SIC 34")."""
        if count <= 0:
            return
        if reason not in self.counts and len(self.counts) >= self.LIMIT:
            reason = self.OVERFLOW
        self.counts[reason] = self.counts.get(reason, 0) + count
        if reason not in self.first_offset:
            self.first_offset[reason] = offset
            if sender:
                self.first_sender[reason] = sender

    def merge(self, other: Rejects, base_offset: int = 0) -> None:
        """Add another count to this one; its offsets are base_offset further on."""
        for reason, count in other.counts.items():
            self.add(reason, other.first_offset[reason] + base_offset, count, other.first_sender.get(reason, ""))

    def total(self) -> int:
        """Count all refusals."""
        return sum(self.counts.values())
