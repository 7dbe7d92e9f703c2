"""Two other readers of ASTERIX, for scripts/compare_asterix.py: libasterix, and asterix-decoder in an interpreter of its own."""

from __future__ import annotations

import contextlib
import importlib
import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Values = dict[str, Any]

DEFECTS = {
    (10, "202/VX"): 4.0,
    (10, "202/VY"): 4.0,
    (10, "210/AX"): 4.0,
    (10, "210/AY"): 4.0,
    (17, "045/LAT"): 4.0,
    (17, "045/LON"): 4.0,
    (25, "600/LON"): 2.0,
}
"""By category and element, how many times larger a value is than libasterix gives it: see tenere.wire.asterix.compiler.CORRECTIONS."""


class Record(NamedTuple):
    """One record as a peer reads it: where it begins in its block, path -> number, text, bytes or list; quantities by unit."""

    offset: int
    values: Values
    letters: frozenset[str]
    """Paths of texts that hold a code which is no letter."""


def base_name(thing: Any) -> str:  # noqa: ANN401 - values of any type
    """Name the libasterix base class of a class or an object."""
    cls = thing if isinstance(thing, type) else type(thing)
    return str(next(c.__name__ for c in cls.__mro__ if c.__module__ == "asterix.base"))


class LibAsterix:
    """libasterix, record by record and value by value."""

    def __init__(self) -> None:
        """Load the specifications: two seconds."""
        self.base = importlib.import_module("asterix.base")
        self.manifest = importlib.import_module("asterix.generated").manifest

    def read(self, block: bytes) -> list[Record] | None:
        """Return the records of one block; None where libasterix refuses it."""
        spec = self.manifest["CATS"][block[0]][-1]
        remaining = self.base.Bits.from_bytes(block[3:])
        out = []
        while len(remaining):
            offset = len(block) - len(remaining) // 8
            parsed = self._record(spec.cv_uap, remaining)
            if parsed is None:
                return None
            record, remaining = parsed
            out.append(Record(offset, *self._values(block[0], record)))
        return out

    def _record(self, uap: Any, bits: Any) -> tuple[Any, Any] | None:  # noqa: ANN401 - values of any type
        """Parse one record; of several layouts, the one whose selector names it."""
        strict = self.base.ParsingMode.StrictParsing
        if hasattr(uap, "cv_record"):
            parsed = uap.cv_record.parse(strict, bits)
            return None if isinstance(parsed, ValueError) else parsed
        path, names = uap.cv_selector
        for name, layout in uap.cv_uaps.items():
            parsed = layout.parse(strict, bits)
            if isinstance(parsed, ValueError):
                continue
            values, _ = self._values(0, parsed[0])
            said = values.get("/".join(path))
            if names.get(said, next(iter(uap.cv_uaps)) if said is None else None) == name:
                return parsed
        return None

    def _values(self, category: int, record: Any) -> tuple[Values, frozenset[str]]:  # noqa: ANN401 - values of any type
        out: Values = {}
        rules: list[tuple[str, Any]] = []
        odd: set[str] = set()
        random_fields = [pair for sequence in record.items_rfs if sequence for pair in sequence]
        for name, item in [*record.items_regular.items(), *random_fields]:
            self._walk(out, rules, odd, name, _inside(item))
        field = self.manifest["REFS"].get(category)
        if field and isinstance(out.get("RE"), bytes):
            parsed = field[-1].cv_expansion.parse(self.base.Bits.from_bytes(out["RE"]))
            if not isinstance(parsed, ValueError) and not len(parsed[1]):
                for name, item in parsed[0].arg.items():
                    self._walk(out, rules, odd, f"RE:{name}", _inside(item))
        for path, rule in rules:
            cases = ["/".join(on) for on in rule.cv_depends_on]
            if all(isinstance(out.get(on), int) for on in cases):
                with contextlib.suppress(ValueError):
                    content = rule._get_content([out[on] for on in cases])  # noqa: SLF001 - libasterix offers no other way
                    if base_name(content) == "ContentQuantity":
                        out[f"{path} {content.cv_unit}"] = content._as_quantity()  # noqa: SLF001 - the same
        return out, frozenset(odd)

    def _walk(self, out: Values, rules: list[tuple[str, Any]], odd: set[str], path: str, variation: Any, *, repeated: bool = False) -> None:  # noqa: ANN401 - values of any type
        kind = base_name(variation)
        if kind == "Element":
            rule = variation._get_rule()  # noqa: SLF001 - the same
            if hasattr(rule, "cv_depends_on"):
                rules.append((path, rule))
                value: Any = variation.as_uint()
            else:
                value = _value(rule._get_content(), path, odd)  # noqa: SLF001 - the same
            if repeated:
                out.setdefault(path, []).append(value)
            else:
                out[path] = value
        elif kind in {"Group", "Extended"}:
            parts = variation.arg if kind == "Group" else [item for part in variation.arg for item in part if item is not None]
            for item in parts:
                if hasattr(item, "cv_non_spare"):
                    self._walk(out, rules, odd, f"{path}/{item.cv_non_spare.cv_name}", _inside(item.arg), repeated=repeated)
        elif kind == "Repetitive":
            out[f"{path}#count"] = len(variation.arg)
            for one in variation.arg:
                self._walk(out, rules, odd, path, one, repeated=True)
        elif kind == "Compound":
            for name, item in variation.arg.items():
                self._walk(out, rules, odd, f"{path}/{name}", _inside(item))
        elif kind == "Explicit":
            out[path] = variation.get_bytes()


def _inside(non_spare: Any) -> Any:  # noqa: ANN401 - values of any type
    """Return the variation of an item; where it depends on another item, the default one."""
    rule = non_spare.arg
    if hasattr(rule, "cv_variation"):
        return rule.arg
    return rule.cv_default_variation._parse(rule.bs)[0]  # noqa: SLF001 - libasterix offers no other way


def _value(content: Any, path: str, odd: set[str]) -> Any:  # noqa: ANN401 - values of any type
    kind = base_name(content)
    if kind == "ContentQuantity":
        return content._as_quantity()  # noqa: SLF001 - the same
    if kind == "ContentInteger":
        return content.as_integer()
    if kind == "ContentString" and content.cv_string_type.__name__ != "StringOctal":
        text = content.as_string()
        letters = [c for c in text if 0x20 <= ord(c) < 0x7F]
        if len(letters) < len(content.bs) // content.cv_string_type.cv_bits_per_char:
            odd.add(path)
        return text
    if len(content.bs) > 64:
        return content.as_uint().to_bytes(len(content.bs) // 8, "big")
    return content.as_uint()


_WORKER = """
import json, sys
import asterix
print("ready", flush=True)
for line in sys.stdin:
    number, text = line.split()
    found = asterix.parse(bytes.fromhex(text), verbose=False)
    print(number, json.dumps(found), flush=True)
"""


class AsterixDecoder:
    """asterix-decoder in a process of its own, which is started again after each block that ends it."""

    def __init__(self, python: Path) -> None:
        """Keep the interpreter that has it."""
        self.python = python
        self.crashes = 0
        self.process: subprocess.Popen[str] | None = None

    def read(self, blocks: list[bytes]) -> Iterator[list[dict[str, Any]] | None]:
        """Yield the records of each block as the peer gives them; None where it dies, or fails."""
        for k, block in enumerate(blocks):
            if self.process is None:
                self._start()
            assert self.process is not None
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            line = ""
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(f"{k} {block.hex()}\n")
                self.process.stdin.flush()
                line = self.process.stdout.readline()
            number, _, text = line.partition(" ")
            if number != str(k):
                self.crashes += 1
                self.close()
                yield None
                continue
            yield json.loads(text)

    def _start(self) -> None:
        self.process = subprocess.Popen(
            [str(self.python), "-c", _WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{self.python} has no asterix-decoder")

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
            self.process.kill()
            self.process.wait()
            self.process = None
