"""Shaded ground: what is light and what is dark, what is asked of the terrain, and that nothing asked for breaks it."""

from __future__ import annotations

import asyncio
import threading

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.geo.terrain import ArraySource, Terrain, TerrainError
from tenere.serve import terrain
from tenere.serve.app import make_app
from tenere.serve.coverage import png
from tenere.serve.hub import Hub
from tenere.serve.terrain import LEVELS, SHADES, TILE, UNKNOWN, Relief, heights, shade

BASE = "http://localhost"
MIDDLE = LEVELS // 2


def hill() -> Terrain:
    """Return a cone of 2,000 m amid a plain, 0 to 20 N and 0 to 20 E; nothing is known elsewhere."""
    y, x = np.mgrid[0:1001, 0:1001]
    z = np.maximum(0.0, 2000.0 - 40.0 * np.hypot(x - 500, y - 500))
    return Terrain((ArraySource("hill", z.astype(np.float32), 20.0, 0.0, 0.02),), fill_posts=0)


def ask(hub, *paths):
    async def go():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(hub, None)), base_url=BASE) as client:
            return await asyncio.gather(*(client.get(path) for path in paths))

    answers = asyncio.run(go())
    return answers[0] if len(paths) == 1 else answers


@pytest.fixture(scope="module")
def hub():
    made = Hub()
    made.terrain_opened = hill
    return made


def test_level_ground_is_the_middle_shade_and_slopes_are_lit_from_the_north_west():
    step = np.full(10, 100.0)
    flat = np.full((12, 12), 500.0)
    assert (shade(flat, step) == MIDDLE).all()
    rises_to_east = flat + 20.0 * np.arange(12)[None, :]  # its face looks west: lit
    assert (shade(rises_to_east, step) > MIDDLE).all()
    assert (shade(rises_to_east[:, ::-1], step) < MIDDLE).all()
    rises_to_south = flat + 20.0 * np.arange(12)[:, None]  # its face looks north: lit
    assert (shade(rises_to_south, step) > MIDDLE).all()
    assert (shade(rises_to_south[::-1], step) < MIDDLE).all()


def test_the_shade_of_a_known_slope():
    # A plane that faces the light straight on: rises one in one to the south-east, 45 degrees: the lightest there is.
    slope = np.arange(12)[None, :] + np.arange(12)[:, None]
    assert (shade(slope * 100.0 / np.sqrt(2.0), np.full(10, 100.0)) == LEVELS - 1).all()
    assert (shade(slope[::-1, ::-1] * 100.0 / np.sqrt(2.0), np.full(10, 100.0)) == 0).all()


def test_what_is_not_known_is_transparent():
    z = np.full((12, 12), 500.0)
    z[5, 5] = np.nan
    out = shade(z, np.full(10, 100.0))
    assert (out[3:6, 3:6] == UNKNOWN).sum() >= 8
    assert out[0, 0] == MIDDLE
    assert SHADES[UNKNOWN][3] == 0
    assert SHADES[MIDDLE][3] == 0
    assert max(c[3] for c in SHADES) < 255


def test_heights_lie_where_their_pixels_do():
    z, step_m = heights(hill(), 6, 33 * TILE, 30 * TILE, TILE)  # x 33 of 64: from 5.625 E; pixel 0.022 degrees
    assert z.shape == (TILE + 2, TILE + 2)
    assert step_m.shape == (TILE,)
    assert step_m[0] == pytest.approx(2445.98 * np.cos(np.radians(11.178)), rel=1e-3)
    top = np.unravel_index(np.nanargmax(z), z.shape)
    lon = 360.0 * (33 * TILE + top[1] - 0.5) / (64 * TILE) - 180.0
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (30 * TILE + top[0] - 0.5) / (64 * TILE)))))
    assert (lat, lon) == (pytest.approx(10.0, abs=0.03), pytest.approx(10.0, abs=0.03))


def test_a_tile_is_a_picture_and_its_edge_goes_on_in_the_next():
    relief = Relief(hill)
    left, right = relief.tile(6, 33, 30), relief.tile(6, 34, 30)
    assert left is not None
    assert right is not None
    assert left.startswith(png.SIGNATURE)
    z, step_m = heights(hill(), 6, 33 * TILE, 30 * TILE, 2 * TILE)
    whole = shade(z, step_m)
    assert png.paletted(whole[:TILE, :TILE], SHADES) == left
    assert png.paletted(whole[:TILE, TILE:], SHADES) == right


def test_a_site_without_terrain_says_so():
    state, tile = ask(Hub(), "/api/terrain", "/api/terrain/6/33/30")
    assert state.json() == {"state": "off", "why": "no terrain is named"}
    assert tile.status_code == 404


def test_a_terrain_that_cannot_be_opened_is_told_and_not_tried_again():
    tries = []

    def broken() -> Terrain:
        tries.append(1)
        raise TerrainError("no such file")

    hub = Hub()
    hub.terrain_opened = broken

    async def go():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(hub, None)), base_url=BASE) as client:
            return [await client.get(path) for path in ("/api/terrain", "/api/terrain", "/api/terrain/6/33/30")]

    first, second, tile = asyncio.run(go())
    assert first.json() == second.json() == {"state": "off", "why": "no such file"}
    assert (tile.status_code, "no such file" in tile.json()["error"]) == (404, True)
    assert len(tries) == 1


def test_tiles_are_answered_and_kept_by_the_browser(hub):
    state, tile, sea = ask(hub, "/api/terrain", "/api/terrain/6/33/30", "/api/terrain/6/2/30")
    assert state.json()["state"] == "on"
    assert (tile.status_code, tile.headers["content-type"]) == (200, "image/png")
    assert "max-age" in tile.headers["cache-control"]
    assert "private" in tile.headers["cache-control"]
    assert (sea.status_code, sea.content) == (204, b"")


@pytest.mark.parametrize(
    "path", ["3/1/1", "12/0/0", "6/64/0", "6/0/64", "6/-1/0", "6/a/0", "6/1.5/0", "99999999999/1/1", "4/99999999999999999999/0"]
)
def test_tiles_that_there_are_not(hub, path):
    assert ask(hub, f"/api/terrain/{path}").status_code == 404


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=8), st.text(max_size=8), st.integers(-5, 10**12))
def test_no_path_breaks_it(z, x, y):
    hub = Hub()
    hub.terrain_opened = hill
    clean = [part.replace("/", "").replace("\x00", "") or "0" for part in (z, x)]
    try:
        answer = ask(hub, f"/api/terrain/{clean[0]}/{clean[1]}/{y}")
    except httpx.InvalidURL:
        return
    assert answer.status_code in (200, 204, 307, 404)  # 307: "#" and "?" end a path, and another folder is asked for


def test_too_many_at_once_are_sent_away_and_the_event_loop_is_free(monkeypatch):
    monkeypatch.setattr(terrain, "WAITING", 2)
    gate, threads = threading.Event(), set()

    class Slow(Relief):
        def tile(self, zoom, x, y):
            threads.add(threading.get_ident())
            assert gate.wait(10)
            return super().tile(zoom, x, y)

    monkeypatch.setattr(terrain, "Relief", Slow)
    hub = Hub()
    hub.terrain_opened = hill

    async def go():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(hub, None)), base_url=BASE) as client:
            slow = [asyncio.create_task(client.get(f"/api/terrain/6/{x}/30")) for x in (33, 34)]
            await asyncio.sleep(0.1)
            third, health = await client.get("/api/terrain/6/32/30"), await client.get("/api/health")
            gate.set()
            return [third, health, *[await task for task in slow]]

    third, health, *slow = asyncio.run(go())
    assert third.status_code == 503
    assert health.status_code == 200
    assert [a.status_code for a in slow] == [200, 200]
    assert threading.get_ident() not in threads


def test_fine_terrain_is_read_tile_by_tile_and_too_much_not_at_all(monkeypatch):
    relief = Relief(hill)
    monkeypatch.setattr(terrain, "MOST_BYTES", 700_000)  # 418 posts squared: a tile of zoom 6 (281 posts), not a block of it
    assert relief.tile(6, 33, 30) is not None
    assert relief.tile(4, 8, 7) is None


def test_only_the_last_tiles_are_kept(monkeypatch):
    monkeypatch.setattr(terrain, "KEPT", 20)
    relief = Relief(hill)
    for x in range(32, 44, 4):
        relief.tile(6, x, 28)
    assert len(relief._kept) <= 20
    assert (6, 40, 28) in relief._kept
