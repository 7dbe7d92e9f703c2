"""What it costs to remember what tracks did: milliseconds a tick, and bytes, at 20,000 tracks.

python -m bench.recorder_cost [--tracks 20000] [--plots 7000] [--ticks 400]
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from tenere.batch import Identities, Plots, Tracks
from tenere.serve.plans import Book
from tenere.serve.tracks.recorder import Recorder


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--tracks", type=int, default=20_000)
    ask.add_argument("--plots", type=int, default=7_000)
    ask.add_argument("--ticks", type=int, default=400)
    given = ask.parse_args()
    rng = np.random.Generator(np.random.PCG64(1))
    n = given.tracks
    number = np.arange(1, n + 1, dtype=np.uint32)
    made, book = Recorder(), Book(lambda: ((), ()))
    took, booked = [], []
    for k in range(given.ticks):
        number = number.copy()
        if k % 3 == 0:  # some tracks end, some begin
            gone = rng.random(n) < 0.002
            number = np.sort(np.concatenate([number[~gone], number.max() + 1 + np.arange(gone.sum(), dtype=np.uint32)]))
        tracks = Tracks.blank(
            n, number=number, mode_a=(number % 4096).astype(np.int16), address=number.astype(np.int32), callsign=number.astype("S8"),
            pressure_altitude_m=9000.0, speed_ms=220.0, first_s=0.0,
        )  # fmt: skip
        by = np.where(rng.random(given.plots) < 0.9, rng.choice(number, given.plots), 0).astype(np.int64)
        sensor = (7 * by + rng.integers(0, 4, given.plots)) % 30  # each track is seen by four of thirty
        plots = Plots.blank(given.plots, time_s=float(k), sensor=sensor)
        who = Identities.blank(n, number=number, plan=np.where(number % 3 == 0, number % 2000, -1))
        begun = time.perf_counter()
        made.take(float(k), tracks, plots, by)
        took.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        book.take(float(k), tracks, who)
        booked.append(1000 * (time.perf_counter() - begun))
    begun = time.perf_counter()
    made.told(int(number[n // 2]))
    asked = 1000 * (time.perf_counter() - begun)
    p95 = statistics.quantiles(took, n=20)[-1]
    print(f"recorder: median {statistics.median(took):.2f} ms a tick, p95 {p95:.2f} ms; one track asked {asked:.2f} ms")
    print(f"plans: median {statistics.median(booked):.2f} ms a tick; memory {made.held_bytes / 1e6:.0f} MB after {given.ticks} ticks")


if __name__ == "__main__":
    main()
