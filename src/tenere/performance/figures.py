"""From what was counted to what is said of each sensor, and of all of them together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.batch import PlotKind
from tenere.estimate.share import Share
from tenere.performance import bins, kernel, periods, store
from tenere.performance.observing import SCANNING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.performance.observing import Facts, State

    I64 = NDArray[np.int64]
    F64 = NDArray[np.float64]

PICTURE = "picture"
AIRPORT_M, AIRPORT_GROUND = 15_000.0, 0.2
RMS_OF_MEDIAN = math.sqrt(1.0 / math.log(2.0))
"""Of a distance whose two parts are normal and alike (Rayleigh)."""
QUALITIES = ("nic", "nac_p", "sil")


class Sensor(NamedTuple):
    """What is found of one sensor, or of the picture: every figure by its name, and what pictures are drawn of."""

    id: str
    name: str
    kind: str
    group: str
    """What thresholds apply to: psr, ssr, smr, mlat_airport, mlat_wide, adsb, remote_id, detector, system, picture."""
    counts: dict[str, int]
    values: dict[str, float]
    """Plain figures; the ending names the unit: _s, _m, _deg."""
    shares: dict[str, Share]
    quality: dict[str, list[int]]
    """NIC, NACp and SIL: reports by value 0..15, then those that tell none."""
    noise_samples: int
    residual_samples: int
    lag_samples: int
    intervals: I64
    interval_s: F64
    ground: I64
    """Those of the intervals with both ends on the ground, as the plots say."""
    ground_s: F64
    drawn: Drawn

    def update_in(self, window_s: float, *, ground: bool = False) -> Share:
        """Return the share of windows of so many seconds in which a track seen before and after has a plot. ground: on it alone."""
        every, empty = periods.windows(*((self.ground, self.ground_s) if ground else (self.intervals, self.interval_s)), window_s)
        return Share.of(every - empty, every)

    def gaps_over(self, gap_s: float, *, ground: bool = False) -> Share:
        """Return the gaps longer than so many seconds, as a share of the updates. ground: on it alone."""
        counts, seconds = (self.ground, self.ground_s) if ground else (self.intervals, self.interval_s)
        return Share.of(periods.longer(counts, seconds, gap_s), int(counts.sum()))


class Drawn(NamedTuple):
    """What pictures are drawn of."""

    sectors: I64  # (SECTORS, 2) updates received and missed by azimuth
    rings: I64  # (RINGS, 2) by distance
    ring_m: float
    slots: I64  # (SLOTS, 3) plots, misses, gaps by time
    slot_s: tuple[float, float]
    hits: F64  # (n, 2) places of some plots
    misses: F64  # (n, 2) places where some were missed
    stand: tuple[float, float] | None
    along: I64  # residuals (BINS,)
    across: I64
    scales: tuple[float, float]


class Report(NamedTuple):
    """The whole of what is found."""

    first_s: float
    last_s: float
    ticks: int
    tracks: int
    sensors: tuple[Sensor, ...]
    picture: Sensor
    addresses: dict[int, int]
    """Addresses heard at two places, with how often."""
    beyond: int
    """Plots that no sensor could be counted for."""
    undecided: int
    """Untaken plots at the end, too young to be judged."""


def report(state: State) -> Report:
    """Say what is found so far; the state may go on."""
    sensors = tuple(s for k in range(len(state.facts)) if (s := sensor(state, k)) is not None)
    return Report(
        first_s=state.first_s,
        last_s=state.last_s,
        ticks=state.ticks,
        tracks=state.tracks,
        sensors=sensors,
        picture=_sensor(state, 0, None),
        addresses=dict(sorted(state.addresses.items())),
        beyond=state.beyond,
        undecided=len(state.pool.waiting.row),
    )


def sensor(state: State, k: int) -> Sensor | None:
    """Say what is found so far of sensor k; None where nothing was seen of it."""
    return _sensor(state, k + 1, state.facts[k]) if state.tally.counts[k + 1, store.PLOTS] else None


def _sensor(state: State, row: int, facts: Facts | None) -> Sensor:
    """Work out one row of the tally."""
    t = state.tally
    c = t.counts[row] if row else _together(t)
    kind = facts.kind if facts is not None else PICTURE
    polar = bool(state.who.polar[row])
    drawn = _drawn(state, row, polar=polar)
    values = _timing(state, row, kind)
    shares = _shares(c)
    period = values["period_s"]
    if period > 0:
        every, missed = periods.looks(t.intervals[row], t.interval_s[row], period)
        ends = float(c[store.RUN]) if state.cut else 0.0  # a run's last look has a plot by its being the last: with short ones that counts
        shares["update"] = Share.of(every - missed - ends, every - ends)
        gaps = periods.longer(t.intervals[row], t.interval_s[row], store.GAP_LOOKS * period)
        shares["gaps"] = Share.of(gaps, int(c[store.INTERVAL]))
    values |= _positions(t, row, polar=polar)
    if facts is not None and facts.period_s > 0:
        values["period_assumed_s"] = facts.period_s
    if facts is not None:
        values["clock_off_s"] = facts.clock_off_s
    counts = {name: int(c[k]) for name, k in COUNTS.items()}
    quiet = state.quiet.get(row)
    counts |= {"silences": quiet.count if quiet else 0, "clock_jumps": state.jumps.get(row, 0)}
    values |= {"silent_s": quiet.total_s if quiet else 0.0, "silent_longest_s": quiet.longest_s if quiet else 0.0}
    return Sensor(
        id=facts.id if facts is not None else PICTURE,
        name=facts.name if facts is not None else "all sensors together",
        kind=kind,
        group=_group(kind, t.kinds[row], c, drawn.hits),
        counts=counts,
        values=values,
        shares=shares,
        quality={name: t.quality[row, k].tolist() for k, name in enumerate(QUALITIES)} if c[store.ADSB] else {},
        noise_samples=int(t.own_along_sums[row, 0]),
        residual_samples=int(t.along_sums[row, 0]),
        lag_samples=int(t.lag_sums[row, 0]) if _told(t, row) else 0,
        intervals=t.intervals[row].copy(),
        interval_s=t.interval_s[row].copy(),
        ground=t.ground[row].copy(),
        ground_s=t.ground_s[row].copy(),
        drawn=drawn,
    )


def _together(t: store.Tally) -> I64:
    """Return the counts of all sensors, with the intervals between plots of whichever of them."""
    c = t.counts[1:].sum(axis=0)
    own = [store.INTERVAL, store.ABSENCE]
    c[own] = t.counts[0, own]
    return np.asarray(c)


COUNTS = {
    "plots": store.PLOTS, "not_live": store.NOT_LIVE, "unplaced": store.UNPLACED, "placed": store.PLACED, "taken": store.TAKEN,
    "founding": store.FOUNDING, "false": store.FALSE, "split": store.SPLIT, "intervals": store.INTERVAL, "absences": store.ABSENCE,
    "mode_a_wrong": store.A_WRONG, "mode_a_changed": store.A_CHANGED, "mode_a_garbled": store.A_GARBLED,
    "mode_c_wrong": store.C_WRONG, "mode_c_changed": store.C_CHANGED, "mode_c_garbled": store.C_GARBLED,
    "address_wrong": store.ADDRESS_WRONG, "address_changed": store.ADDRESS_CHANGED, "duplicates": store.DUPLICATE,
    "out_of_order": store.BACKWARDS, "on_ground": store.GROUND,
}  # fmt: skip


def _shares(c: I64) -> dict[str, Share]:
    """Return the shares that are counts of counts; those of nothing are left out."""
    live = int(c[store.PLOTS] - c[store.NOT_LIVE])
    every = {
        "taken": (store.TAKEN, int(c[store.PLACED])),
        "false": (store.FALSE, int(c[store.PLACED])),
        "split": (store.SPLIT, int(c[store.PLACED])),
        "mode_a_there": (store.A_THERE, int(c[store.SECONDARY])),
        "mode_a_garbled": (store.A_GARBLED, int(c[store.SECONDARY])),
        "mode_a_wrong": (store.A_WRONG, int(c[store.A_JUDGED])),
        "mode_c_there": (store.C_THERE, int(c[store.SECONDARY])),
        "mode_c_garbled": (store.C_GARBLED, int(c[store.SECONDARY])),
        "mode_c_wrong": (store.C_WRONG, int(c[store.C_JUDGED])),
        "address_there": (store.ADDRESS_THERE, int(c[store.SELECTIVE])),
        "address_wrong": (store.ADDRESS_WRONG, int(c[store.ADDRESS_JUDGED])),
        "duplicates": (store.DUPLICATE, int(c[store.ADDRESSED])),
        "out_of_order": (store.BACKWARDS, live),
    }
    return {name: Share.of(int(c[k]), total) for name, (k, total) in every.items() if total > 0}


def _told(t: store.Tally, row: int) -> bool:
    """Say whether the recording tells when plots arrived: not where that is the very time of many of them."""
    return bool(t.lag_sums[row, 0] > 0 and 10 * t.counts[row, store.NO_LAG] < t.lag_sums[row, 0])


def _timing(state: State, row: int, kind: str) -> dict[str, float]:
    """Return the period found, and what there is to say of gaps and delays."""
    t = state.tally
    out = {"period_s": periods.period(t.intervals[row], t.interval_s[row], scanning=kind in SCANNING) if row else math.nan}
    out["gap_longest_s"] = float(t.extremes[row, 2])
    out["out_of_order_most_s"] = float(t.extremes[row, 3])
    if row and _told(t, row):
        lag = t.lag[row]
        out |= {f"delay_{p}_s": bins.quantile(lag, kernel.LAG_S, p / 100) for p in (50, 95, 99)}
        out["delay_mean_s"] = float(t.lag_sums[row, 1] / t.lag_sums[row, 0])
    return out


def _positions(t: store.Tally, row: int, *, polar: bool) -> dict[str, float]:
    """Return residuals and own noise: along the line of sight in metres and as an azimuth, or along and across the flight in metres."""
    out: dict[str, float] = {}
    along, across, scale, unit, factor = ("range", "azimuth", kernel.ACROSS_RAD, "deg", math.degrees(1.0)) if polar else (
        "along", "across", kernel.ALONG_M, "m", 1.0
    )  # fmt: skip
    if t.along_sums[row, 0]:
        a, b = (
            bins.moments(t.along[row], t.along_sums[row], kernel.ALONG_M),
            bins.moments(t.across[row], t.across_sums[row], scale),
        )
        d = bins.moments(t.distance[row], t.distance_sums[row], kernel.ALONG_M)
        out |= {f"{along}_mean_m": a.mean, f"{along}_std_m": a.std, f"{along}_95_m": a.p95}
        out |= {f"{across}_mean_{unit}": b.mean * factor, f"{across}_std_{unit}": b.std * factor, f"{across}_95_{unit}": b.p95 * factor}
        out |= {"position_rms_m": d.rms, "position_95_m": d.p95}
    if t.own_along_sums[row, 0]:
        a = bins.moments(t.own_along[row], t.own_along_sums[row], kernel.ALONG_M)
        b = bins.moments(t.own_across[row], t.own_across_sums[row], scale)
        far, size = t.own_distance[row], kernel.ALONG_M
        out |= {f"{along}_noise_m": a.robust_std, f"{across}_noise_{unit}": b.robust_std * factor}
        out |= {"noise_95_m": bins.spread(far, size, 0.95), "noise_rms_m": bins.spread(far, size, 0.5) * RMS_OF_MEDIAN}
    return out


def _drawn(state: State, row: int, *, polar: bool) -> Drawn:
    t, who = state.tally, state.who
    hits, misses = (points[row, : t.kept[row, k, 2]].copy() for k, points in enumerate((t.hits, t.misses)))
    return Drawn(
        sectors=t.sectors[row].copy(),
        rings=t.rings[row].copy(),
        ring_m=float(t.ring_m[row]),
        slots=t.slots[row].copy(),
        slot_s=(float(state.clock.slots[0]), float(state.clock.slots[1])),
        hits=hits,
        misses=misses,
        stand=(float(who.x[row]), float(who.y[row])) if who.frame[row] >= 0 else None,
        along=t.along[row].copy(),
        across=t.across[row].copy(),
        scales=(kernel.ALONG_M, kernel.ACROSS_RAD if polar else kernel.ALONG_M),
    )


def _group(kind: str, kinds: I64, c: I64, hits: F64) -> str:
    """Say which thresholds apply: a multilateration is an airport's where it sees the ground, or nothing beyond 15 km."""
    if kind == "radar":
        primary = int(kinds[PlotKind.PSR])
        return "psr" if 2 * primary > int(kinds.sum()) else "ssr"
    if kind != "mlat":
        return kind
    near = len(hits) and float(np.percentile(np.hypot(*(hits - np.median(hits, axis=0)).T), 95)) <= AIRPORT_M
    ground = int(c[store.GROUND]) > AIRPORT_GROUND * max(int(c[store.PLOTS] - c[store.NOT_LIVE]), 1)
    return "mlat_airport" if near or ground else "mlat_wide"


def as_tree(found: Sensor) -> dict[str, Any]:
    """Return a sensor's figures as a JSON-able tree, without the places and histograms that pictures are drawn of."""
    d = found.drawn
    return {
        "id": found.id,
        "name": found.name,
        "kind": found.kind,
        "group": found.group,
        "counts": found.counts,
        "values": found.values,
        "shares": {name: s._asdict() for name, s in found.shares.items()},
        "update_in": {f"{w:g}_s": found.update_in(w)._asdict() for w in (1.0, 2.0, 5.0, 8.0)},
        "update_in_on_ground": {f"{w:g}_s": found.update_in(w, ground=True)._asdict() for w in (1.0, 2.0, 5.0)},
        "by_azimuth": {"sectors": store.SECTORS, "received": d.sectors[:, 0].tolist(), "missed": d.sectors[:, 1].tolist()},
        "by_distance": {"ring_m": d.ring_m, "received": d.rings[:, 0].tolist(), "missed": d.rings[:, 1].tolist()},
        "quality": found.quality,
        "samples": {"noise": found.noise_samples, "residuals": found.residual_samples, "delay": found.lag_samples},
    }
