"""The identity rules as data: facts of a track in, an identity out; the first rule that holds wins.

A rule is a list of facts that must hold, or must not. The facts are bits, so all rules together are one table of 65,536
identities, made once; a tick's identities are one look-up in it.

What no rule can do is not written in rules but in ``stage.judge``: only a person sets friend or suspect, suspect is
impossible while a flight is civil by presumption or protected, and such a flight is neutral at least.

    >>> compiled = Rules.of(())
    >>> bits = BIT["civil"] | BIT["home"]
    >>> Identity(int(compiled.table[bits])).name, compiled.name_of(bits)
    ('ASSUMED_FRIEND', 'home flight')
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from tenere.batch import Identity
from tenere.errors import UsageError
from tenere.identify.config import RuleConfig

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tenere.batch import U8

FACTS = (
    "young",
    "evident",
    "civil",
    "protected",
    "home",
    "planned",
    "agrees",
    "differs",
    "friendly",
    "doubtful",
    "contradicted",
    "emergency",
    "radar_alone",
    "claimed",
    "conforms",
    "lost",
)
"""What a rule may ask, lowest bit first. young: first seen less than pending_s ago; evident: something is known of it; planned: a
plan belongs to it; agrees, differs: callsign or address do, with that plan's; friendly: it answered as a friend lately; doubtful,
contradicted: what it broadcasts is; claimed: it claims a Remote ID; conforms: it keeps to a corridor; lost: its transponder fell silent."""

BIT = {fact: 1 << i for i, fact in enumerate(FACTS)}
MOST_RULES = 100
MOST_BYTES = 1 << 20


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of identity rules."""

    rule: tuple[RuleConfig, ...] = ()
    """The rules, in order."""


class Rules(NamedTuple):
    """Rules, made ready."""

    rules: tuple[RuleConfig, ...]
    table: U8
    """(65536,) the identity of each set of facts."""
    which: U8
    """(65536,) the row of the rule that gives it; 255 none."""
    sha256: str
    """The rules' version: the hash of what they say."""

    @classmethod
    def of(cls, rules: Sequence[RuleConfig]) -> Rules:
        """Make rules ready; without any, the packaged ones. Where none holds, the identity is unknown."""
        chosen = tuple(rules) or packaged()
        every = np.arange(1 << len(FACTS))
        table = np.full(every.size, Identity.UNKNOWN, np.uint8)
        which = np.full(every.size, 255, np.uint8)
        for i, rule in enumerate(chosen[:MOST_RULES]):
            need, bar = _masks(rule)
            rows = (which == 255) & ((every & need) == need) & ((every & bar) == 0)
            table[rows], which[rows] = Identity[rule.identity.upper()], i
        return cls(chosen, table, which, hashlib.sha256(msgspec.json.encode(chosen)).hexdigest())

    def name_of(self, facts: int) -> str:
        """Return the name of the rule that decides a set of facts; empty where none does."""
        at = int(self.which[facts])
        return self.rules[at].name if at < len(self.rules) else ""


def _masks(rule: RuleConfig) -> tuple[int, int]:
    """Return the bits that must be set and those that must not."""
    need = bar = 0
    for words in rule.when:
        fact = words.strip().removeprefix("not ").strip()
        if words.strip().startswith("not "):
            bar |= BIT.get(fact, 0)
        else:
            need |= BIT.get(fact, 0)
    return need, bar


def problem(rules: Sequence[RuleConfig]) -> str:
    """Say what is wrong with rules, naming the rule; empty when nothing is."""
    if len(rules) > MOST_RULES:
        return f"there are {len(rules)} identity rules, and at most {MOST_RULES} are taken"
    for i, rule in enumerate(rules):
        where = f"rule {i + 1} ({rule.name})"
        if not rule.name.strip():
            return f"rule {i + 1}: its name is empty"
        for words in rule.when:
            fact = words.strip().removeprefix("not ").strip()
            if fact not in BIT:
                near = difflib.get_close_matches(fact, FACTS, 1)
                return f"{where}: there is no fact {fact!r}; " + (f'did you mean "{near[0]}"?' if near else f"there are {', '.join(FACTS)}")
        need, bar = _masks(rule)
        if need & bar:
            return f"{where}: it asks that a fact hold and not hold, so it never does"
    return ""


def parse(text: str, name: str = "rules file") -> tuple[RuleConfig, ...]:
    """Read a file of [[rule]] tables; raise UsageError naming the rule and what is wrong."""
    try:
        made = msgspec.convert(tomllib.loads(text), RuleFile).rule
    except (ValueError, RecursionError) as e:  # msgspec's errors are ValueErrors too
        raise UsageError(f"{name}: {str(e).replace('$.', '').replace('`', '')}") from e
    if said := problem(made) or ("" if made else "it holds no [[rule]]"):
        raise UsageError(f"{name}: {said}")
    return made


def read(path: Path) -> tuple[RuleConfig, ...]:
    """Read a file of rules at the edge; raise UsageError naming it."""
    try:
        with path.open("rb") as f:
            data = f.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise UsageError(f"{path}: is larger than {MOST_BYTES >> 20} MiB; identity rules are few")
        return parse(data.decode("utf-8-sig"), str(path))
    except OSError as e:
        raise UsageError(f"{path}: cannot be read: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise UsageError(f"{path}: is not UTF-8 text (byte {e.start})") from e


@functools.cache
def packaged() -> tuple[RuleConfig, ...]:
    """Return the rules that come with Tenere."""
    return parse(resources.files("tenere.identify").joinpath("rules.toml").read_text("utf-8"), "rules.toml")
