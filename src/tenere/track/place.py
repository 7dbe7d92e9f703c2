"""From what a sensor measured to positions with covariances in a plane.

Plots with a position, and those of a placed sensor, lie in the country's plane (frame 0). Those of an unplaced
sensor lie in a plane of its own (frame = its row + 1), which the kernels see as far away as FRAME_M a frame.
`survey` keeps what is worked out once a sensor, `placing` is the kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.crew import halves
from tenere.track import placing
from tenere.track.placing import FRAME_M, HEIGHT_STD_M, MIN_STD_M, UNKNOWN_HEIGHT_M, UNKNOWN_HEIGHT_STD_M, Placed
from tenere.track.survey import NO_PLANE, Sites

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.geo.plane import Plane
    from tenere.track.sensors import SensorTable

__all__ = [
    "FRAME_M",
    "HEIGHT_STD_M",
    "LIMITS",
    "MIN_STD_M",
    "UNKNOWN_HEIGHT_M",
    "UNKNOWN_HEIGHT_STD_M",
    "Placed",
    "Sites",
    "modest",
    "place",
    "sane",
]


WIDTHS = {"z": 2, "r": 3, "vel": 3, "sight": 6, "radial": 4, "bearing": 4}

LIMITS: dict[str, tuple[float, float]] = {
    "time_s": (-1e11, 1e11),
    "receive_s": (-1e11, 1e11),
    "range_m": (0.0, 2e6),
    "azimuth_rad": (-7.0, 7.0),
    "elevation_rad": (-1.6, 1.6),
    "x_m": (-2e6, 2e6),
    "y_m": (-2e6, 2e6),
    "lat_rad": (-np.pi / 2, np.pi / 2),
    "lon_rad": (-2 * np.pi, 2 * np.pi),
    "position_std_m": (0.0, 1e5),
    "height_m": (-2e3, 1e5),
    "pressure_altitude_m": (-2e3, 1e5),
    "east_ms": (-2e3, 2e3),
    "north_ms": (-2e3, 2e3),
    "velocity_std_ms": (0.0, 1e4),
    "vertical_rate_ms": (-1e3, 1e3),
    "radial_ms": (-2e3, 2e3),
}
"""What a column may hold. Decoders check their items; a plugin's decoder may not, and the kernels must never see it."""


def sane(plots: Plots) -> Plots:
    """Return the plots with every impossible number made "not known": the plots themselves where there is none."""
    mended = {}
    for name, (low, high) in LIMITS.items():
        values = _plain(getattr(plots, name))
        if placing.outside(values, low, high):
            mended[name] = np.where((values >= low) & (values <= high), values, np.nan)
    return plots.replace(**mended) if mended else plots


UNSURE_STD_M = 500.0


def modest(plots: Plots) -> Plots:
    """Return the plots with a wide error where an aircraft reports its place and says itself (NACp or NIC 0) that it cannot vouch for it.

    A receiver that is jammed says so; taken for good, its positions would drag the track away from where radars see the aircraft.
    """
    shaky = np.isnan(plots.position_std_m) & ((plots.nac_p == 0) | (plots.nic == 0)) & np.isfinite(plots.lat_rad)
    return plots.replace(position_std_m=np.where(shaky, UNSURE_STD_M, plots.position_std_m)) if shaky.any() else plots


def place(plots: Plots, table: SensorTable, plane: Plane | None, sites: Sites | None = None, cores: int = 1) -> Placed:
    """Place plots whose sensor is named; others are not ok. Without a plane only unplaced sensors' plots can be.

    sites: kept by the caller from one tick to the next, and renewed here where a sensor or the plane has moved. It also
    holds the arrays returned: the next call with it writes over them.
    """
    n = len(plots)
    sites = Sites() if sites is None else sites
    sites.renew(table.rows, plane)
    columns = placing.Columns(*(_plain(getattr(plots, name)) for name in placing.Columns._fields))
    sites.fit(placing.ranging(columns, len(table.rows)))
    numbers = {name: sites.scratch(name, (n, width), float) for name, width in WIDTHS.items()}
    flags = {name: sites.scratch(name, (n,), bool) for name in ("ok", "bearing_only")}
    out = Placed(frame=sites.scratch("frame", (n,), np.int64), **numbers, **flags)
    there = NO_PLANE if plane is None else plane

    def job(part: slice) -> None:
        mine, theirs = placing.Columns(*(c[part] for c in columns)), Placed(**{k: v[part] for k, v in out._asdict().items()})
        placing.place_all(mine, there, plane is not None, sites.figures, sites.fits, len(table.rows), theirs)

    halves(job, n, cores)
    return out


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return a column as the kernels are compiled for: one piece, and writeable."""
    return values if values.flags.c_contiguous and values.flags.writeable else values.copy()
