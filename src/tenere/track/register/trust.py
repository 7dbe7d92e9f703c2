"""Which sensors are grossly at fault, by what several aircraft and sensors say.

A finding needs a fault of the *sensor* that explains it (`faults`), for a wrong aircraft (a false position, two of one address,
a reflection) explains nothing that another aircraft shares. One aircraft warns; a sensor is untrusted by several independent ones, or
by one that two kinds of witnesses see elsewhere together, and never while it agrees about many others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.track.register import faults
from tenere.track.register.faults import Fault, Samples, Site
from tenere.track.register.slots import CLAIM, KEY_CODE, KEY_TRACK, POLAR, POSITION, RUN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.register.config import TrustConfig
    from tenere.track.register.follow import Found
    from tenere.track.register.picked import Picked
    from tenere.track.register.slots import Slots
    from tenere.track.sensors import SensorTable

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

TRUSTED, WARNED, UNTRUSTED = range(3)
KEPT = 48
"""Samples kept of a sensor."""
UNEXPLAINED = 5
"""Independent aircraft that warn of a sensor that no fault known here explains."""


class Sample(NamedTuple):
    """One plot that is grossly wrong."""

    time_s: float
    key: int
    range_m: float
    azimuth_rad: float
    lat_rad: float
    lon_rad: float
    height_m: float
    true_lat_rad: float
    true_lon_rad: float
    x_m: float
    """Where the aircraft is, in the plane."""
    y_m: float
    off_m: float
    witness: int
    kinds: int


@dataclass(frozen=True)
class Finding:
    """What is found of a sensor."""

    sensor: int
    verdict: int
    fault: str
    """A key of the phrase book."""
    figure: str
    off_m: float
    """How far off its plots are, as a rule."""
    targets: tuple[str, ...]
    """The aircraft that tell it."""
    witnesses: tuple[int, ...]
    """The sensors that see them elsewhere."""
    since_s: float


@dataclass
class State:
    """What is known of every sensor's gross faults."""

    samples: dict[int, list[Sample]] = field(default_factory=dict)
    findings: dict[int, Finding] = field(default_factory=dict)
    agreed: dict[int, str] = field(default_factory=dict)
    """Sensors that someone has agreed to use, and the fault that was known of each."""
    sensors: int = 0

    def untrusted(self, sensors: int) -> NDArray[np.bool_]:
        """Say which sensors (S,) are untrusted."""
        out = np.zeros(sensors, bool)
        out[[i for i, f in self.findings.items() if f.verdict == UNTRUSTED and i < sensors]] = True
        return out

    def doubted(self, sensors: int) -> NDArray[np.bool_]:
        """Say which sensors (S,) are no witnesses: untrusted, or warned of by a fault that explains them."""
        out = np.zeros(sensors, bool)
        out[[i for i, f in self.findings.items() if f.fault != "unexplained" and i < sensors]] = True
        return out

    def kept_out(self, config: TrustConfig) -> NDArray[np.bool_]:
        """Say which sensors' plots (S,) are kept out: those untrusted that nobody has agreed to."""
        out = self.untrusted(self.sensors) if config.keep_out else np.zeros(self.sensors, bool)
        out[[i for i in self.agreed if i < self.sensors]] = False
        return out

    def agree(self, sensor: int) -> None:
        """Use a sensor whatever is known of it: until its fault is another."""
        if sensor in self.findings:
            self.agreed[sensor] = self.findings[sensor].fault

    def hear(
        self,
        found: Found,
        count: int,
        slots: Slots,
        picked: Picked,
        fits: I64,
        wrong: I64,
        role: I64,
        table: SensorTable,
        plane: Plane,
        config: TrustConfig,
        time_s: float,
    ) -> None:
        """Take what plots say: the grossly wrong (count rows of found), and how many aircraft each sensor is right and wrong about."""
        self.sensors = len(role)
        heard = _samples(found, count, slots, picked, plane)
        for sensor, sample in heard:
            self.samples.setdefault(sensor, []).append(sample)
            self.samples[sensor] = self.samples[sensor][-KEPT:]
        for sensor in sorted(i for i, f in self.findings.items() if f.verdict == WARNED and f.fault != "clock"):
            if wrong[sensor] == 0 and fits[sensor] > 0:
                del self.findings[sensor]
        for sensor in sorted({s for s, _ in heard}):
            self._judge(sensor, slots, fits, wrong, role, table, config, time_s)
        self._clocks(table, config, time_s)

    def _judge(
        self, sensor: int, slots: Slots, fits: I64, wrong: I64, role: I64, table: SensorTable, config: TrustConfig, time_s: float
    ) -> None:
        """Judge one sensor anew."""
        held = self.findings.get(sensor)
        if wrong[sensor] == 0 or fits[sensor] > config.fit_share * wrong[sensor]:
            return
        recent = [s for s in self.samples[sensor] if abs(s.time_s - time_s) <= config.memory_s]
        many = {s.key for s in recent if sum(t.key == s.key for t in recent) >= 2}
        recent = [s for s in recent if s.key in many]
        if not recent:
            return
        fault = _explanation(sensor, recent, role, table)
        said = [s for s, yes in zip(recent, fault.explains, strict=True) if yes] if fault is not None else recent
        alone = independent(said, config.independent_m)
        named = [s for s in said if s.key < KEY_CODE]
        by_two = role[sensor] != CLAIM and sum(s.kinds >= 2 for s in named) >= 2
        if fault is not None and ((alone >= config.targets and fault.name != "moved") or by_two):
            verdict = UNTRUSTED
        elif (fault is not None and named) or (
            role[sensor] == POLAR and alone >= UNEXPLAINED and fits[sensor] == 0 and len({s.witness for s in said}) >= 2
        ):
            verdict = WARNED
        else:
            return
        if held is not None and held.verdict > verdict:
            return
        name = fault.name if fault is not None else "unexplained"
        same = held is not None and held.fault == name and held.verdict == verdict
        self.findings[sensor] = Finding(
            sensor,
            verdict,
            name,
            fault.figure if fault is not None else "",
            float(np.median([s.off_m for s in said])),
            tuple(sorted({name_of(s.key) for s in said})),
            tuple(sorted({s.witness for s in said})),
            held.since_s if held is not None and same else time_s,
        )
        if sensor in self.agreed and self.agreed[sensor] != name:
            del self.agreed[sensor]
        if verdict == UNTRUSTED and not same:
            self._clear(sensor, slots)

    def _clear(self, sensor: int, slots: Slots) -> None:
        """Forget what an untrusted sensor made others look like."""
        slots.seat[:, :, RUN][(slots.sensor != sensor) & (slots.seat[:, :, RUN] > 0)] = -1.0
        for other, samples in self.samples.items():
            if other != sensor:
                self.samples[other] = [s for s in samples if s.witness != sensor]

    def _clocks(self, table: SensorTable, config: TrustConfig, time_s: float) -> None:
        """Judge the clocks: one that differs from those of two sensors or more which agree is wrong."""
        heard = [i for i, row in enumerate(table.rows) if row.plots > 0]
        off = np.array([table.rows[i].clock_off_s for i in heard])
        if len(heard) < 3 or not off.any():
            return
        middle = float(np.median(off))
        agreeing = tuple(i for i, o in zip(heard, off, strict=True) if abs(o - middle) <= config.clock_s)
        if len(agreeing) < 2:
            return
        for i, o in zip(heard, off, strict=True):
            if i in agreeing or (i in self.findings and self.findings[i].fault == "clock"):
                continue
            self.findings[i] = Finding(i, UNTRUSTED, "clock", f"{middle - o:+.0f}", math.nan, (), agreeing[:8], time_s)
            self.sensors = max(self.sensors, i + 1)


def name_of(key: int) -> str:
    """Return what an aircraft's key is called: its address, its Mode A code, or its track."""
    if key >= KEY_TRACK:
        return f"#{key - KEY_TRACK}"
    return f"A{key - KEY_CODE:04o}" if key >= KEY_CODE else f"{key:06X}"


def independent(samples: list[Sample], apart_m: float) -> int:
    """Return how many aircraft of these are far enough from each other to be independent (the first ones first)."""
    kept: list[Sample] = []
    for s in samples:
        if all(s.key != k.key and math.hypot(s.x_m - k.x_m, s.y_m - k.y_m) >= apart_m for k in kept):
            kept.append(s)
    return len(kept)


def _samples(found: Found, count: int, slots: Slots, picked: Picked, plane: Plane) -> list[tuple[int, Sample]]:
    """Return the sensor and sample of each finding."""
    if not count:
        return []
    lat, lon = plane.inverse(found.place[:count, 0], found.place[:count, 1])
    out = []
    for i in range(count):
        q, slot, witness, kinds = (int(v) for v in found.which[i])
        p = picked
        height = p.height_m[q] if np.isfinite(p.height_m[q]) else p.pressure_altitude_m[q]
        place = found.place[i]
        out.append(
            (
                int(p.sensor[q]),
                Sample(
                    float(p.time_s[q]), int(slots.key[slot]), float(p.range_m[q]), float(p.azimuth_rad[q]), float(p.lat_rad[q]),
                    float(p.lon_rad[q]), float(height), float(lat[i]), float(lon[i]), float(place[0]), float(place[1]), float(place[2]),
                    witness, kinds,
                ),
            )
        )  # fmt: skip
    return out


def _explanation(sensor: int, recent: list[Sample], role: I64, table: SensorTable) -> Fault | None:
    """Return the fault of a sensor that explains the samples best, None where none does."""
    f = {name: np.array([getattr(s, name) for s in recent]) for name in Samples.__dataclass_fields__}
    samples = Samples(**f)
    if role[sensor] != POLAR:
        return faults.best(faults.of_positions(samples, stands=role[sensor] == POSITION), samples.key)
    sites = [Site(r.label, r.lat_rad, r.lon_rad, r.height_m) for r in table.rows]
    others = [s for i, s in enumerate(sites) if i != sensor and table.rows[i].placed and table.rows[i].config.kind == "radar"]
    here = sites[sensor]
    lat, lon = _stated(samples, here)
    told = replace(samples, lat_rad=lat, lon_rad=lon)
    return faults.best(faults.of_radar(told, here, others), samples.key)


def _stated(s: Samples, here: Site) -> tuple[F64, F64]:
    """Return the latitude and longitude of a radar's plots, near enough for gross faults."""
    height = np.where(np.isfinite(s.height_m), s.height_m, 8000.0)
    ground = np.sqrt(np.maximum(s.range_m**2 - height**2, 0.0))
    angle = ground / 6.371e6
    lat = np.arcsin(np.sin(here.lat_rad) * np.cos(angle) + np.cos(here.lat_rad) * np.sin(angle) * np.cos(s.azimuth_rad))
    lon = here.lon_rad + np.arctan2(
        np.sin(s.azimuth_rad) * np.sin(angle) * np.cos(here.lat_rad), np.cos(angle) - np.sin(here.lat_rad) * np.sin(lat)
    )
    return np.asarray(lat), np.asarray(lon)
