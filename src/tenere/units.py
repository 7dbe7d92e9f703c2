"""Exact conversion factors. Inside it is SI and radians; these serve the edge and the wire."""

from __future__ import annotations

import math

FOOT_M = 0.3048
NM_M = 1852.0
KNOT_MS = 1852.0 / 3600.0
FPM_MS = 0.3048 / 60.0
FLIGHT_LEVEL_M = 30.48
DEG_RAD = math.pi / 180.0
R95_SIGMA = math.sqrt(-2.0 * math.log(0.05))  # 2.4477: a 95 % radius in one-sigma of a round 2-D normal
