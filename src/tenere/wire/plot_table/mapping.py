"""Which column of a table says what: by a mapping from the options of a source, else by well-known names.

A mapping is a table, target by target: ``time = {column = "ts", unit = "ms"}``; ``lat = "Latitude"``, a bare name, in the
unit that the name is known by; ``mode_a = {unit = "decimal"}``, a well-known name with another unit; ``range = {column = 4,
unit = "NM"}``, the fourth column (where all are numbers the file has no header); ``kind = {value = "psr"}``, for all rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tenere.errors import UsageError
from tenere.wire.plot_table.names import BY_NAME, FEET_BESIDE, KINDS, TARGETS, UNITS, plain, readings, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Rule(NamedTuple):
    """How one target is to be found: by a column's name, by its number from 1, or not at all but as a value. unit "": as known."""

    column: str = ""
    number: int = 0
    unit: str = ""
    value: float | str | None = None


class Found(NamedTuple):
    """Where a table says something: a column (from 0) and its unit."""

    column: int
    unit: str


class Layout(NamedTuple):
    """What a table says and where. constants: target -> value in SI, text for callsign and remote_id."""

    found: dict[str, Found]
    constants: dict[str, float | str]
    columns: int

    @property
    def placed(self) -> bool:
        """Say whether the table says where things are."""
        said = {*self.found, *self.constants}
        return any(said.issuperset(pair) for pair in (("lat", "lon"), ("range", "azimuth"), ("x", "y")))


def rules_of(options: Mapping[str, Any]) -> dict[str, Rule]:
    """Return the rules of the option mapping; raise UsageError naming what is wrong with them."""
    given = options.get("mapping", {})
    if not isinstance(given, dict):
        raise UsageError('options.mapping: must be a table such as {time = "ts", lat = "Latitude"}')
    rules = {}
    for name, said in given.items():
        if name not in TARGETS:
            raise UsageError(f"mapping: {name!r} is nothing that a plot has; there are {', '.join(TARGETS)}")
        rules[name] = _rule(name, said)
    return rules


def _rule(name: str, said: object) -> Rule:
    if isinstance(said, str):
        said = {"column": said}
    if not isinstance(said, dict) or not said or not {"column", "unit", "value"}.issuperset(said):
        raise UsageError(f"mapping of {name}: a column's name, or a table of column, unit and value")
    column: object = said.get("column", "")
    unit, value = said.get("unit", ""), said.get("value")
    quantity = TARGETS[name].quantity
    known = unit_of(quantity, unit) if isinstance(unit, str) and unit else ""
    if known is None or not isinstance(unit, str):
        others = ", ".join(u for u in UNITS[quantity] if u) or "any, for it has none"
        raise UsageError(f"mapping of {name}: unit {unit!r} is none of {others}")
    number = 0
    if isinstance(column, int) and not isinstance(column, bool):
        number, column = column, ""
        if not 1 <= number <= MOST_COLUMNS:
            raise UsageError(f"mapping of {name}: columns are numbered from 1 to {MOST_COLUMNS}")
    if not isinstance(column, str):
        raise UsageError(f"mapping of {name}: column is a name or a number")
    if value is not None:
        if column or number:
            raise UsageError(f"mapping of {name}: a column or a value, not both")
        value = _constant(name, value, known)
    return Rule(column, number, known, value)


MOST_COLUMNS = 1024


def _constant(name: str, value: object, unit: str) -> float | str:
    """Return a constant in SI; raise UsageError where it is out of range or no such value."""
    target = TARGETS[name]
    if target.quantity == "kind":
        if isinstance(value, str) and value.lower() in KINDS:
            return float(KINDS[value.lower()])
        raise UsageError(f"mapping of kind: {value!r} is none of {', '.join(KINDS)}")
    if target.quantity == "text":
        if isinstance(value, str):
            return value
        raise UsageError(f"mapping of {name}: a text")
    if target.quantity == "flag" and isinstance(value, bool):
        return float(value)
    try:
        if target.quantity in {"address", "code"}:
            base = int(UNITS[target.quantity][unit or next(iter(UNITS[target.quantity]))])
            number = float(int(value, base) if isinstance(value, str) else int(str(value), base))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value) * (UNITS[target.quantity][unit or next(iter(UNITS[target.quantity]))] or 1.0)
        else:
            raise ValueError  # noqa: TRY301 - one message for all
    except (ValueError, OverflowError):
        raise UsageError(f"mapping of {name}: value {value!r} does not read") from None
    if not target.low <= number <= target.high:
        raise UsageError(f"mapping of {name}: value {value!r} is out of range")
    return number


def headless(rules: Mapping[str, Rule]) -> bool:
    """Say whether a mapping needs no header: it names columns, and all by number."""
    named = [r for r in rules.values() if r.value is None]
    return bool(named) and all(r.number for r in named)


def layout(header: Sequence[str], rules: Mapping[str, Rule]) -> Layout | None:
    """Return where a table with this header says what, None where it is no header of plots (no position in it)."""
    by_plain: dict[str, int] = {}
    for i, name in enumerate(header):
        by_plain.setdefault(plain(name), i)
    best: dict[str, tuple[int, int, str]] = {}
    bare = {plain(name) for name in header}
    for i, name in enumerate(header):
        for text, stated in readings(name):
            known = BY_NAME.get(text)
            if known is None:
                continue
            target, unit, rank = known
            says = unit_of(TARGETS[target].quantity, stated) if stated else unit
            if says is None:
                continue
            if text == "geoaltitude" and not stated and FEET_BESIDE & bare:
                says = "ft"
            if target not in best or rank < best[target][0]:
                best[target] = (rank, i, says)
            break
    found: dict[str, Found] = {target: Found(i, unit) for target, (_, i, unit) in best.items()}
    constants: dict[str, float | str] = {}
    for target, rule in rules.items():
        if rule.value is not None:
            constants[target] = rule.value
            found.pop(target, None)
        elif rule.number or rule.column:
            at = rule.number - 1 if rule.number else _at(header, by_plain, rule.column)
            if at < 0 or at >= len(header):
                return None
            found[target] = Found(at, rule.unit or _unit_by_name(target, header[at]))
        elif target in found:
            found[target] = found[target]._replace(unit=rule.unit)
    made = Layout({t: found[t] for t in TARGETS if t in found}, constants, len(header))
    sure = rules or ("time" in made.found and ("lat" in made.found or "range" in made.found))  # x, y could be anything
    return made if made.placed and sure else None


def _at(header: Sequence[str], by_plain: Mapping[str, int], column: str) -> int:
    """Return where a column stands: by its very name, else by its plain one; -1: nowhere."""
    for i, name in enumerate(header):
        if name.strip() == column:
            return i
    return by_plain.get(plain(column), -1)


def _unit_by_name(target: str, name: str) -> str:
    """Return the unit that a column's name states, or is known by for that target; else the first of its quantity."""
    quantity = TARGETS[target].quantity
    for text, stated in readings(name):
        said = unit_of(quantity, stated) if stated else None
        if said:
            return said
        known = BY_NAME.get(text)
        if known is not None and known[0] == target and not stated:
            return known[1]
    return next(iter(UNITS[quantity]))
