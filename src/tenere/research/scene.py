"""From Stone Soup's detections to plots, and the sensors that those plots are of.

One sensor alone stays on a flat plane of its own. Several are put on the Earth around an origin, so that what they measured in the
flat scene comes out at the same place of the country's plane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.errors import UsageError
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane
from tenere.research.identity import said_of
from tenere.research.models import Measured, Noise, Site, measured, noise_of, site_of
from tenere.research.states import FLAT, Layout, layout_of, seconds
from tenere.site import SensorConfig
from tenere.track import Heard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

MAX_SENSORS = 256


class Given(NamedTuple):
    """One detection with its model, the sensor and noise that tells of, its time and its place among those given."""

    detection: Any
    model: Any
    site: Site
    noise: Noise
    time_s: float
    place: int


class Row(NamedTuple):
    """One detection: the row of its sensor, its time, what it measured and says of itself, and its place among those given."""

    sensor: int
    time_s: float
    measured: Measured
    said: tuple[int, int, bytes]
    place: int


@dataclass
class Scene:
    """The sensors of a Stone Soup scene, learnt from its detections as they come.

    sensor: what a measurement model does not say: id, detection (probability), clutter (false plots a look), range_m, period_s.
    model: the measurement model of detections that carry none. unit_m: metres a unit of length of the scene.
    origin_deg: latitude and longitude of the scene's origin; None: the sensor's own plane where there is one sensor, else (0, 0).

    A sensor is told by its place, its rotation and what it measures. Its noise in range and azimuth is the median of its detections'
    in the step that it is first met in; a position keeps the noise of its own.
    """

    sensor: SensorConfig = field(default_factory=lambda: SensorConfig(id="sensor"))
    model: Any = None
    unit_m: float = 1.0
    origin_deg: tuple[float, float] | None = None
    plane: Plane | None = field(default=None, init=False)
    sites: dict[Site, int] = field(default_factory=dict, init=False)
    noises: list[Noise] = field(default_factory=list, init=False)
    flat: Site | None = field(default=None, init=False)
    layout: Layout = field(default=FLAT, init=False)

    def __post_init__(self) -> None:
        """Lay the plane where the origin is given; raise UsageError for a unit that is no length."""
        if not (math.isfinite(self.unit_m) and self.unit_m > 0):
            raise UsageError(f"unit_m = {self.unit_m}: give the metres of one unit of length, above 0")
        if self.origin_deg is not None:
            self.plane = Plane.at(math.radians(self.origin_deg[0]), math.radians(self.origin_deg[1]))

    @property
    def centre_rad(self) -> tuple[float, float] | None:
        """Return the centre for ``tenere.track.init``; None for one sensor on a plane of its own."""
        return (self.plane.lat0_rad, self.plane.lon0_rad) if self.plane else None

    @property
    def frame(self) -> int:
        """Return the frame that the scene's tracks are in: 0 the country's plane, 1 the plane of the only sensor."""
        return 0 if self.plane else 1

    @property
    def offset_m(self) -> tuple[float, float]:
        """Return where the origin of the tracks' plane lies in the scene."""
        return (self.flat.x_m, self.flat.y_m) if self.flat else (0.0, 0.0)

    @property
    def sensors(self) -> tuple[SensorConfig, ...]:
        """Return the sensors met so far, for ``tenere.track.init``; Plots.sensor is a row of it."""
        return tuple(self._config(site, k) for site, k in self.sites.items())

    def plots_of(self, detections: Iterable[Any], time: datetime | None = None) -> Plots:
        """Return the plots of detections, ``reference`` being the place of each among them as given.

        They are in order of sensor, time and measurement, whatever the order of a set. time: of detections without a timestamp.
        What is NaN or infinite stays so: the tracker counts such a plot and passes over it. Raises UsageError for a measurement
        model that is not read, and for a second sensor after the first has been left on its own plane.
        """
        given = [self._given(d, time, i) for i, d in enumerate(detections)]
        self._meet(given)
        rows = sorted((self._row(g) for g in given), key=_order)
        if not rows:
            return Plots.blank(0)
        self._settle()
        sites = list(self.sites)
        site, times, what, said, places = zip(*rows, strict=True)
        columns = {name: np.array([getattr(m, name) for m in what]) for name in Measured._fields}
        if self.plane is not None:
            columns = _on_earth(columns, [sites[k] for k in site], self.plane)
        elif self.flat is not None:
            columns["height_m"] = columns["height_m"] - self.flat.z_m  # of an unplaced sensor heights are above itself
        columns["position_std_m"] = columns.pop("std_m")
        address, mode_a, callsign = (np.array(c) for c in zip(*said, strict=True))
        kind = np.where(address >= 0, PlotKind.MODE_S, np.where(mode_a >= 0, PlotKind.SSR, PlotKind.PSR))
        return Plots.blank(
            len(rows),
            sensor=np.array(site),
            time_s=np.array(times),
            reference=np.array(places),
            kind=kind,
            address=address,
            mode_a=mode_a,
            callsign=callsign,
            **columns,
        )

    def heard(self, plots: Plots) -> list[Heard]:
        """Return plots of this scene as ``tenere.track.step`` takes them: one Heard a sensor, in order."""
        names = [c.source for c in self.sensors]
        present = np.unique(plots.sensor).tolist()
        return [Heard(names[k], plots.take(plots.sensor == k), SystemTracks.blank(), Status.blank()) for k in present]

    def _given(self, detection: Any, time: datetime | None, i: int) -> Given:  # noqa: ANN401 - Stone Soup is untyped
        model = detection.measurement_model if detection.measurement_model is not None else self.model
        site = site_of(model, self.unit_m)
        when = detection.timestamp if detection.timestamp is not None else time
        if when is None:
            raise UsageError("a detection has no timestamp: give the time of its scan")
        return Given(detection, model, site, noise_of(site, model, self.unit_m), seconds(when), i)

    def _meet(self, given: list[Given]) -> None:
        """Add sensors not met before, in an order of their own, for a set has none; the first of all says the layout."""
        new: dict[Site, list[Given]] = {}
        for g in given:
            if g.site not in self.sites:
                new.setdefault(g.site, []).append(g)
        for site in sorted(new, key=_site_order):
            if not self.sites:
                self.layout = min(layout_of(g.model) for g in new[site])
            self.sites[site] = len(self.sites)
            self.noises.append(Noise(*(float(np.median(values)) for values in zip(*(g.noise for g in new[site]), strict=True))))
        if len(self.sites) > MAX_SENSORS:
            raise UsageError(
                f"detections from more than {MAX_SENSORS} places: a sensor that moves counts as many; "
                "give what it measures as positions (LinearGaussian)"
            )

    def _row(self, g: Given) -> Row:
        what = measured(g.site, g.noise, g.detection.state_vector, self.unit_m)
        return Row(self.sites[g.site], g.time_s, what, said_of(g.detection.metadata), g.place)

    def _settle(self) -> None:
        """Choose the plane once: one sensor's own, or the country's."""
        if self.plane is None and len(self.sites) > 1:
            if self.flat is not None:
                raise UsageError(
                    "detections of a second sensor came after the first sensor's were tracked on a plane of its own: "
                    "give origin_deg, latitude and longitude of the scene's origin, so that all share one plane"
                )
            self.plane = Plane.at(0.0, 0.0)
        elif self.plane is None:
            self.flat = next(iter(self.sites))

    def _config(self, site: Site, k: int) -> SensorConfig:
        name = self.sensor.id if k == 0 else f"{self.sensor.id} {k + 1}"
        known: dict[str, float] = {"lat_deg": math.nan, "lon_deg": math.nan, "height_m": site.z_m}
        if site.dimensions is not None:
            known |= {"range_std_m": self.noises[k].range_m, "azimuth_std_deg": math.degrees(self.noises[k].azimuth_rad)}
        if self.plane is not None:
            lat, lon = self.plane.inverse(site.x_m, site.y_m)
            known |= {"lat_deg": math.degrees(float(lat)), "lon_deg": math.degrees(float(lon))}
        return msgspec.structs.replace(self.sensor, id=name, source=name, kind="radar", sac=-1, sic=-1, moved_by="", **known)


def plots_of(detections: Iterable[Any], scene: Scene, time: datetime | None = None) -> Plots:
    """Return the plots of Stone Soup detections; see ``Scene.plots_of``."""
    return scene.plots_of(detections, time)


def _order(row: Row) -> tuple[Any, ...]:
    """Return what rows are sorted by: sensor, time, numbers (NaN last), what they say of themselves."""
    return row.sensor, row.time_s, *(math.inf if math.isnan(v) else v for v in row.measured), *row.said, row.place


def _site_order(site: Site) -> tuple[Any, ...]:
    """Return what sensors of one step are sorted by: polar ones first, then place and rotation."""
    return site.dimensions is None, site.dimensions or (), site[1:]


def _on_earth(columns: dict[str, F64], sites: list[Site], plane: Plane) -> dict[str, F64]:
    """Return what sensors on the Earth would have measured of the same places of the plane."""
    out = dict(columns)
    x0, y0, z0 = (np.array([getattr(s, name) for s in sites]) for name in ("x_m", "y_m", "z_m"))
    polar = np.array([s.dimensions is not None for s in sites])
    ground = columns["range_m"] * np.cos(np.nan_to_num(columns["elevation_rad"]))
    x = np.where(polar, x0 + ground * np.sin(columns["azimuth_rad"]), columns["x_m"])
    y = np.where(polar, y0 + ground * np.cos(columns["azimuth_rad"]), columns["y_m"])
    lat, lon = plane.inverse(x, y)
    _, scale = plane.north(lat, lon)
    lat0, lon0 = plane.inverse(x0, y0)
    east, north, up = ellipsoid.enu_of(lat0, lon0, z0, lat, lon, columns["height_m"])
    slant = np.sqrt(east**2 + north**2 + up**2)
    out["range_m"] = np.where(polar, slant, np.nan)
    out["azimuth_rad"] = np.where(polar, np.arctan2(east, north) % (2.0 * np.pi), np.nan)
    known = polar & np.isfinite(columns["elevation_rad"])
    out["elevation_rad"] = np.where(known, np.arcsin(np.clip(up / np.maximum(slant, 1e-3), -1.0, 1.0)), np.nan)
    out["x_m"], out["y_m"] = np.full(len(x), np.nan), np.full(len(x), np.nan)
    out["lat_rad"], out["lon_rad"] = np.where(polar, np.nan, lat), np.where(polar, np.nan, lon)
    out["std_m"] = columns["std_m"] / scale
    return out
