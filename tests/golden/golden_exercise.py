"""Play the beginning of the built-in exercise as fast as it goes: python golden_exercise.py OUT. Prints one JSON document.

It is what ``tenere run`` does, without the waiting: the simulator's bytes, the pipeline, the tick log, an operator's order.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from tenere import __version__
from tenere.cli import setting
from tenere.cli.world import world
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline
from tenere.record.ticklog import TickLog
from tenere.tick import Tick

TICKS = 60


def play(path: Path) -> dict[str, object]:
    config = setting.complete(setting.site(None))
    assert config.exercise is not None
    game = open_exercise(config.exercise)
    picture = Pipeline(config, world=world(config))
    state = picture.init()
    log = TickLog(path, config, __version__)
    digest = hashlib.sha256()
    order: tuple[dict[str, object], ...] = ()
    tracks = plots = 0
    for k in range(TICKS):
        time_s = config.exercise.start_s + k + 1.0
        tick = Tick(k, time_s, game.advance(time_s), order)
        log.append(tick)
        state, out = picture.step(state, tick)
        out.digest(digest)
        tracks, plots = max(tracks, len(out.tracks)), plots + len(out.plots)
        order = ()
        if k == TICKS // 2:
            order = ({"kind": "identity", "track": int(out.tracks.number[0]), "identity": "neutral", "reason": "seen", "by": "test"},)
    log.close()
    return {"sha256": digest.hexdigest(), "tracks": tracks, "plots": plots}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(play(Path(sys.argv[1]))))
