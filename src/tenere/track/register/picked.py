"""The columns of plots that registration reads: half of them, for they are copied every tick."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tenere.batch import Batch, Plots

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DOC = {name: (dtype.str, unit, doc) for name, dtype, unit, doc in Plots.columns()}


def _same(name: str) -> Any:  # noqa: ANN401 - a dataclass field is typed by its annotation
    """Declare a column as Plots has it."""
    dtype, unit, doc = _DOC[name]
    return dataclasses.field(metadata={"dtype": np.dtype(dtype), "unit": unit, "doc": doc})


@dataclass(frozen=True)
class Picked(Batch):
    """Plots of followed aircraft: columns of Plots."""

    time_s: NDArray[np.float64] = _same("time_s")
    sensor: NDArray[np.int16] = _same("sensor")
    range_m: NDArray[np.float64] = _same("range_m")
    azimuth_rad: NDArray[np.float64] = _same("azimuth_rad")
    elevation_rad: NDArray[np.float64] = _same("elevation_rad")
    x_m: NDArray[np.float64] = _same("x_m")
    y_m: NDArray[np.float64] = _same("y_m")
    lat_rad: NDArray[np.float64] = _same("lat_rad")
    lon_rad: NDArray[np.float64] = _same("lon_rad")
    position_std_m: NDArray[np.float64] = _same("position_std_m")
    height_m: NDArray[np.float64] = _same("height_m")
    pressure_altitude_m: NDArray[np.float64] = _same("pressure_altitude_m")
    east_ms: NDArray[np.float64] = _same("east_ms")
    north_ms: NDArray[np.float64] = _same("north_ms")
    velocity_std_ms: NDArray[np.float64] = _same("velocity_std_ms")
    radial_ms: NDArray[np.float64] = _same("radial_ms")
    nic: NDArray[np.int8] = _same("nic")
    nac_p: NDArray[np.int8] = _same("nac_p")

    @classmethod
    def of(cls, plots: Plots, rows: NDArray[np.int64]) -> Self:
        """Return these columns of some rows (m,) of plots."""
        held = plots.__dict__
        return cls._of({name: held[name][rows] for name, _, _, _ in cls.columns()})
