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
    from tenere.wire.detail import Detail


class SourceHint(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a source before its first byte."""

    receiver_lat_rad: float = float("nan")
    receiver_lon_rad: float = float("nan")
    options: dict[str, Any] = {}
    """What the source's ``options`` say, for its format to read; init raises UsageError for what it cannot use."""


class Format(NamedTuple):
    """One format: a decoder with its state apart, and how to recognise and split a file of it.

    init(hint) -> state of one source.
    step(state, chunk, time_s) -> (state, decoded); it may reuse the state it is given.
    split(data) -> (ends, times_s, rejects): units of a whole file and the data time of each, NaN where it says none.
    likeness(head) -> 0..1: how much the first bytes of a file look like this format.
    details(state, chunk, time_s) -> (state, name -> Detail): every field of every record as columns ("CAT048", "DF17"),
    each name always with the same columns, and of a chunk without a byte every name there is (but for those of ASTERIX); its
    state is an init of its own, never one that step has had.
    split_as(data, hint): split, where it needs to know the source's options.
    """

    name: str
    init: Callable[[SourceHint], Any]
    step: Callable[[Any, Chunk, float], tuple[Any, Decoded]]
    split: Callable[[bytes], tuple[NDArray[np.int64], NDArray[np.float64], Rejects]]
    likeness: Callable[[bytes], float]
    details: Callable[[Any, Chunk, float], tuple[Any, dict[str, Detail]]] | None = None
    split_as: Callable[[bytes, SourceHint], tuple[NDArray[np.int64], NDArray[np.float64], Rejects]] | None = None


GROUP = "tenere.formats"


def load(name: str) -> Format:
    """Return a format by name; raise TenereError naming those there are, or what keeps it from loading."""
    for point in entry_points(group=GROUP, name=name):
        try:
            made = point.load()
        except Exception as e:  # a plugin may raise anything; it must not keep the others from working
            raise TenereError(f"format {name!r} cannot be loaded: {e}") from e
        if not isinstance(made, Format):
            raise TenereError(f"format {name!r} cannot be loaded: {point.value} is no tenere.wire.format.Format")
        return made
    known = ", ".join(sorted(names()))
    raise TenereError(f"no format named {name!r}: installed are {known}")


def names() -> list[str]:
    """List the names of the installed formats, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})
