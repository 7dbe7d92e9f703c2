"""The reference page of details: the columns of every table that the formats but ASTERIX give, asked of the formats themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenere.errors import TenereError
from tenere.tick import Chunk
from tenere.wire import format as formats

if TYPE_CHECKING:
    from tenere.wire.detail import Column, Detail

OWN_PAGE = "asterix"
SHIPPED = (
    ("beast", "Mode S and ADS-B: `beast`, `modes_hex`"),
    ("sbs", "SBS-1: `sbs`"),
    ("uat", "UAT: `uat`"),
    ("gdl90", "GDL 90: `gdl90`, beside the tables of UAT"),
    ("ogn", "FLARM and OGN: `ogn`, beside the tables of NMEA"),
    ("nmea", "NMEA 0183: `nmea`"),
    ("remote_id", "Remote ID: `remote_id`"),
    ("remote_id_json", "Remote ID as JSON: `remote_id_json`"),
    ("cot", "Cursor-on-Target: `cot`"),
    ("sapient", "SAPIENT: `sapient`"),
    ("plots", "Tables of plots: `plots`"),
    ("fpl", "Flight-plan messages: `fpl`"),
    ("metar", "METAR and SPECI: `metar`"),
)
"""The formats that come with Tenere, in the order of the page, and their headings."""


def tables_of(name: str) -> dict[str, Detail]:
    """Return every table of a format, without a record."""
    chosen = formats.load(name)
    if chosen.details is None:
        raise TenereError(f"format {name} gives no details")
    return chosen.details(chosen.init(formats.SourceHint()), Chunk.of("reference", [], 0.0), 0.0)[1]


def kind_of(column: Column) -> str:
    """Name the type of a column's values."""
    if column.octets:
        return "bytes"
    dtype = column.values.dtype
    name = f"text, up to {dtype.itemsize}" if dtype.kind == "S" else dtype.name
    return f"list of {name}" if column.offsets is not None else name


def cell(text: str) -> str:
    """Return a text as a table's cell."""
    return " ".join(text.split()).replace("|", "&#124;").replace("<", "&lt;")


def page(made: str) -> str:
    """Return the page. made: the line that says where it comes from."""
    out = [
        "# Details",
        "",
        made,
        "",
        "The columns of every table that `tenere decode --to` writes, format by format; those of ASTERIX have",
        "[pages of their own](asterix.md). A table has a column `file` before these. What a record does not say is null.",
        "",
    ]
    seen: set[str] = set()
    for name, heading in SHIPPED:
        out += [f"## {heading}", ""]
        for title, table in tables_of(name).items():
            if title in seen:
                continue
            seen.add(title)
            out += [f"### {title}", "", "| column | type | unit | meaning |", "| --- | --- | --- | --- |"]
            out += [f"| `{c.name}` | {kind_of(c)} | {cell(c.unit)} | {cell(c.doc)} |" for c in table.columns]
            out.append("")
    return "\n".join(out)
