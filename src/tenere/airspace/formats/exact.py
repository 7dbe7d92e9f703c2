"""What a format's own fields cannot say of a volume, kept beside them where the format has a place for more.

Beside its own fields a feature holds those of the volume that the format would give back otherwise: a schedule, a buffer, a circle drawn as
points. They count only while the format's own fields are what we would write of the volume: where another program changed those, they are
taken as they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tenere.airspace import sanity
from tenere.airspace.limits import AirspaceError
from tenere.airspace.setting import tree_of, volume_of

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

    from tenere.airspace.formats.reading import Gathered
    from tenere.airspace.model import Volume

KEY = "tenere"
CHANGED = "changed by another program since Tenere wrote it: taken as it stands"


def beside(volume: Volume, plain: Callable[[Volume], Sequence[Volume]], own: Counter[str] | None = None) -> dict[str, Any]:
    """Return what must stand beside a volume's own fields; plain: what these alone give back of it. own: counts the fields."""
    whole, back = tree_of(volume), plain(volume)
    theirs = tree_of(back[0]) if len(back) == 1 else {}
    out = {key: whole.get(key) for key in (*whole, *(k for k in theirs if k not in whole)) if whole.get(key) != theirs.get(key)}
    if own is not None:
        own.update(k for k in (out if theirs else ("shape",)) if k not in ("id", "name"))
    return out


def restored(read: Sequence[Volume], held: Any, plain: Callable[[Volume], Sequence[Volume]]) -> Volume | None:  # noqa: ANN401 - a file's tree
    """Return the volume that a feature's fields and what stands beside them make; None: they do not belong together."""
    if not isinstance(held, dict):
        return None
    try:
        base = tree_of(sanity.settled(read[0])) if len(read) == 1 else {}
        volume = volume_of({**base, **held})
        back = plain(volume)
    except (AirspaceError, ValueError, OverflowError):
        return None
    ours = [msgspec.structs.replace(sanity.settled(v), id="-", name="-") for v in back]
    theirs = [msgspec.structs.replace(sanity.settled(v), id="-", name="-") for v in read]
    return volume if ours == theirs else None


def gather(
    found: Gathered,
    where: str,
    name: str,
    read: Callable[[list[str]], list[Volume]],
    held: Any,  # noqa: ANN401 - a file's tree
    plain: Callable[[Volume], Sequence[Volume]],
) -> None:
    """Gather the volumes of one feature, or refuse it.

    read: gives those of its own fields; held: what stands beside them, None for nothing.
    """
    odd: list[str] = []
    try:
        made = read(odd)
    except AirspaceError as e:
        found.refuse(where, name, str(e))
        return
    if held is not None:
        whole = restored(made, held, plain)
        odd += [] if whole is not None else [CHANGED]
        made = made if whole is None else [whole]
    for reason in odd:
        found.note(reason, where, name)
    for v in made:
        found.add(v, where, v.id)
