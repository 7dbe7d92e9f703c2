"""Where an aircraft may be that a person reported: its mean and covariance, which grow until somebody says more.

The velocity is an Ornstein-Uhlenbeck process, the position its integral (Uhlenbeck and Ornstein, 1930, equations for the
mean and variance of velocity and displacement; the same model for tracks without reports: Millefiori, Braca, Bryan and
Willett, IEEE TAES 52(5), 2016, section III). Its stationary spread is half of what the class of aircraft can fly, so two sigma of what
time adds to the position is never more than top speed times time, and far less once it may have turned.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import AircraftClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

GATE = 13.8
"""Squared normalised distance beyond which a report is not where the track can be (two dimensions, 99.9 %)."""
COURSE_STD_RAD, SPEED_STD, LEAST_STD_MS = math.radians(15.0), 0.2, 1.0
"""What is assumed of a course, and of a speed (as its share), told without an uncertainty; and the least of any velocity."""
VAGUE_RAD = 1.0


class Motion(NamedTuple):
    """How a class of aircraft moves: top speed, usual speed, and how long it keeps a velocity."""

    top_ms: float
    usual_ms: float
    keeps_s: float

    @property
    def std_ms(self) -> float:
        """Return the stationary one-sigma velocity along an axis."""
        return 0.5 * self.top_ms


MOTIONS = {
    AircraftClass.UNKNOWN: Motion(300.0, 100.0, 300.0),
    AircraftClass.LIGHT: Motion(110.0, 60.0, 240.0),
    AircraftClass.AIRLINER: Motion(300.0, 220.0, 600.0),
    AircraftClass.HELICOPTER: Motion(95.0, 60.0, 180.0),
    AircraftClass.GLIDER: Motion(80.0, 30.0, 120.0),
    AircraftClass.DRONE: Motion(70.0, 20.0, 90.0),
    AircraftClass.VEHICLE: Motion(50.0, 15.0, 60.0),
    AircraftClass.BALLOON: Motion(40.0, 8.0, 1800.0),
    AircraftClass.HIGH_PERFORMANCE: Motion(600.0, 220.0, 300.0),
    AircraftClass.OTHER: Motion(300.0, 100.0, 300.0),
}
"""Rounded from the speeds that types of each class are built for; usual_ms is assumed where only a course is told."""


class Estimate(NamedTuple):
    """Mean (4,) of x, y, vx, vy in the plane (m, m/s) and covariance (4, 4) at a time."""

    time_s: float
    mean: F64
    spread: F64


class Report(NamedTuple):
    """One report: when, where in the plane (2,), how sure, and what it says of the motion (NaN: nothing)."""

    time_s: float
    position: F64
    position_std_m: float
    course_rad: float
    """From the plane's y axis, clockwise."""
    course_std_rad: float
    speed_ms: float
    speed_std_ms: float


def predicted(e: Estimate, time_s: float, motion: Motion) -> Estimate:
    """Return an estimate at a later time (Uhlenbeck and Ornstein, 1930); at an earlier one, as it is.

    Predicting in two steps gives what one step gives.
    """
    dt = time_s - e.time_s
    if not dt > 0.0:
        return e
    tau, var = motion.keeps_s, motion.std_ms**2
    a = math.exp(-dt / tau)
    step, keep = np.eye(4), tau * (1.0 - a)
    step[0, 2] = step[1, 3] = keep
    step[2, 2] = step[3, 3] = a
    added = np.zeros((4, 4))
    xx = max(var * tau * (2.0 * dt - tau * (3.0 - 4.0 * a + a * a)), 0.0)
    added[0, 0] = added[1, 1] = xx
    added[0, 2] = added[2, 0] = added[1, 3] = added[3, 1] = var * tau * (1.0 - a) ** 2
    added[2, 2] = added[3, 3] = var * (1.0 - a * a)
    return Estimate(time_s, step @ e.mean, step @ e.spread @ step.T + added)


def velocity(report: Report, motion: Motion, course_rad: float = math.nan, course_std_rad: float = math.inf) -> tuple[F64, F64] | None:
    """Return mean (2,) and covariance (2, 2) of the velocity a report tells; None where it tells none.

    course_rad: taken where the report has a speed alone. No axis is less sure than what the class can fly.
    """
    course, course_std = report.course_rad, report.course_std_rad
    if math.isnan(course):
        course, course_std = course_rad, course_std_rad
    elif math.isnan(course_std):
        course_std = COURSE_STD_RAD
    if math.isnan(course) or (math.isnan(report.course_rad) and (math.isnan(report.speed_ms) or course_std > VAGUE_RAD)):
        return None
    if math.isnan(report.speed_ms):
        speed, along = motion.usual_ms, motion.std_ms
    else:
        speed = report.speed_ms
        along = SPEED_STD * speed if math.isnan(report.speed_std_ms) else report.speed_std_ms
    across = speed * min(course_std, VAGUE_RAD)
    u = np.array([math.sin(course), math.cos(course)])
    n = np.array([u[1], -u[0]])
    along, across = (min(max(s, LEAST_STD_MS), motion.std_ms) for s in (along, across))
    return speed * u, along**2 * np.outer(u, u) + across**2 * np.outer(n, n)


def begun(report: Report, motion: Motion) -> Estimate:
    """Return what one report alone says. A speed without a course: any course."""
    mean, spread = np.zeros(4), np.zeros((4, 4))
    mean[:2], spread[0, 0], spread[1, 1] = report.position, report.position_std_m**2, report.position_std_m**2
    told = velocity(report, motion)
    if told is not None:
        mean[2:], spread[2:, 2:] = told
    else:
        std = motion.std_ms if math.isnan(report.speed_ms) else min(max(report.speed_ms / math.sqrt(2.0), LEAST_STD_MS), motion.std_ms)
        spread[2, 2] = spread[3, 3] = std**2
    return Estimate(report.time_s, mean, spread)


def _updated(e: Estimate, z: F64, r: F64, first: int) -> Estimate:
    """Return an estimate that a measurement (2,) of the two states from `first` on has entered (Kalman, 1960; Joseph's form)."""
    h = np.zeros((2, 4))
    h[0, first] = h[1, first + 1] = 1.0
    s = h @ e.spread @ h.T + r
    gain = np.linalg.solve(s, h @ e.spread).T
    keep = np.eye(4) - gain @ h
    spread = keep @ e.spread @ keep.T + gain @ r @ gain.T
    return Estimate(e.time_s, e.mean + gain @ (z - h @ e.mean), 0.5 * (spread + spread.T))


def entered(e: Estimate, report: Report, motion: Motion) -> tuple[Estimate, bool]:
    """Let a further report, not older than the estimate, into it; say whether it was where the track could be.

    Where it was not, whoever reports sees the aircraft and the estimate does not: the track begins anew at the report.
    """
    at = predicted(e, report.time_s, motion)
    apart, r = report.position - at.mean[:2], report.position_std_m**2 * np.eye(2)
    if float(apart @ np.linalg.solve(at.spread[:2, :2] + r, apart)) > GATE:
        return begun(report, motion), False
    at = _updated(at, report.position, r, 0)
    vx, vy = at.mean[2:]
    speed = math.hypot(vx, vy)
    std = speed_std(at)
    told = velocity(report, motion, math.atan2(vx, vy), std / speed if speed > 0.0 else math.inf)
    return (_updated(at, told[0], told[1], 2) if told is not None else at), True


def speed_std(e: Estimate) -> float:
    """Return the larger one-sigma velocity of an estimate (m/s)."""
    return math.sqrt(max(float(e.spread[2, 2]), float(e.spread[3, 3])))


def folded(base: Estimate | None, reports: tuple[Report, ...], motion: Motion) -> tuple[Estimate, bool]:
    """Return what reports say together, in the order of their times, and whether the last of them was where the track could be.

    base: where it is known to have been before the first of them; None: the first report begins it, and there is one.
    """
    ordered = sorted(reports, key=lambda r: r.time_s)
    e, near = (base, True) if base is not None else (begun(ordered.pop(0), motion), True)
    for report in ordered:
        e, near = entered(e, report, motion)
    return e, near
