"""What the stage holds of each track number, and how a tick's tracks find their rows in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Batch, Claim, Emergency, PlotKind, TrackFlag, Tracks, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F32, F64, I16, I32, I64, U8, U32, Bytes

    U16 = NDArray[np.uint16]

NOT_DECIDED = 255
"""``Known.decided`` where no person has set an identity."""

MANY = (1 << 64) - 1
"""All bits of ``Tracks.sensors``."""

CODES = {0o7500: 1, 0o7600: 2, 0o7700: 3}
"""Emergency codes (ICAO Annex 10 Volume IV 2.1.4) and their number in ``Known.code``; 0 is any other."""


def bits(*kinds: PlotKind) -> int:
    """Return the bits of ``Tracks.kinds`` for some kinds of plot."""
    return sum(1 << kind for kind in kinds)


BY_ADSB = bits(PlotKind.ADSB, PlotKind.ADSR)
BY_TRANSPONDER = bits(PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.MLAT, PlotKind.TISB) | BY_ADSB
BY_RADAR = bits(PlotKind.PSR, PlotKind.PSR_SSR, PlotKind.PSR_MODE_S, PlotKind.SMR)
ADSB, TRANSPONDER, RADAR = 1, 2, 4
"""Bits of ``Known.signs``: it broadcast its position; it answered interrogation; a radar saw its skin."""


@dataclass(frozen=True)
class Known(Batch):
    """One row a track number, by rising number. What a track once said stays until it says something else."""

    number: U32 = column("u4", "", "track number")
    seen_s: F64 = column("f8", "s", "last tick that held it")
    address: I32 = column("i4", "", "24-bit address; -1 none")
    callsign: Bytes = column("S8", "", "callsign, empty unless it holds a letter or a digit other than 0")
    remote_id: Bytes = column("S20", "", "Remote ID claim")
    aircraft_class: U8 = column("u1", "", "AircraftClass")
    emergency: U8 = column("u1", "", "Emergency as broadcast now")
    code: U8 = column("u1", "", "emergency code now: 0 none, 1 7500, 2 7600, 3 7700")
    signs: U8 = column("u1", "", "ADSB, TRANSPONDER, RADAR bits, once seen")
    quiet: U8 = column("u1", "", "1: lately nothing but radar has seen it")
    state: Bytes = column("S2", "", "State of the register")
    plan: I32 = column("i4", "", "row of its plan; -1 none")
    protector: I32 = column("i4", "", "row of the plan that protects it, kept when its plan changes; -1 none")
    protected: U8 = column("u1", "", "1: protected, and stays so")
    civil: U8 = column("u1", "", "1: civil by presumption, and stays so")
    home: U8 = column("u1", "", "1: a home flight that its plan agrees with")
    evident: U8 = column("u1", "", "1: something is known of it")
    log_odds: F32 = column("f4", "", "sum of the weights of its evidence")
    live: U8 = column("u1", "", "1: not simulated, tested or a field monitor")
    decided: U8 = column("u1", "", "Identity a person has set; 255 none")
    stale: U8 = column("u1", "", "1: that word, and home status, need fresh evidence: the track was too close to another")
    before: I32 = column("i4", "", "address it had when it was too close to another; -1 none")
    mode_a: I16 = column("i2", "", "last Mode A code; -1 none")
    claim: U8 = column("u1", "", "Claim of the partner whose track is joined with it")
    doubted: U8 = column("u1", "", "1: only sensors that are not trusted see it")
    integrity: U8 = column("u1", "", "Integrity")
    why: U16 = column("u2", "", "reasons of that verdict, integrity.Why bits")
    kinds: U32 = column("u4", "", "bits of the kinds of plot that updated it lately")
    surface: U8 = column("u1", "", "1: it says that it is on the ground")
    missed: F32 = column("f4", "", "looks of radars, weighed, that should have seen it where it says it is, since one did")
    agreed_s: F64 = column("f8", "s", "last measured where it says it is")
    apart: U8 = column("u1", "", "how often running it was measured elsewhere")
    apart_s: F64 = column("f8", "s", "last so often running that it counts")
    friendly: U8 = column("u1", "", "1: it answered as a friend, 2: in Mode 5; 0 not lately")
    friendly_s: F64 = column("f8", "s", "when it did last")
    heard_s: F64 = column("f8", "s", "last update while it answered or broadcast")
    update_s: F64 = column("f8", "s", "last update by anything")
    first_s: F64 = column("f8", "s", "first plot")
    admitted_s: F64 = column("f8", "s", "tick in which the stage saw it first")
    review_s: F64 = column("f8", "s", "when its evidence is to be looked at again")
    manual: U8 = column("u1", "", "1: made by a person: where it is rests on words, and no sensor can mistake it for another")
    coasting: U8 = column("u1", "", "1: no sensor has seen it lately")
    lat_rad: F64 = column("f8", "rad", "latitude now, or when last seen")
    lon_rad: F64 = column("f8", "rad", "longitude")
    height_m: F64 = column("f8", "m", "pressure altitude, else height")
    speed_ms: F64 = column("f8", "m/s", "ground speed")
    course_rad: F64 = column("f8", "rad", "course over ground")
    var_m2: F64 = column("f8", "m2", "larger position variance")
    kinematic_class: U8 = column("u1", "", "KinematicClass: evidence that no rule reads")
    kinematic_probability: F32 = column("f4", "", "its probability")
    departed: I32 = column("i4", "", "aerodrome at which it was first seen low; -1 none")
    ward: I32 = column("i4", "", "entry of the registry that protects it; -1 none")
    borrowed: U8 = column("u1", "", "CIVIL, PROTECTED bits that came from a track it could not be told from")
    heir: U32 = column("u4", "", "track whose place it took, or which it could not be told from; 0 none")
    recalled: I32 = column("i4", "", "address whose memory it has been given; -1 none")
    waived: U8 = column("u1", "", "1: two persons took civil status and protection off")
    facts: U16 = column("u2", "", "what the rules may ask, but for those that pass with time: rules.BIT")


INPUTS = ("address", "callsign", "remote_id", "aircraft_class", "emergency", "code", "signs", "quiet", "mode_a", "claim", "doubted")
"""The columns that evidence is made of: only a track where one of them changes, or whose evidence is due, is considered again."""

SAID = ("address", "callsign", "remote_id", "aircraft_class", "emergency", "mode_a")
"""Those of them that an aircraft says."""

MOTION = ("lat_rad", "lon_rad", "speed_ms", "course_rad", "kinematic_class", "kinematic_probability", "first_s", "kinds")
"""The columns that are taken from the tracks as they are."""

CIVIL, PROTECTED = 1, 2
"""Bits of ``Known.borrowed``."""


def admit(known: Known, tracks: Tracks, time_s: float, forget_s: float, inherit_s: float = 0.0) -> tuple[Known, Known, U32]:
    """Give every track of a tick its row; return the table, the rows dropped and the new numbers.

    Dropped is what was unseen for forget_s; what is civil or protected, for inherit_s: another track may begin in its place.
    """
    at = find(known.number, tracks.number)
    fresh = np.unique(tracks.number[at < 0])
    if fresh.size:
        rows = Known.blank(fresh.size)
        rows.number[:] = fresh
        rows.decided[:] = NOT_DECIDED
        rows.log_odds[:] = 0.0
        rows.admitted_s[:] = time_s
        rows.heard_s[:] = rows.friendly_s[:] = rows.agreed_s[:] = rows.apart_s[:] = -np.inf
        rows.missed[:] = 0.0
        rows.review_s[:] = np.inf
        known = Known.concat([known, rows])
        known = known.take(np.argsort(known.number, kind="stable"))
        at = find(known.number, tracks.number)
    known.seen_s[at] = time_s
    kept_s = np.where((known.civil | known.protected) != 0, max(forget_s, inherit_s), forget_s)  # another may begin in their place
    gone = ~(time_s - known.seen_s <= kept_s)
    if not gone.any():
        return known, Known.blank(0), fresh
    return known.take(~gone), known.take(gone), fresh


def find(sorted_numbers: NDArray[np.integer], wanted: NDArray[np.integer]) -> I64:
    """Return the row of each wanted number in the table, (n,) int64; -1 where it is not there."""
    if not sorted_numbers.size:
        return np.full(wanted.size, -1, np.int64)
    at = np.minimum(np.searchsorted(sorted_numbers, wanted), sorted_numbers.size - 1)
    return np.where(sorted_numbers[at] == wanted, at, -1)


def take_in(known: Known, at: I64 | slice, tracks: Tracks, time_s: float, untrusted: int = 0) -> NDArray[np.bool_]:
    """Write what the tracks say now into their rows; tell which rows of the table changed, (len(known),).

    untrusted: bits of ``Tracks.sensors`` that registration does not trust.
    """
    if not isinstance(at, slice) and at.size == len(known) and (at == np.arange(at.size)).all():
        at = slice(None)  # the usual case: every row, in order
    code = np.zeros(len(tracks), np.uint8)
    for mode_a, number in CODES.items():
        code[tracks.mode_a == mode_a] = number
    kinds = tracks.kinds
    transponds = (kinds & BY_TRANSPONDER) != 0
    answered = transponds | (tracks.address > 0) | (tracks.mode_a >= 0)
    signs = ((kinds & BY_ADSB) != 0) * np.uint8(ADSB) | answered * np.uint8(TRANSPONDER) | ((kinds & BY_RADAR) != 0) * np.uint8(RADAR)
    address = np.where(tracks.address > 0, tracks.address, known.address[at])
    callsign = np.where(_readable(tracks.callsign), tracks.callsign, known.callsign[at])
    remote_id = np.where(tracks.remote_id != b"", tracks.remote_id, known.remote_id[at])
    aircraft_class = np.where(tracks.aircraft_class != 0, tracks.aircraft_class, known.aircraft_class[at])
    emergency = np.where(tracks.emergency <= max(Emergency), tracks.emergency, 0)
    quiet = ((kinds & (BY_TRANSPONDER | bits(PlotKind.REMOTE_ID))) == 0) & ((kinds & BY_RADAR) != 0)
    mode_a_ = np.where(tracks.mode_a >= 0, tracks.mode_a, known.mode_a[at])
    claim = np.where(tracks.claim <= max(Claim), tracks.claim, 0)
    doubted = ((tracks.sensors & np.uint64(~untrusted & MANY)) == 0) & (tracks.sensors != 0)
    now = (address, callsign, remote_id, aircraft_class, emergency, code, signs | known.signs[at], quiet, mode_a_, claim, doubted)
    known.surface[at] = (tracks.flags & TrackFlag.ON_GROUND) != 0
    known.manual[at] = (tracks.flags & TrackFlag.MANUAL) != 0
    known.coasting[at] = (tracks.flags & TrackFlag.COASTING) != 0
    known.live[at] = (tracks.flags & TrackFlag.NOT_LIVE) == 0
    updated = np.where(np.isfinite(tracks.update_s), tracks.update_s, time_s)
    claims = transponds | ((kinds & bits(PlotKind.REMOTE_ID)) != 0) | (((kinds & BY_RADAR) == 0) & answered)
    heard = np.where(claims, updated, known.heard_s[at])
    changed = np.zeros(len(tracks), np.bool_)
    for name, values in zip(INPUTS, now, strict=True):
        column_ = getattr(known, name)
        differs = column_[at] != values
        if differs.any():
            changed |= differs
            column_[at] = values
            if name in SAID:  # it has just changed, so somebody heard it
                heard[differs & (values != 0 if name == "emergency" else True)] = time_s
    known.update_s[at], known.heard_s[at] = updated, heard
    for name in MOTION:
        getattr(known, name)[at] = getattr(tracks, name)
    known.height_m[at] = np.where(np.isfinite(tracks.pressure_altitude_m), tracks.pressure_altitude_m, tracks.height_m)
    known.var_m2[at] = np.fmax(tracks.var_xx_m2, tracks.var_yy_m2)
    out = np.zeros(len(known), np.bool_)
    out[at] = changed
    return out


def _readable(callsign: Bytes) -> NDArray[np.bool_]:
    """Tell which callsigns hold a letter or a digit other than 0: "00000000" is a transponder nobody set."""
    if not callsign.size:
        return np.zeros(0, np.bool_)
    letters = np.ascontiguousarray(callsign).view(np.uint8).reshape(callsign.size, -1)
    upper = (letters >= ord("A")) & (letters <= ord("Z"))
    digit = (letters > ord("0")) & (letters <= ord("9"))
    return np.asarray((upper | digit).any(axis=1))
