"""Rule keys and their details made into words: the one place where the server meets the phrase book."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from tenere.words import explain

Lang = Literal["en", "fr"]
LANGS: tuple[Lang, ...] = ("en", "fr")


@lru_cache(maxsize=8192)
def phrase(rule: bytes, detail: bytes, lang: Lang) -> str:
    """Return what a rule says with its details, in a language (remembered: a status text is made every tick)."""
    return explain(rule, detail, lang)
