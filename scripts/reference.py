"""Write the reference pages that are made from the code.

    python -m scripts.reference            write docs/reference/*.md
    python -m scripts.reference --check    write nothing; exit 1 where a page is stale

Each page is a pure function of the code, so ``tests/docs`` can hold what is committed to what the code says now.
"""

from __future__ import annotations

import argparse
import ast
import enum
import inspect
import math
import sys
import textwrap
import types
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from scripts import reference_asterix, reference_details, reference_http
from tenere import cli, identify, schema, watch, words
from tenere.batch import Identity, Severity
from tenere.config import BOUNDS, Config
from tenere.identify import orders, reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
MADE = "Made by `make docs` from the code: change the code, not this page."


# --- configuration ---------------------------------------------------------------------------------------------------


class Setting(NamedTuple):
    """One key of a site file."""

    table: str
    key: str
    type: str
    default: str
    meaning: str


class Table(NamedTuple):
    """One table of a site file: its TOML heading, what it is for, its keys."""

    heading: str
    meaning: str
    settings: list[Setting]


def meanings(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstring that stands after each field of a struct, in one line; fields without one are left out."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    assert isinstance(tree, ast.ClassDef)
    out = {}
    for field, after in zip(tree.body, tree.body[1:], strict=False):
        said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(said, str):
            out[field.target.id] = one_line(said)
    return out


def one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


def struct_of(kind: Any) -> tuple[type[msgspec.Struct] | None, bool]:  # noqa: ANN401 - a type annotation
    """Return the struct that an annotation holds, and whether it holds several; (None, False) for a plain value."""
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple and isinstance(arguments[0], type) and issubclass(arguments[0], msgspec.Struct):
        return arguments[0], True
    if typing.get_origin(kind) in {typing.Union, types.UnionType}:
        kind = next(k for k in arguments if k is not type(None))
    return (kind, False) if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else (None, False)


def type_words(kind: Any) -> str:  # noqa: ANN401 - a type annotation
    """Name a type as a writer of TOML knows it."""
    if typing.get_origin(kind) is dict:
        return "inline table"
    if typing.get_origin(kind) is typing.Literal:
        return "one of " + ", ".join(f'`"{v}"`' for v in typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        inner = type_words(typing.get_args(kind)[0])
        if inner.startswith("list of "):
            return f"list of lists of {inner.removeprefix('list of ')}"
        return f"list of {inner.removeprefix('one of ')}" if inner.startswith("one of") else f"list of {inner}s"
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return "one of " + ", ".join(f'`"{v}"`' for v in kind)
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}[kind]


def span(bounds: tuple[float, float] | None) -> str:
    """Say from where to where a number may go; nothing where that is not bounded."""
    return f", {plain(bounds[0])} to {plain(bounds[1])}" if bounds else ""


def plain(value: float) -> str:
    """Write a number without an exponent where that is short."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e10 else f"{value:g}"


def default_of(field: msgspec.structs.FieldInfo) -> Any:  # noqa: ANN401 - any default
    """Return the default of a setting, also where it is made anew each time."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def default_words(value: Any) -> str:  # noqa: ANN401 - any default
    """Write a default as TOML would, or say that there is none."""
    if value is msgspec.NODEFAULT:
        return "required"
    if isinstance(value, float):
        return "not given" if math.isnan(value) else f"`{int(value) if value.is_integer() else value}`"
    if isinstance(value, str):
        return f'`"{value}"`' if value else "empty"
    if isinstance(value, dict | tuple) and not value:
        return "`{}`" if isinstance(value, dict) else "`[]`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in value) + "]`"
    return f"`{value}`"


def tables() -> Iterator[Table]:
    """Yield every table that a site file may hold, in the order of Config; a table's own tables follow it."""
    hints = typing.get_type_hints(Config)
    said = meanings(Config)
    for field in msgspec.structs.fields(Config):
        struct, several = struct_of(hints[field.name])
        assert struct is not None, f"{field.name}: a site file holds tables only"
        yield from _table(field.name, struct, several, said.get(field.name, ""))


def _table(name: str, struct: type[msgspec.Struct], several: bool, said: str) -> Iterator[Table]:
    """Yield a struct as a table, then the tables within it."""
    inner, about = typing.get_type_hints(struct), meanings(struct)
    bounds = BOUNDS.get(struct, {})
    settings, within = [], []
    for f in msgspec.structs.fields(struct):
        choice = [k for k in typing.get_args(inner[f.name]) if isinstance(k, type) and issubclass(k, msgspec.Struct)]
        if len(choice) > 1:  # one of several tables, told apart by their key "type"
            within += [
                (f"{name}.{f.name}: {k.__struct_config__.tag}", k, False, f'With `type = "{k.__struct_config__.tag}"`.') for k in choice
            ]
            continue
        held, many = struct_of(inner[f.name])
        if held is not None:
            within.append((f"{name}.{f.name}", held, many, about.get(f.name, "")))
            continue
        kind = type_words(inner[f.name]) + span(bounds.get(f.name))
        settings.append(Setting(name, f.name, kind, default_words(default_of(f)), about.get(f.name, "")))
    purpose = one_line(inspect.getdoc(struct) or "").removeprefix(f"Table [{name}]: ")
    meaning = " ".join(filter(None, (purpose[:1].upper() + purpose[1:], said)))
    yield Table(f"[[{name}]]" if several else f"[{name}]", meaning, settings)
    for nested in within:
        yield from _table(*nested)


def configuration() -> str:
    """Return the page of every table and key of a site file."""
    out = [
        "# Configuration",
        "",
        MADE,
        "",
        "A site file is one TOML file. Every table and every key may be left out, but for those marked *required*.",
        "A key that is not known here is refused, with its path and the nearest known key. A table in double brackets may be repeated.",
        "[An example](../howto/site.example.toml) is worked through in [Connect your sensors](../howto/connect-your-sensors.md).",
        "",
    ]
    for table in tables():
        out += [f"## {table.heading}", "", table.meaning, "", "| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        out += [f"| `{s.key}` | {cell(s.type)} | {cell(s.default)} | {cell(s.meaning)} |" for s in table.settings]
        out += [""]
    return "\n".join(out)


def cell(text: str) -> str:
    """Return a text as a table's cell."""
    return one_line(text).replace("|", "&#124;")


# --- the command line ------------------------------------------------------------------------------------------------


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, and of the commands within it, by name, in the order of the help."""
    return dict(_commands(cli.parser(), ""))


def _commands(parser: argparse.ArgumentParser, within: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for chosen in parser._actions:  # noqa: SLF001 - argparse has no public list
        if isinstance(chosen, argparse._SubParsersAction):  # noqa: SLF001 - the same
            for name, inner in chosen.choices.items():
                yield within + name, inner
                yield from _commands(inner, f"{within}{name} ")


def arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a command takes, but for --help: positional ones first."""
    every = [a for a in parser._actions if not isinstance(a, argparse._HelpAction)]  # noqa: SLF001 - argparse has no public list
    return sorted(every, key=lambda a: bool(a.option_strings))


def placeholder(action: argparse.Action) -> str:
    """Return how an argument's value is written; empty for a switch."""
    return "" if action.nargs == 0 else str(action.metavar or action.dest.upper())


def usage(name: str, parser: argparse.ArgumentParser) -> str:
    """Return a command's usage in one line, the same on every terminal and Python."""
    parts = ["tenere", name]
    for a in arguments(parser):
        value = placeholder(a)
        if not a.option_strings:
            parts.append({"+": f"{value}...", "?": f"[{value}]"}.get(str(a.nargs), value))
        else:
            parts.append(f"[{' '.join(filter(None, (a.option_strings[0], value)))}]")
    return " ".join(parts)


def command_line() -> str:
    """Return the page of every command and option."""
    out = [
        "# Command line",
        "",
        MADE,
        "",
        "In a checkout the program is `.venv/bin/tenere`. Every command has `--help`; `tenere --version` prints the version.",
        "",
        "With `--json`, stdout holds one JSON document and nothing else. Messages always go to stderr.",
        "",
        "| exit status | meaning |",
        "| --- | --- |",
        "| 0 | done |",
        "| 1 | a file could not be read or yielded nothing, or an address could not be had; for `doctor`: something must be mended |",
        "| 2 | wrong use of the command line, or a wrong site file |",
        "| 130 | interrupted before it was done (`run` and `record` last until they are stopped: theirs is then 0) |",
        "",
    ]
    for name, parser in commands().items():
        out += [f"## tenere {name}", "", one_line(parser.description or ""), "", "```text", usage(name, parser), "```", ""]
        taken = arguments(parser)
        if taken:
            out += ["| argument | meaning |", "| --- | --- |"]
            for a in taken:
                shown = " ".join(filter(None, (", ".join(a.option_strings), placeholder(a)))).replace(", --", "`, `--")
                out.append(f"| `{cell(shown)}` | {cell(a.help or '')} |")
            out += [""]
        examples = [line.strip().partition("  ") for line in (parser.epilog or "").splitlines() if line.strip().startswith("tenere ")]
        if examples:
            width = max(len(command) for command, _, _ in examples)
            out += ["```console", *(f"{c:{width}}  # {about.strip()}" if about else c for c, _, about in examples), "```", ""]
    return "\n".join(out)


# --- rules -----------------------------------------------------------------------------------------------------------


def weights() -> dict[str, str]:
    """Return the setting that weighs each identity rule, read from where the rule is written; rules that weigh nothing are left out."""
    config = identify.IdentifyConfig()
    out: dict[str, str] = {}
    for node in ast.walk(ast.parse(inspect.getsource(reasons))):
        if not (isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)):
            continue
        name, _, weight, _ = node.value.elts
        if isinstance(name, ast.Constant) and isinstance(weight, ast.Attribute):
            out[str(name.value)] = f"{getattr(config, weight.attr):+g} (`{weight.attr}`)"
    return out


def severities() -> dict[str, str]:
    """Return the severities each alert rule may have."""
    return {rule: " or ".join(s.name.lower() for s in sorted(grave)) for rule, grave in watch.RULES.items()}


def phrase_rows(names: Sequence[str], more: Callable[[str], str]) -> list[str]:
    """Return one table row a rule: name, one more column, its words in English and French."""
    book = {lang: words.phrases(lang) for lang in ("en", "fr")}
    return [f"| `{name}` | {more(name)} | {cell(book['en'][name])} | {cell(book['fr'][name])} |" for name in names]


def rule_page() -> str:
    """Return the page of every identity, severity and rule, with its words."""
    book = {lang: words.phrases(lang) for lang in ("en", "fr")}
    weight, severity = weights(), severities()
    by_person = {value for value in orders._WORDS.values()}  # noqa: C416, SLF001 - the vocabulary itself
    out = [
        "# Rules",
        "",
        MADE,
        "",
        "In a phrase, `{0}` stands for the first detail, `{0:state}` for the name of the state with that code.",
        "Why the rules are as they are: [Identity](../explanation/identity.md).",
        "",
        "## Identities",
        "",
        "These six words are the whole vocabulary.",
        "",
        "| identity | in French | who sets it |",
        "| --- | --- | --- |",
    ]
    for i in Identity:
        who = {Identity.FRIEND: "a person", Identity.SUSPECT: "a person, with a reason; never a civil or protected flight"}.get(i)
        who = who or ("the rules, or a person" if int(i) in by_person else "the rules")
        out.append(f"| {book['en'][f'identity.{i.name.lower()}']} | {book['fr'][f'identity.{i.name.lower()}']} | {who} |")
    out += [
        "",
        "## Evidence",
        "",
        "Each rule gives one row of evidence. A weight is a log-odds for *civil*: above 0 it speaks for, below 0 against.",
        "Rules without a weight only inform.",
        "The weights are settings of `[identify]`.",
        "",
        "| rule | weight by default | in English | in French |",
        "| --- | --- | --- | --- |",
        *phrase_rows(identify.RULES, lambda r: weight.get(r, "none")),
        "",
        "## Alerts",
        "",
        "| rule | severity | in English | in French |",
        "| --- | --- | --- | --- |",
        *phrase_rows(watch.RULES, lambda r: severity[r]),
        "",
        "Severities, gravest last: " + ", ".join(s.name.lower() for s in Severity) + ".",
        "",
    ]
    return "\n".join(out)


# --- all of them -----------------------------------------------------------------------------------------------------


def _asterix(name: str) -> Callable[[], str]:
    return lambda: reference_asterix.pages(MADE)[name]


PAGES: dict[str, Callable[[], str]] = {
    "columns.md": schema.markdown,
    "configuration.md": configuration,
    "command-line.md": command_line,
    "rules.md": rule_page,
    "http.md": lambda: reference_http.page(MADE),
    "details.md": lambda: reference_details.page(MADE),
    **{name: _asterix(name) for name in reference_asterix.names()},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Write every page, or with --check say which are stale. Return the exit status."""
    ask = argparse.ArgumentParser(prog="python -m scripts.reference", description="Write the reference pages that are made from the code.")
    ask.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    given = ask.parse_args(argv)
    stale = 0
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{path.relative_to(FOLDER.parents[1])}: {'stale: run make docs' if given.check else 'written'}")
        if not given.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if given.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
