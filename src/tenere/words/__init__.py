"""The phrase book: what a rule, an identity or a refusal is called, in each language.

Each language is one JSON file of phrases by key. In a phrase ``{0}`` stands for the first detail and ``{0:state}`` for
the phrase of key ``state.`` + that detail where the book holds one, else for the detail itself. Details come from
aircraft and from people: they are put in as they are and never read as a pattern.

    >>> text("emergency_radio", "en", "AFR123", "7600")
    'AFR123 (7600): radio communication failure: call ATC'
    >>> text("address_state", "en", "NE")
    'Address of the register of Niger'
"""

from __future__ import annotations

import functools
import re
from importlib import resources

import msgspec

FALLBACK = "en"
"""Language of a phrase that the language asked for does not have."""

_PLACE = re.compile(r"\{(\d)(?::([a-z_]+))?\}")
_NOT_KNOWN = "—"


@functools.cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages in the book, sorted."""
    return tuple(sorted(f.name.removesuffix(".json") for f in resources.files(__name__).iterdir() if f.name.endswith(".json")))


@functools.cache
def phrases(lang: str) -> dict[str, str]:
    """Return all phrases of one language by key; those of the fallback for a language the book does not have."""
    known = lang if lang in languages() else FALLBACK
    return msgspec.json.decode(resources.files(__name__).joinpath(f"{known}.json").read_bytes(), type=dict[str, str])


def text(key: str, lang: str, *details: str) -> str:
    """Return a phrase with its details filled in; the key itself where no language has the phrase. Never raises."""
    book = phrases(lang)
    phrase = book.get(key) or phrases(FALLBACK).get(key)
    if phrase is None:
        return " ".join((key, *details))

    def filled(match: re.Match[str]) -> str:
        place, group = int(match[1]), match[2]
        detail = details[place] if place < len(details) and details[place] else _NOT_KNOWN
        return book.get(f"{group}.{detail}", detail) if group else detail

    return _PLACE.sub(filled, phrase)


def explain(rule: bytes, detail: bytes, lang: str) -> str:
    """Return what one row of evidence or one alert says: rule and detail as its columns hold them."""
    words = detail.decode("utf-8", "replace").split("|") if detail else []
    return text(rule.decode("utf-8", "replace"), lang, *words)


def placeholders(phrase: str) -> tuple[str, ...]:
    """Return the placeholders of a phrase in order of their number."""
    return tuple(sorted({match[0] for match in _PLACE.finditer(phrase)}))


def clean(value: object, most: int) -> bytes:
    """Return a text as one detail of at most so many bytes of UTF-8, without control characters and bars; empty for no text."""
    if not isinstance(value, str):
        return b""
    kept = "".join("/" if c == "|" else c for c in value[:4096] if c.isprintable()).strip()
    return shortened(kept.encode("utf-8", "replace"), most)


def shortened(words: bytes, most: int) -> bytes:
    """Return the first bytes of a UTF-8 text, cut between characters."""
    return words[:most].decode("utf-8", "ignore").encode()
