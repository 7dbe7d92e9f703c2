"""What the pipeline hands to the server at the end of a tick."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from tenere.batch import Alerts, Evidence, Identities, Tracks

SensorState = Literal["ok", "silent", "untrusted", "never heard"]
Mode = Literal["live", "replay", "exercise"]


class SensorView(msgspec.Struct, frozen=True, kw_only=True):
    """One sensor as the operator sees it. Its place in Snapshot.sensors is its row of the sensor table."""

    id: str
    name: str = ""
    kind: str = "radar"
    lat_deg: float = float("nan")
    lon_deg: float = float("nan")
    range_m: float = 0.0
    placed: bool = True
    frame: int = 0
    """0: its tracks are on the map; n: they are in local plane n."""
    state: SensorState = "ok"
    rate_hz: float = 0.0
    lag_s: float = 0.0
    rejects: dict[str, int] = msgspec.field(default_factory=dict)
    last_seen_s: float = float("nan")


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the page opens: NaN latitude or longitude lets it find the tracks itself."""

    name: str = "Tenere"
    lat_deg: float = float("nan")
    lon_deg: float = float("nan")
    zoom: float = 5.0
    country: str = ""
    """ISO 3166 code of the country whose airports are all named; empty: the larger ones only."""


@dataclass(frozen=True)
class Snapshot:
    """The picture at the end of a tick. Its columns must not be changed once it is published.

    identities is row for row with tracks; evidence and alerts have rows of their own.
    sensors is indexed by the sensor column of the batches; counts is shown as it is.
    """

    time_s: float
    tracks: Tracks
    identities: Identities
    evidence: Evidence
    alerts: Alerts
    sensors: list[SensorView]
    counts: dict[str, float] = field(default_factory=dict)
