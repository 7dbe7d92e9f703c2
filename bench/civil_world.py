"""The sky of bench.civil: planned and unplanned civil flights, relief flights, faults of every kind, and a few that enter where none may.

Of the civil flights with a transponder some lose it, some divert with an emergency code, some say another callsign than their plan, or
have another address in it; some are followed by a broadcast of the same address, or of another, that nothing stands behind; two radars
stand with their north off. A twentieth answers nothing at all and has no plan: a light aircraft, as civil as the others. Whoever enters a
prohibited volume without leave has no plan either; half of them answer Mode C, half nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.airspace.model import Circle, Volume, VolumeKind
from tenere.batch import Emergency
from tenere.exercise import ExerciseConfig, Scenario, scenario
from tenere.exercise.motion import SPHERE_M
from tenere.exercise.traffic import motion
from tenere.plans import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

PLANNED, UNPLANNED, RELIEF, VIOLATOR, SPOOFED = range(5)
KINDS = ("planned civil", "unplanned civil", "relief", "violator", "spoofed")
STS = ("HUM", "MEDEVAC", "HOSP", "SAR", "FFR", "STATE", "HEAD")
TURNED_DEG = {11: 107.0, 27: 4.0}
"""Radars (by number) whose north is off."""
STEP_S = 10.0
CLEAR_M = 8_000.0
"""No flight that is not meant to comes nearer than this to a planted volume."""


class Sky(NamedTuple):
    """One batch. kind: (n,) of each flight; emergency: (n,) those that divert; volume_of: the volume that a flight is planted to enter."""

    scenario: Scenario
    kind: NDArray[np.uint8]
    diverts: NDArray[np.bool_]
    volumes: tuple[Volume, ...]
    volume_of: dict[int, int]


def sky(n: int, seed: int, minutes: float) -> Sky:
    """Return a batch of n civil flights, and n / 20 others."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - a benchmark draws its own
    extra, spoofs = n // 25, n // 40
    made = scenario(ExerciseConfig(aircraft=n + extra, seed=seed))
    f = made.traffic.flights
    total, lasts_s = n + extra, minutes * 60.0
    kind = np.full(total, PLANNED, np.uint8)
    kind[n:] = VIOLATOR
    equipment = f.equipment.copy()
    equipment[n:] = np.where(np.arange(extra) % 2, 0, 2)
    kind[:n][equipment[:n] == 0] = UNPLANNED
    kind[:n][(equipment[:n] > 0) & (rng.random(n) < 0.15)] = UNPLANNED  # visual flights with a transponder
    kind[:n][(equipment[:n] >= 3) & (rng.random(n) < 0.06)] = RELIEF
    answers = (kind < VIOLATOR) & (equipment > 0)
    luck = rng.random((4, total))
    silent_s = np.where(answers & (luck[0] < 0.06), lasts_s * (0.2 + 0.6 * rng.random(total)), np.inf)
    diverts = answers & (luck[1] < 0.03)
    squawk = np.where(diverts, np.where(luck[2] < 0.5, 0o7700, 0o7600), -1)
    said = f.callsign.copy()
    wrong_name = answers & (luck[3] < 0.05)
    said[wrong_name] = np.strings.add(b"XX", said[wrong_name].astype("S6"))
    callsign = np.where((kind == VIOLATOR) | (equipment < 3), b"", said).astype("S8")
    flights = f._replace(
        equipment=equipment,
        address=np.where(equipment >= 3, f.address, -1),
        mode_a=np.where(equipment >= 1, np.where(f.mode_a < 0, 0o2000, f.mode_a), -1),
        callsign=callsign,
        silent_s=silent_s,
        squawk_s=np.where(diverts, 0.08 * lasts_s, np.inf),
        squawk=squawk,
        emergency=np.where(squawk == 0o7700, Emergency.GENERAL, np.where(squawk == 0o7600, Emergency.NO_RADIO, 0)).astype(np.uint8),
    )
    plans = _plans(rng, f.callsign, f.address, kind, equipment)
    made = made._replace(traffic=made.traffic._replace(flights=flights), plans=plans)
    made, kind, diverts = _spoofed(rng, made, kind, diverts, spoofs)
    volumes, volume_of = _volumes(rng, made, kind, diverts, lasts_s)
    radars = tuple(r._replace(turned_rad=math.radians(TURNED_DEG.get(i, 0.0))) for i, r in enumerate(made.radars))
    return Sky(made._replace(radars=radars), kind, diverts, volumes, volume_of)


def _plans(
    rng: np.random.Generator, name: NDArray[np.bytes_], address: NDArray[np.int64], kind: NDArray[np.uint8], equipment: NDArray[np.uint8]
) -> tuple[Plan, ...]:
    """File a plan for each planned and relief flight; a few with another address than the aircraft's."""
    out = []
    for row in np.flatnonzero((kind == PLANNED) | (kind == RELIEF)).tolist():
        filed = f"{int(address[row]) + (0x1000 if rng.random() < 0.03 else 0):06X}" if equipment[row] >= 3 else ""
        sts = (STS[row % len(STS)],) if kind[row] == RELIEF else ()
        out.append(Plan(callsign=name[row].decode(), address=filed, sts=sts, off_block_s=float("nan")))
    return tuple(out)


def _spoofed(
    rng: np.random.Generator, made: Scenario, kind: NDArray[np.uint8], diverts: NDArray[np.bool_], count: int
) -> tuple[Scenario, NDArray[np.uint8], NDArray[np.bool_]]:
    """Add broadcasts that nothing stands behind: a minute behind a real flight, half of them under its own address."""
    t = made.traffic
    f = t.flights
    real = np.flatnonzero((kind <= RELIEF) & (f.equipment == 4))
    rows = np.sort(rng.choice(real, count, replace=False))
    same = np.arange(count) % 2 == 0
    columns = {name: np.concatenate([getattr(f, name), getattr(f, name)[rows]]) for name in f._fields}
    fresh = slice(len(f.path), None)
    columns["start_s"][fresh] = f.start_s[rows] + 60.0
    columns["rcs_m2"][fresh] = 0.0
    columns["address"][fresh] = np.where(same, f.address[rows], 0x3F0000 + np.arange(count))
    other = np.strings.add(b"SPF", np.strings.zfill(np.arange(count).astype("S4"), 4))
    columns["callsign"][fresh] = np.where(same, f.callsign[rows], other)
    columns["silent_s"][fresh] = np.inf
    columns["squawk_s"][fresh] = np.inf
    gnss = [np.concatenate([g, g[rows]]) for g in (t.gnss_east_m, t.gnss_north_m)]
    traffic = t._replace(flights=type(f)(**columns), gnss_east_m=gnss[0], gnss_north_m=gnss[1])
    return (
        made._replace(traffic=traffic),
        np.concatenate([kind, np.full(count, SPOOFED, np.uint8)]),
        np.concatenate([diverts, np.zeros(count, np.bool_)]),
    )


def places(made: Scenario, lasts_s: float) -> tuple[F64, F64, F64]:
    """Return times (t,), and latitude and longitude (t, n) of every flight then; NaN where it is not in the air."""
    rows, times = np.arange(len(made.traffic.flights.path)), np.arange(0.0, lasts_s, STEP_S)
    lat, lon = np.empty((times.size, rows.size)), np.empty((times.size, rows.size))
    for k, time in enumerate(times.tolist()):
        m, flying = motion(made.traffic, rows, time)
        lat[k], lon[k] = np.where(flying, m.lat_rad, np.nan), np.where(flying, m.lon_rad, np.nan)
    return times, lat, lon


def away_m(lat: F64, lon: F64, lat0: float, lon0: float) -> F64:
    """Return great-circle distances from a place."""
    half = np.sin((lat - lat0) / 2.0) ** 2 + np.cos(lat) * math.cos(lat0) * np.sin((lon - lon0) / 2.0) ** 2
    return 2.0 * SPHERE_M * np.arcsin(np.sqrt(half))


def _volumes(
    rng: np.random.Generator, made: Scenario, kind: NDArray[np.uint8], diverts: NDArray[np.bool_], lasts_s: float
) -> tuple[tuple[Volume, ...], dict[int, int]]:
    """Lay a prohibited volume on the way of each violator, and of some that divert, where no other flight comes near."""
    times, lat, lon = places(made, lasts_s)
    out: list[Volume] = []
    volume_of: dict[int, int] = {}
    meant = np.concatenate([np.flatnonzero(kind == VIOLATOR), np.flatnonzero(diverts)[:20]])
    others = np.flatnonzero(kind != SPOOFED)
    for row in meant.tolist():
        for _ in range(40):
            k = int(rng.integers(round(0.3 * times.size), round(0.9 * times.size)))
            radius_m = float(rng.uniform(8_000.0, 20_000.0))
            far = away_m(lat, lon, float(lat[k, row]), float(lon[k, row]))
            early = far[: max(1, round(0.15 * times.size)), row]
            rest = np.delete(others, np.searchsorted(others, row)) if row in others else others
            if np.nanmin(far[:, rest]) > radius_m + CLEAR_M and early.min() > radius_m + CLEAR_M:
                volume_of[row] = len(out)
                place = Circle(math.degrees(lat[k, row]), math.degrees(lon[k, row]), radius_m)
                out.append(Volume(id=f"V{len(out)}", name=f"V{len(out)}", kind=VolumeKind.PROHIBITED, shape=place))
                break
    return tuple(out), volume_of
