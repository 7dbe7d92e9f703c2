"""The reference pages of ASTERIX: every element of every item, from the tables, and where the picture uses it, from the code."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import TYPE_CHECKING

from tenere.wire.asterix import check, detail, plots, status, system, tables
from tenere.wire.asterix.tables import known_categories, table

if TYPE_CHECKING:
    from types import FunctionType

    from tenere.wire.asterix.detail_plan import Field, Plan

LAYOUT_COLUMNS = {"time": "time_s", "message": "message", "azimuth": "azimuth_rad", "period": "period_s", "nogo": "nogo", "bad": "degraded"}


def uses(category: int) -> dict[str, list[str]]:
    """Return the columns of the picture's batches that each element of a category reaches: path -> ["range_m", ...]."""
    found: dict[str, list[str]] = {}
    function = system.system_tracks if category == 62 else plots.PLOTS.get(category)
    if function is not None:
        _of_function(function, found)  # type: ignore[arg-type] # they are plain functions
    layout = status.LAYOUTS.get(category)
    if layout is not None:
        for field, column in LAYOUT_COLUMNS.items():
            said = getattr(layout, field)
            for path in [said] if isinstance(said, str) else [p for p, _ in said]:
                _note(found, path, column)
        for path, column in zip(layout.position or (), ("lat_rad", "lon_rad", "height_m"), strict=False):
            _note(found, path, column)
        for part in ("SAC", "SIC"):
            _note(found, f"{layout.about}/{part}", "sac_sic")
    return found


def _note(found: dict[str, list[str]], path: str, column: str) -> None:
    if path and column not in found.setdefault(path, []):
        found[path].append(column)


def _of_function(function: FunctionType, found: dict[str, list[str]]) -> None:
    """Follow the element paths of a mapping function to the columns that it fills."""
    body = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(body, ast.FunctionDef)
    held: dict[str, set[str]] = {}
    for node in body.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            paths = _paths(value, held)
            pair = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "pair"
            if isinstance(target, ast.Tuple):
                each = [{a.value} if pair and isinstance(a, ast.Constant) else paths for a in getattr(value, "args", [])] if pair else []
                for k, name in enumerate(target.elts):
                    assert isinstance(name, ast.Name)
                    held[name.id] = {str(p) for p in each[k]} if pair else paths
            elif isinstance(target, ast.Name):
                held[target.id] = paths
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            for path in sorted(_paths(node.value, held)):
                _note(found, path, "flags")
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            for keyword in node.value.keywords:
                for path in sorted(_paths(keyword.value, held)):
                    _note(found, path, str(keyword.arg))


def _paths(node: ast.AST, held: dict[str, set[str]]) -> set[str]:
    """Return the element paths that an expression reads, itself or through names."""
    out: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            out.add(inner.value)
        elif isinstance(inner, ast.Name):
            out |= held.get(inner.id, set())
            if inner.id == "source":
                out |= {"010/SAC", "010/SIC"}
    return out


def _number(value: float) -> str:
    return f"{value:.10g}"


def _range(category: int, field: Field) -> str:
    """Return from where to where the picture takes an element's values; empty where any bits will do."""
    if field.element is None:
        return ""
    rule = check.rule_of(category, field.element)
    return f"{_number(rule.low)} to {_number(rule.high)}" if rule is not None else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "&#124;").replace("<", "&lt;")


def _rows(category: int, plan: Plan, used: dict[str, list[str]]) -> list[str]:
    out = []
    for field in plan.fields:
        e = field.element
        if e is None:
            item, bits, lsb = plan.layout.slots[field.slot], "bytes", ""
        else:
            item, bits = e.path, f"{e.width}{' signed' if e.signed else ''}"
            lsb = _number(e.lsb) if e.content == "quantity" else ""
        where = ", ".join(f"`{c}`" for c in used.get(item, [])) if not plan.prefix else ""
        name = f"`{field.name}`" + (" (list)" if e is not None and e.repeated else "")
        cells = (f"{item}", name, bits, field.unit, lsb, _range(category, field), where)
        out.append("| " + " | ".join(_cell(c) for c in cells) + " |")
    return out


HEAD = ["| item | column | bits | unit | LSB | range | used as |", "| --- | --- | --- | --- | --- | --- | --- |"]


def category_page(category: int, made: str) -> str:
    """Return the page of one category."""
    layout = table(category)
    used = uses(category)
    plan, expansion = detail.plans(category, layout.edition)
    others = [e for e in tables.editions()[category] if e != layout.edition]
    out = [
        f"# CAT{category:03d}",
        "",
        made,
        "",
        f"Edition {layout.edition}, as libasterix describes it."
        + (f" Also readable: {', '.join(others)} (`options.editions`)." if others else ""),
        "Every column beside `offset`, `receive_s`, `time_s`, `sac` and `sic`, in the order of the user application profile.",
        "*Range*: what the picture takes; what lies outside is counted, and still stands in the tables of `tenere decode --to`.",
        "*Used as*: the columns of [plots, system tracks or status](../columns.md) that it reaches; empty: read into tables only.",
        "",
        *HEAD,
        *_rows(category, plan, used),
        "",
    ]
    if expansion is not None:
        out += [
            "## Reserved expansion field",
            "",
            "Decoded from `RE` where it reads whole; absent otherwise, and always kept as bytes in `re`.",
            "",
            *HEAD,
            *_rows(category, expansion, {}),
            "",
        ]
    return "\n".join(out)


def names() -> list[str]:
    """List the pages, by name under docs/reference."""
    return ["asterix.md", *(f"asterix/cat{category:03d}.md" for category in known_categories())]


@cache
def pages(made: str) -> dict[str, str]:
    """Return every page: name under docs/reference -> text. made: the line that says where it comes from."""
    out = {}
    index = [
        "# ASTERIX items",
        "",
        made,
        "",
        "Every category that libasterix describes, item by item: name of the column in `tenere decode --to parquet`, bits, unit, what the",
        "last bit is worth, range, and where the picture uses it. How a column is named: `040/RHO` is `i040_rho`; an element of the",
        "reserved expansion field begins with `re_`. What each item is called and what its values mean stands in the field metadata of",
        "the Parquet files; the specifications themselves are EUROCONTROL-SPEC-0149.",
        "",
        "| category | edition | columns | becomes |",
        "| --- | --- | --- | --- |",
    ]
    for category in known_categories():
        layout = table(category)
        name = f"asterix/cat{category:03d}.md"
        plan, expansion = detail.plans(category, layout.edition)
        count = len(plan.fields) + (len(expansion.fields) if expansion is not None else 0)
        becomes = [
            what
            for what, there in (
                ("plots", category in plots.PLOTS),
                ("system tracks", category == 62),
                ("status", category in status.LAYOUTS),
            )
            if there
        ]
        index.append(f"| [CAT{category:03d}]({name}) | {layout.edition} | {count} | {', '.join(becomes) or 'tables only'} |")
        out[name] = category_page(category, made)
    out["asterix.md"] = "\n".join([*index, ""])
    return out
