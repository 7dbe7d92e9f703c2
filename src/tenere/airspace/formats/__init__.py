"""Files of airspace: found by their content, never by their names; read strictly, written with what they cannot say counted.

read_any(data, "swiss.txt").volumes
write_as(volumes, "openair").data
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tenere.airspace import sanity
from tenere.airspace.formats import aixm, ed269, ed318, geojson, geometry, kml, openair, xml_tree, yaixm
from tenere.airspace.formats.reading import Note, Read, Refusal
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Polygon, Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["FORMATS", "MOST_BYTES", "Note", "Read", "Refusal", "RefusedError", "Written", "read_any", "write_as"]

MOST_BYTES = 64 << 20
_TOLD = 200
"""Refusals that an error's message names; it carries all of them."""
_OPENAIR = re.compile(rb"(?:^|[\r\n])[ \t]*A[CN]\b")
_YAIXM = re.compile(rb"(?:^|[\r\n])(?:airspace|rat|loa):[ \t]*(?:[\r\n#\[]|$)")


class _Format(Protocol):
    """A module that reads and writes a format."""

    def read(self, data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read: ...

    def write(self, volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes: ...


FORMATS: dict[str, _Format] = {
    "openair": openair,
    "aixm": aixm,
    "ed269": ed269,
    "ed318": ed318,
    "geojson": geojson,
    "kml": kml,
    "yaixm": yaixm,
}


class RefusedError(AirspaceError):
    """A file of which at least one volume was refused, so that none was taken."""

    def __init__(self, message: str, refused: tuple[Refusal, ...]) -> None:
        """Keep every refusal."""
        super().__init__(message)
        self.refused = refused


class Written(NamedTuple):
    """A file, and what it does not say.

    lost: fields that reading it again gives otherwise, by their names in the model, each with how many volumes.
    own: fields that only Tenere reads again, from beside the format's own.
    """

    data: bytes
    lost: Counter[str]
    own: Counter[str]


def unpacked(data: bytes) -> bytes:
    """Return the bytes of a file, out of gzip where it is that. Raises AirspaceError for too many."""
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as f:
                data = f.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as e:
            raise AirspaceError(f"is damaged gzip: {e}") from e
    if len(data) > MOST_BYTES:
        raise AirspaceError(f"is larger than {MOST_BYTES >> 20} MiB: take out what is far away")
    return data


def read_any(data: bytes, name: str, *, keep_going: bool = False, tell: Callable[[float], None] | None = None) -> tuple[str, Read]:
    """Read a file of any format; return the format's name and what the file holds.

    Any refused volume refuses the file (RefusedError), but with keep_going. Raises AirspaceError, which names the file, for what is no
    airspace file or holds no volume.
    """
    try:
        found, read = _read(unpacked(data), name, tell)
    except AirspaceError as e:
        raise AirspaceError(f"{name}: {e}") from e
    if read.refused and not keep_going:
        told = "".join(f"\n  {r}" for r in read.refused[:_TOLD])
        more = f"\n  and {len(read.refused) - _TOLD} more" if len(read.refused) > _TOLD else ""
        raise RefusedError(f"{name} ({found}): {len(read.refused)} problems, so nothing of it is taken:{told}{more}", read.refused)
    if not read.volumes:
        why = f": all {len(read.refused)} were refused, the first at {read.refused[0]}" if read.refused else ""
        raise AirspaceError(f"{name} ({found}): holds no volume{why}")
    return found, read


def _read(data: bytes, name: str, tell: Callable[[float], None] | None) -> tuple[str, Read]:
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        root = xml_tree.tree_of(data.removeprefix(b"\xef\xbb\xbf"))
        if root.name == "kml":
            return "kml", kml.read_tree(root, tell)
        if next(root.every("Airspace"), None) is not None or "AIXM" in root.name:
            return "aixm", aixm.read_tree(root, tell)
        raise AirspaceError(f"is XML, but neither AIXM nor KML: its root is {root.name[:60]!r}")
    if head[:1] in (b"{", b"["):
        tree = geometry.decoded(data)
        found = _json_format(tree)
        if found == "ed269" and isinstance(tree, dict) and not any(key in tree for key in ed269.LISTS):
            raise AirspaceError("is JSON, but none of the airspace formats: ED-269, ED-318, GeoJSON")
        if found == "geojson":
            return found, geojson.read_tree(tree, tell)
        return found, (ed269 if found == "ed269" else ed318).read_tree(tree, tell)
    if head[:2] == b"PK":
        raise AirspaceError("is a zip archive: unpack it first")
    if _YAIXM.search(data):
        return "yaixm", yaixm.read(data, name, tell)
    if _OPENAIR.search(data):
        return "openair", openair.read(data, name, tell)
    raise AirspaceError("is none of the airspace formats: OpenAir, AIXM 5.1, ED-269, ED-318, GeoJSON, KML, YAIXM")


def _json_format(tree: object) -> str:
    """Tell which of the formats in JSON a document is."""
    if not isinstance(tree, dict) or tree.get("type") not in ("FeatureCollection", "Feature"):
        return "ed269"
    held = tree.get("features") if isinstance(tree.get("features"), list) else [tree]
    for feature in held[:100] if isinstance(held, list) else []:
        shape = feature.get("geometry") if isinstance(feature, dict) else None
        inner = shape.get("geometries") if isinstance(shape, dict) else None
        for one in [shape, *(inner if isinstance(inner, list) else [])]:
            if isinstance(one, dict) and isinstance(one.get("layer"), dict):
                return "ed318"
    return "geojson"


def write_as(volumes: Sequence[Volume], to: str) -> Written:
    """Write volumes in a format, and find what it does not say by reading it again."""
    chosen = FORMATS[to]
    lost: Counter[str] = Counter()
    own: Counter[str] = Counter()
    data = chosen.write(volumes, own)
    theirs = {v.id: v for v in chosen.read(data).volumes}
    for v in volumes:
        found = theirs.get(v.id)
        lost.update(["volume"] if found is None else differing(sanity.settled(v), found))
    return Written(data, lost, own)


def differing(a: Volume, b: Volume) -> list[str]:
    """Name the fields in which two volumes differ; of an outline, its holes apart."""
    out = [f for f in Volume.__struct_fields__ if getattr(a, f) != getattr(b, f)]
    if isinstance(a.shape, Polygon) and a.shape.holes and Polygon(a.shape.ring) == b.shape:
        out[out.index("shape")] = "holes"
    return out
