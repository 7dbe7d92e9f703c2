"""The sensor table: who reported, where it stands, how well it measures, and how it does.

A sensor is known by the feed it comes on and its SAC/SIC, or by feed and kind where a format has none. Those of
the site file come first; others are added as they are heard, up to a bound. A sensor whose position nobody gave
and that gives none itself is unplaced: its plots stay in a plane of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.site import SensorConfig, SensorKind
from tenere.track import tally
from tenere.track.columns import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.tally import Tally

MAX_SENSORS = 4096
DEFAULT_PERIOD_S = {"radar": 6.0, "smr": 1.0, "mlat": 1.0, "adsb": 1.0, "remote_id": 1.0, "detector": 1.0, "system": 5.0}
SCANNING: frozenset[str] = frozenset({"radar", "smr"})
SMALL: frozenset[str] = frozenset({"remote_id", "detector"})
"""Kinds of sensor that see drones and birds rather than aircraft: what they see moves by [track.small_motion]."""
GROUP: dict[int, SensorKind] = {
    PlotKind.UNKNOWN: "radar",
    PlotKind.PSR: "radar",
    PlotKind.SSR: "radar",
    PlotKind.PSR_SSR: "radar",
    PlotKind.MODE_S: "radar",
    PlotKind.PSR_MODE_S: "radar",
    PlotKind.ADSB: "adsb",
    PlotKind.TISB: "adsb",
    PlotKind.ADSR: "adsb",
    PlotKind.MLAT: "mlat",
    PlotKind.SMR: "smr",
    PlotKind.REMOTE_ID: "remote_id",
    PlotKind.DETECTION: "detector",
    PlotKind.FLARM: "adsb",
}
STATUS_OF: dict[int, SensorKind] = {0: "detector", 10: "mlat", 19: "mlat", 23: "adsb", 62: "system", 63: "system", 65: "system"}
"""Who sends status of a category, where its SAC and SIC name no sensor known yet; radars send the others."""
GROUPS: tuple[SensorKind, ...] = ("radar", "smr", "mlat", "adsb", "remote_id", "detector", "system")
GROUP_OF = np.array([GROUPS.index(GROUP.get(k, "radar")) for k in range(256)])


@dataclass
class Sensor:
    """One row: what is configured, what was learnt, and how it does."""

    config: SensorConfig
    source: str
    sac_sic: int
    lat_rad: float
    lon_rad: float
    height_m: float
    period_s: float
    configured: bool
    tally: Tally
    at: int
    """Its row of the tally."""
    self_placed: bool = False
    degraded: bool = False
    clock_off_s: float = 0.0
    """What is added to its times."""
    clock_maybe_s: float = 0.0
    """What its clock seems to be off by now."""
    clock_ticks: int = 0
    """For how many ticks it has seemed so."""

    @property
    def plots(self) -> int:
        """Plots so far."""
        return int(self.tally.plots[self.at])

    @property
    def not_live(self) -> int:
        """Plots so far that are kept out of the live picture."""
        return int(self.tally.not_live[self.at])

    @property
    def last_s(self) -> float:
        """Time of its newest report; NaN none."""
        return float(self.tally.last_s[self.at])

    @property
    def lag_s(self) -> float:
        """Time from a plot to its arrival, as a rule; NaN unknown."""
        return float(self.tally.lag_s[self.at])

    @property
    def rate_hz(self) -> float:
        """Plots a second."""
        return float(self.tally.rate_hz[self.at])

    def hear(self, time_s: float, plots: int = 0) -> None:
        """Note reports: the newest one's time, NaN none, and how many."""
        self.tally.last_s[self.at] = _later(self.last_s, time_s)
        self.tally.plots[self.at] += plots

    @property
    def placed(self) -> bool:
        """Say whether it is known where it stands."""
        return not math.isnan(self.lat_rad)

    def plane_xy(self, plane: Plane) -> tuple[float, float]:
        """Return where it stands in the country's plane (m)."""
        x, y = plane.forward(self.lat_rad, self.lon_rad)
        return float(x), float(y)

    @property
    def label(self) -> str:
        """Name it for people: the site file's name, or feed and SAC/SIC."""
        return self.config.id


@dataclass
class SensorTable:
    """All sensors, in order of first appearance; a sensor's row never changes."""

    rows: list[Sensor] = field(default_factory=list)
    index: dict[tuple[str, int, str], int] = field(default_factory=dict)
    overflow: int = 0
    tally: Tally = field(default_factory=lambda: tally.make(MAX_SENSORS))
    scratch: NDArray[np.int32] = field(default_factory=lambda: np.full(tally.CODES, -1, np.int32))

    @classmethod
    def of(cls, configured: tuple[SensorConfig, ...]) -> SensorTable:
        """Build the table of a site file."""
        table = cls()
        for c in configured:
            table._add(c, c.source, c.sac * 256 + c.sic if c.sac >= 0 and c.sic >= 0 else -1, configured=True)
        return table

    def find(self, source: str, sac_sic: int, kind: SensorKind) -> int:
        """Return the row of who reports so; add it when it is new; -1 when the table is full."""
        key = (source, sac_sic, kind if sac_sic < 0 else "")
        found = self.index.get(key)
        if found is not None:
            return found
        for i, row in enumerate(self.rows):
            if row.configured and _claims(row.config, source, sac_sic, kind):
                self.index[key] = i
                return i
        if len(self.rows) >= MAX_SENSORS:
            self.overflow += 1
            return -1
        name = f"{source or 'feed'} {sac_sic // 256:03d}/{sac_sic % 256:03d}" if sac_sic >= 0 else f"{source or 'feed'} {kind}"
        config = SensorConfig(id=name.strip(), kind=kind, source=source)
        if kind in ("mlat", "smr"):
            config = SensorConfig(
                id=name.strip(),
                kind=kind,
                source=source,
                position_std_m=15.0 if kind == "mlat" else 10.0,
                range_std_m=10.0 if kind == "mlat" else 2.0,
                clutter=1.0,
                range_m=20_000,
            )
        self._add(config, source, sac_sic, configured=False)
        self.index[key] = len(self.rows) - 1
        return len(self.rows) - 1

    def name_plots(self, source: str, plots: Plots) -> Plots:
        """Return the plots with their sensor named."""
        if not len(plots):
            return plots
        which, codes = tally.senders(plain(plots.sac_sic), plain(plots.kind), GROUP_OF, self.scratch)
        rows = np.array([self.find(source, int(v >> 3), GROUPS[int(v & 7)]) for v in codes], np.int16)
        return plots.replace(sensor=rows[which])

    def small(self, sensor: NDArray[np.int16]) -> NDArray[np.bool_]:
        """Say of each plot's sensor (n,), -1 none, whether it is made for the small and slow."""
        kinds = np.array([*(row.config.kind in SMALL for row in self.rows), False])
        return kinds[sensor]

    def name_system(self, source: str, system: SystemTracks) -> SystemTracks:
        """Return the system tracks with their system named."""
        if not len(system):
            return system
        values, inverse = np.unique(system.sac_sic, return_inverse=True)
        rows = np.array([self.find(source, int(v), "system") for v in values])
        for v in np.unique(rows[rows >= 0]):
            row = self.rows[v]
            row.hear(float(np.nanmax(system.time_s, initial=-np.inf)), int((rows[inverse] == v).sum()))
        return system.replace(sensor=rows[inverse])

    def hear_status(self, source: str, status: Status) -> None:
        """Take from the sensors' own messages their rotation period, place and state."""
        moved = [row for row in self.rows if source and row.config.moved_by == source]
        for mobile in moved:
            _move(mobile, status)
        for sac_sic in np.unique(status.sac_sic) if len(status) and not moved else ():
            own = status.take(status.sac_sic == sac_sic)
            kind = STATUS_OF.get(int(own.category[0]), "radar")
            row = self.rows[i] if (i := self._known(source, int(sac_sic), kind)) >= 0 else None
            if row is None:
                continue
            row.hear(float(np.nanmax(own.time_s, initial=-np.inf)))
            period = own.period_s[np.isfinite(own.period_s)]
            if len(period) and 0.5 <= period[-1] <= 30.0:
                row.period_s = float(period[-1])
            row.degraded = bool(own.degraded[-1])
            here = np.isfinite(own.lat_rad) & np.isfinite(own.lon_rad)
            if here.any() and not row.placed:
                k = int(np.nonzero(here)[0][-1])
                row.lat_rad, row.lon_rad, row.self_placed = float(own.lat_rad[k]), float(own.lon_rad[k]), True
                row.height_m = float(np.nan_to_num(own.height_m[k]))

    def _known(self, source: str, sac_sic: int, kind: SensorKind) -> int:
        """Return the row of a sensor that speaks of itself."""
        key = (source, sac_sic, "")
        return self.index[key] if key in self.index else self.find(source, sac_sic, kind)

    def count(self, plots: Plots, tick_s: float) -> None:
        """Keep each sensor's counts, rate and lag."""
        sensor, flags = plain(plots.sensor), plain(plots.flags)
        tally.count(self.tally, len(self.rows), sensor, plain(plots.time_s), plain(plots.receive_s), flags, max(tick_s, 1e-3))

    def _add(self, c: SensorConfig, source: str, sac_sic: int, *, configured: bool) -> None:
        """Add a sensor."""
        self.rows.append(
            Sensor(
                config=c,
                source=source,
                sac_sic=sac_sic,
                lat_rad=math.radians(c.lat_deg),
                lon_rad=math.radians(c.lon_deg),
                height_m=c.height_m,
                period_s=c.period_s or DEFAULT_PERIOD_S[c.kind],
                configured=configured,
                tally=self.tally,
                at=len(self.rows),
            )
        )


def _later(a: float, b: float) -> float:
    """Return the later of two times, either of which may be missing."""
    return b if math.isnan(a) or b > a else a


def _move(row: Sensor, status: Status) -> None:
    """Bring a mobile sensor to the last place that its own receiver says."""
    here = np.flatnonzero(np.isfinite(status.lat_rad) & np.isfinite(status.lon_rad))
    if len(here):
        k = int(here[-1])
        row.lat_rad, row.lon_rad, row.self_placed = float(status.lat_rad[k]), float(status.lon_rad[k]), True
        if np.isfinite(status.height_m[k]):
            row.height_m = float(status.height_m[k])


def _claims(c: SensorConfig, source: str, sac_sic: int, kind: SensorKind) -> bool:
    """Say whether a configured sensor is the one that reports so."""
    if c.source and c.source != source:
        return False
    if c.kind != kind and (sac_sic < 0 or c.sac < 0):
        return False
    if c.sac < 0 and c.sic < 0:
        return True
    return sac_sic >= 0 and c.sac in (-1, sac_sic // 256) and c.sic in (-1, sac_sic % 256)
