"""Small pictures for the tests of the safety nets."""

from __future__ import annotations

import numpy as np

from tenere.batch import Alerts, AlertState, Evidence, Identities, TrackFlag, Tracks
from tenere.watch import SensorHealth, WatchConfig, init, step
from tenere.world import World


def tracks(n: int = 2, **columns: object) -> Tracks:
    """Return n confirmed tracks in the air, level at 9,000 m and standing still unless told otherwise."""
    base: dict[str, object] = {
        "number": np.arange(1, n + 1), "flags": int(TrackFlag.CONFIRMED), "first_s": 0.0, "frame": 0, "x_m": 0.0, "y_m": 0.0,
        "vx_ms": 0.0, "vy_ms": 0.0, "var_xx_m2": 400.0, "var_xy_m2": 0.0, "var_yy_m2": 400.0, "var_v_m2s2": 4.0,
        "turn_rads": 0.0, "turn_probability": 0.0,
        "vertical_rate_ms": 0.0, "pressure_altitude_m": 9000.0, "address": np.arange(1, n + 1),
    }  # fmt: skip
    made = Tracks.blank(n, **{**base, **columns})
    return made.replace(speed_ms=np.hypot(made.vx_ms, made.vy_ms), course_rad=np.arctan2(made.vx_ms, made.vy_ms))


class Seat:
    """Flies some tracks straight on and keeps the alerts. now_s: the time; each look is a second."""

    def __init__(self, config: WatchConfig | None = None, world: World | None = None) -> None:
        self.state = init(config or WatchConfig(), world or World())
        self.now_s = 1000.0
        self.alerts, self.evidence = Alerts.blank(), Evidence.blank()

    def look(
        self, picture: Tracks, seconds: int = 5, commands: tuple[dict[str, object], ...] = (), sensors: SensorHealth | None = None
    ) -> Seat:
        """Fly the picture on for so many seconds from now, looking each second."""
        for k in range(seconds):
            moved = picture.replace(
                x_m=picture.x_m + picture.vx_ms * k,
                y_m=picture.y_m + picture.vy_ms * k,
                pressure_altitude_m=picture.pressure_altitude_m + picture.vertical_rate_ms * k,
                time_s=self.now_s,
                update_s=self.now_s,
            )
            self.state, seen = step(self.state, moved, Identities.blank(len(moved), number=moved.number), self.now_s, sensors, commands)
            self.alerts, self.evidence, commands = seen.alerts.take(seen.alerts.state != AlertState.CLEARED), seen.evidence, ()
            self.now_s += 1.0
        return self

    @property
    def rules(self) -> list[str]:
        return sorted(r.decode() for r in self.alerts.rule.tolist())
