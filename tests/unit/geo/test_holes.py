"""The visible floor: what it answers, and that its file holds it and nothing else."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.errors import TenereError
from tenere.geo.holes import LEVEL_M, LOWEST_M, VERSION, Floor
from tenere.geo.regions import label


def drawn(seed=1, shape=(12, 15)):
    random = np.random.Generator(np.random.PCG64(seed))
    best = random.choice(np.array([100.0, 900.0, 3000.0, np.inf], np.float32), shape)
    best[0, 0] = np.nan
    return Floor(20.0, 3.0, 0.5, best, best + np.float32(500.0))


def test_each_place_gets_its_cell():
    floor = drawn()
    n, m = floor.best_m.shape
    i, j = np.mgrid[0:n, 0:m]
    lat, lon = np.radians(20.0 - (i + 0.3) * 0.5), np.radians(3.0 + (j + 0.8) * 0.5)
    assert np.array_equal(floor.at(lat, lon), floor.best_m, equal_nan=True)
    assert np.array_equal(floor.at(lat, lon, second=True), floor.second_m, equal_nan=True)
    assert np.array_equal(floor.at(lat, lon + 2 * np.pi), floor.best_m, equal_nan=True)
    outside = floor.at(np.radians([20.1, 13.9, 17.0, 17.0, np.nan]), np.radians([5.0, 5.0, 2.9, 10.6, 5.0]))
    assert np.isnan(outside).all()


@settings(max_examples=40)
@given(st.integers(0, 1000), st.floats(-800, 12_000))
def test_a_hole_is_what_is_connected_below_the_level(seed, altitude):
    floor = drawn(seed)
    n, m = floor.best_m.shape
    i, j = np.mgrid[0:n, 0:m]
    found = floor.hole_of(np.radians(20.0 - (i + 0.5) * 0.5), np.radians(3.0 + (j + 0.5) * 0.5), altitude)
    level = max(LOWEST_M, np.floor((altitude - LOWEST_M) / LEVEL_M) * LEVEL_M + LOWEST_M)
    with np.errstate(invalid="ignore"):
        below, parts = floor.best_m > altitude, label(floor.best_m > level)[0]
    assert ((found > 0) == below).all(), "in a hole exactly where it is not seen"
    for number in np.unique(found[below]):
        assert len(np.unique(parts[found == number])) == 1
    for part in np.unique(parts[below]):
        assert len(np.unique(found[(parts == part) & below])) == 1


def test_holes_are_numbered_by_area():
    best = np.full((1, 6), 100.0, np.float32)
    best[0, 0] = best[0, 3:5] = np.inf
    floor = Floor(1.0, 0.0, 1.0, best, np.full((1, 6), np.inf, np.float32))
    assert floor.hole_of(np.radians(0.5), np.radians(np.arange(6) + 0.5), 5000.0).tolist() == [2, 0, 0, 1, 1, 0]
    assert floor.hole_of(np.radians(0.5), np.radians(0.5), np.nan) == 0


def test_a_file_gives_the_same_floor_and_hash(tmp_path):
    floor, path = drawn(), tmp_path / "floor.npz"
    floor.save(path)
    again = Floor.load(path, floor.sha256)
    assert again.sha256 == floor.sha256
    assert np.array_equal(again.best_m, floor.best_m, equal_nan=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["floor.npz"]
    changed = Floor(20.0, 3.0, 0.5, floor.best_m, floor.second_m + np.float32(1.0))
    assert changed.sha256 != floor.sha256
    assert Floor(20.0, 3.25, 0.5, floor.best_m, floor.second_m).sha256 != floor.sha256
    with pytest.raises(TenereError, match="is another visible floor"):
        Floor.load(path, changed.sha256)
    with pytest.raises(TenereError, match=r"none\.npz: cannot be read"):
        Floor.load(tmp_path / "none.npz")


def packed(**arrays):
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


GOOD = {
    "version": np.array(VERSION, np.int64),
    "corner": np.array([20.0, 3.0, 0.5]),
    "best_m": np.full((2, 3), 100.0, np.float32),
    "second_m": np.full((2, 3), 200.0, np.float32),
}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"version": np.array(99, np.int64)}, "version 99"),
        ({"version": np.array([1], np.int64)}, "another kind"),
        ({"corner": np.array([95.0, 3.0, 0.5])}, "do not lie on the earth"),
        ({"corner": np.array([20.0, 3.0, np.nan])}, "must be numbers"),
        ({"corner": np.array([20.0, 3.0, 0.0])}, "do not lie on the earth"),
        ({"best_m": np.full((2, 3), 100.0)}, "is not what it says it is"),
        ({"best_m": np.full((3, 3), 100.0, np.float32)}, "two grids of one shape"),
        ({"best_m": np.full((2, 3), 300.0, np.float32)}, "lower down than the best"),
        ({"best_m": np.full((2, 3), np.nan, np.float32)}, "lower down than the best"),
        ({"best_m": np.full((2, 3), -np.inf, np.float32)}, "beyond all that flies"),
        ({"second_m": np.full((2, 3), 1e20, np.float32)}, "beyond all that flies"),
        ({"best_m": np.asfortranarray(GOOD["best_m"])}, "is not what it says it is"),
        ({"best_m": np.array([["a"]], object)}, "is not what it says it is"),
    ],
)
def test_a_file_that_is_wrong_says_how(changed, says):
    with pytest.raises(TenereError, match=says):
        Floor.parse(packed(**(GOOD | changed)))


def test_a_file_that_lacks_a_part_says_which():
    with pytest.raises(TenereError, match="second_m"):
        Floor.parse(packed(**{k: v for k, v in GOOD.items() if k != "second_m"}))
    with pytest.raises(TenereError, match="no visible floor"):
        Floor.parse(b"")


def test_a_header_that_promises_a_terabyte_takes_no_memory():
    lie = io.BytesIO()
    np.lib.format.write_array_header_1_0(lie, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z, zipfile.ZipFile(io.BytesIO(packed(**GOOD))) as good:
        for name in good.namelist():
            z.writestr(name, lie.getvalue() if name == "best_m.npy" else good.read(name))
    with pytest.raises(TenereError, match="is not what it says it is"):
        Floor.parse(out.getvalue())
