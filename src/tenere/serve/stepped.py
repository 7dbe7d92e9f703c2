"""The page's columns as whole steps, which is how they cross, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.page import LOGARITHMIC, SENT, PageLocal, PageRemote, PageTracks
from tenere.serve.packing import MISSING
from tenere.serve.reckon import logarithmic, unlogarithmic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Batch
    from tenere.page import Sent

MOST = 2**31 - 1
PLACE = {c.name: k for k, c in enumerate(SENT)}
"""Where each column stands in SENT."""


class Stepped(NamedTuple):
    """A picture's columns in the order of SENT: whole steps, or text."""

    columns: tuple[NDArray[Any], ...]

    @property
    def rows(self) -> int:
        """Return how many tracks."""
        return len(self.columns[0])

    def of(self, name: str) -> NDArray[Any]:
        """Return a column by its name."""
        return self.columns[PLACE[name]]

    def take(self, rows: NDArray[Any]) -> Stepped:
        """Return some rows."""
        return Stepped(tuple(c[rows] for c in self.columns))

    def between(self, first: int, end: int) -> Stepped:
        """Return the rows from first on, before end."""
        return Stepped(tuple(c[first:end] for c in self.columns))


def nothing(rows: int = 0) -> Stepped:
    """Return rows of zeros: what a new row is guessed to be."""
    return Stepped(tuple(np.zeros(rows, c.dtype if c.dtype.kind == "S" else np.int32) for c in SENT))


def to_steps(values: NDArray[Any], column: Sent) -> NDArray[Any]:
    """Return a column's values as whole steps."""
    if column.dtype.kind == "S":
        return values
    if column.dtype.kind != "f":
        return values.astype(np.int64).astype(np.int32)
    wide = values.astype(np.float64)
    steps = logarithmic(wide) if column.step == LOGARITHMIC else np.rint(wide / column.step)
    return np.where(np.isnan(steps), MISSING, np.clip(steps, -MOST, MOST)).astype(np.int32)


def from_steps(steps: NDArray[Any], column: Sent) -> NDArray[Any]:
    """Return the values of a column's whole steps."""
    if column.dtype.kind != "f":
        return steps.astype(column.dtype)
    values = unlogarithmic(steps) if column.step == LOGARITHMIC else steps * column.step
    return np.where(steps == MISSING, np.nan, values).astype(column.dtype)


def stepped(tracks: PageTracks, local: PageLocal, remote: PageRemote) -> Stepped:
    """Return the page's batches as steps, the short ones spread over the rows they name."""
    short: dict[type[Batch], Any] = {PageLocal: local, PageRemote: remote}
    columns = []
    for c in SENT:
        if c.batch is PageTracks:
            columns.append(to_steps(getattr(tracks, c.name), c))
            continue
        spread = np.full(len(tracks), b"" if c.dtype.kind == "S" else MISSING, c.dtype if c.dtype.kind == "S" else np.int32)
        spread[short[c.batch].row] = to_steps(getattr(short[c.batch], c.name), c)
        columns.append(spread)
    return Stepped(tuple(columns))


def unstepped(picture: Stepped) -> tuple[PageTracks, PageLocal, PageRemote]:
    """Return the page's batches of a picture in steps."""
    values = {c.name: from_steps(column, c) for c, column in zip(SENT, picture.columns, strict=True)}
    tracks = PageTracks(**{c.name: values[c.name] for c in SENT if c.batch is PageTracks})
    at = np.flatnonzero((picture.of("x_nm") != MISSING) & (picture.of("y_nm") != MISSING))
    named = np.flatnonzero(picture.of("remote_id") != b"")
    local = PageLocal.blank(len(at), row=at, x_nm=values["x_nm"][at], y_nm=values["y_nm"][at])
    return tracks, local, PageRemote.blank(len(named), row=named, remote_id=values["remote_id"][named])
