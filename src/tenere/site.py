"""The sensors of a site and the feeds that bring their bytes: what [[sensor]] and [[source]] tables hold."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

SensorKind = Literal["radar", "adsb", "mlat", "smr", "remote_id", "system"]


class SourceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed: where bytes come from and what they are."""

    id: str
    """Name of the feed, used in messages and in the recording."""
    format: str = "asterix"
    """Format of its bytes, as in docs/reference/formats.md, or one that a plugin adds."""
    options: dict[str, Any] = {}
    """What the format needs to be told, such as `{editions = {"48" = "1.20"}}` for asterix; see docs/reference/formats.md."""
    udp: str = ""
    """address:port to listen on; a multicast address is joined."""
    tcp: str = ""
    """host:port to connect to; reconnects with growing pauses."""
    interface: str = ""
    """Address of the local interface that joins a multicast group; empty lets the system choose."""


class SensorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sensor: who it is on its feed, where it stands, how well it measures."""

    id: str
    """Short name shown on the map, such as NIM-R."""
    name: str = ""
    """Full name."""
    kind: SensorKind = "radar"
    """What it is."""
    source: str = ""
    """id of the feed it comes on; empty: any feed."""
    sac: int = -1
    """ASTERIX system area code; -1: any."""
    sic: int = -1
    """ASTERIX system identification code; -1: any."""
    lat_deg: float = float("nan")
    """WGS-84 latitude of the antenna or reference point."""
    lon_deg: float = float("nan")
    """WGS-84 longitude."""
    height_m: float = 0.0
    """Antenna height above the WGS-84 ellipsoid (above mean sea level where that is all one has)."""
    range_m: float = 0.0
    """Instrumented range, for the range ring; 0: none drawn."""
    range_std_m: float = 60.0
    """One-sigma error of a plot in slant range."""
    azimuth_std_deg: float = 0.08
    """One-sigma error of a plot in azimuth."""
    position_std_m: float = 30.0
    """One-sigma error of a plot that carries a position but no accuracy."""
    period_s: float = 0.0
    """Time between looks at one aircraft (antenna rotation); 0: learn it."""
    detection: float = 0.9
    """Probability that one look sees an aircraft in its coverage."""
    clutter: float = 20.0
    """False plots per look, over the whole coverage."""
