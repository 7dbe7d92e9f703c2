"""The picture of the exercise held against what its aircraft really do."""

import numpy as np

from tenere.batch import TrackFlag
from tenere.cli import setting
from tenere.config import Config
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.geo.ellipsoid import A_M
from tenere.pipeline import Pipeline
from tenere.tick import Tick

SECONDS = 240
NEAR_M = 3000.0


def test_every_aircraft_in_reach_is_one_track_where_it_is():
    exercise = ExerciseConfig()
    game = open_exercise(exercise)
    picture = Pipeline(setting.with_exercise(Config(exercise=exercise), game))
    state = picture.init()
    owner, false, missed, looks, errors = {}, 0, 0, 0, []
    for k in range(SECONDS):
        time_s = exercise.start_s + k + 1.0
        state, out = picture.step(state, Tick(k, time_s, game.advance(time_s)))
        if k < 90 or k % 30:
            continue
        looks += 1
        truth, tracks = game.truth(time_s), out.tracks
        north = A_M * (tracks.lat_rad[:, None] - truth.lat_rad)
        east = A_M * (tracks.lon_rad[:, None] - truth.lon_rad) * np.cos(truth.lat_rad)
        apart = np.hypot(east, north)
        nearest, distance = apart.argmin(1), apart.min(1)
        good = distance < NEAR_M
        false += int((~good).sum())
        errors.append(np.median(distance[good & (tracks.flags & TrackFlag.COASTING == 0)]))
        in_reach = np.nonzero(np.asarray(truth.watchers) > 0)[0]
        missed += len(set(in_reach.tolist()) - set(nearest[good].tolist()))
        addressed = tracks.address[tracks.address > 0]
        assert len(np.unique(addressed)) == len(addressed), "an aircraft is shown twice"
        for number, address in zip(tracks.number.tolist(), tracks.address.tolist(), strict=True):
            if address > 0:
                owner.setdefault(number, set()).add(address)
                flown = np.nonzero(truth.address == address)[0]
                assert len(flown), "an address that nobody flies"
                assert apart[tracks.number == number, flown[0]] < NEAR_M, "an address on another aircraft"
    assert looks == 5
    assert all(len(a) == 1 for a in owner.values()), "a number went from one aircraft to another"
    assert false <= 2
    assert missed <= 2
    assert max(errors) < 60
