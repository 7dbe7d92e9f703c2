"""Draw the picture of docs/explanation/coverage.md from a run.

    python -m scripts.coverage_pictures        docs/images/coverage-agadez.png

One antenna 25 m above the ground at Agadez, on the demo terrain. Needs the extras "bench" (matplotlib) and "demo-terrain".
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import matplotlib as mpl
import numpy as np

from tenere.coverage.horizon import Antenna, horizon
from tenere.geo.terrain import demo_terrain

mpl.use("Agg")
import matplotlib.pyplot as plt

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
AGADEZ = (16.97, 7.99)
RADIUS_M, STEP_M = 250e3, 900.0
FEET = 0.3048
LEVELS_FT = (0, 500, 1500, 5000, 10000, 20000, 40000)
AZIMUTH_DEG = 50


def main() -> None:
    """Run from the command line."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    antenna = Antenna(math.radians(AGADEZ[0]), math.radians(AGADEZ[1]), height_m=25.0, max_range_m=RADIUS_M)
    seen = horizon(demo_terrain().around(antenna.lat_rad, antenna.lon_rad, RADIUS_M, STEP_M), antenna)
    edge = RADIUS_M / 1e3
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), width_ratios=(1.1, 1), layout="constrained")
    shown = np.ma.masked_invalid(seen.agl_m / FEET)
    picture = left.imshow(shown, extent=(-edge, edge, -edge, edge), norm=mpl.colors.BoundaryNorm(LEVELS_FT, 256), cmap="viridis_r")
    fig.colorbar(picture, ax=left, label="seen from, ft above ground", shrink=0.9)
    along = np.arange(0.0, RADIUS_M, STEP_M)
    turn = math.radians(AZIMUTH_DEG)
    i = np.rint(seen.grid.middle - along * math.cos(turn) / STEP_M).astype(int)
    j = np.rint(seen.grid.middle + along * math.sin(turn) / STEP_M).astype(int)
    left.plot((0, edge * math.sin(turn)), (0, edge * math.cos(turn)), "w--", lw=1)
    left.set(xlabel="km east of the antenna", ylabel="km north")
    right.fill_between(along / 1e3, seen.grid.heights_m[i, j], color="0.75", label="ground")
    right.plot(along / 1e3, seen.amsl_m[i, j], "C0", label="seen from here up")
    right.set(xlabel=f"km along {AZIMUTH_DEG}°", ylabel="m above mean sea level", ylim=(0, None), xlim=(0, edge))
    right.legend(loc="upper left")
    path = IMAGES / "coverage-agadez.png"
    fig.savefig(path, dpi=80)
    print(path)


if __name__ == "__main__":
    main()
