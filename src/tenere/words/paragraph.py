"""A track's identity and alerts told in one paragraph, in the languages of the phrase book."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import NamedTuple

from tenere.words import explain, phrases, text


class Piece(NamedTuple):
    """One row of evidence: rule and detail as their columns hold them."""

    rule: bytes
    detail: bytes
    weight: float


class AlertTold(NamedTuple):
    """One alert: rule, detail, severity and state in words, when it was raised, who acknowledged it, and why it stands."""

    rule: bytes
    detail: bytes
    severity: str
    state: str
    since_s: float
    by: str
    because: tuple[Piece, ...]


class Told(NamedTuple):
    """What is to be told of one track at one time."""

    number: int
    name: str
    time_s: float
    identity: str
    confidence: float
    protected: bool
    civil: bool
    evidence: tuple[Piece, ...]
    alerts: tuple[AlertTold, ...]


def paragraph(told: Told, lang: str) -> str:
    """Return the paragraph: who it is, what speaks for it, what against, and which alerts stand."""
    book = phrases(lang)
    who = f"#{told.number}" + (f" ({told.name})" if told.name else "")
    share = f"{100.0 * told.confidence:.0f}"
    parts = [text("explain.who", lang, who, clock(told.time_s), book.get(f"identity.{told.identity}", told.identity), share)]
    if told.protected:
        parts.append(text("explain.protected", lang))
    elif told.civil:
        parts.append(text("explain.civil", lang))
    ordered = sorted(told.evidence, key=lambda p: (-abs(p.weight), p.rule, p.detail))
    for key, held in (
        ("explain.for", [p for p in ordered if p.weight > 0]),
        ("explain.against", [p for p in ordered if p.weight < 0]),
        ("explain.noted", [p for p in ordered if not p.weight]),
    ):
        if held:
            parts.append(text(key, lang, _list(held, lang)))
    if not told.evidence:
        parts.append(text("explain.nothing", lang))
    parts += [_alert(a, lang) for a in told.alerts]
    return " ".join(parts)


def clock(time_s: float) -> str:
    """Return a time as people say it, UTC; a time of day alone where the recording holds no date."""
    moment = datetime.fromtimestamp(time_s, UTC)
    return moment.strftime("%H:%M:%S" if time_s < 2 * 86_400 else "%Y-%m-%d %H:%M:%S")


def _list(pieces: list[Piece], lang: str) -> str:
    said = [explain(p.rule, p.detail, lang).rstrip(".") for p in pieces]
    return functools.reduce(lambda a, b: text("explain.and", lang, a, b), said)


def _alert(alert: AlertTold, lang: str) -> str:
    book = phrases(lang)
    words = explain(alert.rule, alert.detail, lang).rstrip(".")
    severity = book.get(f"severity.{alert.severity}", alert.severity)
    out = text("explain.alert", lang, severity, clock(alert.since_s), words)
    if alert.because:
        ordered = sorted(alert.because, key=lambda p: (-p.weight, p.rule, p.detail))
        out += " " + text("explain.because", lang, _list(ordered, lang))
    if alert.by:
        out += " " + text("explain.acknowledged", lang, alert.by)
    return out
