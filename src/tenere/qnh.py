"""QNH by place: what stations report and what people set; for each position the nearest that still holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from tenere.errors import Rejects

EARTH_M = 6_371_008.8
LEAST_PA, MOST_PA = 85_000.0, 110_000.0
"""No QNH was ever outside: 870 hPa in a typhoon, 1085 hPa in Siberia (WMO archive of weather extremes)."""
AHEAD_S = 900.0
"""A report may be this long before its own time: they are sent early, and clocks differ."""


class QnhConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [[qnh]]: a pressure set by hand."""

    station: str
    """ICAO code of the station, or a name of your own."""
    lat_deg: float
    """WGS-84 latitude of the place it holds for."""
    lon_deg: float
    """WGS-84 longitude."""
    qnh_hpa: float
    """Pressure reduced to mean sea level by the standard atmosphere, in hectopascals (inches of mercury times 33.8639)."""
    time_s: float = float("nan")
    """When it was measured, Unix seconds: it holds for [heights] qnh_age_s from then on. Left out: until a report of the same station."""


class Qnh(NamedTuple):
    """One pressure. Missing numbers are NaN."""

    station: str
    lat_rad: float
    lon_rad: float
    qnh_pa: float
    time_s: float
    """When it was measured; NaN: set by hand until something newer comes."""
    temperature_k: float = math.nan
    elevation_m: float = math.nan
    by: str = ""
    """Who set it by hand; empty: the station reported it."""
    reference: int = 0
    """Byte offset of the report in what its source delivered."""


class Valid(NamedTuple):
    """What holds at n positions."""

    qnh_pa: NDArray[np.float64]
    """(n,) NaN: none is near and new enough, so the standard pressure it is."""
    station: NDArray[np.int64]
    """(n,) index in QnhBook.stations, -1 none."""


@dataclass
class QnhBook:
    """The last pressure of every station, at most LIMIT of them."""

    LIMIT = 4096

    radius_m: float = 200e3
    age_s: float = 7200.0
    rows: dict[str, Qnh] = field(default_factory=dict)

    @classmethod
    def of(cls, by_hand: Sequence[QnhConfig], radius_m: float = 200e3, age_s: float = 7200.0) -> QnhBook:
        """Return the book of a site file. radius_m, age_s: how far from its station and how long a pressure holds."""
        book = cls(radius_m, age_s)
        for q in by_hand:
            place = math.radians(q.lat_deg), math.radians(q.lon_deg)
            book.rows[q.station.upper()] = Qnh(q.station.upper(), *place, q.qnh_hpa * 100.0, q.time_s, by="site file")
        return book

    @property
    def stations(self) -> list[Qnh]:
        """Return what is known, in the order in which the stations were first heard."""
        return list(self.rows.values())

    def take(self, heard: Sequence[Qnh], time_s: float, rejects: Rejects) -> bool:
        """Enter pressures in order, counting those of no use; return whether anything changed. time_s: the tick's."""
        changed = False
        for q in heard:
            old = self.rows.get(q.station)
            if not LEAST_PA <= q.qnh_pa <= MOST_PA:
                rejects.add("QNH out of range", q.reference)
            elif not (abs(q.lat_rad) <= math.pi / 2 and abs(q.lon_rad) <= 2 * math.pi):
                rejects.add("QNH of a station nobody knows the place of", q.reference)
            elif q.time_s > time_s + AHEAD_S:
                rejects.add("QNH from the future", q.reference)
            elif old is not None and old.time_s > q.time_s:
                rejects.add("QNH older than the one held", q.reference)
            elif old is None and len(self.rows) >= self.LIMIT and not self._forget(time_s):
                rejects.add("QNH of more stations than can be kept", q.reference)
            else:
                changed |= q != old
                self.rows[q.station] = q
        return changed

    def holding(self, time_s: float) -> list[Qnh]:
        """Return those that are not too old at a time, in the order in which the stations were first heard."""
        return [q for q in self.rows.values() if not time_s - q.time_s > self.age_s]

    def _forget(self, time_s: float) -> bool:
        """Drop the stations that have been silent too long; return whether there were any."""
        old = [name for name, q in self.rows.items() if time_s - q.time_s > self.age_s]
        for name in old:
            del self.rows[name]
        return bool(old)

    def at(self, lat_rad: ArrayLike, lon_rad: ArrayLike, time_s: float) -> Valid:
        """Return what holds at n positions (n,) at a time: the nearest station's that is not too far and not too old.

        Of two equally near, the one heard of first. Positions that are NaN have none.
        """
        lat, lon = np.atleast_1d(np.asarray(lat_rad, float)), np.atleast_1d(np.asarray(lon_rad, float))
        none = Valid(np.full(len(lat), np.nan), np.full(len(lat), -1, np.int64))
        live = [(q.lat_rad, q.lon_rad, q.qnh_pa, i) for i, q in enumerate(self.rows.values()) if not time_s - q.time_s > self.age_s]
        if not live or not len(lat):
            return none
        there = np.array(sorted(live), float)
        at = nearest(lat, lon, there, self.radius_m / EARTH_M)
        return Valid(np.where(at >= 0, there[at, 2], np.nan), np.where(at >= 0, there[at, 3], -1).astype(np.int64))


@njit(cache=True, error_model="numpy")
def nearest(lat: np.ndarray, lon: np.ndarray, there: np.ndarray, reach: float) -> np.ndarray:
    """Return the row of there (k, 4) that is nearest to each place (n,) and within reach, an angle; -1 none.

    there: latitude, which ascends, longitude, a value, and what decides between two equally near, the smaller. Radians.
    """
    out = np.full(len(lat), -1, np.int64)
    cosine = np.cos(there[:, 0])
    farthest = math.sin(0.5 * min(reach, math.pi)) ** 2
    for i in range(len(lat)):
        if not math.isfinite(lat[i] + lon[i]):
            continue
        own, best = math.cos(lat[i]), math.inf
        for k in range(np.searchsorted(there[:, 0], lat[i] - reach), len(there)):
            if there[k, 0] > lat[i] + reach:
                break
            # the haversine: exact for what is near
            h = math.sin(0.5 * (there[k, 0] - lat[i])) ** 2 + own * cosine[k] * math.sin(0.5 * (there[k, 1] - lon[i])) ** 2
            if h <= farthest and (h < best or (h == best and there[k, 3] < there[out[i], 3])):
                best, out[i] = h, k
    return out


def order(command: object, time_s: float, rejects: Rejects) -> Qnh | None:
    """Understand {"kind": "qnh", "station", "lat_deg", "lon_deg", "qnh_hpa", "by"}; None for anything else, counted if malformed.

    It holds like a report of that time. A command is a dict as it came over the wire: reading it never raises.
    """
    if not isinstance(command, dict) or command.get("kind") != "qnh":
        return None
    station, by = command.get("station"), command.get("by")
    numbers = [_number(command.get(key)) for key in ("lat_deg", "lon_deg", "qnh_hpa")]
    lat, lon, hpa = numbers
    if not (isinstance(station, str) and 0 < len(station.strip()) <= 24):
        rejects.add("QNH set by hand without a station")
    elif not (isinstance(by, str) and by.strip()):
        rejects.add("QNH set by hand without a name")
    elif not (abs(lat) <= 90 and abs(lon) <= 180):
        rejects.add("QNH set by hand without a place")
    elif not LEAST_PA <= hpa * 100.0 <= MOST_PA:
        rejects.add("QNH out of range")
    else:
        return Qnh(station.strip().upper(), math.radians(lat), math.radians(lon), hpa * 100.0, time_s, by=by.strip()[:24])
    return None


def _number(value: Any) -> float:  # noqa: ANN401 - whatever a command may hold
    """Return a number, NaN for anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else math.nan
