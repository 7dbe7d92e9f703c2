"""What every decoder gives back: columns, counts and refusals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenere.batch import Plots, Status, SystemTracks
from tenere.errors import Rejects

if TYPE_CHECKING:
    from tenere.plans import PlanMessage
    from tenere.qnh import Qnh


@dataclass
class Decoded:
    """One chunk, decoded.

    records counts structurally whole records by their name ("CAT048", "DF17", "Location").
    addresses is the set of distinct non-zero ICAO addresses seen, for the decode report only; claimed those that
    only the parity of a Comm-B reply (DF20, DF21) names, which proves nothing: one may be 0, and some are noise.
    """

    plots: Plots = field(default_factory=Plots.blank)
    system: SystemTracks = field(default_factory=SystemTracks.blank)
    status: Status = field(default_factory=Status.blank)
    records: Counter[str] = field(default_factory=Counter)
    rejects: Rejects = field(default_factory=Rejects)
    addresses: frozenset[int] = frozenset()
    claimed: frozenset[int] = frozenset()
    plans: tuple[PlanMessage, ...] = ()
    pressures: tuple[Qnh, ...] = ()
