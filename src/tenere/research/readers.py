"""Tenere's plots as a Stone Soup detector, so that any tracker of Stone Soup runs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from stonesoup.base import Property
from stonesoup.buffered_generator import BufferedGenerator
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.reader import DetectionReader
from stonesoup.types.angle import Bearing
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection

from tenere.research.identity import told
from tenere.research.places import Flat, flatten, plane_of, usable
from tenere.research.states import FLAT, Layout, time_of
from tenere.research.tables import read_recording
from tenere.track.sensors import SensorTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.batch import Plots, Status
    from tenere.site import SensorConfig

MOST_EMPTY_S = 90.0
MOST_MODELS = 4096


class PlotReader(DetectionReader):
    """Plots as Stone Soup detections on one flat plane, in metres, x east and y north.

    A radar's plot is a bearing (anticlockwise from x) and a range over the ground, with a CartesianToBearingRange at the radar's
    place; a position is an x and y, with a LinearGaussian. The noise is the sensor's (its SensorConfig) or the report's own. The plane is
    the country's, or the radar's own where nothing says where it stands.

    A step is ``step_s`` long and yields (time of its last detection, detections); one without detections yields its middle, for up
    to 90 s of them in a row. Plots are in order of time. ``refused`` counts what was left out, by reason; ``plane`` is the plane
    (None: a radar's own): ``plane.inverse(x, y)`` gives latitude and longitude.
    """

    plots: Plots = Property(doc="The plots, in any order")
    step_s: float = Property(doc="Length of a step: a radar's period of rotation, or the time between scans")
    sensors: Sequence[SensorConfig] = Property(
        default=(), doc="The sensors of the site; those not named have the figures of a site file's default"
    )
    status: Status | None = Property(default=None, doc="What sensors say of themselves, such as where they stand")
    centre_deg: tuple[float, float] | None = Property(
        default=None, doc="Latitude and longitude of the plane's centre; None: among the sensors, or at the first position"
    )
    only: Sequence[str] = Property(default=(), doc="ids of the sensors whose plots are wanted; empty: all")
    source: str = Property(default="", doc="The feed that sensors of this id are of; empty: every sensor may have sent these plots")
    one_a_step: bool = Property(
        default=True,
        doc="Of reports of one sensor with one address in a step, yield only the last: a tracker expects one detection an aircraft",
    )
    layout: Layout = Property(default=FLAT, doc="Where a state vector of four holds x, y and their rates")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Stone Soup hands its properties on
        super().__init__(*args, **kwargs)
        if not self.step_s > 0:
            raise ValueError(f"step_s = {self.step_s}: give the seconds of one step, above 0")
        sensors = self.sensors if self.source else [msgspec.structs.replace(c, source="") for c in self.sensors]
        table = SensorTable.of(tuple(sensors))
        named = table.name_plots(self.source, self.plots)
        if self.status is not None:
            table.hear_status(self.source, self.status)
        self.names = [s.label for s in table.rows]
        self.refused: dict[str, int] = {}
        if self.only:
            wanted = np.isin(named.sensor, [k for k, name in enumerate(self.names) if name in self.only])
            self.refused = {"of another sensor": int((~wanted).sum())}
            named = named.take(wanted)
        ready = usable(named, self.refused)
        centre = None if self.centre_deg is None else (np.deg2rad(self.centre_deg[0]), np.deg2rad(self.centre_deg[1]))
        self.plane = plane_of(ready, table, centre)
        flat = flatten(ready, table, self.plane, self.refused)
        steps = steps_of(flat.plots.time_s, self.step_s)
        kept = latest(steps, flat.plots) if self.one_a_step else np.ones(len(steps), bool)
        if not kept.all():
            self.refused["an older report of the step"] = int((~kept).sum())
        self.flat: Flat = flat.take(kept)
        self.steps = steps[kept]
        self.first_s = float(flat.plots.time_s[0]) if len(steps) else np.nan
        self._models: dict[tuple[float, ...], Any] = {}

    @classmethod
    def of(cls, path: str | Path, step_s: float, format_name: str = "", options: dict[str, Any] | None = None, **more: Any) -> PlotReader:  # noqa: ANN401 - its properties
        """Return a reader of any recording that ``tenere decode`` reads, Parquet and CSV tables of plots among them."""
        found = read_recording(path, format_name, options)
        return cls(found.plots, step_s, status=found.status, **more)

    @BufferedGenerator.generator_method
    def detections_gen(self) -> Iterator[tuple[datetime, set[Any]]]:
        """Yield (time, detections) of each step."""
        times, steps = self.flat.plots.time_s, self.steps
        if not len(times):
            return
        edges = np.concatenate([[0], np.flatnonzero(np.diff(steps)) + 1, [len(steps)]])
        before = int(steps[0])
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            step = int(steps[first])
            for empty in range(before + 1, min(step, before + 1 + int(MOST_EMPTY_S / self.step_s))):
                yield time_of(self.first_s + empty * self.step_s), set()
            yield time_of(times[last - 1]), {self._detection(i) for i in range(first, last)}
            before = step

    def _detection(self, i: int) -> Any:  # noqa: ANN401 - a Detection
        """Return the detection of a row."""
        f = self.flat
        metadata = {"sensor": self.names[int(f.plots.sensor[i])], **told(f.plots, i)}
        if not f.polar[i]:
            model = self._position_model(float(f.std_m[i]))
            return Detection(StateVector([f.x_m[i], f.y_m[i]]), time_of(f.plots.time_s[i]), model, metadata)
        dx, dy = f.x_m[i] - f.sensor_x_m[i], f.y_m[i] - f.sensor_y_m[i]
        model = self._polar_model(*(float(c[i]) for c in (f.sensor_x_m, f.sensor_y_m, f.azimuth_std_rad, f.range_std_m)))
        vector = StateVector([Bearing(np.arctan2(dy, dx)), np.hypot(dx, dy)])
        return Detection(vector, time_of(f.plots.time_s[i]), model, metadata)

    def _position_model(self, std_m: float) -> Any:  # noqa: ANN401 - a LinearGaussian
        return self._model((std_m,), lambda: LinearGaussian(4, self.layout.position, np.diag([std_m**2, std_m**2])))

    def _polar_model(self, x_m: float, y_m: float, azimuth_std_rad: float, range_std_m: float) -> Any:  # noqa: ANN401 - a CartesianToBearingRange
        noise, offset = np.diag([azimuth_std_rad**2, range_std_m**2]), StateVector([x_m, y_m])
        return self._model(
            (x_m, y_m, azimuth_std_rad, range_std_m),
            lambda: CartesianToBearingRange(4, self.layout.position, noise, translation_offset=offset),
        )

    def _model(self, key: tuple[float, ...], make: Callable[[], Any]) -> Any:  # noqa: ANN401 - a measurement model
        """Return the model of a key, made once while it is remembered."""
        if key not in self._models:
            if len(self._models) >= MOST_MODELS:
                self._models.clear()
            self._models[key] = make()
        return self._models[key]


def steps_of(times: NDArray[np.float64], step_s: float) -> NDArray[np.int64]:
    """Return each time's step, for rising times: the first time is the middle of step 0, so scans at k steps are in step k."""
    return np.floor((times - times[:1]) / step_s + 0.5).astype(np.int64)


def latest(steps: NDArray[np.int64], plots: Plots) -> NDArray[np.bool_]:
    """Mark all plots but those whose sensor has another of the same address later in the same step."""
    rows = np.flatnonzero(plots.address >= 0)
    rows = rows[np.lexsort((rows, plots.address[rows], plots.sensor[rows], steps[rows]))]
    before, after = rows[:-1], rows[1:]
    same = (steps[before] == steps[after]) & (plots.sensor[before] == plots.sensor[after]) & (plots.address[before] == plots.address[after])
    kept = np.ones(len(plots), bool)
    kept[before[same]] = False
    return kept
