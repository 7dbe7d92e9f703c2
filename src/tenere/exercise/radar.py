"""A rotating radar: who its beam meets, what it measures, what it sends.

A scan is one turn from north to north. It is made as a whole, from its number alone, so the same scan comes out
however time is sliced. The beam meets an aircraft at the time t for which t = north + period * azimuth(t) / 2 pi;
three rounds of substitution solve it (at 2 km and 250 m/s, a 5 s turn, to 3 ms). An aircraft that passes north
clockwise with the beam is met twice or not at all in a scan, as in the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import PlotKind, Plots, Status
from tenere.exercise import draws
from tenere.exercise.outbox import merge
from tenere.exercise.timetable import MODE_A, MODE_C, MODE_S
from tenere.exercise.traffic import GLANCE_S, Glance, Traffic, answering, horizon_m, motion, near, told
from tenere.geo.ellipsoid import ecef_to_enu, geodetic_to_ecef
from tenere.units import FOOT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.exercise.encoders import Encoders
    from tenere.site import SensorConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

NONE, MODE_AC, MODE_S_RADAR = 0, 1, 2
INTERROGATORS = ("none", "ac", "mode_s")
SECTORS = 32
CONE_RAD = np.radians(50.0)
"""Nothing is seen above this elevation."""
NEAREST_M = 1_000.0
PLOT_DELAY_S, SERVICE_DELAY_S = 0.10, 0.12
"""From the end of a sector to the arrival of its plots and of the next sector message."""
DATAGRAM_PLOTS = 40
"""A datagram holds at most so many plots (about 30 bytes each, so that it fits an Ethernet frame)."""
PFA = 1e-6
SNR50_DB = 12.77
"""Swerling 1, one pulse, PFA: detected half of the time (Pd = Pfa^(1/(1+SNR)))."""
REFERENCE_RCS_M2 = 2.0
STC = 0.45
"""0.01 m2 is then seen in 2 % of the looks; 2 m2 in 97 %."""


class RadarModel(NamedTuple):
    """One simulated radar. psr_m: range at which it sees 2 m2 half of the time by primary radar, 0 where it has none."""

    sensor: SensorConfig
    number: int
    lat_rad: float
    lon_rad: float
    ground_m: float
    antenna_m: float
    ecef_m: F64
    psr_m: float
    interrogator: int
    phase_s: float
    turned_rad: float = 0.0


class Contacts(NamedTuple):
    """Aircraft that the beam met in one scan, (n,) columns in no order."""

    row: I64
    time_s: F64
    range_m: F64
    azimuth_rad: F64
    height_m: F64
    reach: NDArray[np.bool_]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Contacts:
        """Return the selected rows."""
        return type(self)._make(c[rows] for c in self)


def north_s(radar: RadarModel, scan: int) -> float:
    """Return the exercise time at which a scan begins: its beam points north."""
    return radar.phase_s + scan * radar.sensor.period_s


def scans_before(radar: RadarModel, time_s: float) -> int:
    """Return the number of the first scan that begins at or after a time."""
    return int(np.ceil((time_s - radar.phase_s) / radar.sensor.period_s))


def contacts(radar: RadarModel, traffic: Traffic, seen: Glance, scan: int) -> Contacts:
    """Return who the beam met in a scan within range; reach: above the horizon and below the cone of silence."""
    begin, period = north_s(radar, scan), radar.sensor.period_s
    rows = near(seen, radar.ecef_m, radar.sensor.range_m, GLANCE_S + period)
    time = np.full(len(rows), begin + 0.5 * period)
    for turn in range(3):
        m, flying = motion(traffic, rows, time)
        x, y, z = geodetic_to_ecef(m.lat_rad, m.lon_rad, m.height_m)
        e, n, u = ecef_to_enu(radar.lat_rad, radar.lon_rad, x - radar.ecef_m[0], y - radar.ecef_m[1], z - radar.ecef_m[2])
        azimuth = np.mod(np.arctan2(e, n), 2.0 * np.pi)
        met = begin + period * azimuth / (2.0 * np.pi)
        if turn < 2:
            time = met
    ground = np.hypot(e, n)
    slant = np.hypot(ground, u)
    keep = flying & (np.abs(met - time) < 0.02 * period) & (slant <= radar.sensor.range_m) & (slant > NEAREST_M)
    reach = (ground <= horizon_m(radar.antenna_m, m.height_m - radar.ground_m)) & (np.arctan2(u, ground) < CONE_RAD)
    return Contacts(rows[keep], time[keep], slant[keep], azimuth[keep], m.height_m[keep], reach[keep])


def primary_probability(radar: RadarModel, range_m: F64, rcs_m2: F64) -> F64:
    """Return the probability that primary radar sees a fluctuating echo: Pd = Pfa^(1/(1+SNR)), SNR as 1/range^4.

    Sensitivity time control holds the SNR near by to what it is at STC of the radar's range, so that small things
    (birds, drones) stay below the threshold there too.
    """
    if radar.psr_m <= 0.0:
        return np.zeros_like(range_m)
    snr = 10.0 ** (SNR50_DB / 10.0) * (rcs_m2 / REFERENCE_RCS_M2) * (radar.psr_m / np.maximum(range_m, STC * radar.psr_m)) ** 4
    return np.where(range_m <= primary_range_m(radar), PFA ** (1.0 / (1.0 + snr)), 0.0)


def primary_range_m(radar: RadarModel) -> float:
    """Return the instrumented range of the primary radar."""
    return min(1.25 * radar.psr_m, radar.sensor.range_m)


def detect(radar: RadarModel, traffic: Traffic, met: Contacts, rng: np.random.Generator, zero_s: float) -> Plots:
    """Return what a scan reports of its contacts, with measurement errors; no order. zero_s: Unix time of the exercise's zero."""
    f, n = traffic.flights, len(met.row)
    luck, errors = rng.random((2, n)), rng.standard_normal((2, n))
    there = f.rcs_m2[met.row] > 0.0
    equipment = np.where(there, answering(traffic, met.row, met.time_s), 0)
    primary = there & met.reach & (luck[0] < primary_probability(radar, met.range_m, f.rcs_m2[met.row]))
    secondary = met.reach & (equipment >= MODE_A) & (luck[1] < radar.sensor.detection) & (radar.interrogator != NONE)
    seen = np.flatnonzero(primary | secondary)
    met, equipment, primary, secondary = met.take(seen), equipment[seen], primary[seen], secondary[seen]
    selective = secondary & (equipment >= MODE_S) & (radar.interrogator == MODE_S_RADAR)
    kind = np.where(
        selective,
        np.where(primary, PlotKind.PSR_MODE_S, PlotKind.MODE_S),
        np.where(secondary, np.where(primary, PlotKind.PSR_SSR, PlotKind.SSR), PlotKind.PSR),
    )
    code, _ = told(traffic, met.row, met.time_s)
    step = np.where(selective, 25.0, 100.0) * FOOT_M
    return Plots.blank(
        len(seen),
        time_s=zero_s + met.time_s,
        sac_sic=radar.sensor.sac * 256 + radar.sensor.sic,
        kind=kind,
        range_m=met.range_m + radar.sensor.range_std_m * errors[0, seen],
        azimuth_rad=np.mod(met.azimuth_rad + radar.turned_rad + np.radians(radar.sensor.azimuth_std_deg) * errors[1, seen], 2.0 * np.pi),
        mode_a=np.where(secondary, code, -1),
        pressure_altitude_m=np.where(secondary & (equipment >= MODE_C), np.rint(met.height_m / step) * step, np.nan),
        address=np.where(selective, f.address[met.row], -1),
        callsign=np.where(selective, f.callsign[met.row], b""),
    )


def clutter(radar: RadarModel, rng: np.random.Generator, begin_s: float, zero_s: float) -> Plots:
    """Return one scan's false plots: a Poisson number, even in range and azimuth; SSR ones bring a code of chance."""
    n = int(rng.poisson(radar.sensor.clutter))
    azimuth, place, code = rng.random((3, n))
    primary = radar.psr_m > 0.0
    reach = primary_range_m(radar) if primary else radar.sensor.range_m
    return Plots.blank(
        n,
        time_s=zero_s + begin_s + radar.sensor.period_s * azimuth,
        sac_sic=radar.sensor.sac * 256 + radar.sensor.sic,
        kind=PlotKind.PSR if primary else PlotKind.SSR,
        range_m=5_000.0 + place * (reach - 5_000.0),
        azimuth_rad=2.0 * np.pi * azimuth,
        mode_a=-1 if primary else np.floor(code * 4096.0).astype(np.int64),
    )


def service(radar: RadarModel, begin_s: float, zero_s: float) -> Status:
    """Return one scan's service messages: the north marker, then a sector crossing each 1/32 turn."""
    sector = np.maximum(np.arange(-1, SECTORS), 0)
    marker = np.arange(-1, SECTORS) < 0
    return Status.blank(
        SECTORS + 1,
        time_s=zero_s + begin_s + radar.sensor.period_s * sector / SECTORS,
        sac_sic=radar.sensor.sac * 256 + radar.sensor.sic,
        category=34,
        message=np.where(marker, 1, 2),
        azimuth_rad=np.where(marker, np.nan, 2.0 * np.pi * sector / SECTORS),
        period_s=np.where(marker, radar.sensor.period_s, np.nan),
        lat_rad=np.where(marker, radar.lat_rad, np.nan),
        lon_rad=np.where(marker, radar.lon_rad, np.nan),
        height_m=np.where(marker, radar.sensor.height_m, np.nan),
    )


def scan_plots(radar: RadarModel, traffic: Traffic, seen: Glance, scan: int, seed: int, zero_s: float) -> Plots:
    """Return all plots of one scan, in time order."""
    rng = draws.generator(seed, draws.RADAR + radar.number, scan)
    found = detect(radar, traffic, contacts(radar, traffic, seen, scan), rng, zero_s)
    both = Plots.concat([found, clutter(radar, rng, north_s(radar, scan), zero_s)])
    return both.take(np.argsort(both.time_s, kind="stable"))


def send(radar: RadarModel, plots: Plots, scan: int, encoders: Encoders, zero_s: float) -> tuple[bytes, I64, F64]:
    """Return one scan's datagrams: bytes, ends, arrival times (exercise time); plots of each sector, then the next sector message."""
    begin, period = north_s(radar, scan), radar.sensor.period_s
    sector = np.clip(np.floor((plots.time_s - zero_s - begin) / period * SECTORS), 0, SECTORS - 1).astype(np.int64)
    edges = np.flatnonzero(np.diff(sector, prepend=-1))
    stops = np.append(edges[1:], len(plots))[: len(edges)]
    first = np.array([r for a, b in zip(edges, stops, strict=True) for r in range(a, b, DATAGRAM_PLOTS)], np.int64)
    data, ends = encoders.radar(plots, first)
    arrivals = begin + period * (sector[first] + 1) / SECTORS + PLOT_DELAY_S
    status = service(radar, begin, zero_s)
    marks, mark_ends = encoders.service(status)
    return merge([(data, ends, arrivals), (marks, mark_ends, status.time_s - zero_s + SERVICE_DELAY_S)])
