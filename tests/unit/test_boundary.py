"""The boundary of what Tenere is: no function, field or word of weapons use, and six identities.

Only ``src/`` and ``web/src/`` are read. ``wire/claims.py`` may name a partner's stronger word, to show it as a claim.
"""

from __future__ import annotations

import enum
import re
from pathlib import Path

import pytest

from tenere import batch, identify, watch

ROOT = Path(__file__).parents[2]
EXEMPT = ROOT / "src" / "tenere" / "wire" / "claims.py"
BUILT = (ROOT / "src" / "tenere" / "geo" / "data", ROOT / "src" / "tenere" / "serve" / "static")
BINARY = {".pyc", ".nbi", ".nbc", ".png", ".jpg", ".ico", ".woff", ".woff2", ".ttf", ".pbf", ".gz", ".so"}

# Words as they may stand in prose, snake_case, kebab-case and camelCase. Ordinary words of the field stay free:
# "target report", "Unassigned", "engine", "skill", "environment", "shot of the screen".
FORBIDDEN = {
    "weapon": r"weapon",
    "hostile": r"hostile",
    "engagement": r"engag(?:e|es|ed|ing|ement|ements)(?![a-z])",
    "interceptor": r"interceptors?(?![a-z])|intercept(?:ion|ing)?[\s_-]*(?:course|geometry|point|vector|mission|aircraft)",
    "fire control": r"fire[\s_-]*(?:control|order|unit|solution|distribution)",
    "lethal": r"lethal",
    "kill model": r"(?<![a-z])kill(?:ed|s)?[\s_-]*(?:chain|web|prob|assess|ratio|zone|box|count|radius)|prob\w*[\s_-]*of[\s_-]*kill",
    "kill probability": r"(?<![a-z])(?:pk|ssp?k|p_?kill)(?![a-z])[\s_-]*(?:prob|table|model)|(?<![a-z])(?:p|ss?p)_?kill(?![a-z])",
    "missile": r"missile",
    "munition": r"munition|warhead|ammunition",
    "targeting": r"targeting|(?<![a-z])retarget",
    "shoot down": r"(?<![a-z])(?:shoot(?:s|ing)?|shot)[\s_-]*down(?![a-z])|shoot[\s_-]*look",
    "neutralise": r"neutrali[sz](?:e|es|ed|ing|ation)(?![a-z])",
    "threat value": r"threat[\s_-]*(?:evaluation|assessment|ranking|value|score)",
}
PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in FORBIDDEN.items()}
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def sources() -> list[Path]:
    roots = [ROOT / "src", ROOT / "web" / "src"]
    found = [p for root in roots if root.is_dir() for p in root.rglob("*") if p.is_file() and p.suffix not in BINARY]
    return sorted(p for p in found if p != EXEMPT and not any(p.is_relative_to(b) for b in BUILT) and ".egg-info" not in str(p))


def trespasses(text: str) -> list[str]:
    """Name what a text holds of the forbidden, reading camelCase as separate words too."""
    return sorted({name for name, pattern in PATTERNS.items() if pattern.search(text) or pattern.search(CAMEL.sub("_", text))})


def test_there_is_something_to_read():
    names = {p.name for p in sources()}
    assert {"batch.py", "stage.py", "en.json", "fr.json"} <= names


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_word_of_weapons_use_in_the_source(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    assert trespasses(path.name) == []
    lines = [
        f"{n}: {line.strip()[:100]} ({', '.join(trespasses(line))})" for n, line in enumerate(text.splitlines(), 1) if trespasses(line)
    ]
    assert lines == []
    assert trespasses(text) == [], "broken over two lines"


@pytest.mark.parametrize(
    "line",
    [
        "class WeaponAssignment:",
        "identity = HOSTILE",
        "weapons_free",
        "def engage(track):",
        "engagementZone",
        "interceptorCourse",
        "fire-control",
        "fireControl",
        "fire\n    control",
        "lethality = 0.7",
        "probability_of_kill",
        "killProbability",
        "kill_chain",
        "p_kill",
        "surface-to-air missile",
        "munitions",
        "targetingData",
        "neutralise the track",
        "threat_evaluation",
        "shoot down",
    ],
)
def test_the_test_would_see_it(line):
    assert trespasses(line)


@pytest.mark.parametrize(
    "line",
    [
        "target report descriptor",
        "the target's address",
        "targets",
        "environment",
        "engine",
        "skill",
        "assignment problem",
        "kill -9",
        "the process was killed",
        "fire the event",
        "neutral",
        "NEUTRAL = 4",
        "screenshot downscaled",
        "association_threshold",
        "unlawful interference",
        "bpkg",
        "task",
    ],
)
def test_ordinary_words_are_free(line):
    assert trespasses(line) == []


def test_the_vocabulary_of_identity_is_exactly_the_six():
    assert [i.name.lower() for i in batch.Identity] == ["pending", "unknown", "assumed_friend", "friend", "neutral", "suspect"]


def test_no_column_and_no_rule_names_it():
    names = [name for b in batch.BATCHES for name, *_ in b.columns()]
    names += [f"{doc}" for b in batch.BATCHES for *_, doc in b.columns()]
    names += [*identify.RULES, *watch.RULES]
    names += [m.name for e in vars(batch).values() if isinstance(e, enum.EnumType) for m in e]
    assert len(names) > 100
    assert [n for n in names if trespasses(n)] == []
