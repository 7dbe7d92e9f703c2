"""Made ground for the coverage bench and its tests: flat, rough, and knife edges. Altitudes in metres, float32, on n by n posts."""

from __future__ import annotations

import numpy as np

EARTH_M = 6_371_008.8
STEP_M = 90.0
FALL = STEP_M**2 / (2.0 * 4.0 / 3.0 * EARTH_M)


def flat(n: int) -> np.ndarray:
    return np.full((n, n), 300.0, np.float32)


def rough(n: int, seed: int = 3) -> np.ndarray:
    """Hills of every size (spectral slope 1.9), 350 m of standard deviation."""
    k = np.fft.rfft2(np.random.Generator(np.random.PCG64(seed)).normal(size=(n, n)))
    f = np.hypot(np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None])
    f[0, 0] = 1.0
    z = np.fft.irfft2(k * f**-1.9, s=(n, n))
    return ((z - z.mean()) / z.std() * 350.0 + 700.0).astype(np.float32)


def knife(n: int, seed: int = 3, walls: int = 40) -> np.ndarray:
    """Walls one post wide and 50 to 400 m high on a plain, in every direction."""
    rng = np.random.Generator(np.random.PCG64(seed))
    z = np.full((n, n), 200.0, np.float32)
    for _ in range(walls):
        (r, c), turn, length, height = rng.uniform(0, n, 2), rng.uniform(0, np.pi), rng.uniform(n / 40, n / 4), rng.uniform(50, 400)
        s = np.arange(-length / 2, length / 2, 0.5)
        rows, columns = np.round(r + s * np.sin(turn)).astype(int), np.round(c + s * np.cos(turn)).astype(int)
        inside = (rows >= 0) & (rows < n) & (columns >= 0) & (columns < n)
        z[rows[inside], columns[inside]] = 200.0 + height
    return z
