"""Which values of asterix-decoder are which of ours, and where it is known to be wrong or to speak of another edition."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - values of any type
    """Yield (names, value) of everything that a record of the peer holds, but spare and extension bits."""
    if isinstance(node, list):
        return  # several an item: compared with libasterix only
    if "val" in node:
        yield path, node["val"]
        return
    for name, inside in node.items():
        if isinstance(inside, dict | list) and name.lower() not in {"fx", "spare"}:
            yield from leaves(inside, (*path, name))


def peer_values(category: int, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[tuple[str, Any, bool, str]]:
    """Yield (path, value, equal, reason) for every value of one record that both name alike."""
    for item, node in theirs.items():
        number = item[1:]
        if not item.startswith("I") or not isinstance(node, dict | list):
            continue
        prefix = "RE:" if number == "RE" else number
        mine = {p: v for p, v in ours.items() if p == number or p.startswith(f"{prefix}/" if number != "RE" else prefix)}
        mine = {p: v for p, v in mine.items() if " " not in p and not isinstance(v, bytes | list)}
        found = list(leaves(node))
        for names, value in found:
            path = _match(number, prefix, names, mine, len(found))
            if path is not None and value is not None:
                yield (path, value, *_equal(category, path, ours[path], value))


def _match(number: str, prefix: str, names: tuple[str, ...], mine: dict[str, Any], count: int) -> str | None:
    """Return our path of a value: that of the same name, or the only one of an item or subitem."""
    if count == 1 and len(mine) == 1:
        return next(iter(mine))
    by_name = {p.lower(): p for p in mine}
    start = prefix if number == "RE" else f"{number}/"
    for said in ("/".join(names), *(("/".join(names[:-1]),) if len(names) > 1 and names[-1].lower() == names[-2].lower() else ())):
        if (start + said).lower() in by_name:
            return by_name[(start + said).lower()]
    return None


FEET = "asterix-decoder gives the flight level in feet (its CAT062 1.18 has 25 ft a step)"
STEPS = "asterix-decoder counts in steps: its CAT001 1.2 has no 1/64 NM here"
ROUNDED = "asterix-decoder has the step 180/2^23 degrees to seven digits only"
CODES = "a six-bit code that is no letter: asterix-decoder writes a space, Tenere ?"


def _known(category: int, path: str, ours: Any, theirs: Any) -> str:  # noqa: ANN401 - values of any type
    """Return what explains two numbers that are not equal; empty where nothing does."""
    if (category, path) in {(62, "136"), (62, "135/CTB")} and math.isclose(ours * 100, theirs):
        return FEET
    if (category, path) in {(1, "042/X"), (1, "042/Y")} and ours * 64 == theirs:
        return STEPS
    if (category, path) in {(34, "120/LAT"), (34, "120/LON")} and math.isclose(ours, theirs, rel_tol=5e-7):
        return ROUNDED
    return ""


def _equal(category: int, path: str, ours: Any, theirs: Any) -> tuple[bool, str]:  # noqa: ANN401 - values of any type
    """Say whether two values are one, and what explains it where they are not."""
    if isinstance(theirs, str):
        if isinstance(ours, str):
            said = theirs.rstrip(" \0")
            return ours == said, CODES if ours.replace("?", " ").rstrip() == said else ""
        bases = {int(theirs, b) for b in (8, 10, 16) if _is_number(theirs, b)}
        return ours in bases, ""
    return math.isclose(float(ours), float(theirs), rel_tol=1e-9, abs_tol=1e-9), _known(category, path, ours, theirs)


def _is_number(text: str, base: int) -> bool:
    try:
        int(text, base)
    except ValueError:
        return False
    return True
