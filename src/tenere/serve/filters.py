"""What a reader of the stream asks for: some tracks, or all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from tenere.batch import AlertState, PlotKind, Severity
from tenere.errors import WireError
from tenere.page import ANGLE_DEG
from tenere.serve.packing import MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Alerts
    from tenere.serve.stepped import Stepped

KINDS = {str(kind.name).lower(): 1 << int(kind) for kind in PlotKind}
LEVEL_STEPS = 4
"""Steps of level_ft in a flight level."""


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tracks that a reader wants. What it leaves out is not asked for; without any, all tracks."""

    type: Literal["filter"] = "filter"
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees; west above east crosses the antimeridian."""
    levels: tuple[float, float] | None = None
    """From and to, in flight levels. A track whose level is not known is sent."""
    kinds: tuple[str, ...] | None = None
    """Names of kinds of plots: tracks that any of them updated lately."""
    track: int | None = None
    """A track that is sent wherever it is: the one that is selected."""
    changes: bool = True
    """False: every frame is a keyframe, for a reader that would be simple."""

    @property
    def all(self) -> bool:
        """Say whether it leaves no track out."""
        return self.box is None and self.levels is None and self.kinds is None


def parse_filter(text: str) -> Filter:
    """Return what a reader asks for. Raises WireError, with the reason, on what is no filter."""
    try:
        asked = msgspec.json.decode(text, type=Filter)
    except (msgspec.DecodeError, msgspec.ValidationError) as e:
        raise WireError(f"no filter: {e}") from e
    if asked.box is not None:
        west, south, east, north = asked.box
        if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south < north <= 90 and west != east):
            raise WireError("no filter: box is [west, south, east, north] in degrees")
    if asked.levels is not None and not (math.isfinite(asked.levels[0]) and -100 <= asked.levels[0] <= asked.levels[1] <= 10_000):
        raise WireError("no filter: levels is [from, to] in flight levels")
    if asked.kinds is not None and (not asked.kinds or unknown_kind(asked.kinds)):
        raise WireError(f"no filter: kinds are some of {', '.join(KINDS)}")
    if asked.track is not None and not 0 <= asked.track < 1 << 32:
        raise WireError("no filter: track is a track number")
    return asked


def unknown_kind(kinds: tuple[str, ...]) -> bool:
    """Say whether any name is not that of a kind of plots."""
    return any(kind not in KINDS for kind in kinds)


def alerted(alerts: Alerts) -> NDArray[np.uint32]:
    """Return the tracks that alerts from caution up are about."""
    rows = np.flatnonzero((alerts.severity >= Severity.CAUTION) & (alerts.state != AlertState.CLEARED))
    return np.concatenate([alerts.track[rows], alerts.other[rows]]).astype(np.uint32)


def wanted(asked: Filter, picture: Stepped, alerts: Alerts) -> NDArray[np.bool_]:
    """Say of each track whether a reader gets it: what it asked for, what is in distress or alerted, what it has selected."""
    mask = np.ones(picture.rows, np.bool_)
    if asked.box is not None:
        mask &= _within(asked.box, picture)
    if asked.levels is not None:
        level = picture.of("level_ft")
        low, high = (bound * LEVEL_STEPS for bound in asked.levels)
        mask &= (level == MISSING) | ((level >= low) & (level <= high))
    if asked.kinds is not None:
        mask &= (picture.of("kinds") & sum({KINDS[kind] for kind in asked.kinds})) != 0
    number = picture.of("number").view(np.uint32)
    mask |= (picture.of("emergency") != 0) | np.isin(number, alerted(alerts))
    if asked.track is not None:
        mask |= number == asked.track
    return mask


def _within(box: tuple[float, float, float, float], picture: Stepped) -> NDArray[np.bool_]:
    west, south, east, north = box
    lat, lon = picture.of("lat_deg") * ANGLE_DEG, picture.of("lon_deg") * ANGLE_DEG
    inside = (lon >= west) & (lon <= east) if west < east else (lon >= west) | (lon <= east)
    known = (picture.of("lat_deg") != MISSING) & (picture.of("lon_deg") != MISSING)
    found: NDArray[np.bool_] = known & inside & (lat >= south) & (lat <= north)
    return found
