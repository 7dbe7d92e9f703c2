"""What a track moves like: a jet, a light aircraft, a helicopter, a drone, a bird, something on the ground, or nobody can say.

Features of the last minutes of each shown track, from its own published state, and a table that says how likely each is for each
class (`table`): naive Bayes, tempered, for features are not independent. What an aircraft says of itself (`Tracks.aircraft_class`) is
another column, which this never reads nor changes; no rule uses what is found here.
"""

from tenere.track.behaviour.stage import State, known, step

__all__ = ["State", "known", "step"]
