"""The multi-frame tracker on the PMBM paper's scenario, beside what the reference and others make of the same plots.

    python -m bench.williams                     100 runs of each of the six settings
    python -m bench.williams --runs 20 --json
    python -m bench.williams --seed 7            other plots; the peers' figures are of seed 2018

Root-mean-square GOSPA (p = 2, c = 10 m, alpha = 2) over runs and steps. The configuration is the public one: what a user
writes under [track.multi], told the scenario's own figures (drift, survival, births) as every peer is. "Plain" is our
posterior with the reference's estimator: the likeliest explanation's aircraft that exist with 0.4 or more.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from bench import williams_data as scene
from bench.machine import keep
from tenere.track import multi
from tenere.track.multi import store

C_M = 10.0
SEED = 2018
PMBM = (2.968, 2.751, 3.462, 3.914, 2.964, 3.120)
PMB = (3.251, 2.968, 3.777, 4.307, 3.217, 3.386)
KNOWN = (1.93, 1.82, 2.16, 2.40, 1.90, 1.94)
OTHERS = {"Stone Soup GNN": 3.68, "Stone Soup JPDA": 3.74, "CPHD": 5.37, "PHD": 5.43}
REFERENCE_MS = 520.0

CONFIG = multi.MultiConfig(
    drift_m2s3=scene.DRIFT,
    lifetime_s=-1.0 / math.log(scene.SURVIVAL),
    births_km2_s=0.0,
    start_km2=0.0,
    areas=(multi.BirthArea(x_m=100.0, y_m=100.0, std_m=150.0, speed_std_ms=1.0, per_s=0.005, at_start=3.0),),
    confirm_existence=0.4,
    report_existence=0.4,
    report_distance_m=C_M,
)


def gospa2(truth: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return squared GOSPA and its parts: localisation, missed, false. truth (n, 2), shown (m, 2)."""
    n, m = len(truth), len(shown)
    d2 = ((truth[:, None] - shown[None]) ** 2).sum(-1)
    i, j = linear_sum_assignment(np.minimum(d2, C_M**2))
    near = d2[i, j] < C_M**2
    matched, error = near.sum(), d2[i, j][near].sum()
    missed, false = C_M**2 / 2 * (n - matched), C_M**2 / 2 * (m - matched)
    return np.array([error + missed + false, error, missed, false])


def likeliest(s: store.Store) -> np.ndarray:
    """Return the reference's estimate: the aircraft of each cluster's likeliest explanation that exist with 0.4 or more."""
    found = []
    for c in range(len(s.tracks) - 1):
        b = store.take(s, c)
        found += [b.rows[a, :2] for a in b.picks[0] if a >= 0 and b.exist[a] > 0.4]
    return np.array(found).reshape(-1, 2)


def measure(detection: float, false_plots: int, runs: int, seed: int) -> dict[str, Any]:
    """Run one setting; return its figures."""
    true = scene.truth()
    total, plain = np.zeros((runs, 4)), np.zeros(4)
    spent_s = 0.0
    false_m2 = false_plots / scene.SIDE_M**2
    for run in range(runs):
        state = multi.init(CONFIG)
        for k, z in enumerate(scene.plots(true, detection, false_plots, run, seed)):
            r = np.tile([1.0, 0.0, 1.0], (len(z), 1))
            begin = time.process_time()
            state, _ = multi.look(state, float(k), z, r, false_m2, detection)
            picture = multi.estimates(state, float(k))
            spent_s += time.process_time() - begin
            at = true.x[k, true.alive[k]][:, [0, 2]]
            total[run] += gospa2(at, picture.x[:, :2])
            plain += gospa2(at, likeliest(state.store))
    steps = scene.STEPS
    rms = np.sqrt(total.sum(0) / runs / steps)
    error = total[:, 0].std(ddof=min(1, runs - 1)) / math.sqrt(runs) / steps / (2 * rms[0])
    return {
        "detection": detection,
        "false_plots": false_plots,
        "gospa": round(float(rms[0]), 4),
        "standard_error": round(float(error), 4),
        "localisation": round(float(rms[1]), 4),
        "missed": round(float(rms[2]), 4),
        "false": round(float(rms[3]), 4),
        "plain": round(float(np.sqrt(plain[0] / runs / steps)), 4),
        "ms_a_step": round(spent_s / runs / steps * 1e3, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100, help="Monte-Carlo runs of each setting")
    parser.add_argument("--seed", type=int, default=SEED, help="of the plots")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    measure(0.9, 10, 1, 1)  # compile
    rows = []
    for (detection, false_plots), pmbm, pmb, known in zip(scene.SETTINGS, PMBM, PMB, KNOWN, strict=True):
        row = measure(detection, false_plots, asked.runs, asked.seed)
        rows.append({**row, "pmbm": pmbm, "pmb": pmb, "known": known, "ratio_pmbm": round(row["gospa"] / pmbm, 4)})
        if not asked.json:
            if len(rows) == 1:
                print(" pD false   Tenere  (+-)   plain   PMBM    PMB  known  ratio  ms/step")
            print(
                f"{detection:.2f} {false_plots:4d}  {row['gospa']:.3f} {row['standard_error']:.3f}  {row['plain']:.3f}  {pmbm:.3f}"
                f"  {pmb:.3f}  {known:.2f}  {row['gospa'] / pmbm:.3f}  {row['ms_a_step']:.2f}",
                flush=True,
            )
    result = {"seed": asked.seed, "runs": asked.runs, "settings": rows, "others_at_0.9_10": OTHERS, "reference_ms_a_step": REFERENCE_MS}
    if asked.json:
        print(json.dumps(result, indent=2))
    else:
        print("base case, others:", ", ".join(f"{name} {value}" for name, value in OTHERS.items()))
    if asked.runs >= 100 and asked.seed == SEED:
        keep("williams", result)


if __name__ == "__main__":
    main()
