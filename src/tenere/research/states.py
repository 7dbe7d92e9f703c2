"""Tenere's tracks as Stone Soup's: states with mean and covariance, in a layout that components of Stone Soup read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from stonesoup.types.array import CovarianceMatrix, StateVector
from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
from stonesoup.types.state import GaussianState
from stonesoup.types.track import Track

from tenere.batch import Tracks
from tenere.errors import UsageError
from tenere.research.identity import who

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - Stone Soup's times carry no zone
EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)


class Layout(NamedTuple):
    """Where a state vector of four holds x, y and their rates; the default is [x, vx, y, vy]."""

    position: tuple[int, int] = (0, 2)
    velocity: tuple[int, int] = (1, 3)


FLAT = Layout()


def seconds(time: datetime) -> float:
    """Return seconds since 1970-01-01 UTC; a time without a zone is taken as UTC."""
    return (time - (EPOCH if time.tzinfo is None else EPOCH_UTC)).total_seconds()


def time_of(time_s: float) -> datetime:
    """Return the time, without a zone as Stone Soup's are, to the microsecond."""
    return EPOCH + timedelta(seconds=float(time_s))


def layout_of(model: Any) -> Layout:  # noqa: ANN401 - Stone Soup is untyped
    """Return the layout of a measurement model's state space: the default where it is none of four numbers over x and y."""
    mapping = tuple(int(k) for k in model.mapping)[:2]
    if model.ndim_state != 4 or len(set(mapping)) != 2 or not set(mapping) <= set(range(4)):
        return FLAT
    rest = [k for k in range(4) if k not in mapping]
    return Layout((mapping[0], mapping[1]), (rest[0], rest[1]))


class View(NamedTuple):
    """How rows of tracks are told: layout, metres a unit, and where their plane's origin lies in the scene (metres)."""

    layout: Layout = FLAT
    unit_m: float = 1.0
    offset_m: tuple[float, float] = (0.0, 0.0)


PLAIN = View()


def mean_of(tracks: Tracks, i: int, view: View) -> Any:  # noqa: ANN401 - a StateVector
    """Return the state vector (4, 1) of a row."""
    mean = np.zeros((4, 1))
    (x, y), (vx, vy) = view.layout
    mean[x, 0], mean[y, 0] = tracks.x_m[i] + view.offset_m[0], tracks.y_m[i] + view.offset_m[1]
    mean[vx, 0], mean[vy, 0] = tracks.vx_ms[i], tracks.vy_ms[i]
    return StateVector(mean / view.unit_m)


def covariance_of(tracks: Tracks, i: int, view: View) -> Any:  # noqa: ANN401 - a CovarianceMatrix
    """Return the covariance (4, 4) of a row: of the position whole, of the velocity its larger variance on both axes."""
    covariance = np.zeros((4, 4))
    (x, y), (vx, vy) = view.layout
    covariance[x, x], covariance[y, y] = tracks.var_xx_m2[i], tracks.var_yy_m2[i]
    covariance[x, y] = covariance[y, x] = tracks.var_xy_m2[i]
    covariance[vx, vx] = covariance[vy, vy] = tracks.var_v_m2s2[i]
    return CovarianceMatrix(covariance / view.unit_m**2)


def metadata_of(tracks: Tracks, i: int) -> dict[str, Any]:
    """Return what a row says beside its state: track number, existence, probability of turning, and who it is."""
    return {
        "track_number": int(tracks.number[i]),
        "existence": float(tracks.existence[i]),
        "turn_probability": float(tracks.turn_probability[i]),
        "update_s": float(tracks.update_s[i]),
        **who(tracks, i),
    }


def tracks_to_stonesoup(tracks: Tracks | Iterable[Tracks], view: View = PLAIN, frame: int | None = None) -> set[Any]:
    """Return Stone Soup Tracks of our own tracks over time: a table of many times, or one batch a time.

    Each has its number as id and a GaussianState a row, in order of time, with the metadata of ``metadata_of`` at each. frame: the
    plane to take them from (see Tracks.frame); None: the only one there is, UsageError where there are more. Partners' tracks and
    rows without a state are left out.
    """
    out = set()
    for table, rows in _histories(tracks, frame):
        states = [GaussianState(mean_of(table, i, view), covariance_of(table, i, view), timestamp=time_of(table.time_s[i])) for i in rows]
        track = Track(states=states, id=str(int(table.number[rows[0]])))
        for known, i in zip(track.metadatas, rows, strict=True):
            known.update(metadata_of(table, i))
        out.add(track)
    return out


def truths_to_stonesoup(tracks: Tracks | Iterable[Tracks], view: View = PLAIN, frame: int | None = None) -> set[Any]:
    """Return the same as GroundTruthPaths, for metrics and simulators that take truth."""
    return {
        GroundTruthPath(
            states=[GroundTruthState(mean_of(table, i, view), time_of(table.time_s[i]), metadata_of(table, i)) for i in rows],
            id=str(int(table.number[rows[0]])),
        )
        for table, rows in _histories(tracks, frame)
    }


def _histories(tracks: Tracks | Iterable[Tracks], frame: int | None) -> list[tuple[Tracks, list[int]]]:
    """Return the table and, for each track of it, its rows in order of time."""
    table = tracks if isinstance(tracks, Tracks) else Tracks.concat(list(tracks))
    kept = (table.source < 0) & np.isfinite(table.x_m) & np.isfinite(table.y_m) & np.isfinite(table.time_s)
    frames = np.unique(table.frame[kept]).tolist()
    if frame is None and len(frames) > 1:
        raise UsageError(f"these tracks are in several planes (Tracks.frame): name one of frame={', '.join(map(str, frames))}")
    rows = np.flatnonzero(kept & (table.frame == (frame if frame is not None else (frames or [0])[0])))
    rows = rows[np.lexsort((table.time_s[rows], table.number[rows]))]
    parts = np.split(rows, np.flatnonzero(np.diff(table.number[rows].astype(np.int64))) + 1)
    return [(table, part.tolist()) for part in parts if len(part)]
