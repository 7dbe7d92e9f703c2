"""Rule keys and their details made into words: the one place where the server meets the phrase book."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Literal

Lang = Literal["en", "fr"]
LANGS: tuple[Lang, ...] = ("en", "fr")


@lru_cache(maxsize=8192)
def phrase(rule: bytes, detail: bytes, lang: Lang) -> str:
    """Return what a rule says with its details, in a language."""
    details = detail.decode("utf-8", "replace").split("|") if detail else []
    key = rule.decode("ascii", "replace")
    try:
        return str(importlib.import_module("tenere.words").text(key, lang, *details))
    except (ImportError, AttributeError, OSError):
        return " ".join([key, *details])
