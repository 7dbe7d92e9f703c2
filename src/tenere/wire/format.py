"""What a format is: how bytes of one source become columns. Built-ins and plugins register alike."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.tick import Chunk
    from tenere.wire.decoded import Decoded


class SourceHint(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a source before its first byte."""

    receiver_lat_rad: float = float("nan")
    receiver_lon_rad: float = float("nan")


class Format(NamedTuple):
    """One format: a decoder with its state apart, and how to recognise and split a file of it.

    init(hint) -> state of one source.
    step(state, chunk, time_s) -> (state, decoded); it may reuse the state it is given.
    split(data) -> (ends, times_s, rejects): units of a whole file and the data time of each, NaN where it says none.
    likeness(head) -> 0..1: how much the first bytes of a file look like this format.
    """

    name: str
    init: Callable[[SourceHint], Any]
    step: Callable[[Any, Chunk, float], tuple[Any, Decoded]]
    split: Callable[[bytes], tuple[NDArray[np.int64], NDArray[np.float64], Rejects]]
    likeness: Callable[[bytes], float]


GROUP = "tenere.formats"


def load(name: str) -> Format:
    """Return a format by name; raise TenereError naming those there are."""
    found = entry_points(group=GROUP, name=name)
    for point in found:
        made: Format = point.load()
        return made
    known = ", ".join(sorted(names()))
    raise TenereError(f"no format named {name!r}: installed are {known}")


def names() -> list[str]:
    """List the names of the installed formats, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})
