"""The columns that flow between the stages: one schema, read by everything else.

Each batch is a frozen dataclass whose fields are equal-length NumPy columns. The field metadata name the dtype,
the unit and the meaning, so the dataclass *is* the schema: the TypeScript types, the Parquet layout and the
reference page are generated from it (``python -m tenere.schema``).

Inside, everything is SI and radians. A missing number is NaN in a float column, -1 in a signed integer column
and empty in a text column, unless the column says otherwise.

    >>> plots = Plots.blank(2)
    >>> len(plots), bool(np.isnan(plots.range_m).all()), int(plots.address[0])
    (2, True, -1)
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from tenere.terms import (
    NOT_LIVE,
    TOLD_BY_ITSELF,
    AircraftClass,
    AlertState,
    Claim,
    Emergency,
    HeightSource,
    Identity,
    Integrity,
    KinematicClass,
    PlotFlag,
    PlotKind,
    Severity,
    TrackFlag,
    Trend,
)

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    F32 = NDArray[np.float32]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]
    I16 = NDArray[np.int16]
    U32 = NDArray[np.uint32]
    U64 = NDArray[np.uint64]
    U8 = NDArray[np.uint8]
    I8 = NDArray[np.int8]
    Bytes = NDArray[np.bytes_]


__all__ = [
    "ALIGNED",
    "BATCHES",
    "NOT_LIVE",
    "ROOM_ROWS",
    "TOLD_BY_ITSELF",
    "AircraftClass",
    "AlertState",
    "Alerts",
    "Batch",
    "Claim",
    "Emergency",
    "Evidence",
    "HeightSource",
    "Identities",
    "Identity",
    "Integrity",
    "KinematicClass",
    "PlotFlag",
    "PlotKind",
    "Plots",
    "Severity",
    "Status",
    "SystemTracks",
    "TrackFlag",
    "Tracks",
    "Trend",
    "blank_value",
    "column",
]


def column(dtype: str, unit: str, doc: str) -> Any:  # noqa: ANN401 - a dataclass field is typed by its annotation
    """Declare one column: NumPy dtype string, unit ("" for none), meaning."""
    return dataclasses.field(metadata={"dtype": np.dtype(dtype), "unit": unit, "doc": doc})


def blank_value(dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 - a scalar of the column's own dtype
    """Return what stands for "not known" in a column of this dtype."""
    if dtype.kind == "f":
        return np.nan
    if dtype.kind == "i":
        return -1
    return b"" if dtype.kind == "S" else 0


def _filled(value: Any, dtype: np.dtype[Any], n: int) -> NDArray[Any]:  # noqa: ANN401 - an array or one value for all
    """Return a column of n: the array itself where it is one of that dtype, else a copy that may be written to."""
    given = np.asarray(value).astype(dtype, copy=False)
    if given.shape == (n,) and given.flags.c_contiguous and given.flags.writeable:
        return given
    return np.array(np.broadcast_to(given, (n,)))


ROOM_ROWS = 512
"""From this many rows on, new columns are parts of one piece of memory: the allocator takes one back and gives it again, where
it returns thirty to the system and each of their pages costs more to get again than to fill."""
ALIGNED = 64


def _room(n: int, dtypes: tuple[np.dtype[Any], ...]) -> list[NDArray[Any]]:
    """Return an uninitialised column of n of each dtype."""
    if n < ROOM_ROWS:
        return [np.empty(n, dtype) for dtype in dtypes]
    starts, end = [], 0
    for dtype in dtypes:
        starts.append(end)
        end += -(-n * dtype.itemsize // ALIGNED) * ALIGNED
    whole = np.empty(end, np.uint8)
    return [np.ndarray((n,), dtype, whole, start) for dtype, start in zip(dtypes, starts, strict=True)]


def _index(rows: NDArray[Any], n: int) -> NDArray[np.intp]:
    """Return the rows, of n, that an index array or a mask selects, none negative; raise IndexError where they are not of the batch."""
    index = np.asarray(rows)
    if index.dtype.kind == "b" and index.shape == (n,):
        return np.flatnonzero(index)
    return np.arange(n)[rows] if index.ndim != 1 or not index.size or index.dtype.kind != "i" or _beyond(index, n) else index


def _beyond(index: NDArray[Any], n: int) -> bool:
    """Say whether any index is negative or past the end: then NumPy itself says what it means, or that it is wrong."""
    return bool(index.min() < 0 or index.max() >= n)


@dataclass(frozen=True)
class Batch:
    """Equal-length columns. Subclasses declare them; this class moves them."""

    schema_doc: ClassVar[str] = ""

    @classmethod
    @functools.cache
    def columns(cls) -> tuple[tuple[str, np.dtype[Any], str, str], ...]:
        """Return (name, dtype, unit, meaning) of each column, in order."""
        return tuple((f.name, f.metadata["dtype"], f.metadata["unit"], f.metadata["doc"]) for f in dataclasses.fields(cls))

    @classmethod
    def _of(cls, columns: dict[str, NDArray[Any]]) -> Self:
        """Return the batch of columns that are known to be right: what the constructor does, without asking 30 times."""
        made = object.__new__(cls)
        made.__dict__.update(columns)
        return made

    @classmethod
    @functools.cache
    def none(cls) -> Self:
        """Return no rows: always the same batch, for a tick asks for many."""
        return cls._of({name: np.zeros(0, dtype) for name, dtype, _, _ in cls.columns()})

    @classmethod
    def blank(cls, n: int = 0, **given: Any) -> Self:  # noqa: ANN401 - columns of any dtype
        """Return n rows of "not known", but for the columns given (arrays of n, or one value for all)."""
        if n == 0 and not given:
            return cls.none()
        if unknown := given.keys() - cls._names():
            msg = f"{cls.__name__} has no column {', '.join(name for name in given if name in unknown)}"
            raise TypeError(msg)
        made = {name: _filled(given[name], dtype, n) for name, dtype, _, _ in cls.columns() if name in given}
        rest = [(name, dtype) for name, dtype, _, _ in cls.columns() if name not in given]
        for (name, dtype), column_ in zip(rest, _room(n, tuple(dtype for _, dtype in rest)), strict=True):
            column_.fill(blank_value(dtype))
            made[name] = column_
        return cls._of(made)

    @classmethod
    @functools.cache
    def _names(cls) -> frozenset[str]:
        """Return the names of the columns."""
        return frozenset(name for name, _, _, _ in cls.columns())

    @classmethod
    @functools.cache
    def _dtypes(cls) -> tuple[np.dtype[Any], ...]:
        """Return the columns' dtypes, in order."""
        return tuple(dtype for _, dtype, _, _ in cls.columns())

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, in order."""
        full = [p for p in parts if len(p)]
        if len(full) == 1:
            return full[0]
        if not full:
            return cls.blank(0)
        held, n = [p.__dict__ for p in full], sum(map(len, full))
        if n < ROOM_ROWS:
            return cls._of({name: np.concatenate([h[name] for h in held]) for name, _, _, _ in cls.columns()})
        room = zip(cls.columns(), _room(n, cls._dtypes()), strict=True)
        return cls._of({name: np.concatenate([h[name] for h in held], out=out) for (name, _, _, _), out in room})

    def __len__(self) -> int:
        """Count the rows."""
        return len(getattr(self, self.columns()[0][0]))

    def take(self, rows: NDArray[Any] | slice) -> Self:
        """Return the rows that an index array, a mask or a slice selects."""
        held = self.__dict__
        index = rows if isinstance(rows, slice) else _index(rows, len(self))
        if isinstance(index, slice) or len(index) < ROOM_ROWS:
            return self._of({name: held[name][index] for name, _, _, _ in self.columns()})
        room = zip(self.columns(), _room(len(index), self._dtypes()), strict=True)  # clip: the indices are checked, once for all
        return self._of({name: held[name].take(index, out=out, mode="clip") for (name, _, _, _), out in room})

    def replace(self, **changed: Any) -> Self:  # noqa: ANN401 - columns of any dtype
        """Return the same rows with some columns changed (cast to their dtype, broadcast to length)."""
        if unknown := changed.keys() - self._names():
            msg = f"{type(self).__name__} has no column {', '.join(name for name in changed if name in unknown)}"
            raise TypeError(msg)
        n, made = len(self), dict(self.__dict__)
        for name, dtype, _, _ in self.columns():
            if name in changed:
                made[name] = _filled(changed[name], dtype, n)
        return self._of(made)

    def digest(self, into: hashlib._Hash) -> None:
        """Feed the canonical bytes of every column (little-endian, NaN made one NaN) to a hash."""
        into.update(f"{type(self).__name__}:{len(self)};".encode())
        for name, dtype, _, _ in self.columns():
            values = getattr(self, name)
            if dtype.kind == "f":
                values = np.where(np.isnan(values), np.nan, values) + 0.0  # one NaN, one zero
            into.update(np.ascontiguousarray(values, dtype.newbyteorder("<")).tobytes())


@dataclass(frozen=True)
class Plots(Batch):
    """What one sensor saw, one row a report."""

    time_s: F64 = column("f8", "s", "time of applicability, seconds since 1970-01-01 UTC (or since 0 h where no date is known)")
    receive_s: F64 = column("f8", "s", "time the bytes arrived, same clock; NaN where the recording holds none")
    sensor: I16 = column("i2", "", "row of the sensor table; -1 until the sensor stage has named it")
    sac_sic: I32 = column("i4", "", "SAC * 256 + SIC as reported; -1 in formats that have none")
    kind: U8 = column("u1", "", "PlotKind: how it was seen")
    flags: U32 = column("u4", "", "PlotFlag bits")
    range_m: F64 = column("f8", "m", "slant range from the sensor")
    azimuth_rad: F64 = column("f8", "rad", "azimuth from the sensor, clockwise from its north, 0..2 pi")
    elevation_rad: F64 = column("f8", "rad", "elevation angle, where a 3-D radar measures it")
    x_m: F64 = column("f8", "m", "local Cartesian east of the sensor's reference point")
    y_m: F64 = column("f8", "m", "local Cartesian north of the sensor's reference point")
    lat_rad: F64 = column("f8", "rad", "WGS-84 latitude, where the report carries a position")
    lon_rad: F64 = column("f8", "rad", "WGS-84 longitude, where the report carries a position")
    position_std_m: F64 = column(
        "f8", "m", "one-sigma horizontal error a side, where the report states one (NACp is a 95 % radius: / 2.448)"
    )
    height_m: F64 = column("f8", "m", "height above the WGS-84 ellipsoid, where measured")
    pressure_altitude_m: F64 = column("f8", "m", "Mode C or ADS-B barometric altitude to 1013.25 hPa")
    east_ms: F64 = column("f8", "m/s", "reported velocity, east")
    north_ms: F64 = column("f8", "m/s", "reported velocity, north")
    velocity_std_ms: F64 = column("f8", "m/s", "one-sigma velocity error an axis (NACv is a 95 % radius: / 2.448)")
    vertical_rate_ms: F64 = column("f8", "m/s", "reported vertical rate, up positive")
    radial_ms: F64 = column("f8", "m/s", "measured radial (Doppler) speed, away from the sensor positive")
    nic: I8 = column("i1", "", "navigation integrity category as broadcast; -1 absent")
    nac_p: I8 = column("i1", "", "navigation accuracy category of position as broadcast; -1 absent")
    sil: I8 = column("i1", "", "source integrity level as broadcast; -1 absent")
    address: I32 = column("i4", "", "24-bit ICAO address; -1 absent")
    mode_a: I16 = column("i2", "", "Mode A code as a number (octal 7700 is 4032); -1 absent")
    callsign: Bytes = column("S8", "", "aircraft identification as reported, trailing spaces removed")
    remote_id: Bytes = column("S20", "", "Remote ID of a drone (a claim: it cannot be authenticated)")
    source_track: I32 = column("i4", "", "the sensor's own track number; -1 absent")
    aircraft_class: U8 = column("u1", "", "AircraftClass as reported")
    emergency: U8 = column("u1", "", "Emergency as reported")
    reference: I64 = column("i8", "", "byte offset of the report in what its source delivered this tick")


@dataclass(frozen=True)
class SystemTracks(Batch):
    """Another system's tracks (ASTERIX CAT062, Cursor-on-Target): joined with ours or shown beside them, never filtered as plots."""

    time_s: F64 = column("f8", "s", "time of the track information")
    sensor: I16 = column("i2", "", "row of the sensor table; -1 until named")
    sac_sic: I32 = column("i4", "", "SAC * 256 + SIC of the system")
    source_track: I32 = column("i4", "", "the system's own track number")
    flags: U32 = column("u4", "", "PlotFlag bits")
    lat_rad: F64 = column("f8", "rad", "WGS-84 latitude")
    lon_rad: F64 = column("f8", "rad", "WGS-84 longitude")
    x_m: F64 = column("f8", "m", "the system's Cartesian east")
    y_m: F64 = column("f8", "m", "the system's Cartesian north")
    east_ms: F64 = column("f8", "m/s", "velocity, east")
    north_ms: F64 = column("f8", "m/s", "velocity, north")
    vertical_rate_ms: F64 = column("f8", "m/s", "rate of climb, up positive")
    pressure_altitude_m: F64 = column("f8", "m", "measured flight level")
    height_m: F64 = column("f8", "m", "height above the WGS-84 ellipsoid, where the system says one")
    position_std_m: F64 = column("f8", "m", "one-sigma estimated accuracy, the larger axis")
    address: I32 = column("i4", "", "24-bit ICAO address; -1 absent")
    mode_a: I16 = column("i2", "", "Mode A code as a number; -1 absent")
    callsign: Bytes = column("S8", "", "callsign or target identification")
    aircraft_class: U8 = column("u1", "", "AircraftClass as reported")
    emergency: U8 = column("u1", "", "Emergency as reported")
    claim: U8 = column("u1", "", "Claim: what the partner calls it")
    reference: I64 = column("i8", "", "byte offset of the report in what its source delivered this tick")


@dataclass(frozen=True)
class Status(Batch):
    """What a sensor or system says about itself (CAT034, 063, 065, 002, 023, 019, 010 status)."""

    time_s: F64 = column("f8", "s", "time of the message")
    sac_sic: I32 = column("i4", "", "SAC * 256 + SIC of the sensor it is about")
    category: I16 = column("i2", "", "ASTERIX category (0: another format)")
    message: I16 = column("i2", "", "message type in that category (CAT034: 1 north marker, 2 sector crossing); -1 absent")
    azimuth_rad: F64 = column("f8", "rad", "sector azimuth")
    period_s: F64 = column("f8", "s", "antenna rotation period")
    lat_rad: F64 = column("f8", "rad", "position the sensor gives of itself")
    lon_rad: F64 = column("f8", "rad", "position the sensor gives of itself")
    height_m: F64 = column("f8", "m", "height the sensor gives of itself")
    degraded: U8 = column("u1", "", "1: it says that it must not be used, or is overloaded or degraded")
    nogo: U8 = column("u1", "", "1: it says that its data must not be used operationally")


@dataclass(frozen=True)
class Tracks(Batch):
    """The picture: one row a live track at the end of a tick."""

    number: U32 = column("u4", "", "track number, never reused")
    time_s: F64 = column("f8", "s", "time of the state")
    update_s: F64 = column("f8", "s", "time of the last plot used")
    first_s: F64 = column("f8", "s", "time of the first plot")
    frame: I16 = column("i2", "", "0: the country's plane; n: the local plane of unplaced sensor n - 1")
    x_m: F64 = column("f8", "m", "east in the frame's plane")
    y_m: F64 = column("f8", "m", "north in the frame's plane")
    vx_ms: F64 = column("f8", "m/s", "velocity along x")
    vy_ms: F64 = column("f8", "m/s", "velocity along y")
    var_xx_m2: F64 = column("f8", "m2", "position variance along x")
    var_xy_m2: F64 = column("f8", "m2", "position covariance")
    var_yy_m2: F64 = column("f8", "m2", "position variance along y")
    var_v_m2s2: F64 = column("f8", "m2/s2", "larger velocity variance")
    lat_rad: F64 = column("f8", "rad", "WGS-84 latitude; NaN where the sensor is unplaced")
    lon_rad: F64 = column("f8", "rad", "WGS-84 longitude; NaN where the sensor is unplaced")
    course_rad: F64 = column("f8", "rad", "course over ground, clockwise from north")
    speed_ms: F64 = column("f8", "m/s", "ground speed")
    turn_rads: F64 = column("f8", "rad/s", "turn rate, clockwise positive")
    pressure_altitude_m: F64 = column("f8", "m", "pressure altitude")
    vertical_rate_ms: F64 = column("f8", "m/s", "vertical rate, up positive")
    height_m: F64 = column("f8", "m", "height above the WGS-84 ellipsoid; NaN where nothing tells it")
    height_std_m: F64 = column("f8", "m", "one-sigma error of that height")
    height_from: U8 = column("u1", "", "HeightSource: 0 none, 1 pressure altitude, 2 measured or said, 3 a 3-D radar's, 4 from ranges")
    altitude_m: F64 = column("f8", "m", "altitude above mean sea level by QNH, where it is to be shown; NaN: show the flight level")
    qnh_hpa: F64 = column("f8", "hPa", "QNH that holds here; NaN: none does, or the track is far above its use")
    trend: U8 = column("u1", "", "Trend: 0 not known, 1 level, 2 climbing, 3 descending")
    existence: F32 = column("f4", "", "probability that an aircraft is there")
    turn_probability: F32 = column("f4", "", "probability of the turning motion model")
    address: I32 = column("i4", "", "24-bit ICAO address; -1 none")
    mode_a: I16 = column("i2", "", "Mode A code; -1 none")
    callsign: Bytes = column("S8", "", "aircraft identification")
    remote_id: Bytes = column("S20", "", "Remote ID claim")
    aircraft_class: U8 = column("u1", "", "AircraftClass")
    emergency: U8 = column("u1", "", "Emergency as broadcast")
    kinds: U32 = column("u4", "", "bit k set: PlotKind k updated it lately")
    sensors: U64 = column("u8", "", "bit s set: sensor or system s (of the first 64) updated it lately")
    flags: U32 = column("u4", "", "TrackFlag bits")
    source: I16 = column("i2", "", "-1 our own track; s: a system track of sensor s")
    source_track: I32 = column("i4", "", "number that system gives it; -1 for our own")
    claim: U8 = column("u1", "", "Claim: what the partner whose track it is calls it")
    kinematic_class: U8 = column("u1", "", "KinematicClass: what it moves like, which no rule uses")
    kinematic_probability: F32 = column("f4", "", "probability of that class")


@dataclass(frozen=True)
class Identities(Batch):
    """Who each track is believed to be, row for row with Tracks."""

    number: U32 = column("u4", "", "track number")
    identity: U8 = column("u1", "", "Identity")
    confidence: F32 = column("f4", "", "0..1")
    protected: U8 = column("u1", "", "1: a protected flight (relief, medical, search and rescue, state)")
    civil: U8 = column("u1", "", "1: civil by presumption")
    state: Bytes = column("S2", "", "ISO 3166 code of the state of registry by address block; empty unknown")
    plan: I32 = column("i4", "", "row of the flight-plan list it is correlated with; -1 none")
    integrity: U8 = column("u1", "", "Integrity: what it says of itself against what is measured")


@dataclass(frozen=True)
class Evidence(Batch):
    """One piece of evidence for or against an identity."""

    number: U32 = column("u4", "", "track number")
    rule: Bytes = column("S32", "", "rule that made it, a key of the phrase book")
    weight: F32 = column("f4", "", "log-odds for (positive) or against (negative)")
    since_s: F64 = column("f8", "s", "first seen")
    expires_s: F64 = column("f8", "s", "no longer counts after")
    detail: Bytes = column("S48", "", "what the phrase fills in: words apart by |")
    source: Bytes = column("S16", "", "what it rests on: a sensor, a plan, a person, a partner; empty: the track itself")
    alert: U32 = column("u4", "", "alert that it is the evidence of; 0: evidence of the identity")


@dataclass(frozen=True)
class Alerts(Batch):
    """What somebody should look at."""

    alert: U32 = column("u4", "", "alert number, never reused")
    rule: Bytes = column("S32", "", "rule that raised it, a key of the phrase book")
    severity: U8 = column("u1", "", "Severity")
    track: U32 = column("u4", "", "track number; 0 none")
    other: U32 = column("u4", "", "second track; 0 none")
    sensor: I16 = column("i2", "", "sensor it is about; -1 none")
    since_s: F64 = column("f8", "s", "raised at")
    until_s: F64 = column("f8", "s", "last time its condition held")
    predicted_s: F64 = column("f8", "s", "time of the predicted event; NaN none")
    acknowledged_s: F64 = column("f8", "s", "acknowledged at; NaN not yet")
    by: Bytes = column("S24", "", "who acknowledged it")
    detail: Bytes = column("S48", "", "what the phrase fills in: words apart by |")
    volume: Bytes = column("S64", "", "id of the volume of airspace it is about; empty none")
    state: U8 = column("u1", "", "AlertState")
    owner: Bytes = column("S24", "", "position that has it in hand; empty: whoever watches")
    escalated: U8 = column("u1", "", "how often it was made graver because nobody acknowledged it")
    quiet_until_s: F64 = column("f8", "s", "suppressed until; NaN not suppressed")


BATCHES: tuple[type[Batch], ...] = (Plots, SystemTracks, Status, Tracks, Identities, Evidence, Alerts)
