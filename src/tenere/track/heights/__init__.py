"""Heights of tracks: measured, from pressure, from each other, estimated from slant ranges; and whether they climb.

trend.py     climbing, level, descending, with hysteresis. Numba kernel
upright.py   a filter of height and its rate; what a 3-D radar's elevation says. Numba kernels
region.py    how far pressure altitudes lie below heights, by place and altitude, learnt from the aircraft that send both
follow.py    each track's own difference between the two, and its height where it has no pressure altitude. Numba kernel
slant.py     the height of an aircraft that tells none, from the ranges of several radars. Numba kernel
stage.py     init(config) -> state; observe(state, ...) after the plots are tracked; rows(state, ...) and altitudes(...) for the picture
"""
