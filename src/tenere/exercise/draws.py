"""Random numbers that depend on what they are for, never on when they are asked for.

Every block of simulated work (one scan of one radar, one second of squitters) has its own generator, keyed by the
exercise's seed, the stream and the block. So the same seed gives the same bytes, however time is sliced.
"""

from __future__ import annotations

import numpy as np

TRAFFIC = 1
SQUITTERS = 2
BEACONS = 3
RADAR = 1000
"""Stream of the first radar; the next ones follow."""
RECEIVER = 2000
"""Stream of the first ADS-B receiver."""
DRONE_RECEIVER = 3000
"""Stream of the first Remote ID receiver."""


def generator(seed: int, stream: int, block: int = 0) -> np.random.Generator:
    """Return the generator of one block of one stream (Philox counter-based; block may be -1)."""
    low = (stream & 0xFFFF) << 40 | (block + 1) & 0xFF_FFFF_FFFF
    return np.random.Generator(np.random.Philox(key=(seed & 0xFFFF_FFFF_FFFF_FFFF) << 64 | low))
