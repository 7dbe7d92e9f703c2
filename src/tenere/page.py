"""The columns that cross to the operator's page: what it draws and lists, and nothing else.

Same machinery as ``tenere.batch``, in the page's own units (degrees, feet, knots, nautical miles). What only a few
tracks have (a Remote ID, a place in an unplaced sensor's own plane) is a short batch of its own that names the row.
``python -m tenere.schema typescript`` turns these classes into ``web/src/wire.ts``.

On the way a column of tracks is whole numbers: how many steps its value is. A column says its step, and from what the next
value is guessed, for only the difference is sent (tenere.serve.frames).
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tenere.batch import Batch, column

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenere.batch import F32, I16, I32, U8, U32, Bytes

    U16 = NDArray[np.uint16]


class Guess(enum.IntEnum):
    """From what a column's next value is guessed."""

    SAME = 0
    """It stays."""
    AGED = 1
    """It grows with time; its step divides a second."""
    NORTH = 2
    """It moves north as course and speed say."""
    EAST = 3
    """It moves east."""
    COUNTED = 4
    """It stays; of a new row it is one more than that of the row above."""


ANGLE_DEG = 1e-5
"""Step of a place in degrees: 1.1 m of latitude."""
PLANE_NM = 6e-4
"""Step of a place in a plane: as long as one of latitude, so that one guess serves both."""
COURSE_DEG, SPEED_KT, LAG_S = 0.1, 0.25, 0.01
"""What the guess of a place reckons with (tenere.serve.reckon)."""
LOGARITHMIC = 0.0
"""In place of a step: 16 steps to the double, from half a unit on (tenere.serve.reckon)."""


def sent(dtype: str, unit: str, doc: str, step: float = 1.0, guess: Guess = Guess.SAME) -> Any:  # noqa: ANN401 - as column
    """Declare a column of tracks, and how it crosses: its step and what its next value is guessed from."""
    told = column(dtype, unit, doc)
    return dataclasses.field(metadata={**told.metadata, "step": step, "guess": guess})


@dataclass(frozen=True)
class PageTracks(Batch):
    """One row a track of the picture."""

    number: U32 = sent("u4", "", "track number, never reused", 1.0, Guess.COUNTED)
    lat_deg: F32 = sent("f4", "deg", "WGS-84 latitude; NaN: no place on the map is known", ANGLE_DEG, Guess.NORTH)
    lon_deg: F32 = sent("f4", "deg", "WGS-84 longitude; NaN: no place on the map is known", ANGLE_DEG, Guess.EAST)
    level_ft: F32 = sent("f4", "ft", "pressure altitude", 25.0)
    altitude_ft: F32 = sent("f4", "ft", "altitude by QNH, where that is to be shown; NaN: show the flight level", 25.0)
    course_deg: F32 = sent("f4", "deg", "course over ground, clockwise from north", COURSE_DEG)
    speed_kt: F32 = sent("f4", "kt", "ground speed", SPEED_KT)
    vertical_fpm: F32 = sent("f4", "ft/min", "vertical rate, up positive", 25.0)
    age_s: F32 = sent("f4", "s", "frame time less the time of the last plot used", 0.25, Guess.AGED)
    lag_s: F32 = sent("f4", "s", "frame time less the time of the position: the page reckons on from there", LAG_S)
    std_m: F32 = sent("f4", "m", "one-sigma position error along the worse axis", LOGARITHMIC)
    identity: U8 = sent("u1", "", "Identity")
    confidence_pct: U8 = sent("u1", "%", "confidence in the identity")
    protected: U8 = sent("u1", "", "1: a protected flight")
    civil: U8 = sent("u1", "", "1: civil by presumption")
    aircraft_class: U8 = sent("u1", "", "AircraftClass")
    emergency: U8 = sent("u1", "", "Emergency as broadcast")
    trend: U8 = sent("u1", "", "Trend")
    flags: U16 = sent("u2", "", "TrackFlag bits")
    kinds: U16 = sent("u2", "", "bit k set: PlotKind k updated it lately")
    mode_a: I16 = sent("i2", "", "Mode A code as a number; -1 none")
    frame: I16 = sent("i2", "", "0: on the map; n: in the own plane of an unplaced sensor")
    source: I16 = sent("i2", "", "-1 our own track; s: a system track of sensor s")
    address: I32 = sent("i4", "", "24-bit ICAO address; -1 none")
    callsign: Bytes = sent("S8", "", "aircraft identification")


@dataclass(frozen=True)
class PageLocal(Batch):
    """Places of the tracks that an unplaced sensor sees, in its own plane."""

    row: U32 = column("u4", "", "row of PageTracks")
    x_nm: F32 = sent("f4", "NM", "east of the sensor", PLANE_NM, Guess.EAST)
    y_nm: F32 = sent("f4", "NM", "north of the sensor", PLANE_NM, Guess.NORTH)


@dataclass(frozen=True)
class PageRemote(Batch):
    """Remote IDs, of the few tracks that have one."""

    row: U32 = column("u4", "", "row of PageTracks")
    remote_id: Bytes = sent("S20", "", "Remote ID claim")


@dataclass(frozen=True)
class PageHistory(Batch):
    """Where tracks were: one row a dot, oldest first."""

    number: U32 = column("u4", "", "track number")
    age_s: F32 = column("f4", "s", "frame time less the time of the dot")
    lat_deg: F32 = column("f4", "deg", "WGS-84 latitude")
    lon_deg: F32 = column("f4", "deg", "WGS-84 longitude")


PAGE_BATCHES: tuple[type[Batch], ...] = (PageTracks, PageLocal, PageRemote, PageHistory)
"""In the order of their batch ids on the wire."""


class Sent(NamedTuple):
    """A column as it crosses: of which batch, and how."""

    batch: type[Batch]
    name: str
    dtype: np.dtype[Any]
    step: float
    guess: Guess


def _sent() -> tuple[Sent, ...]:
    """Return what is declared above by sent()."""
    return tuple(
        Sent(batch, f.name, f.metadata["dtype"], f.metadata["step"], f.metadata["guess"])
        for batch in PAGE_BATCHES
        for f in dataclasses.fields(batch)
        if "step" in f.metadata
    )


SENT: tuple[Sent, ...] = _sent()
"""The columns of a frame of tracks, in their order on the wire; those of the short batches stand beside the others, row for row."""
