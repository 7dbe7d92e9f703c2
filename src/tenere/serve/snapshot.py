"""What the pipeline hands to the server at the end of a tick."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

from tenere.batch import Evidence

if TYPE_CHECKING:
    from tenere.batch import Alerts, Identities, Tracks

SensorState = Literal["ok", "silent", "doubtful", "untrusted", "never heard"]
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
    note: dict[str, str] = msgspec.field(default_factory=dict)
    """What is to be said of it, by language."""


class NetworkView(msgspec.Struct, frozen=True, kw_only=True):
    """One network of a dual LAN: units it brought, units that only the other one brought, and whether it is silent."""

    units: int = 0
    missed: int = 0
    silent: bool = False


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """One feed as the operator sees it: its way in, and what its bytes were."""

    id: str
    format: str = ""
    transport: str = ""
    """Empty where bytes come from a recording or the exercise."""
    state: str = "receiving"
    """A health word of docs/howto/connect-your-sensors.md."""
    detail: str = ""
    """Seconds of the pause before the next try, or number of the silent network."""
    why: str = ""
    """What failed last."""
    units_s: float = 0.0
    bytes_s: float = 0.0
    units: int = 0
    bytes: int = 0
    records: int = 0
    dropped: int = 0
    duplicates: int = 0
    lag_s: float = float("nan")
    clock_off_s: float = float("nan")
    rejects: dict[str, int] = msgspec.field(default_factory=dict)
    last_seen_s: float = float("nan")
    networks: tuple[NetworkView, ...] = ()


class PressureView(msgspec.Struct, frozen=True, kw_only=True):
    """A QNH that holds."""

    station: str
    lat_deg: float
    lon_deg: float
    qnh_hpa: float
    transition_level: int
    """Flight level from which on levels are shown by it."""
    time_s: float = float("nan")
    """When it was measured or set; NaN: set in the site file, until a report comes."""
    by: str = ""
    """Who set it by hand; empty: the station reported it."""


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
    sources: list[SourceView] = field(default_factory=list)
    pressures: list[PressureView] = field(default_factory=list)
    why: Evidence = field(default_factory=Evidence.blank)
    """The evidence of the alerts."""
