"""The columns that cross to the operator's page: what it draws and lists, and nothing else.

Same machinery as ``tenere.batch``, in the page's own units (degrees, feet, knots, nautical miles). What only a few
tracks have (a Remote ID, a place in an unplaced sensor's own plane) is a short batch of its own that names the row.
``python -m tenere.schema typescript`` turns these classes into ``web/src/wire.ts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenere.batch import Batch, column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenere.batch import F32, I16, I32, U8, U32, Bytes

    U16 = NDArray[np.uint16]


@dataclass(frozen=True)
class PageTracks(Batch):
    """One row a track of the picture."""

    number: U32 = column("u4", "", "track number, never reused")
    lat_deg: F32 = column("f4", "deg", "WGS-84 latitude; NaN: no place on the map is known")
    lon_deg: F32 = column("f4", "deg", "WGS-84 longitude; NaN: no place on the map is known")
    level_ft: F32 = column("f4", "ft", "pressure altitude")
    altitude_ft: F32 = column("f4", "ft", "altitude by QNH, where that is to be shown; NaN: show the flight level")
    course_deg: F32 = column("f4", "deg", "course over ground, clockwise from north")
    speed_kt: F32 = column("f4", "kt", "ground speed")
    vertical_fpm: F32 = column("f4", "ft/min", "vertical rate, up positive")
    age_s: F32 = column("f4", "s", "frame time less the time of the last plot used")
    lag_s: F32 = column("f4", "s", "frame time less the time of the position: the page reckons on from there")
    std_m: F32 = column("f4", "m", "one-sigma position error along the worse axis")
    identity: U8 = column("u1", "", "Identity")
    confidence_pct: U8 = column("u1", "%", "confidence in the identity")
    protected: U8 = column("u1", "", "1: a protected flight")
    civil: U8 = column("u1", "", "1: civil by presumption")
    aircraft_class: U8 = column("u1", "", "AircraftClass")
    emergency: U8 = column("u1", "", "Emergency as broadcast")
    trend: U8 = column("u1", "", "Trend")
    flags: U16 = column("u2", "", "TrackFlag bits")
    kinds: U16 = column("u2", "", "bit k set: PlotKind k updated it lately")
    mode_a: I16 = column("i2", "", "Mode A code as a number; -1 none")
    frame: I16 = column("i2", "", "0: on the map; n: in the own plane of an unplaced sensor")
    source: I16 = column("i2", "", "-1 our own track; s: a system track of sensor s")
    address: I32 = column("i4", "", "24-bit ICAO address; -1 none")
    callsign: Bytes = column("S8", "", "aircraft identification")


@dataclass(frozen=True)
class PageLocal(Batch):
    """Places of the tracks that an unplaced sensor sees, in its own plane."""

    row: U32 = column("u4", "", "row of PageTracks")
    x_nm: F32 = column("f4", "NM", "east of the sensor")
    y_nm: F32 = column("f4", "NM", "north of the sensor")


@dataclass(frozen=True)
class PageRemote(Batch):
    """Remote IDs, of the few tracks that have one."""

    row: U32 = column("u4", "", "row of PageTracks")
    remote_id: Bytes = column("S20", "", "Remote ID claim")


@dataclass(frozen=True)
class PageHistory(Batch):
    """Where tracks were: one row a dot, oldest first."""

    number: U32 = column("u4", "", "track number")
    age_s: F32 = column("f4", "s", "frame time less the time of the dot")
    lat_deg: F32 = column("f4", "deg", "WGS-84 latitude")
    lon_deg: F32 = column("f4", "deg", "WGS-84 longitude")


PAGE_BATCHES: tuple[type[Batch], ...] = (PageTracks, PageLocal, PageRemote, PageHistory)
"""In the order of their batch ids on the wire."""
