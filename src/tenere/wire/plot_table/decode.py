"""Tables of plots as a format: CSV line by line, Parquet file by file.

CSV is text of one kind from its header on. A Parquet file comes whole, as one unit; ``split`` gives a file that is replayed
further units of no bytes, one for each tenth of a second in which it has rows, and ``step`` hands out its rows as they come due.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Plots
from tenere.errors import Rejects, UsageError, WireError
from tenere.tick import Chunk
from tenere.wire import text_lines
from tenere.wire.decoded import Decoded
from tenere.wire.detail import Column, Detail
from tenere.wire.format import Format
from tenere.wire.plot_table import cells, rows
from tenere.wire.plot_table.mapping import Layout, Rule, headless, layout, rules_of
from tenere.wire.plot_table.names import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.wire.format import SourceHint
    from tenere.wire.plot_table.cells import Text

PARQUET = b"PAR1"
LONGEST = 16_384
DELIMITERS = b",;\t|"
STEP_S = 0.1
"""How finely the rows of a replayed Parquet file are handed out."""
SAME_S = 1e-3

NO_HEADER = "plots line before a header with a time and a position"
WIDTH = "plots row with another number of columns than its header"
QUOTE = "plots row with a quote that does not close"
ROW = "plots row"


@dataclass
class State:
    """One source: its mapping; the header in force, its columns and delimiter; the unfinished line; rows not due yet."""

    rules: dict[str, Rule]
    tail: text_lines.Tail = field(default_factory=text_lines.Tail)
    header: bytes = b""
    layout: Layout | None = None
    delimiter: int = DELIMITERS[0]
    waiting: Plots = field(default_factory=Plots.blank)


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing; raise UsageError for a mapping that is none, or another option."""
    for key in hint.options:
        if key not in {"mapping", "datagrams"}:
            raise UsageError(f"options.{key}: not an option of plots; there are mapping, datagrams")
    state = State(rules_of(hint.options), text_lines.Tail.of(hint.options))
    if headless(state.rules):
        most = max(r.number for r in state.rules.values())
        state.layout = layout([""] * most, state.rules)
    return state


# --- CSV ---


def cut(line: bytes) -> tuple[list[str], int]:
    """Return the cells of a header and its delimiter: the character of , ; tab | that it has most of."""
    delimiter = max(DELIMITERS, key=line.count)
    text = line.removeprefix(b"\xef\xbb\xbf").lstrip(b"# ").decode("utf-8", "replace")
    return [cell.strip().strip('"').strip() for cell in text.split(chr(delimiter))], delimiter


def _head(state: State, line: bytes) -> bool:
    """Take a line as the header where it can be one; say whether it was."""
    names, delimiter = cut(line)
    if len(names) > len(TARGETS) * 16 or len(names) < 2:
        return False
    found = layout(names, state.rules)
    if found is None:
        return False
    state.header, state.layout, state.delimiter = line, found, delimiter
    return True


def _numbered(state: State, where: Layout, line: bytes) -> Layout:
    """Return the layout of a table whose columns are named by number: its first row says how many there are."""
    state.delimiter = max(DELIMITERS, key=line.count)
    state.layout = where._replace(columns=max(line.count(bytes((state.delimiter,))) + 1, where.columns))
    state.header = b"\n"  # which no line is
    return state.layout


@dataclass(frozen=True)
class _Rows:
    """Rows of text under one header: what they say, and where each stands."""

    read: rows.Read
    offsets: NDArray[np.int64]
    references: NDArray[np.int64]
    receive_s: NDArray[np.float64]


def _text_rows(state: State, found: text_lines.Lines, rejects: Rejects) -> _Rows | None:
    """Read the rows of some lines; a header among them is taken, what is no row is counted."""
    begin = 0
    if state.layout is None:
        for i, line in enumerate(found.each()):
            if _head(state, line):
                begin = i + 1
                break
            rejects.add(NO_HEADER, int(found.offsets[i]))
        else:
            return None
    where = state.layout
    if where is None or begin == len(found):
        return None
    text = np.frombuffer(found.text, np.uint8)
    starts, ends = found.starts[begin:], found.ends[begin:]
    keep = np.ones(len(starts), np.bool_)
    if state.header:  # a header again, where files were put together
        same = np.flatnonzero(ends - starts == len(state.header))
        first = same[text[starts[same]] == state.header[0]]
        keep[[i for i in first.tolist() if found.text[starts[i] : ends[i]] == state.header]] = False
    else:
        where = _numbered(state, where, found.text[int(starts[0]) : int(ends[0])])
    columns, status = _cells(text, starts, ends, state.delimiter, where)
    for code, reason in ((cells.WIDTH, WIDTH), (cells.QUOTE, QUOTE)):
        bad = (status == code) & keep
        if bad.any():
            rejects.add(reason, int(found.offsets[begin:][bad][0]), int(bad.sum()))
    keep &= status == cells.GOOD
    if not keep.all():
        columns = {name: c._replace(first=c.first[keep], last=c.last[keep]) for name, c in columns.items()}
    n = int(keep.sum())
    got = rows.read(columns, where, n)
    offsets = found.offsets[begin:][keep]
    rows.count(got, offsets, rejects)
    return _Rows(got, offsets, found.references[begin:][keep], found.receive_s[begin:][keep])


def _cells(
    text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], delimiter: int, where: Layout
) -> tuple[dict[str, Text], NDArray[np.uint8]]:
    """Return the wanted cells of rows by target, and whether each row is whole."""
    wanted = sorted({f.column for f in where.found.values()})
    slot = np.full(where.columns, -1, np.int64)
    slot[wanted] = np.arange(len(wanted))
    n = len(starts)
    first, last, status = np.zeros((len(wanted), n), np.int64), np.zeros((len(wanted), n), np.int64), np.zeros(n, np.uint8)
    cells.find(text, starts, ends, delimiter, slot, first, last, status)
    return {t: cells.Text(text, first[slot[f.column]], last[slot[f.column]]) for t, f in where.found.items()}, status


# --- Parquet ---


def _files(chunk: Chunk) -> list[tuple[int, int, float]]:
    """Return where each unit of some bytes begins and ends, and when it came."""
    begins = np.concatenate([np.zeros(1, np.int64), chunk.ends[:-1]])
    some = chunk.ends > begins
    return list(zip(begins[some].tolist(), chunk.ends[some].tolist(), chunk.times_s[some].tolist(), strict=True))


def _is_parquet(state: State, chunk: Chunk) -> bool:
    """Say whether a chunk holds Parquet files: it begins as one does, and no text is under way."""
    return chunk.data[:4] == PARQUET and not state.tail.rest and not state.tail.skipping


def _file_plots(state: State, data: bytes, offset: int, receive_s: float, tick_time_s: float, decoded: Decoded) -> Plots:
    """Return the plots of one Parquet file; what is refused is counted."""
    from tenere.wire.plot_table import parquet  # noqa: PLC0415 - Arrow takes long to load, and text needs none of it

    try:
        file = parquet.open_file(data)
        if not state.rules and parquet.is_own(file):
            plots, bad = parquet.own_plots(file)
            decoded.rejects.add(parquet.BAD_PLOT, offset, bad)
            decoded.records[ROW] += len(plots) + bad
            return plots
        columns, where, n = parquet.columns_of(file, state.rules)
        got = rows.read(columns, where, n)
    except WireError as e:
        decoded.rejects.add(e.reason, offset)
        return Plots.blank()
    rows.count(got, np.full(n, offset), decoded.rejects)
    decoded.records[ROW] += n
    near_s = np.full(n, tick_time_s if np.isnan(receive_s) else receive_s)
    return rows.plots(got, rows.times_of(got, near_s), np.full(n, receive_s), np.zeros(n, np.int64))


def _take_files(state: State, chunk: Chunk, tick_time_s: float, decoded: Decoded) -> list[Plots]:
    """Return the plots of the files in a chunk that are due at once; those of a file that is replayed wait for their time."""
    due = []
    for begin, end, receive_s in _files(chunk):
        plots = _file_plots(state, chunk.data[begin:end], chunk.offset + begin, receive_s, tick_time_s, decoded)
        if len(plots) and abs(float(np.nanmin(plots.time_s)) - receive_s) < SAME_S:  # it is timed by its own rows: a replay
            state.waiting = Plots.concat([state.waiting, plots.take(np.argsort(plots.time_s, kind="stable"))])
        else:
            due.append(plots)
    return due


def _texts(state: State, chunk: Chunk) -> Iterator[tuple[text_lines.Lines, bool]]:
    """Yield the lines of each text in a chunk, and whether it has ended: the next one has a header of its own."""
    begin = first = 0
    stops = np.flatnonzero(text_lines.empty_units(chunk)).tolist()
    for stop in [*stops, len(chunk.ends)]:
        ended = stop < len(chunk.ends)
        last = stop + 1 if ended else stop
        if last > first:
            end = int(chunk.ends[last - 1])
            ends, times_s = chunk.ends[first:last] - begin, chunk.times_s[first:last]
            part = Chunk(chunk.source, chunk.data[begin:end], ends, times_s, chunk.offset + begin)
            found = text_lines.lines(state.tail, part, LONGEST)
            yield replace(found, before=found.before - begin), ended
            begin, first = end, last


def _forget(state: State) -> None:
    """Forget the header of a text that has ended, unless its columns are told by number."""
    if not headless(state.rules):
        state.header, state.layout = b"", None


# --- the format ---


def step(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent: reads of text cut anywhere, or whole Parquet files. The state is reused."""
    decoded = Decoded()
    parts = []
    if _is_parquet(state, chunk):
        parts = _take_files(state, chunk, tick_time_s, decoded)
    for found, ended in () if _is_parquet(state, chunk) else _texts(state, chunk):
        decoded.rejects.merge(found.rejects)
        got = _text_rows(state, found, decoded.rejects)
        if ended:
            _forget(state)
        if got is not None:
            near_s = np.where(np.isnan(got.receive_s), tick_time_s, got.receive_s)
            parts.append(rows.plots(got.read, rows.times_of(got.read, near_s), got.receive_s, got.references))
            decoded.records[ROW] += len(got.offsets)
    if len(state.waiting):
        count = int(np.searchsorted(state.waiting.time_s, tick_time_s, side="right"))
        parts.append(state.waiting.take(slice(0, count)))
        state.waiting = state.waiting.take(slice(count, None))
    decoded.plots = Plots.concat(parts)
    decoded.addresses = frozenset(np.unique(decoded.plots.address[decoded.plots.address > 0]).tolist())
    return state, decoded


def details(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return the table "plots": what every whole row says, in SI, whether or not it makes a plot."""
    parts: list[Detail] = []
    if _is_parquet(state, chunk):
        parts = _file_details(state, chunk, tick_time_s)
    for found, ended in () if _is_parquet(state, chunk) else _texts(state, chunk):
        got = _text_rows(state, found, Rejects())
        if ended:
            _forget(state)
        if got is not None:
            parts.append(_detail(got.read, got.offsets, got.receive_s, tick_time_s))
    empty = _detail(rows.read({}, Layout({}, {}, 0), 0), np.zeros(0, np.int64), np.zeros(0), tick_time_s)
    return state, {"plots": Detail.concat([*parts, empty])}


def _file_details(state: State, chunk: Chunk, tick_time_s: float) -> list[Detail]:
    """Return the rows of the Parquet files in a chunk; those that do not read have none."""
    from tenere.wire.plot_table import parquet  # noqa: PLC0415 - Arrow takes long to load, and text needs none of it

    parts = []
    for begin, end, receive_s in _files(chunk):
        try:
            columns, where, n = parquet.columns_of(parquet.open_file(chunk.data[begin:end]), state.rules)
        except WireError:
            continue
        parts.append(_detail(rows.read(columns, where, n), np.full(n, chunk.offset + begin), np.full(n, receive_s), tick_time_s))
    return parts


def _detail(got: rows.Read, offsets: NDArray[np.int64], receive_s: NDArray[np.float64], tick_time_s: float) -> Detail:
    """Return what rows say as a table whose columns are always the same."""
    n = len(offsets)
    near_s = np.where(np.isnan(receive_s), tick_time_s, receive_s)
    columns = [
        Column("offset", offsets, "", "byte offset of the record in what its source delivered"),
        Column("receive_s", receive_s, "s", "receive time"),
        Column("time_s", rows.times_of(got, near_s), "s", "time of the row, else receive time"),
        Column("accepted", got.good.astype(np.int8), "", "1 it makes a plot"),
    ]
    si = {"length": "m", "angle": "rad", "speed": "m/s"}
    for target, t in TARGETS.items():
        if target == "time":
            continue
        if t.quantity == "text":
            column = Column(target, got.texts.get(target, np.zeros(n, f"S{rows.TEXT_WIDTH[target]}")), "", t.doc)
        else:
            values = got.values.get(target, np.full(n, np.nan))
            there = ~np.isnan(values)
            if t.quantity in si:
                column = Column(target, values, si[t.quantity], t.doc)
            else:
                column = Column(target, np.where(there, values, -1).astype(np.int32), "", t.doc, there)
        columns.append(column)
    return Detail(tuple(columns))


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the units of a file as `split_as` does, by well-known names."""
    return split_as(data, None)


def split_as(data: bytes, hint: SourceHint | None) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line (CSV), or of a whole file and then of each tenth of a second in it (Parquet).

    hint: the source's, for its mapping; without it only well-known names are known, and a table of others has no times.
    """
    state = State({}) if hint is None else init(hint)
    if data[:4] == PARQUET:
        times_s = _due_times(state, data)
        return np.full(len(times_s), len(data), np.int64), times_s, Rejects()
    ends = text_lines.ends_of(data)
    times_s = np.full(len(ends), np.nan)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    begin = 0  # the first row
    while state.layout is None and begin < len(ends):
        if ends[begin] - starts[begin] <= LONGEST:
            _head(state, _line(data, starts[begin], ends[begin]))
        begin += 1
    where = state.layout
    if where is None or "time" not in where.found or begin == len(ends):
        return ends, times_s, Rejects()
    if not state.header:
        where = _numbered(state, where, _line(data, starts[begin], ends[begin]))
    text = np.frombuffer(data, np.uint8)
    stops = ends[begin:].copy()
    for ending in (0x0A, 0x0D):
        stops -= (stops > starts[begin:]) & (text[np.maximum(stops - 1, 0)] == ending)
    only = where._replace(found={"time": where.found["time"]})
    columns, status = _cells(text, starts[begin:], stops, state.delimiter, only)
    got = rows.read(columns, only._replace(constants={}), len(stops))
    times_s[begin:] = np.where(status == cells.GOOD, got.values["time"], np.nan)
    return ends, times_s, Rejects()


def _line(data: bytes, first: int, end: int) -> bytes:
    return data[first:end].rstrip(b"\r\n")


def _due_times(state: State, data: bytes) -> NDArray[np.float64]:
    """Return when the rows of a Parquet file come due: the first, then the last of each tenth of a second; NaN where none has a time."""
    decoded = Decoded()
    times_s = _file_plots(state, data, 0, np.nan, np.nan, decoded).time_s
    times_s = np.sort(times_s[np.isfinite(times_s)])
    if not len(times_s):
        return np.array([np.nan])
    last = np.append(np.diff(np.floor(times_s / STEP_S)) > 0, True)
    return np.concatenate([times_s[:1], times_s[last]])


def likeness(head: bytes) -> float:
    """Return 1 for a Parquet file; else, where there is a header of plots, the share of the bytes in rows that read."""
    if head[:4] == PARQUET:
        return 1.0
    state = State({})
    body: list[bytes] = []
    before = 0
    for line in head.split(b"\n"):
        if state.layout is not None:
            body.append(line.rstrip(b"\r"))
        elif len(line) <= LONGEST and before < MOST_BEFORE:
            _head(state, line.rstrip(b"\r"))
            before += state.layout is None
        else:
            return 0.0
    if state.layout is None:
        return 0.0
    sizes = np.array([len(line) for line in body], np.int64)
    if not sizes.any():
        return 1.0
    ends = np.cumsum(sizes + 1) - 1
    columns, status = _cells(np.frombuffer(b"\n".join(body) + b"\n", np.uint8), ends - sizes, ends, state.delimiter, state.layout)
    got = rows.read(columns, state.layout, len(body))
    good = status == cells.GOOD
    for reason, mask in got.wrong.items():
        if reason not in {rows.NO_POSITION, rows.NO_TIME}:
            good &= ~mask
    counted = sizes > 0
    counted[-1] &= good[-1]  # it may be cut
    return float(sizes[good & counted].sum() / max(sizes[counted].sum(), 1))


MOST_BEFORE = 20
"""Lines in which a header must stand for a file to be known by it."""

FORMAT = Format("plots", init, step, split, likeness, details, split_as)
