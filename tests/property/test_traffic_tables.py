"""Whatever a Parquet file holds, and however it is damaged, traffic is read from it or it is refused: nothing else."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.coverage import looks
from tenere.coverage.tables import Table
from tenere.coverage.traffic import Density, read
from tenere.errors import TenereError
from tenere.geo.terrain.country_plane import CountryPlane, Gnomonic

PLANE = CountryPlane(Gnomonic(0.28, 0.14), 1000.0, 10, 10, np.zeros((21, 21), np.float32))
NAMES = ("time_s", "lat_rad", "lon_rad", "number", "track", "sensor", "kind", "flags", "source", "altitude_m")
values = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1.9e9, 0.28, 0.14, -1.0, 1e300, 2.0**63]))


@st.composite
def columns(draw):
    n = draw(st.integers(1, 6))
    given_ = [*NAMES[:4], *draw(st.lists(st.sampled_from(NAMES[4:]), unique=True))]
    return {name: draw(st.lists(values, min_size=n, max_size=n)) for name in given_}


def written(made) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({k: pa.array(v, pa.float64()) for k, v in made.items()}), out)
    return out.getvalue()


def reads_or_is_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.parquet"
        path.write_bytes(data)
        with contextlib.suppress(TenereError):
            density = read([path], Density(PLANE, 5))
            assert np.isfinite(density.seconds).all()
            assert (density.seconds >= 0).all()
        with contextlib.suppress(TenereError):
            table = Table(path, ("time_s", "number", "lat_rad", "lon_rad"))
            looks.kinds([Table(path, ("track", "kind", "sensor"))])
            first, last = looks.span([table])
            if first < last:
                there = looks.tracks_in([table], int(first // 12.0), int(first // 12.0) + 10, 12.0)
                assert (np.diff(there.key) > 0).all()
                looks.plots_in([table], int(first // 12.0), int(first // 12.0) + 10, 12.0, there.key)


@settings(max_examples=150)
@given(columns())
def test_any_values(made):
    reads_or_is_refused(written(made))


WHOLE = written({k: np.linspace(0.1, 0.3, 50).tolist() for k in NAMES})


@settings(max_examples=150)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6), st.integers(0, len(WHOLE)))
def test_damage(at, what, cut):
    reads_or_is_refused(WHOLE[:at] + what + WHOLE[at + len(what) :])
    reads_or_is_refused(WHOLE[:cut])
