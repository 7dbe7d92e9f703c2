"""The rules as plain data: how each is set now, what it may say, the thresholds of the site file, and who changed what."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tenere.batch import Severity
from tenere.serve.phrases import LANGS
from tenere.watch import RULES
from tenere.watch.bounds import BOUNDS
from tenere.watch.config import RuleConfig
from tenere.watch.orders import LONGEST_S
from tenere.words import text

if TYPE_CHECKING:
    import msgspec

    from tenere.watch import RuleEdit, WatchConfig

TABLES = ("apw", "silence", "movements", "stca", "msaw")
"""The tables of [watch] whose thresholds are told; they are set in the site file."""
TIMES = ("rise_s", "hold_s", "escalate_s")


class RulesTold(NamedTuple):
    """The rules as they stand: all of [watch], and the edits of persons, the latest last."""

    config: WatchConfig
    edits: tuple[RuleEdit, ...]


def setting_of(rule: RuleConfig) -> dict[str, Any]:
    """Return what a rule is set to; a time that is left to the rule is None."""
    times = {name: None if math.isnan(value := getattr(rule, name)) else value for name in TIMES}
    return {"enabled": rule.enabled, "severity": rule.severity, **times}


@cache
def _words(rule: str) -> dict[str, str]:
    """Return what a rule says, in each language, without its details."""
    return {lang: re.sub(r"\s*[:;,]\s*$", "", text(rule, lang, *["…"] * 10)) for lang in LANGS}


def rules_of(told: RulesTold) -> dict[str, Any]:
    """Return the rules, for people and programs."""
    held = told.config.rules
    rules = [
        {
            "rule": rule,
            "words": _words(rule),
            "severities": [s.name.lower() for s in sorted(grave)],
            **setting_of(held.get(rule, RuleConfig())),
            "changed": rule in held,
        }
        for rule, grave in RULES.items()
    ]
    edits = [
        {
            "time": e.time_s,
            "by": e.by,
            "signed": e.signed,
            "before": {k: setting_of(v) for k, v in e.before.items()},
            "after": {k: setting_of(v) for k, v in e.after.items()},
        }
        for e in told.edits
    ]
    return {
        "rules": rules,
        "severities": [s.name.lower() for s in Severity],
        "escalate_s": told.config.escalate_s,
        "longest_s": LONGEST_S,
        "tables": {name: _table(getattr(told.config, name)) for name in TABLES},
        "edits": edits,
    }


def _table(struct: msgspec.Struct) -> list[dict[str, Any]]:
    """Return the numbers of a table that have bounds, and these."""
    bounds = BOUNDS.get(type(struct), {})
    return [{"key": key, "value": getattr(struct, key), "from": low, "to": high} for key, (low, high) in bounds.items()]
