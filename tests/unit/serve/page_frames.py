"""Made-up pictures that change in every way, and the frames that tell them.

Run this file to write them anew for the page's tests: PYTHONPATH=src python tests/unit/serve/page_frames.py
"""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenere.page import PageLocal, PageRemote, PageTracks
from tenere.serve import frames
from tenere.serve.delta import Chain
from tenere.serve.stepped import stepped

if TYPE_CHECKING:
    from tenere.serve.stepped import Stepped

FIXTURE = Path(__file__).parents[3] / "web/test/frames.b64"
INTEGERS = (
    "identity",
    "confidence_pct",
    "protected",
    "civil",
    "aircraft_class",
    "emergency",
    "trend",
    "flags",
    "kinds",
    "mode_a",
    "frame",
    "source",
)


def made(rng: np.random.Generator, numbers: np.ndarray) -> tuple[PageTracks, PageLocal, PageRemote]:
    """Return a picture of these numbers in which anything may be anywhere."""
    n = len(numbers)

    def some(low: float, high: float) -> np.ndarray:
        return np.where(rng.random(n) < 0.15, np.nan, rng.uniform(low, high, n))

    local = rng.random(n) < 0.1
    kind = {name: dtype for name, dtype, _, _ in PageTracks.columns()}
    whole = {c: rng.integers(np.iinfo(kind[c]).min, np.iinfo(kind[c]).max, n, endpoint=True, dtype=kind[c]) for c in INTEGERS}
    tracks = PageTracks.blank(
        n,
        number=numbers,
        lat_deg=np.where(local, np.nan, some(-90, 90)),
        lon_deg=np.where(local, np.nan, some(-180, 180)),
        level_ft=some(-1000, 60_000),
        altitude_ft=some(-1000, 60_000),
        course_deg=some(0, 360),
        speed_kt=some(0, 3000),
        vertical_fpm=some(-9000, 9000),
        age_s=some(0, 100),
        lag_s=np.where(rng.random(n) < 0.7, 0.0, some(-1, 100)),
        std_m=some(0, 1e5),
        address=rng.integers(-1, 2**24, n),
        callsign=[b"" if rng.random() < 0.3 else bytes(rng.integers(48, 91, rng.integers(1, 9), np.uint8)) for _ in range(n)],
        **whole,
    )
    rows = np.flatnonzero(local)
    named = np.flatnonzero(rng.random(n) < 0.1)
    places = PageLocal.blank(len(rows), row=rows, x_nm=rng.uniform(-99, 99, len(rows)), y_nm=rng.uniform(-99, 99, len(rows)))
    return tracks, places, PageRemote.blank(len(named), row=named, remote_id=[b"1581F%d" % rng.integers(1 << 40) for _ in named])


def moved_on(rng: np.random.Generator, now: PageTracks, dt_s: float) -> PageTracks:
    """Return tracks a little later: flown on, with noise."""
    way = now.speed_kt * dt_s / 216_000 + rng.normal(0, 1e-4, len(now))
    course = np.radians(now.course_deg)
    return now.replace(
        lat_deg=np.clip(now.lat_deg + way * np.cos(course), -90, 90).astype(np.float32),
        lon_deg=(now.lon_deg + way * np.sin(course) / np.maximum(0.05, np.cos(np.radians(now.lat_deg)))).astype(np.float32),
        course_deg=((now.course_deg + rng.normal(0, 0.5, len(now))) % 360).astype(np.float32),
        age_s=np.where(rng.random(len(now)) < 0.3, 0.3, now.age_s + dt_s).astype(np.float32),
    )


def pictures(seed: int, count: int, most: int) -> list[tuple[float, tuple[PageTracks, PageLocal, PageRemote]]]:
    """Return so many pictures one after the other: tracks fly on, come, go, and change altogether."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - the same each time
    numbers = np.sort(rng.choice(5 * most + 5, rng.integers(0, most + 1), replace=False)).astype(np.uint32)
    time_s, picture, out = 1000.0, made(rng, numbers), []
    for _ in range(count):
        out.append((time_s, picture))
        dt_s = float(rng.choice([0.25, 1.0, 1.0, 4.0, 77.5]))
        time_s += dt_s
        tracks, local, remote = picture
        turn = rng.random()
        if turn < 0.4:
            picture = moved_on(rng, tracks, dt_s), local, remote
        elif turn < 0.8:
            stay = tracks.number[rng.random(len(tracks)) < 0.8]
            fresh = rng.choice(np.setdiff1d(np.arange(9 * most + 9), stay), rng.integers(0, 4), replace=False)
            numbers = np.concatenate([stay, fresh]).astype(np.uint32)
            picture = made(rng, rng.permutation(numbers) if rng.random() < 0.2 else np.sort(numbers))
        else:
            picture = made(rng, rng.permutation(tracks.number)) if turn < 0.9 else (tracks, local, remote)
    return out


def plain(steps: Stepped, sequence: int, time_s: float) -> bytes:
    """Return the picture that a reader must end with, as plain columns."""
    from tenere.serve.stepped import unstepped

    return frames.encode(frames.TRACKS, sequence, time_s, unstepped(steps))


def fixture() -> str:
    """Return what the page's tests read: of each picture the change, the keyframe and the plain columns, each after its length."""
    chain, out = Chain(), []
    for sequence, (time_s, picture) in enumerate(pictures(8, 14, 40), 1):
        chain.advance(stepped(*picture), sequence, time_s, time_s + 0.5)
        for frame in (chain.since(sequence - 1), chain.keyframe(), plain(chain.picture, sequence, time_s)):
            out += [struct.pack("<I", len(frame)), frame]
    return base64.encodebytes(b"".join(out)).decode()


if __name__ == "__main__":
    FIXTURE.write_text(fixture())
