"""What a rule may look at in one tick, and what it says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenere.airspace.closure import Closures
    from tenere.airspace.model import Volume
    from tenere.batch import I64, Identities, Tracks
    from tenere.plans import Plan
    from tenere.watch.config import SensorHealth, WatchConfig
    from tenere.watch.distress import Distress
    from tenere.watch.entered import Entered
    from tenere.world import World


class Because(NamedTuple):
    """One piece of evidence for an alert, or against it: rule (a key of the phrase book), log-odds, words apart by |, what it rests on."""

    rule: str
    weight: float
    detail: bytes = b""
    source: bytes = b""


class Condition(NamedTuple):
    """Something that holds now.

    otherwise: the words of an alert that has none yet, where detail is empty. hold_s: how long the alert stays when the condition is
    no longer true; the settings of the rule may say otherwise. rise_s: how long it must hold before an alert is raised.
    predicted_s: when the event is expected (Unix seconds), NaN: it is now. because: its evidence, for and against.
    """

    rule: str
    severity: int
    track: int
    sensor: int
    detail: bytes
    hold_s: float
    otherwise: bytes = b""
    other: int = 0
    volume: bytes = b""
    predicted_s: float = float("nan")
    because: tuple[Because, ...] = ()
    rise_s: float = 0.0


class Region(NamedTuple):
    """A cell where satellite navigation is disturbed: its south-western corner and side, how many of how many aircraft, since when."""

    lat_deg: float
    lon_deg: float
    side_deg: float
    share: float
    aircraft: int
    since_s: float


class View(NamedTuple):
    """One tick as the rules see it.

    rows: (k,) rows of the tracks that are watched: confirmed, our own, live. trusted: (n,) False where nothing but sensors that
    registration does not trust has seen a track lately: such a track raises no safety net and proves nothing.
    distress: who says, or said a short while ago, to be in distress.
    volumes, active: the volumes of airspace as of now, and whether each is active; the list is the same object until it changes.
    """

    config: WatchConfig
    world: World
    time_s: float
    tracks: Tracks
    identities: Identities
    rows: I64
    trusted: NDArray[np.bool_]
    plans: tuple[Plan, ...]
    sensors: SensorHealth
    volumes: tuple[Volume, ...]
    active: NDArray[np.bool_]
    entered: Entered
    distress: Distress
    closures: Closures | None = None
    regions: tuple[Region, ...] = ()
