"""The registry of protected flights: the site file's entries, then what people add. Entries are never renumbered.

Taking an entry out stops it from protecting new tracks; what it protects already stays protected, for only two people take that
off (``stage``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.identify.config import hex_address
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.batch import I32, Bytes
    from tenere.identify.config import RegistryConfig


class Entry(NamedTuple):
    """One entry. address: -1 none; callsign: empty none; by: who added it, empty the site file."""

    address: int
    callsign: bytes
    label: bytes
    by: bytes
    active: bool


@dataclass
class Registry:
    """All entries there ever were, by number."""

    LIMIT = 10_000

    entries: list[Entry] = field(default_factory=list)
    details: Bytes = field(default_factory=lambda: np.zeros(0, "S48"))
    """What evidence says of each."""
    by_address: dict[int, int] = field(default_factory=dict)
    by_callsign: dict[bytes, int] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Sequence[RegistryConfig]) -> Registry:
        """Return the registry of a site file."""
        made = cls([Entry(hex_address(e.address), _call(e.callsign), clean(e.label, 30), b"", active=True) for e in entries])
        made.index()
        return made

    def index(self) -> None:
        """Make ready for finding."""
        self.by_address, self.by_callsign = {}, {}
        for i, e in enumerate(self.entries):
            if e.active and e.address > 0:
                self.by_address.setdefault(e.address, i)
            if e.active and e.callsign:
                self.by_callsign.setdefault(e.callsign, i)
        names = [(e.callsign or b"%06X" % max(e.address, 0)) + b"|" + e.label for e in self.entries]
        self.details = np.array(names, "S48") if names else np.zeros(0, "S48")

    def add(self, address: int, callsign: bytes, label: bytes, by: bytes) -> int:
        """Add an entry and return its number; -1 where there are too many. An entry that is there already is kept."""
        for i, e in enumerate(self.entries):
            if e.active and (e.address, e.callsign) == (address, callsign):
                return i
        if len(self.entries) >= self.LIMIT:
            return -1
        self.entries.append(Entry(address, callsign, label, by, active=True))
        self.index()
        return len(self.entries) - 1

    def remove(self, address: int, callsign: bytes) -> int:
        """Take out every entry of an address or callsign; return how many."""
        rows = [
            i
            for i, e in enumerate(self.entries)
            if e.active and (not address > 0 or e.address == address) and (not callsign or e.callsign == callsign)
        ]
        for i in rows:
            self.entries[i] = self.entries[i]._replace(active=False)
        self.index()
        return len(rows)

    def find(self, address: I32, callsign: Bytes) -> I32:
        """Return the entry of each track, (n,) int32, -1 none: by address, else by callsign."""
        out = np.full(address.size, -1, np.int32)
        for found, values in ((self.by_callsign, callsign), (self.by_address, address)):
            if found:
                keys, rows = np.array(list(found), values.dtype), np.array(list(found.values()), np.int32)
                order = np.argsort(keys, kind="stable")
                at = order[np.minimum(np.searchsorted(keys, values, sorter=order), keys.size - 1)]
                out = np.where(keys[at] == values, rows[at], out)
        return out


def _call(words: str) -> bytes:
    return clean(words, 8).upper().replace(b" ", b"")
