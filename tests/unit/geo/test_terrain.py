"""Terrain in memory: windows, mosaics, voids, the plane grid. Files are in test_terrain_files."""

from math import radians

import numpy as np
import pytest

from tenere.geo.geodesic import between
from tenere.geo.terrain import ArraySource, Terrain, TerrainError, terrain_help
from tenere.geo.terrain.source import Window
from tenere.geo.terrain.voids import fill, mark


def slope(north: float = 15.0, west: float = 1.0, n: int = 121, step: float = 0.05) -> ArraySource:
    """Heights that rise by 100 m a degree north and 10 m a degree east: bilinear sampling is exact."""
    lat, lon = north - step * np.arange(n), west + step * np.arange(n)
    return ArraySource(f"slope {north} {west}", (100.0 * lat[:, None] + 10.0 * lon[None]).astype(np.float32), north, west, step)


def test_bilinear_between_posts_and_unknown_outside() -> None:
    terrain = Terrain((slope(),))
    lat, lon = np.radians([[13.512, 12.0], [9.5, 8.0]]), np.radians([[2.119, 3.0], [6.4, 3.0]])
    got = terrain.sample(lat, lon)
    want = 100.0 * np.degrees(lat) + 10.0 * np.degrees(lon)
    assert np.abs(got - want)[:, 0].max() < 0.01
    assert got[0, 1] == pytest.approx(want[0, 1], abs=0.01)
    assert np.isnan(got[1, 1])  # south of the last post


def test_a_longitude_may_come_a_turn_further() -> None:
    terrain = Terrain((slope(),))
    assert terrain.sample(radians(13.0), radians(2.0 + 360.0)) == pytest.approx(
        float(terrain.sample(radians(13.0), radians(2.0))), abs=1e-3
    )
    across = Terrain((slope(west=178.0),))
    assert float(across.sample(radians(13.0), radians(-179.0))) == pytest.approx(1300.0 + 1810.0, abs=0.01)


def test_tiles_of_one_lattice_join_without_a_seam() -> None:
    whole = slope(n=81)
    west = ArraySource("west", whole.heights_m[:, :40], 15.0, 1.0, 0.05)
    east = ArraySource("east", whole.heights_m[:, 40:], 15.0, 1.0 + 40 * 0.05, 0.05)
    lon = np.radians(np.linspace(2.8, 3.2, 101))
    assert np.abs(Terrain((west, east)).sample(radians(13.03), lon) - Terrain((whole,)).sample(radians(13.03), lon)).max() < 1e-3


def test_the_finer_source_comes_first_and_the_coarser_fills_its_voids() -> None:
    fine = slope(north=13.0, west=2.0, n=41, step=0.01)
    fine.heights_m = fine.heights_m + np.float32(500.0)
    fine.heights_m[10:30, 10:30] = np.nan
    terrain = Terrain((fine, slope()))
    assert float(terrain.sample(radians(12.95), radians(2.05))) == pytest.approx(1295.0 + 20.5 + 500.0, abs=0.1)
    assert float(terrain.sample(radians(12.8), radians(2.2))) == pytest.approx(1280.0 + 22.0, abs=0.1)


def test_each_kind_of_void_is_counted_and_none_becomes_zero() -> None:
    z = np.full((10, 10), 300.0, np.float32)
    z[0, :4] = (-32767, -32768, np.nan, 20_000)
    masked = np.zeros(z.shape, np.bool_)
    masked[5, 5] = True
    voids = mark(z, masked)
    assert (voids.posts, voids.marked, voids.nan, voids.dted, voids.absurd, voids.unknown) == (100, 1, 1, 2, 1, 5)
    assert np.isnan(z).sum() == 5
    assert voids.says() == "100 posts read, 5 without a height (1 marked, 1 not a number, 2 -32767, 1 absurd): 0 filled, 5 left unknown"


def test_narrow_voids_are_filled_and_wide_ones_stay() -> None:
    i, j = np.mgrid[0:40, 0:40]
    z = (3.0 * i + 2.0 * j).astype(np.float32)
    whole = z.copy()
    z[5, 5:8] = np.nan
    z[20:32, 20:32] = np.nan
    z[0, 0] = np.nan  # nothing on its other side
    assert fill(z, 4) == 3
    assert np.abs(z[5, 5:8] - whole[5, 5:8]).max() < 1e-4
    assert np.isnan(z).sum() == 144 + 1


def test_the_plane_grid_keeps_distances_and_directions_from_its_middle() -> None:
    grid = Terrain((slope(),)).around(radians(12.5), radians(3.5), 60e3, 1000.0)
    assert grid.heights_m.shape == (121, 121)
    lat, lon = grid.place([0, 60, 35], [60, 100, 80])
    d, azimuth = between(grid.lat_rad, grid.lon_rad, lat, lon)
    assert d == pytest.approx([60e3, 40e3, 1e3 * np.hypot(25, 20)], abs=0.01)
    assert np.degrees(azimuth) == pytest.approx([0.0, 90.0, np.degrees(np.arctan2(20, 25))], abs=1e-6)
    row, column = grid.to_grid(lat, lon)
    assert row == pytest.approx([0, 60, 35], abs=1e-5)
    assert column == pytest.approx([60, 100, 80], abs=1e-5)


def test_the_plane_grid_s_heights_lie_where_geodesics_put_them() -> None:
    terrain = Terrain((slope(),))
    grid = terrain.around(radians(12.5), radians(3.5), 100e3, 450.0)
    i, j = np.random.Generator(np.random.PCG64(2)).integers(0, grid.heights_m.shape[0], (2, 400))
    assert np.abs(grid.heights_m[i, j] - terrain.sample(*grid.place(i, j))).max() < 0.02  # 100 m a degree: 0.02 m is 20 m


def test_a_grid_in_bands_is_the_grid_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rough = slope()
    rough.heights_m = np.random.Generator(np.random.PCG64(1)).normal(500.0, 100.0, rough.shape).astype(np.float32)
    terrain = Terrain((rough,))
    whole = terrain.around(radians(12.5), radians(3.5), 50e3, 700.0).heights_m
    monkeypatch.setattr("tenere.geo.terrain.terrain.BAND", 2)
    assert np.array_equal(terrain.around(radians(12.5), radians(3.5), 50e3, 700.0).heights_m, whole)


def test_only_the_window_needed_is_read() -> None:
    class Watched(ArraySource):
        def read(self, window: Window) -> object:
            seen.append(window)
            return super().read(window)

    seen: list[Window] = []
    base = slope()
    Terrain((Watched("w", base.heights_m, 15.0, 1.0, 0.05),)).around(radians(12.5), radians(3.5), 20e3, 1000.0)
    assert max(w.shape for w in seen) <= (24, 24)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Terrain(()), "no terrain given"),
        (lambda: Terrain((slope(),)).around(radians(40.0), radians(3.5), 20e3, 1000.0), "lies outside the terrain given"),
        (
            lambda: Terrain((slope(),), most_bytes=1000).around(radians(12.5), radians(3.5), 200e3, 30.0),
            r"GiB.*smaller radius or a coarser step",
        ),
        (lambda: Terrain((slope(),), most_bytes=2000).sample([0.21, 0.25], [0.03, 0.1]), "a window of the source"),
        (lambda: Terrain((slope(),)).around(float("nan"), 0.1, 20e3, 90.0), "no grid can be laid"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(make: object, says: str) -> None:
    with pytest.raises(TerrainError, match=says):
        make()  # type: ignore[operator]


def test_help_names_the_files() -> None:
    text = terrain_help(-0.5, 0.5, -0.5, 0.5)
    assert "4 tiles" in text
    assert "Copernicus_DSM_COG_10_S01_00_W001_00_DEM.tif" in text
    assert "S01W001.hgt" in text
    assert "N00E000.hgt" not in text  # only the first three are spelt out
