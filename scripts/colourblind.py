"""See colours as colour-blind readers do, and hold the page's palettes to how far apart they stay.

    python -m scripts.colourblind                        # the least difference of each palette, for each kind of sight
    python -m scripts.colourblind --image in.png --out out.png [--sight deuteranopia]   # needs the extra "bench"

Sight is simulated by the matrices of Machado, Oliveira and Fernandes (2009, "A Physiologically-based Model for
Simulation of Color Vision Deficiency", IEEE TVCG 15 (6), severity 1.0), on linear light. Differences are CIEDE2000
(Sharma, Wu and Dalal 2005, "The CIEDE2000 Color-Difference Formula", Color Research and Application 30 (1)).
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PALETTES = Path(__file__).parents[1] / "web/src/palettes.json"

SIGHTS: dict[str, Array] = {
    "usual": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
"""How each kind of sight mixes linear red, green and blue."""

# sRGB to CIE XYZ for the white point D65 (IEC 61966-2-1).
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ @ np.ones(3)


def parse(colour: str) -> Array:
    """Return "#rrggbb" as sRGB 0..1."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(srgb: Array) -> Array:
    """Return light from sRGB."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def gamma(light: Array) -> Array:
    """Return sRGB from light."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


def seen(srgb: Array, sight: str) -> Array:
    """Return colours (..., 3) as a kind of sight sees them."""
    return gamma(np.clip(linear(srgb) @ SIGHTS[sight].T, 0, 1))


def lab(srgb: Array) -> Array:
    """Return CIE L*, a*, b* of colours (..., 3)."""
    t = linear(srgb) @ XYZ.T / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def difference(one: Array, two: Array) -> float:
    """Return the CIEDE2000 difference of two colours in L*, a*, b*."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    c_mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    dh = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2
    if grey:
        h_mean = h1 + h2
    elif abs(h1 - h2) <= 180:
        h_mean = (h1 + h2) / 2
    else:
        h_mean = ((h1 + h2 + 360) / 2) % 360
    cosine = np.cos(np.radians(np.array([h_mean - 30, 2 * h_mean, 3 * h_mean + 6, 4 * h_mean - 63])))
    t = 1 + cosine @ np.array([-0.17, 0.24, 0.32, -0.20])
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    turn = 30 * np.exp(-(((h_mean - 275) / 25) ** 2))
    r_t = -2 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)) * np.sin(np.radians(2 * turn))
    parts = np.array([d_l / s_l, d_c / s_c, d_h / s_h])
    return float(np.sqrt(parts @ parts + r_t * parts[1] * parts[2]))


def contrast(one: Array, two: Array) -> float:
    """Return the contrast ratio of two sRGB colours (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((float(linear(c) @ XYZ[1]) for c in (one, two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def least(colours: Iterable[tuple[str, str]], sight: str) -> tuple[float, str, str]:
    """Return the smallest difference between two named colours, and which two they are."""
    places = [(name, lab(seen(parse(colour), sight))) for name, colour in colours]
    return min((difference(a, b), m, n) for (m, a), (n, b) in combinations(places, 2))


def main() -> int:
    """Print the least differences, or simulate a picture."""
    ask = argparse.ArgumentParser(description="See colours as colour-blind readers do.")
    ask.add_argument("--image", type=Path, help="a picture to simulate")
    ask.add_argument("--out", type=Path, help="where to write it")
    ask.add_argument("--sight", default="deuteranopia", choices=list(SIGHTS))
    given = ask.parse_args()
    if given.image:
        from matplotlib.image import imread, imsave  # noqa: PLC0415 - the extra "bench", for pictures alone

        srgb = imread(given.image)[..., :3].astype(np.float64)  # a PNG is read as 0..1
        imsave(given.out or given.image, seen(srgb, given.sight))
        return 0
    for theme, palette in json.loads(PALETTES.read_text()).items():
        for family in ("identity", "severity"):
            for sight in SIGHTS:
                apart, one, two = least(palette[family].items(), sight)
                print(f"{theme:6} {family:9} {sight:13} {apart:5.1f}  {one} / {two}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
