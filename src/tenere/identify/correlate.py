"""Which flight plan a track belongs to: by callsign, by address, by both, or by Remote ID.

A plan that agrees with one of them and differs in the other is still the best there is: both the agreement and the
difference are kept as evidence, and what the plan protects stays protected. Among several plans the order is: agrees in
callsign and address; agrees in callsign; agrees in address; agrees in Remote ID; and within each, protected plans first,
then the first in the list.
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.identify.config import hex_address, octal_code
from tenere.identify.types import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.identify.places import Fields
    from tenere.plans import Plan


class Match(IntFlag):
    """How a track and its plan agree."""

    CALLSIGN = 1
    ADDRESS = 2
    REMOTE_ID = 4
    CALLSIGN_DIFFERS = 8
    ADDRESS_DIFFERS = 16


class _Index(NamedTuple):
    keys: NDArray[Any]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, keys: NDArray[Any], usable: NDArray[np.bool_], order: NDArray[np.int64]) -> _Index:
        """Index the usable rows; of equal keys the first in order stays."""
        rows = order[usable[order]]
        unique, first = np.unique(keys[rows], return_index=True)
        return cls(unique, rows[first].astype(np.int32))

    def find(self, wanted: NDArray[Any]) -> NDArray[np.int32]:
        """Return the row of each wanted key, -1 where none has it."""
        if not self.keys.size:
            return np.full(wanted.size, -1, np.int32)
        at = np.minimum(np.searchsorted(self.keys, wanted), self.keys.size - 1)
        return np.where(self.keys[at] == wanted, self.rows[at], np.int32(-1))


class PlanIndex(NamedTuple):
    """The flight plans as columns, and sorted for searching."""

    callsign: NDArray[np.bytes_]
    address: NDArray[np.int32]
    remote_id: NDArray[np.bytes_]
    protected: NDArray[np.bool_]
    home: NDArray[np.bool_]
    state_flight: NDArray[np.bool_]
    route: NDArray[np.bytes_]
    protection: NDArray[np.bytes_]
    departure: NDArray[np.bytes_]
    destination: NDArray[np.bytes_]
    from_rad: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Latitude and longitude of the departure; NaN not known."""
    to_rad: tuple[NDArray[np.float64], NDArray[np.float64]]
    off_block_s: NDArray[np.float64]
    ssr: NDArray[np.int16]
    """Mode A code assigned; -1 none."""
    kind: NDArray[np.int32]
    """(n, 3) what its type may say of itself, how it may move, how it cannot: ``types.Kind``."""
    by_both: _Index
    by_callsign: _Index
    by_address: _Index
    by_remote_id: _Index

    @classmethod
    def of(
        cls, plans: Sequence[Plan], home_operators: Sequence[str], active: Sequence[bool] | None = None, fields: Fields | None = None
    ) -> PlanIndex:
        """Build the index; an address that is no hexadecimal number counts as not filed.

        active: which may be found; None: all. fields: the aerodromes known; without them no plan has a route on the ground.
        """
        live = np.ones(len(plans), np.bool_) if active is None else np.array(active, np.bool_)
        callsign = np.array([_ascii(p.callsign.strip().upper()) for p in plans], "S8")
        address = np.array([hex_address(p.address) for p in plans], np.int32)
        remote_id = np.array([_ascii(p.remote_id.strip()) for p in plans], "S20")
        protected = np.array([p.protected for p in plans], np.bool_)
        departure, destination = (np.array([_ascii(w.strip().upper()) for w in c], "S4") for c in _ends(plans))
        nowhere = (np.full(len(plans), np.nan), np.full(len(plans), np.nan))
        operators = [o.strip().casefold() for o in home_operators]
        order = np.lexsort((np.arange(len(plans)), ~protected))
        return cls(
            callsign=callsign,
            address=address,
            remote_id=remote_id,
            protected=protected,
            home=np.array([p.operator.strip().casefold() in operators for p in plans], np.bool_),
            state_flight=np.array([("STATE" in p.sts or "HEAD" in p.sts) for p in plans], np.bool_),
            route=np.array([_ascii(f"{p.callsign or p.remote_id}|{p.departure}|{p.destination}") for p in plans], "S48"),
            protection=np.array([_ascii(f"{p.callsign or p.remote_id}|{' '.join(p.sts)}") for p in plans], "S48"),
            departure=departure,
            destination=destination,
            from_rad=fields.place(departure) if fields else nowhere,
            to_rad=fields.place(destination) if fields else nowhere,
            off_block_s=np.array([p.off_block_s for p in plans], np.float64),
            ssr=np.array([octal_code(p.ssr) for p in plans], np.int16),
            kind=np.array([kind_of(p.aircraft_type) for p in plans], np.int32).reshape(-1, 3),
            by_both=_Index.of(_both(callsign, address), live & (callsign != b"") & (address > 0), order),
            by_callsign=_Index.of(callsign, live & (callsign != b""), order),
            by_address=_Index.of(address, live & (address > 0), order),
            by_remote_id=_Index.of(remote_id, live & (remote_id != b""), order),
        )

    def match(
        self, callsign: NDArray[np.bytes_], address: NDArray[np.int32], remote_id: NDArray[np.bytes_]
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return each track's plan, (n,) int32 with -1 for none, and how they agree, (n,) uint8 of Match bits."""
        plan = np.full(callsign.size, -1, np.int32)
        if not self.callsign.size:
            return plan, np.zeros(callsign.size, np.uint8)
        named, addressed, claimed = callsign != b"", address > 0, remote_id != b""
        for usable, index, wanted in (
            (named & addressed, self.by_both, _both(callsign, address)),
            (named, self.by_callsign, callsign),
            (addressed, self.by_address, address),
            (claimed, self.by_remote_id, remote_id),
        ):
            free = usable & (plan < 0)
            plan[free] = index.find(wanted[free])
        found, filed = plan >= 0, np.maximum(plan, 0)
        both_named = found & named & (self.callsign[filed] != b"")
        both_addressed = found & addressed & (self.address[filed] > 0)
        same_name, same_address = callsign == self.callsign[filed], address == self.address[filed]
        how = (both_named & same_name) * np.uint8(Match.CALLSIGN)
        how |= (both_addressed & same_address) * np.uint8(Match.ADDRESS)
        how |= (found & claimed & (remote_id == self.remote_id[filed])) * np.uint8(Match.REMOTE_ID)
        how |= (both_named & ~same_name) * np.uint8(Match.CALLSIGN_DIFFERS)
        how |= (both_addressed & ~same_address) * np.uint8(Match.ADDRESS_DIFFERS)
        return plan, how.astype(np.uint8)


def _both(callsign: NDArray[np.bytes_], address: NDArray[np.int32]) -> NDArray[np.bytes_]:
    """Join callsign and address into one key of 12 bytes that sorts and compares as a whole."""
    key = np.zeros((callsign.size, 12), np.uint8)
    key[:, :8] = np.ascontiguousarray(callsign, "S8").view(np.uint8).reshape(-1, 8)
    key[:, 8:] = address.astype(">i4").view(np.uint8).reshape(-1, 4)
    return key.view("S12").reshape(-1)


def _ascii(words: str) -> bytes:
    return words.encode("ascii", "replace").replace(b"\0", b"?")


def _ends(plans: Sequence[Plan]) -> tuple[list[str], list[str]]:
    return [p.departure for p in plans], [p.destination for p in plans]
