"""A small PMTiles file of vector tiles, made by hand (PMTiles specification 3; Mapbox Vector Tile specification 2.1)."""

from __future__ import annotations

import gzip
import itertools
import json
import struct


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def part(number: int, body: bytes) -> bytes:
    """Return a length-delimited field of a protocol buffer."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def vector_tile(name: str, corners: list[tuple[int, int]]) -> bytes:
    """Return a tile with one polygon, corners in 0 to 4096 from its north-west corner, clockwise."""
    x, y = corners[0]
    commands = [9, zigzag(x), zigzag(y), (len(corners) - 1) << 3 | 2]
    for (ax, ay), (bx, by) in itertools.pairwise(corners):
        commands += [zigzag(bx - ax), zigzag(by - ay)]
    geometry = b"".join(map(varint, [*commands, 15]))
    feature = varint(3 << 3) + varint(3) + part(4, geometry)
    layer = varint(15 << 3) + varint(2) + part(1, name.encode()) + part(2, feature) + varint(5 << 3) + varint(4096)
    return part(3, layer)


def pmtiles(tile: bytes, name: str) -> bytes:
    """Return an archive with one tile, that of the whole world."""
    packed = gzip.compress(tile)
    directory = gzip.compress(b"".join(map(varint, [1, 0, 1, len(packed), 1])))
    metadata = gzip.compress(json.dumps({"vector_layers": [{"id": name, "fields": {}}]}).encode())
    root, leaves = 127, 127 + len(directory) + len(metadata)
    header = struct.pack("<7sB", b"PMTiles", 3)
    header += struct.pack("<6Q", root, len(directory), root + len(directory), len(metadata), leaves, 0)
    header += struct.pack("<2Q", leaves, len(packed)) + struct.pack("<3Q", 1, 1, 1)
    header += struct.pack("<6B", 1, 2, 2, 1, 0, 0)  # clustered; gzip within; gzip tiles; vector; zooms 0 to 0
    header += struct.pack("<4i", 0, int(11e7), int(13e7), int(22e7)) + struct.pack("<B2i", 4, int(8e7), int(16e7))
    assert len(header) == 127
    return header + directory + metadata + packed
