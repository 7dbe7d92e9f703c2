"""What radars and receivers can do, as their data sheets tell it. Imports nothing slow: site files are read with it."""

from __future__ import annotations

import msgspec


class RadarParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A radar as its data sheet tells it."""

    frequency_hz: float
    """Of the carrier."""
    peak_power_w: float
    """At the antenna's input."""
    gain_db: float
    """Of the antenna, at the elevations that it covers."""
    pulse_s: float
    """Length of the pulse sent, before compression."""
    noise_figure_db: float = 3.0
    """Of the receiver."""
    losses_db: float = 6.0
    """Of the system, both ways: lines, beam shape, processing."""
    pulses: int = 1
    """Echoes of one pass of the beam that are added after detection."""
    pfa: float = 1e-6
    """Probability of a false alarm in one cell."""
    swerling: int = 1
    """How echoes fluctuate: 0, 1 or 3."""
    recovery_s: float = 0.0
    """Time after a pulse in which the receiver is still deaf."""
    range_m: float = 0.0
    """Instrumented range; 0: none."""
    least_elevation_deg: float = -1.0
    """Below this the beam sees nothing."""
    most_elevation_deg: float = 45.0
    """Above this is the cone of silence."""


class ReceiverParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ground receiver for 1,090 MHz."""

    gain_db: float = 5.0
    """Of its antenna over an isotropic one, at the elevations asked for."""
    cable_db: float = 1.0
    """Lost between antenna and receiver."""
    sensitivity_dbm: float = -88.0
    """Level at its input at which 90 % of long messages are decoded."""
    share: float = 1.0
    """Part of the messages that no other overlaps."""
