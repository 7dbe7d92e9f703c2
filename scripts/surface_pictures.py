"""Draw the pictures of docs/howto/measure-surface.md from runs over real and simulated recordings.

    python -m scripts.measure_surface SMR_FILE MLAT_FILE --keep FOLDER
    python -m scripts.surface_pictures FOLDER

FOLDER holds the runs that --keep wrote; bench/results/behaviour.json what python -m bench.behaviour --keep found. Needs the extra "bench".
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
from bench.machine import RESULTS

mpl.use("Agg")
import matplotlib.pyplot as plt

IMAGES = Path(__file__).parents[1] / "docs" / "images"
LONG_S = 60


def airport(folder: Path) -> None:
    """Draw every track of a minute or more: of the radar alone, and of both together, those with an address darker."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharex=True, sharey=True)
    for axis, name, title in zip(axes, ("smr", "both"), ("Surface radar alone", "Radar and multilateration"), strict=True):
        run = np.load(folder / f"surface_{name}.npz")
        for number in np.unique(run["number"]):
            rows = run["number"] == number
            if rows.sum() >= LONG_S:
                named = (run["address"][rows] > 0).any()
                axis.plot(run["x_m"][rows], run["y_m"][rows], lw=0.6, color="#205080" if named else "#c07020")
        axis.set(title=title, xlim=(-1800, 3000), ylim=(-1800, 2200), xlabel="east, m", aspect="equal")
    axes[0].set_ylabel("north, m")
    figure.tight_layout()
    figure.savefig(IMAGES / "surface-tracks.png", dpi=90)


def reliability() -> None:
    """Draw how often the class named was right, against the probability stated; and the confusion."""
    found = json.loads((RESULTS / "behaviour.json").read_text())
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    rows = found["reliability"]
    left.plot([0.5, 1], [0.5, 1], color="#999999", lw=0.8)
    left.plot([r["stated"] for r in rows], [r["right"] for r in rows], "o-", color="#205080")
    left.set(xlabel="probability stated", ylabel="share right", title="Reliability, fresh seeds")
    names = list(found["confusion"])
    said = list(found["confusion"][names[0]])
    share = np.array([[found["confusion"][n][s] for s in said] for n in names])
    right.imshow(share, cmap="Blues", vmin=0, vmax=1)
    right.set_xticks(range(len(said)), said, rotation=40, ha="right")
    right.set_yticks(range(len(names)), names)
    for i, j in np.ndindex(*share.shape):
        if share[i, j] >= 0.005:
            right.text(
                j, i, f"{100 * share[i, j]:.0f}", ha="center", va="center", color="white" if share[i, j] > 0.5 else "black", fontsize=8
            )
    right.set(title="Truth (rows) and what was said, %")
    figure.tight_layout()
    figure.savefig(IMAGES / "behaviour.png", dpi=90)


def main() -> None:
    """Draw."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=Path)
    airport(p.parse_args().folder)
    reliability()


if __name__ == "__main__":
    main()
