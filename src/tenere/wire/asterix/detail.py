"""Every item of every ASTERIX record as columns, in the units of the specification.

Values are given as they were sent, also those that the picture does not take because they are out of their range.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import Rejects
from tenere.wire.asterix.context import DAY_S, Origin
from tenere.wire.asterix.detail_plan import Plan
from tenere.wire.asterix.detail_read import Made, read_columns
from tenere.wire.asterix.file import time_items
from tenere.wire.asterix.reading import read_blocks
from tenere.wire.asterix.survey import survey_of
from tenere.wire.asterix.tables import expansion, table
from tenere.wire.detail import Column, Detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.asterix.reading import AsterixState, Reading
    from tenere.wire.asterix.trace import Trace


def details(state: AsterixState, chunk: Chunk, time_s: float) -> tuple[AsterixState, dict[str, Detail]]:
    """Read every item of every record that ``step`` takes into columns: "CAT048" -> Detail; time_s is the time of the tick.

    A category read as another edition than the latest is named with it ("CAT048 edition 1.27"). Columns: offset, receive_s, time_s
    (the time of day resolved as in ``step``), sac, sic; then every element. Quantities are float64, NaN absent; all else is a whole
    number with a present mask, text, or a list; ``unit`` and ``doc`` say what it is.
    """
    together: dict[int, list[Reading]] = {}
    traces: dict[int, list[Trace]] = {}
    readings = read_blocks(state, chunk, Rejects(), traced=True)
    while readings:
        reading = readings.pop(0)
        found = reading.found
        if found.trace is not None and np.array_equal(reading.take, found.counts):
            traces.setdefault(found.layout.category, []).append(found.trace)
        together.setdefault(found.layout.category, []).append(reading._replace(found=found._replace(trace=None)))
        del reading, found  # the only hold on the trace is the list, from which it is taken when it has been read
    out = {}
    for category, mine in sorted(together.items()):
        made = _detail(chunk, mine, traces.pop(category, []), time_s)
        if made is not None:
            layout = mine[0].found.layout
            out[detail_name(category, layout.edition)] = made
    return state, out


def detail_name(category: int, edition: str) -> str:
    """Return the name of the columns of one edition of a category."""
    return f"CAT{category:03d}" if table(category).edition == edition else f"CAT{category:03d} edition {edition}"


@cache
def plans(category: int, edition: str) -> tuple[Plan, Plan | None]:
    """Return the columns of an edition, and those of its reserved expansion field where that is described."""
    layout = table(category, edition)
    field = expansion(category)
    # the field came with the present numbering of a category: CAT021 0.26 has another
    described = field is not None and edition.split(".", maxsplit=1)[0] == table(category).edition.split(".")[0]
    return Plan(layout), Plan(field, "re_") if field is not None and described else None


def _detail(chunk: Chunk, readings: Sequence[Reading], traces: list[Trace], time_s: float) -> Detail | None:
    """Return the records of one category; None where there is none. traces: of those readings whose records are all taken."""
    found = readings[0].found
    start, end, unit, take = (
        np.concatenate(parts) for parts in zip(*((r.found.start, r.found.end, r.unit, r.take) for r in readings), strict=True)
    )
    rows = np.flatnonzero(take)
    if len(readings) > 1:
        rows = rows[np.argsort(start[rows], kind="stable")]
    if not len(rows):
        return None
    held = np.logical_or.reduce([r.found.held for r in readings])
    plan, field = plans(found.layout.category, found.layout.edition)
    made = read_columns(plan, found.data, start[rows], end[rows], take[rows], held, traces if len(readings) == 1 else [])
    columns = list(made.columns)
    if field is not None:
        columns += _expansion(plan, field, found.data, made)
    receive_s = chunk.times_s[unit[rows][made.block]]
    return Detail((*_head(plan, made, chunk.offset, receive_s, time_s), *columns))


def _head(plan: Plan, made: Made, base_offset: int, receive_s: NDArray[np.float64], tick_s: float) -> list[Column]:
    """Return the columns that every category has."""
    by_name = {c.name: c for c in made.columns}
    resolved = _times(plan, by_name, Origin(receive_s, tick_s))
    out = [
        Column("offset", made.offset + base_offset, "byte", "where the record begins"),
        Column("receive_s", receive_s, "s", "when its unit was received"),
        Column("time_s", resolved, "s", "its time of day, of the day nearest to reception; without one, when it was received"),
    ]
    for name, what in (("sac", "system area code"), ("sic", "system identification code")):
        said = by_name.get(f"i010_{name}")
        values, present = (said.values, said.present) if said is not None else (made.none(np.uint8), made.none(np.bool_))
        out.append(Column(name, values, "", f"{what} of the sender", present))
    return out


def _times(plan: Plan, columns: dict[str, Column], origin: Origin) -> NDArray[np.float64]:
    """Return the time of every record: the first of its times of day that it holds and that is one."""
    layout = plan.layout
    said = np.full(len(origin.receive_s), np.nan)
    for item in time_items(layout.category, layout.edition):
        values = columns[f"i{item}"].values
        said = np.where(np.isnan(said) & (values < DAY_S), values, said)
    element = layout.element.get("141")
    if layout.category == 1 and element is not None and element.unit == "s":
        return origin.resolve_truncated(columns["i141"].values)
    return origin.resolve(said)


def _expansion(plan: Plan, field: Plan, data: NDArray[np.uint8], made: Made) -> tuple[Column, ...]:
    """Return the columns of the reserved expansion fields: absent where the field is not as its specification says."""
    at = made.places.get(plan.layout.slot.get("RE", -1))
    n = len(made.offset)
    take = np.full(n, -1, np.int64)
    if at is None:
        return read_columns(field, data, take, take, take, np.zeros(1 + len(field.layout.slots), np.bool_)).columns
    rows = np.flatnonzero(at >= 0)
    start, end = np.zeros(n, np.int64), np.zeros(n, np.int64)
    start[rows] = at[rows] + 1
    end[rows] = at[rows] + data[at[rows]]
    found = survey_of(field.layout, data, start[rows], end[rows])
    take[rows[found.whole == 1]] = 1
    return read_columns(field, data, start, end, take, found.held).columns
