"""Tenere: a country's air picture, from sensor bytes to one map.

``picture = tenere.Pipeline(tenere.load("site.toml"))`` makes the stages, ``state = picture.init()`` their memory, and
``state, out = picture.step(state, tick)`` for each ``tick in tenere.replay("2026-05-01.ticks")`` runs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenere.config import load
    from tenere.pipeline import Pipeline
    from tenere.record import replay

    __version__: str

__all__ = ["Pipeline", "__version__", "load", "replay"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Import the public names only when they are used: the command line must start quickly."""
    import importlib  # noqa: PLC0415 - the same

    homes = {"load": "tenere.config", "Pipeline": "tenere.pipeline", "replay": "tenere.record"}
    if name in homes:
        return getattr(importlib.import_module(homes[name]), name)
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("tenere")
    raise AttributeError(name)
