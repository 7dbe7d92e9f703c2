"""Moving rows about: the same answers however many there are, for many go another way than few."""

import numpy as np
import pytest

from tenere.batch import ROOM_ROWS, Alerts, Plots, Tracks

SIZES = (3, ROOM_ROWS - 1, ROOM_ROWS, 2000)


def made(cls, n, seed=1):
    """Return n rows of random bytes of every dtype."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return cls.blank(n, **{name: column_of(rng, n, dtype) for name, dtype, _, _ in cls.columns()})


def column_of(rng, n, dtype):
    if dtype.kind == "f":
        return np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)).astype(dtype)
    if dtype.kind == "S":
        return np.array([b"A" * int(k) for k in rng.integers(0, dtype.itemsize + 1, n)], dtype)
    return rng.integers(0, 100, n).astype(dtype)


def same(a, b):
    return all(
        getattr(a, name).dtype == dtype and getattr(a, name).tobytes() == np.ascontiguousarray(getattr(b, name)).tobytes()
        for name, dtype, _, _ in a.columns()
    )


@pytest.mark.parametrize("cls", [Plots, Tracks, Alerts])
@pytest.mark.parametrize("n", SIZES)
def test_take_is_indexing_of_every_column(cls, n):
    batch = made(cls, n)
    rng = np.random.Generator(np.random.PCG64(2))
    ways = (
        rng.random(n) < 0.9,
        rng.permutation(n),
        np.array([0, n - 1, 0]),
        np.array([-1, 0]),
        [2, 1],
        np.arange(n, dtype=np.uint16),
        slice(1, n, 2),
    )
    for rows in ways:
        got = batch.take(rows)
        assert len(got) == len(getattr(batch, batch.columns()[0][0])[rows])
        for name, _, _, _ in cls.columns():
            assert getattr(got, name).tobytes() == getattr(batch, name)[rows].tobytes()
    assert len(batch.take(np.zeros(n, bool))) == len(batch.take(np.array([], int))) == 0


@pytest.mark.parametrize("n", SIZES)
def test_rows_that_are_not_there_are_refused(n):
    batch = made(Plots, n)
    for rows in (np.array([0, n]), np.array([-n - 1]), np.full(n, n), np.ones(n + 1, bool), np.ones(n - 1, bool)):
        with pytest.raises(IndexError):
            batch.take(rows)


def test_a_slice_is_a_view_and_rows_are_a_copy():
    batch = made(Plots, 2000)
    assert np.shares_memory(batch.take(slice(5, 9)).range_m, batch.range_m)
    for rows in (np.arange(2000), np.ones(2000, bool)):
        assert not np.shares_memory(batch.take(rows).range_m, batch.range_m)


@pytest.mark.parametrize("sizes", [(3, 4), (1, 0, 600), (700, 5, 900), (0, 9)])
def test_concat_puts_the_rows_of_all_one_after_the_other(sizes):
    parts = [made(Plots, n, seed) for seed, n in enumerate(sizes)]
    got = Plots.concat(parts)
    at = 0
    for part in parts:
        assert same(part, got.take(slice(at, at + len(part))))
        at += len(part)
    assert len(got) == at
    assert len(Plots.concat([])) == 0
    assert Plots.concat([Plots.blank(), parts[-1]]) is parts[-1]


@pytest.mark.parametrize("n", SIZES)
def test_blank_knows_nothing_but_what_is_given(n):
    got = Plots.blank(n, time_s=2, callsign=b"XYZ")
    assert (got.time_s == 2.0).all()
    assert (got.callsign == b"XYZ").all()
    assert np.isnan(got.range_m).all()
    assert (got.address == -1).all()
    assert (got.remote_id == b"").all()
    assert (got.kind == 0).all()


@pytest.mark.parametrize("n", SIZES)
def test_every_new_column_is_its_own_in_one_piece_and_may_be_written_to(n):
    batch = made(Plots, n)
    for got in (Plots.blank(n), Plots.concat([batch, batch]), batch.take(np.arange(n))):
        columns = [getattr(got, name) for name, _, _, _ in Plots.columns()]
        assert all(c.flags.c_contiguous and c.flags.writeable and c.flags.aligned and c.shape == (len(got),) for c in columns)
        before = [c.tobytes() for c in columns]
        columns[5][:] = 77
        assert [c.tobytes() == b for c, b in zip(columns, before, strict=True)].count(False) == 1


def test_replace_changes_what_is_named_and_shares_the_rest():
    batch = made(Plots, 10)
    got = batch.replace(range_m=5, sensor=np.arange(10))
    assert got.range_m.tolist() == [5.0] * 10
    assert (got.sensor.dtype, got.sensor.tolist()) == (np.int16, list(range(10)))
    assert got.azimuth_rad is batch.azimuth_rad
    assert batch.range_m[0] != 5


def test_a_column_that_is_not_one_is_named():
    with pytest.raises(TypeError, match="Plots has no column altitude"):
        Plots.blank(3, altitude=1.0)
    with pytest.raises(TypeError, match="Plots has no column altitude"):
        Plots.blank(3).replace(altitude=1.0)
    with pytest.raises(ValueError, match="broadcast"):
        Plots.blank(3, range_m=np.zeros(2))
