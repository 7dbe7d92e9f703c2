"""Shaded ground for the map: hillshade tiles in Web Mercator, made of the terrain that coverage uses, when somebody looks.

A block of tiles is read and shaded at once, in a thread, one block at a time: a raster is mostly cheaper to read once than sixteen times.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from tenere.errors import TenereError
from tenere.geo.terrain import Terrain, TerrainError
from tenere.serve.answers import as_error, as_json
from tenere.serve.coverage import png

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from starlette.requests import Request

    from tenere.serve.hub import Hub

    F64 = NDArray[np.float64]

_T = TypeVar("_T")

TILE = 256
"""Pixels along a tile's side."""
ZOOM_LEAST, ZOOM_MOST = 4, 11
"""A tile of zoom 4 is 22.5 degrees wide: at 30 seconds of arc 2,700 posts; one of zoom 11 has pixels of 76 m."""
BLOCK = 2
"""A block is four by four tiles: those of the tile two zooms above."""
MOST_BYTES = 1 << 28
"""Heights held at once: 64 million posts."""
KEPT = 512
"""Tiles kept: some 10 MB."""
WAITING = 48
"""Requests that wait for their turn; more are sent away."""
EQUATOR_M = 2 * math.pi * 6_378_137.0
LIGHT_AZIMUTH, LIGHT_ELEVATION = math.radians(315.0), math.radians(45.0)
LEVELS = 31
"""Shades: the middle one is level ground."""
UNKNOWN = LEVELS
STRONGEST = 150
"""Opacity of the darkest shade, of 255."""
MAX_AGE = {"Cache-Control": "private, max-age=3600"}


def _shades() -> tuple[tuple[int, int, int, int], ...]:
    """Return red, green, blue and opacity of each level: black where dark, white (fainter) where lit; last, what is not known."""
    middle = LEVELS // 2
    dark = [(0, 0, 0, round(STRONGEST * (middle - k) / middle)) for k in range(middle)]
    lit = [(255, 255, 255, round(0.4 * STRONGEST * k / middle)) for k in range(LEVELS - middle)]
    return (*dark, *lit, (0, 0, 0, 0))


SHADES = _shades()


def shade(z: NDArray[np.floating[Any]], pixel_m: F64) -> NDArray[np.uint8]:
    """Return the level of each post but the outermost, of heights on a grid whose rows go south. pixel_m (rows - 2,): its step there.

    Slopes by Horn (Proceedings of the IEEE 69, 1981): the mean of three differences. Heights are drawn out the more the smaller the
    scale: true slopes of pixels kilometres wide would not be seen.
    """
    step = pixel_m[:, None]
    west, east = z[:, :-2], z[:, 2:]
    north, south = z[:-2], z[2:]
    across = (east[:-2] + 2 * east[1:-1] + east[2:]) - (west[:-2] + 2 * west[1:-1] + west[2:])
    down = (south[:, :-2] + 2 * south[:, 1:-1] + south[:, 2:]) - (north[:, :-2] + 2 * north[:, 1:-1] + north[:, 2:])
    drawn_out = np.maximum(1.0, step / 150.0) ** 0.7 / (8.0 * step)
    to_east, to_north = across * drawn_out, -down * drawn_out
    lit = math.sin(LIGHT_ELEVATION) - math.cos(LIGHT_ELEVATION) * (to_east * math.sin(LIGHT_AZIMUTH) + to_north * math.cos(LIGHT_AZIMUTH))
    lit /= np.sqrt(1.0 + to_east**2 + to_north**2)
    middle, level = LEVELS // 2, math.sin(LIGHT_ELEVATION)
    share = np.where(lit < level, (lit - level) / level, (lit - level) / (1.0 - level))
    out = np.rint(middle + middle * np.clip(share, -1.0, 1.0))
    return np.where(np.isfinite(out), out, UNKNOWN).astype(np.uint8)


def heights(terrain: Terrain, zoom: int, left: int, top: int, side: int) -> tuple[F64, F64]:
    """Return heights at the middles of a square of pixels and of those just around it, and each row's step in metres.

    left, top: its first pixel, counted from the world's corner. Raises TerrainError.
    """
    world = TILE << zoom
    x = (np.arange(left - 1, left + side + 1) + 0.5) / world
    y = (np.arange(top - 1, top + side + 1) + 0.5) / world
    lat = np.arctan(np.sinh(np.pi * (1.0 - 2.0 * y)))
    lon = 2.0 * np.pi * x - np.pi
    return terrain.sample(lat[:, None], lon[None, :]), EQUATOR_M / world * np.cos(lat[1:-1])


class Relief:
    """Makes tiles of a terrain and keeps the last of them. opened: opens the terrain."""

    def __init__(self, opened: Callable[[], Terrain]) -> None:
        """Open nothing yet."""
        self._opened = opened
        self._terrain: Terrain | None = None
        self._kept: OrderedDict[tuple[int, int, int], bytes | None] = OrderedDict()

    def open(self) -> Terrain:
        """Open the terrain, once. Raises TerrainError."""
        if self._terrain is None:
            self._terrain = Terrain(self._opened().sources, most_bytes=MOST_BYTES)
        return self._terrain

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile as a PNG; None where no ground is known, or too much would have to be read. Raises TerrainError."""
        key = (zoom, x, y)
        if key not in self._kept:
            terrain = self.open()
            span = 1 << min(BLOCK, zoom - ZOOM_LEAST)
            try:
                self._make(terrain, zoom, x // span * span, y // span * span, span)
            except TerrainError:  # of fine terrain, a whole block is too much
                self._alone(terrain, key)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _alone(self, terrain: Terrain, key: tuple[int, int, int]) -> None:
        try:
            self._make(terrain, *key, 1)
        except TerrainError:
            self._keep(key, None)

    def _make(self, terrain: Terrain, zoom: int, x: int, y: int, span: int) -> None:
        z, pixel_m = heights(terrain, zoom, x * TILE, y * TILE, span * TILE)
        shades = shade(z, pixel_m)
        for i in range(span):
            for j in range(span):
                part = shades[j * TILE : (j + 1) * TILE, i * TILE : (i + 1) * TILE]
                self._keep((zoom, x + i, y + j), None if (part == UNKNOWN).all() else png.paletted(part, SHADES))

    def _keep(self, key: tuple[int, int, int], made: bytes | None) -> None:
        self._kept[key] = made
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


class TerrainRoutes:
    """Answers for the terrain of a hub's coverage."""

    def __init__(self, hub: Hub) -> None:
        """Answer with whatever terrain the hub has when it is asked."""
        self.hub = hub
        self._relief: Relief | None = None
        self._why = ""
        self._turn = asyncio.Lock()
        self._waiting = 0

    def _of(self) -> Relief | None:
        opened = self.hub.terrain_opened
        if self._relief is None and opened is not None and not self._why:
            self._relief = Relief(opened)
        return self._relief

    async def state(self, _: Request) -> Response:
        """GET /api/terrain: whether there is ground to be shown; it is opened to find out."""
        relief = self._of()
        try:
            if relief is not None:
                await self._made(relief.open)
        except TenereError as e:
            self._relief, self._why = None, str(e)[:500]
        if self._relief is None:
            return as_json({"state": "off", "why": self._why or "no terrain is named"})
        return as_json({"state": "on", "why": "", "zoom": [ZOOM_LEAST, ZOOM_MOST], "tile": TILE})

    async def tile(self, request: Request) -> Response:
        """GET /api/terrain/{z}/{x}/{y}: a PNG; 204 where no ground is known."""
        zoom, x, y = (request.path_params[name] for name in ("z", "x", "y"))
        if not (ZOOM_LEAST <= zoom <= ZOOM_MOST and x < 1 << zoom and y < 1 << zoom):
            return as_error(404, f"tiles have zooms {ZOOM_LEAST} to {ZOOM_MOST} and lie on the map")
        relief = self._of()
        if relief is None:
            return as_error(404, f"no terrain: {self._why or 'none is named'}")
        if self._waiting >= WAITING:
            return as_error(503, "too many ask at once: try again")
        try:
            made = await self._made(lambda: relief.tile(zoom, x, y))
        except TenereError as e:
            return as_error(404, f"no terrain: {e}")
        return Response(status_code=204, headers=MAX_AGE) if made is None else Response(made, media_type="image/png", headers=MAX_AGE)

    async def _made(self, make: Callable[[], _T]) -> _T:
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(make)
        finally:
            self._waiting -= 1


def terrain_routes(hub: Hub) -> list[Route]:
    """Return the routes of shaded ground."""
    of = TerrainRoutes(hub)
    return [Route("/api/terrain", of.state), Route("/api/terrain/{z:int}/{x:int}/{y:int}", of.tile)]
