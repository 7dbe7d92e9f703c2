"""Measure how right the confidence is: of the flights that are said to be civil with 80 %, 80 % should be.

    python -m bench.identity                   print the diagram's figures
    python -m bench.identity --keep            and write docs/images/identity-reliability.png and bench/results/identity.json
    python -m bench.identity --speed           the stage's time over 20,000 tracks

A simulated population with its truth goes through the stage: airliners, light and relief flights, with and without plans, with
lost transponders, errors of code and address, diversions; and flights that are not civil: without any answer, with a copied
callsign, false broadcasts, state aircraft, drones. What the figures depend on most is that population, which is here to be read.
Half of it fits the two numbers that turn a sum of weights into a probability; the other half draws the diagram.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.machine import keep
from tenere.batch import AircraftClass, Identity, Integrity, KinematicClass, PlotKind, TrackFlag, Tracks
from tenere.identify import IdentifyConfig, init, step
from tenere.plans import Plan
from tenere.world import Aerodromes

FLIGHTS, CIVIL = 12_000, 0.9
PSR, SSR, MODE_S, ADSB, REMOTE = (1 << k for k in (PlotKind.PSR, PlotKind.SSR, PlotKind.MODE_S, PlotKind.ADSB, PlotKind.REMOTE_ID))
FIELDS = Aerodromes(
    np.array([b"DRRN", b"DRZA", b"DRZR"]),
    np.radians([13.48, 16.97, 13.78]),
    np.radians([2.18, 7.99, 8.98]),
    np.array([223.0, 505.0, 460.0]),
)
IMAGE = Path(__file__).parents[1] / "docs" / "images" / "identity-reliability.png"


class Population:
    """The flights, their plans and their truth."""

    def __init__(self, seed: int, n: int = FLIGHTS) -> None:
        """Draw them."""
        r = np.random.Generator(np.random.PCG64(seed))
        self.civil = r.random(n) < CIVIL
        kind = np.where(self.civil, r.choice(3, n, p=[0.65, 0.25, 0.10]), 3 + r.choice(5, n, p=[0.45, 0.2, 0.1, 0.15, 0.1]))
        self.kind, self.protected = kind, kind == 2
        ends = np.stack([r.permutation(3)[:2] for _ in range(n)])
        part = r.uniform(0.05, 0.95, n)
        lat0, lat1, lon0, lon1 = (
            FIELDS.lat_rad[ends[:, 0]],
            FIELDS.lat_rad[ends[:, 1]],
            FIELDS.lon_rad[ends[:, 0]],
            FIELDS.lon_rad[ends[:, 1]],
        )
        stray = np.where((kind == 4) | (r.random(n) < 0.03), r.normal(0, 4e5, n), r.normal(0, 1.2e4, n)) / 6.371e6  # a diversion strays too
        self.lat, self.lon = lat0 + part * (lat1 - lat0) + stray, lon0 + part * (lon1 - lon0) + stray / 2
        address = np.where(r.random(n) < 0.5, 0x062000, 0x39C000) + r.choice(4095, n)
        callsign = np.array([f"NIN{i}" if k == 0 else f"5U{i}" if k == 1 else f"UNO{i}" for i, k in enumerate(kind)], "S8")
        files = self.filed = r.random(n) < np.choose(np.minimum(kind, 3), [0.95, 0.4, 0.97, 0.0])
        said = np.array(address)
        wrong = r.random(n) < 0.04
        said[wrong] = 0x3C0000 + r.choice(4095, int(wrong.sum()))
        filed_off = 5e4 - part * 3600 + r.normal(0, 1800, n)
        names = ["DRRN", "DRZA", "DRZR"]
        self.plans = tuple(
            Plan(
                callsign=callsign[i].decode(),
                address=f"{address[i]:06x}" if r.random() < 0.7 else "",
                departure=names[ends[i, 0]],
                destination=names[ends[i, 1]],
                aircraft_type=("B738", "C172", "C208")[kind[i]],
                off_block_s=float(filed_off[i]),
                sts=("HUM",) if kind[i] == 2 else (),
            )
            for i in np.flatnonzero(files)
        )
        u = r.random(n)
        dark = np.select([kind == 0, kind == 1, kind == 2, kind == 3], [u < 0.01, u < 0.35, u < 0.1, np.ones(n, bool)], False)
        mute = dark | (kind == 7)
        copied = np.array([p.callsign for p in self.plans])[r.integers(len(self.plans), size=n)].astype("S8")
        name = np.where(kind == 4, copied, np.where((kind <= 2) & (r.random(n) < np.where(kind == 1, 0.6, 0.95)), callsign, b""))
        name[kind == 5] = np.array([f"GHO{i}" for i in range(n)], "S8")[kind == 5]
        has_address = ~mute & np.select([kind == 1, kind == 6], [r.random(n) < 0.6, r.random(n) < 0.3], True)
        self.tracks = Tracks.blank(
            n,
            number=np.arange(1, n + 1),
            first_s=5e4 - 600,
            update_s=5e4,
            flags=int(TrackFlag.CONFIRMED),
            lat_rad=self.lat,
            lon_rad=self.lon,
            speed_ms=150.0,
            course_rad=0.0,
            pressure_altitude_m=r.uniform(2000, 11000, n),
            address=np.where(has_address, said, -1),
            mode_a=np.where(mute, -1, 0o2000),
            callsign=np.where(mute, b"", name),
            remote_id=np.where(kind == 7, b"1581F4", b""),
            aircraft_class=np.where(
                mute, 0, np.select([kind == 0, kind == 1, kind == 2], [AircraftClass.AIRLINER, AircraftClass.LIGHT, AircraftClass.LIGHT], 0)
            ),
            kinds=np.select(
                [mute & (kind != 7), kind == 7, kind == 5, kind == 6],
                [PSR, REMOTE, ADSB, PSR | SSR],
                PSR | MODE_S | np.where(r.random(n) < 0.8, ADSB, 0),
            ),
            kinematic_class=np.select(
                [kind == 0, kind == 7, (kind == 3) & (u < 0.3)],
                [KinematicClass.JET, KinematicClass.DRONE, KinematicClass.BIRD],
                KinematicClass.LIGHT,
            ),
            kinematic_probability=r.uniform(0.5, 0.99, n),
        )


def log_odds(seed: int) -> tuple[Population, Any, Any, Any]:
    """Run a population through the stage; return it, the sums of its weights, its identities and the rows of its evidence."""
    population = Population(seed)
    state = init(IdentifyConfig(), population.plans, FIELDS)
    state, ids, evidence = step(state, population.tracks, 5e4)
    verdict = np.where(population.kind == 5, Integrity.DOUBTFUL, np.where((population.tracks.kinds & ADSB) != 0, Integrity.CONSISTENT, 0))
    state.known.integrity[:], state.known.why[:] = verdict, np.where(population.kind == 5, 1, 0)  # as bench.integrity finds them
    state.known.review_s[:] = 0.0
    state, ids, evidence = step(state, population.tracks, 5e4 + 1)
    return population, state.known.log_odds.astype(float), ids, evidence


def fit(odds: Any, truth: Any) -> tuple[float, float]:  # noqa: ANN401
    """Return the scale and offset of least log loss, to two figures: a finer one would fit this population, not the next."""
    best = (np.inf, 1.0, 0.0)
    for scale in np.arange(0.05, 1.51, 0.05):
        for offset in np.arange(-2.0, 4.01, 0.1):
            p = 1.0 / (1.0 + np.exp(-np.clip(scale * odds + offset, -30, 30)))
            loss = -np.mean(np.log(np.where(truth == 1.0, p, 1.0 - p) + 1e-12))
            best = min(best, (float(loss), round(float(scale), 2), round(float(offset), 1)))
    return best[1], best[2]


def diagram(p: Any, truth: Any) -> tuple[list[dict[str, float]], float, float]:  # noqa: ANN401
    """Return the bins, the expected calibration error and the Brier score."""
    which = np.minimum((p * 10).astype(int), 9)
    bins = [
        {"from": b / 10, "said": float(p[which == b].mean()), "is": float(truth[which == b].mean()), "flights": int((which == b).sum())}
        for b in range(10)
        if (which == b).any()
    ]
    gap = sum(abs(b["said"] - b["is"]) * b["flights"] for b in bins) / len(p)
    return bins, gap, float(((p - truth) ** 2).mean())


def draw(shown: dict[str, Any]) -> None:
    """Draw the diagram."""
    import matplotlib as mpl  # noqa: PLC0415 - of the bench extra

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - the same

    figure, axis = plt.subplots(figsize=(5.2, 5))
    axis.plot([0, 1], [0, 1], color="0.6", linewidth=1)
    for label, (bins, _gap, _) in shown.items():
        axis.plot([b["said"] for b in bins], [b["is"] for b in bins], linewidth=0.8, label=label)
        axis.scatter([b["said"] for b in bins], [b["is"] for b in bins], s=[4 * b["flights"] ** 0.5 for b in bins])
    axis.set(
        xlabel="said: probability that the flight is civil (dots: by number of flights)",
        ylabel="is: share of flights that are",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    axis.legend(loc="upper left")
    figure.tight_layout()
    IMAGE.parent.mkdir(exist_ok=True)
    figure.savefig(IMAGE, dpi=110)


def speed(n: int = 20_000, ticks: int = 60) -> dict[str, float]:
    """Time the stage over n tracks that go on answering."""
    r = np.random.Generator(np.random.PCG64(1))
    number = np.arange(1, n + 1)
    answers = r.random(n) < 0.8
    plans = tuple(
        Plan(callsign=f"AB{i}", address=f"{0x062000 + i:06x}", departure="DRRN", destination="DRZR", off_block_s=0.0) for i in range(3000)
    )
    state, spent = init(IdentifyConfig(), plans, FIELDS), []
    tracks = Tracks.blank(
        n,
        number=number,
        first_s=0.0,
        address=np.where(answers, 0x062000 + number, -1),
        callsign=np.where(answers, np.array([f"AB{i}" for i in number], "S8"), b""),
        kinds=np.where(answers, ADSB | MODE_S, PSR),
        flags=1,
        lat_rad=np.radians(r.uniform(10, 25, n)),
        lon_rad=np.radians(r.uniform(0, 16, n)),
        speed_ms=220.0,
        course_rad=0.0,
        pressure_altitude_m=1e4,
        var_xx_m2=1e4,
        var_yy_m2=1e4,
    )
    for k in range(ticks):
        now = tracks.replace(update_s=1000.0 + k, lat_rad=tracks.lat_rad + k * 3e-5)
        begin = time.perf_counter()
        state, _, _ = step(state, now, 1000.0 + k)
        spent.append(1e3 * (time.perf_counter() - begin))
    rest = np.array(spent[3:])
    return {"tracks": n, "median_ms": float(np.median(rest)), "mean_ms": float(rest.mean()), "worst_ms": float(rest.max())}


def main() -> None:
    """Print the figures; with --keep, write them."""
    ask = argparse.ArgumentParser(prog="python -m bench.identity")
    ask.add_argument("--keep", action="store_true")
    ask.add_argument("--speed", action="store_true")
    args = ask.parse_args()
    if args.speed:
        print({k: round(v, 2) for k, v in speed().items()})
        return
    learnt, odds, _, _ = log_odds(1)
    fitted = fit(odds, learnt.civil.astype(float))
    shown, tested = {}, log_odds(2)
    population, odds, ids, _ = tested
    truth = population.civil.astype(float)
    config = IdentifyConfig()
    for label, (scale, offset) in {
        "weights alone": (1.0, 0.0),
        "as shipped": (config.confidence_scale, config.confidence_offset),
        "fitted": fitted,
    }.items():
        shown[label] = diagram(1.0 / (1.0 + np.exp(-np.clip(scale * odds + offset, -30, 30))), truth)
        print(label, f"scale {scale:.3f} offset {offset:.3f} gap {shown[label][1]:.4f} Brier {shown[label][2]:.4f}")
        for b in shown[label][0]:
            print("   ", {k: round(v, 3) for k, v in b.items()})
    answering = population.civil & ((population.tracks.address > 0) | (population.tracks.callsign != b""))
    relief = population.protected & population.filed & (population.tracks.callsign != b"")
    out = {
        "flights": FLIGHTS,
        "civil": int(population.civil.sum()),
        "civil that say who they are": int(answering.sum()),
        "of them presumed civil": int((answering & ((ids.civil | ids.protected) != 0)).sum()),
        "relief flights with a plan that give their callsign": int(relief.sum()),
        "of them protected": int((relief & (ids.protected != 0)).sum()),
        "suspect": int((ids.identity == Identity.SUSPECT).sum()),
        "fitted": fitted,
        "diagram": {label: {"bins": bins, "gap": gap, "brier": brier} for label, (bins, gap, brier) in shown.items()},
    }
    print({k: v for k, v in out.items() if k != "diagram"})
    if args.keep:
        draw({label: shown[label] for label in ("weights alone", "as shipped")})
        print(keep("identity", {**out, "speed": speed()}))


if __name__ == "__main__":
    main()
