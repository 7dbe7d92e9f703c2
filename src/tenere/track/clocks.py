"""Sensors whose clock is wrong: by how much, and their plots' times put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.track.sensors import Sensor, SensorTable

CLOCK_OFF_S = 15.0
"""Less than this is the way the data came."""
SAME_S = 2.0
"""A clock is off by the same from plot to plot and from tick to tick, to within this and half a tick; what a link delays is not."""
BELIEVED_TICKS = 3
STRANGER_S = 30.0
"""The first plots of a sensor that are farther off are of a wrong clock at once: there is no other way to use them."""


def retime(table: SensorTable, plots: Plots, time_s: float, tick_s: float) -> tuple[Plots, bool]:
    """Give plots without a time the tick's and put the times of wrong clocks right; say whether a clock heard before has jumped.

    A clock is believed wrong when nearly all its plots of a tick are off by about the same for several ticks that it is heard in:
    a link that stalls or lags makes plots late by all manner of times, and keeps them as late as they are.
    """
    if not len(plots):
        return plots, False
    times = plots.time_s
    if (np.abs(times - time_s) < CLOCK_OFF_S).all() and not any(row.clock_off_s or row.clock_ticks for row in table.rows):
        return plots, False
    times = np.where(np.isfinite(times), times, time_s)
    jumped = False
    for i in np.unique(plots.sensor[plots.sensor >= 0]):
        mine = plots.sensor == i
        row = table.rows[i]
        jumped |= _listen(row, time_s - times[mine], tick_s)
        if row.clock_off_s:
            times[mine] += row.clock_off_s
    return plots.replace(time_s=times), jumped


def _listen(row: Sensor, late_s: NDArray[np.float64], tick_s: float) -> bool:
    """Judge a sensor's clock by how late its plots of a tick are (n,); return whether it has jumped."""
    off = float(np.median(late_s))
    if abs(off - row.clock_off_s) <= CLOCK_OFF_S:
        row.clock_ticks = 0
        return False
    near = np.abs(late_s - off)
    if row.plots == 0 and abs(off) > STRANGER_S and 2 * int((near < CLOCK_OFF_S).sum()) > len(late_s):
        row.clock_off_s = off
        return False
    same_s = SAME_S + 0.5 * tick_s
    if 5 * int((near < same_s).sum()) <= 4 * len(late_s):  # some wild times, or late ones, are not a clock
        row.clock_ticks = 0
        return False
    row.clock_ticks = row.clock_ticks + 1 if row.clock_ticks and abs(off - row.clock_maybe_s) < same_s else 1
    row.clock_maybe_s = off
    if row.clock_ticks < BELIEVED_TICKS:
        return False
    row.clock_ticks = 0
    row.clock_off_s = off if abs(off) > CLOCK_OFF_S else 0.0
    return row.plots > 0
