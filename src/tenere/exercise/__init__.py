"""The exercise: simulated traffic and sensors whose bytes take the same path as those of live sensors.

    made = scenario(config)                      # pure: sensors, feeds, plans, flights
    state = init(made, encoders)                 # encoders: how to write each format (tenere.exercise.encoders)
    state, chunks = step(state, until_s)         # bytes of one slice of time
    truth(state, time_s)                         # who was where, for scoring

Everything random is keyed by the seed and by what it is for, so bytes depend neither on slicing nor on the machine's clock.
"""

from tenere.exercise.config import ExerciseConfig
from tenere.exercise.encoders import Beacons, Encoders, Squitter, Squitters
from tenere.exercise.run import ExerciseState, Truth, init, step, truth
from tenere.exercise.scenarios import Scenario, names, scenario

__all__ = [
    "Beacons",
    "Encoders",
    "ExerciseConfig",
    "ExerciseState",
    "Scenario",
    "Squitter",
    "Squitters",
    "Truth",
    "init",
    "names",
    "scenario",
    "step",
    "truth",
]
