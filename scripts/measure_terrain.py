"""Say what 30-second terrain loses against 90 m terrain of the same place: heights, and altitudes seen within 50 km.

python -m scripts.measure_terrain        the shared SRTM tile and the shared 30-second tile; needs the extra "coverage"
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from tenere.coverage.horizon import Antenna, horizon
from tenere.geo.terrain import open_terrain

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "terrain"
LAT, LON = math.radians(7.5), math.radians(-5.5)
RADIUS_M, STEP_M, ABOVE_M = 50e3, 90.0, 25.0


def main() -> None:
    """Run from the command line."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    fine, coarse = (
        open_terrain([SHARED / name]).around(LAT, LON, RADIUS_M, STEP_M) for name in ("srtm3_n07_w006_3arc_v2.tif", "sahel_dted0_30s.tif")
    )
    d = (coarse.heights_m - fine.heights_m).astype(float)
    print(f"ground: 30 s less 90 m: mean {d.mean():.0f} m, standard deviation {d.std():.0f} m, most {np.abs(d).max():.0f} m")
    top = float(max(g.heights_m[g.middle, g.middle] for g in (fine, coarse))) + ABOVE_M
    antenna = Antenna(LAT, LON, altitude_m=top, max_range_m=RADIUS_M)
    a, b = (horizon(g, antenna).amsl_m.astype(float) for g in (fine, coarse))
    seen = np.isfinite(a) & np.isfinite(b)
    e = b[seen] - a[seen]
    print(f"altitude seen: median {np.median(e):.0f} m, 99 % of the errors within {np.percentile(np.abs(e), 99):.0f} m")


if __name__ == "__main__":
    main()
