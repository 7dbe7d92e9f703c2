"""The sensors of a site and the feeds that bring their bytes: what [[sensor]] and [[source]] tables hold."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

TRANSPORTS = ("udp", "tcp", "listen", "serial", "file", "folder", "capture")
"""The ways in: every source names exactly one of them."""

ONE_WAY = frozenset(TRANSPORTS) - {"tcp", "listen"}
"""Those that can work without sending a byte: TCP acknowledges what it gets."""

BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 2000000, 4000000)
"""Rates of a serial line."""

PLACING = frozenset({"adsb", "remote_id", "detector"})
"""Kinds of sensor whose reports carry positions: their own place is not needed."""

SensorKind = Literal["radar", "adsb", "mlat", "smr", "remote_id", "detector", "system"]


class SourceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed: where bytes come from and what they are."""

    id: str
    """Name of the feed, used in messages and in the recording."""
    format: str = "asterix"
    """Format of its bytes, as in docs/reference/formats.md, or one that a plugin adds."""
    options: dict[str, Any] = {}
    """What the format needs to be told, such as `{editions = {"48" = "1.30"}}` for asterix; see docs/reference/formats.md."""
    udp: str = ""
    """address:port to listen on; a multicast address is joined."""
    interface: str = ""
    """Address of the local interface that joins a multicast group; empty lets the system choose."""
    udp2: str = ""
    """address:port of the same datagrams on the second network of a dual LAN: the later copy of each is dropped and counted."""
    interface2: str = ""
    """Address of the local interface that joins the group of the second network."""
    tcp: str = ""
    """host:port to connect to; reconnects with growing pauses."""
    greeting: str = ""
    """Line sent after connecting, where the other side waits for one (an APRS-IS login)."""
    listen: str = ""
    """address:port to listen on for a TCP client that brings the stream: one at a time."""
    serial: str = ""
    """Path of a serial line, such as /dev/ttyUSB0: 8 bits, no parity, 1 stop bit; opened again when it was unplugged."""
    baud: int = 115200
    """Rate of the serial line."""
    file: str = ""
    """Path of a file that grows: what is added to it is read, across rotation and truncation."""
    folder: str = ""
    """Path of a folder: each new file in it is read once, when it has stopped growing."""
    from_start: bool = False
    """Of a file or folder, read also what is there when the program starts: it then counts as received now."""
    capture: str = ""
    """Path of a recording (pcap, pcapng, or any that `tenere replay` takes) played as if it came now, with its own timing."""
    speed: float = 1.0
    """Pace of a played recording: 2 is twice as fast."""
    loop: bool = False
    """Begin a played recording again at its end."""
    one_way: bool = False
    """Behind a data diode: never send a byte. TCP and joining a multicast group send, and are refused."""


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
    moved_by: str = ""
    """id of a feed (format nmea or ogn) that says where a mobile sensor is; until it does, the place given here holds."""
    height_m: float = 0.0
    """Antenna height above the WGS-84 ellipsoid (above mean sea level where that is all one has)."""
    range_m: float = 0.0
    """Instrumented range, for the range ring and for coverage; 0: no ring."""
    antenna_m: float = float("nan")
    """Height of the antenna above the ground, mast and building together, for coverage; left out: 10 m."""
    min_elevation_deg: float = -90.0
    """Least elevation at which the antenna sees, for coverage."""
    max_elevation_deg: float = float("nan")
    """Greatest elevation at which it sees; above is its cone of silence. Left out: 45 for a radar, 90 for others."""
    range_std_m: float = 60.0
    """One-sigma error of a plot in slant range."""
    azimuth_std_deg: float = 0.08
    """One-sigma error of a plot in azimuth."""
    elevation_std_deg: float = 0.3
    """One-sigma error in elevation of a radar that tells heights or elevations."""
    refraction: float = 4.0 / 3.0
    """Effective over true radius of the Earth for elevations as the antenna points; 1 where the sensor has taken refraction off."""
    position_std_m: float = 30.0
    """One-sigma error of a plot that carries a position but no accuracy; of an smr, what the size of its targets adds (10 is usual)."""
    period_s: float = 0.0
    """Time between looks at one aircraft (antenna rotation); 0: learn it."""
    detection: float = 0.9
    """Probability that one look sees an aircraft in its coverage."""
    clutter: float = 20.0
    """False plots per look, over the whole coverage."""


def transports_of(source: SourceConfig) -> list[str]:
    """Return the transports that a source names: exactly one, in a configuration that was checked."""
    return [name for name in TRANSPORTS if getattr(source, name)]
