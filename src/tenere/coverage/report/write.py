"""A report's files in a folder: all of them whole, or none."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.parquet as pq

from tenere.coverage.horizon import CoverageError
from tenere.coverage.report import outlines, rasters
from tenere.coverage.report.document import MapBlock, blocks
from tenere.coverage.report.maps import whole_picture
from tenere.coverage.report.page import page
from tenere.coverage.report.pdf import PdfError, pdf
from tenere.coverage.report.tables import clean, table, tree
from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tenere.coverage.report.study import Study
    from tenere.coverage.report.tables import Hole

FUSED = "upintheair.json"
RECEIVERS = ("adsb", "mlat")
"""Kinds of sensor that have a tar1090 beside them."""


def write(
    study: Study,
    folder: Path,
    *,
    lang: str = "en",
    holes: Sequence[Hole] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[list[str], list[str]]:
    """Write everything into a folder, made where it is not there; return the files' names, and what could not be made and why.

    All is first written beside it and then put in place, file by file: an interruption leaves what was there before, and a file that is
    there is whole. Raises OSError.
    """
    made = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        lacking = _fill(study, made, lang, holes, progress or (lambda _what, _done, _whole: None))
        names = sorted(p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file())
        if folder.exists():
            for name in names:
                (folder / name).parent.mkdir(exist_ok=True)
                (made / name).replace(folder / name)
        else:
            made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return names, lacking


def _fill(study: Study, folder: Path, lang: str, holes: Sequence[Hole], progress: Callable[[str, int, int], None]) -> list[str]:
    """Write the files; return what is lacking."""
    lacking = []
    (folder / "coverage.json").write_bytes(msgspec.json.format(_json(tree(study, holes)), indent=2) + b"\n")
    pq.write_table(table(study), folder / "coverage.parquet", compression="zstd")
    told = blocks(study, lang, holes)
    for block in told:
        if isinstance(block, MapBlock):
            level = study.levels[block.map.level]
            (folder / f"map-{level.name}.png").write_bytes(whole_picture(block.map, f"{study.name}: {level.name}"))
    (folder / "report.html").write_text(page(told, lang), encoding="utf-8")
    try:
        (folder / "report.pdf").write_bytes(pdf(told, lang))
    except PdfError as e:
        lacking.append(str(e))
    progress("rasters", 0, 1)
    try:
        rasters.write(study.picture, study.inside > 0, folder / "altitudes.tif", folder / "sensors.tif")
        (folder / "contours.geojson").write_bytes(_json(outlines.geojson(study)))
        (folder / FUSED).write_bytes(_json(outlines.fused_rings(study)))
    except CoverageError as e:
        lacking.append(f"rasters and outlines: {e}")
    receivers = [s for s in study.sights if s.kind in RECEIVERS]
    if receivers:
        (folder / "upintheair").mkdir()
    for i, sight in enumerate(receivers):
        try:
            (folder / "upintheair" / f"{_file_name(sight.id)}.json").write_bytes(_json(outlines.antenna_rings(study, sight)))
        except TenereError as e:
            lacking.append(f"rings of {sight.id}: {e}")
        progress("rings", i + 1, len(receivers))
    return lacking


def _json(document: Any) -> bytes:  # noqa: ANN401 - any JSON-able tree
    """Return a document as JSON; what is no number is null."""
    return msgspec.json.encode(clean(document))


def _file_name(name: str) -> str:
    """Return a sensor's id as a file's name."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).lstrip(".") or "_"
