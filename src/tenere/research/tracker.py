"""A Stone Soup tracker that is Tenere's: it iterates over a detector and yields (time, tracks) as Stone Soup's own do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from stonesoup.base import Property
from stonesoup.tracker.base import Tracker
from stonesoup.types.hypothesis import SingleHypothesis
from stonesoup.types.prediction import GaussianStatePrediction
from stonesoup.types.track import Track
from stonesoup.types.update import GaussianStateUpdate

from tenere import track
from tenere.research.scene import Scene
from tenere.research.states import Layout, View, covariance_of, mean_of, metadata_of, seconds
from tenere.site import SensorConfig
from tenere.track.sensors import SensorTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stonesoup.reader import DetectionReader

    from tenere.batch import Tracks

FIRST_TICK_S = 1.0


class TenereTracker(Tracker):
    """Tenere's tracker over Stone Soup detections.

    Tracks appear once they are confirmed and leave the set when they end. A state is a GaussianStateUpdate where a detection of
    the step was used, else a GaussianStatePrediction, at the step's time; ``track.metadata`` says the track number (also its id),
    the probability of existence and that of turning. ``picture`` is the last step's Tracks, ``state`` the tracker's memory: its
    ``counts`` say what was passed over.
    """

    detector: DetectionReader = Property(default=None, doc="Where detections come from: anything that yields (time, detections)")
    sensor: SensorConfig = Property(
        default=SensorConfig(id="sensor"),
        doc="What measurement models do not say: detection (probability), clutter (false detections a scan), range_m (radius of the "
        "coverage), period_s. Place and noise come from the models",
    )
    config: track.TrackConfig = Property(default=track.TrackConfig(), doc="Settings of the tracker, those of [track] in a site file")
    measurement_model: Any = Property(default=None, doc="The model of detections that carry none")
    unit_m: float = Property(default=1.0, doc="Metres in one unit of length of the scene")
    origin_deg: tuple[float, float] | None = Property(
        default=None, doc="Latitude and longitude of the scene's origin, for several sensors; None: (0, 0) where the first scan has several"
    )
    layout: Layout | None = Property(
        default=None, doc="Where the states of tracks hold x, y and their rates; None: as the measurement model has it, or [x, vx, y, vy]"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Stone Soup hands its properties on
        super().__init__(*args, **kwargs)
        self.scene = Scene(self.sensor, self.measurement_model, self.unit_m, self.origin_deg)
        self.state: track.State | None = None
        self.picture: Tracks | None = None
        self._tracks: dict[int, Any] = {}
        self._steps: Iterator[tuple[datetime, set[Any]]] | None = None
        self._time_s = np.nan

    @property
    def tracks(self) -> set[Any]:
        """Return the live, confirmed tracks."""
        return set(self._tracks.values())

    def __iter__(self) -> TenereTracker:
        if self.detector is None:
            raise AttributeError("set a detector to iterate over, or call update_tracker with each step's detections")
        if self._steps is None:
            self._steps = iter(self.detector)
        return self

    def __next__(self) -> tuple[datetime, set[Any]]:
        if self._steps is None:
            iter(self)
        assert self._steps is not None
        return self.update_tracker(*next(self._steps))

    def update_tracker(self, time: datetime, detections: set[Any]) -> tuple[datetime, set[Any]]:
        """Advance to a time with the detections of a step; return the time and the tracks, as iterating does.

        Raises UsageError for detections whose measurement model is not read (see tenere.research.models).
        """
        given = list(detections)
        plots = self.scene.plots_of(given, time)
        time_s = seconds(time)
        if self.state is None:
            if not len(plots):
                return time, self.tracks
            self.state = track.init(self.config, self.scene.sensors, self.scene.centre_rad)
        rows = self.state.table.rows
        rows.extend(SensorTable.of(self.scene.sensors[len(rows) :]).rows)
        tick_s = time_s - self._time_s if time_s > self._time_s else FIRST_TICK_S
        self._time_s = time_s
        self.state, out = track.step(self.state, self.scene.heard(plots), time_s, tick_s)
        used = {int(n): given[i] for n, i in zip(out.plot_tracks, out.plots.reference, strict=True) if n > 0}
        self._take(out.tracks, time, used)
        return time, self.tracks

    def _take(self, picture: Tracks, time: datetime, used: dict[int, Any]) -> None:
        """Append a state to each track of the picture; drop those that are no longer in it."""
        self.picture = picture
        view = View(self.layout or self.scene.layout, self.unit_m, self.scene.offset_m)
        live: dict[int, Any] = {}
        for i in np.flatnonzero((picture.source < 0) & (picture.frame == self.scene.frame)).tolist():
            number = int(picture.number[i])
            mean, covariance = mean_of(picture, i, view), covariance_of(picture, i, view)
            state = GaussianStatePrediction(mean, covariance, timestamp=time)
            if number in used:
                state = GaussianStateUpdate(mean, covariance, hypothesis=SingleHypothesis(state, used[number]), timestamp=time)
            known = self._tracks.get(number) or Track(id=str(number))
            known.append(state)
            known.metadata.update(metadata_of(picture, i))
            live[number] = known
        self._tracks = live
