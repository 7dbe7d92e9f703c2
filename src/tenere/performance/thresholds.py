"""Limits with their sources, and what a figure is by them: passed, failed, or not judged, and why.

The table is `thresholds.toml`, beside this module; a user's own file changes and adds rows. Reading it is the shell's work.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from tenere.errors import UsageError
from tenere.words import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.estimate.share import Share
    from tenere.performance.figures import Report, Sensor

Group = Literal["psr", "ssr", "smr", "mlat_airport", "mlat_wide", "adsb", "remote_id", "detector", "system", "picture"]

Verdict = Literal["pass", "fail", "not judged"]

NEEDS_TRUTH = "truth_"
BOUNDED = {"position_95_m": "noise_95_m", "position_rms_m": "noise_rms_m"}
"""Residuals that hold the track's own error too, and the noise that is in them at least."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row: what a figure must be, of which sensors, and who says so."""

    id: str
    """Short name of the row, by which a user's file changes it."""
    metric: str = ""
    """The figure, as in the report: a share (update, false, mode_a_wrong ...), a value (position_95_m ...), `update_in` or `gaps_over`."""
    groups: tuple[Group, ...] = ()
    """The sensors it applies to."""
    seconds: float = float("nan")
    """The window of `update_in`, the length of `gaps_over`."""
    ground: bool = False
    """Of `update_in` and `gaps_over`: only between plots that say that the aircraft is on the ground."""
    at_least: float | None = None
    """The figure must not be below; neither this nor at_most: no limit is known here, configure one."""
    at_most: float | None = None
    """The figure must not be above."""
    unit: str = ""
    """Of the limit; empty: a share."""
    scope: str = ""
    """What the source limits it to, and this measurement may not."""
    scope_fr: str = ""
    """The same in French; empty: as in English."""
    source: str = ""
    """Document and section; where it was read in another place than the document itself, that too."""
    source_fr: str = ""
    """The same in French; empty: as in English."""
    one_way: bool = False
    """The document counts otherwise, and more kindly: kept here it is kept there, not kept here it is not judged."""
    fewest: int = 100
    """Samples below which it is not judged."""


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of thresholds."""

    threshold: tuple[Threshold, ...] = ()
    """The rows."""
    group: dict[str, Group] = {}
    """id of a sensor to what it is, where that is not found rightly."""
    drop: tuple[str, ...] = ()
    """ids of rows not to be judged."""


class Reason(NamedTuple):
    """One piece of why: a phrase of the book with its details, or without a key what the row says in English and French."""

    key: str
    details: tuple[str, ...] = ()

    def said(self, lang: str) -> str:
        """Return the words in a language."""
        return text(self.key, lang, *self.details) if self.key else self.details[lang == "fr"]


FEW = frozenset({"judged.few", "judged.interval", "judged.nothing", "judged.no_ground"})
"""Reasons for which more plots would help."""


class Judged(NamedTuple):
    """One row judged of one sensor."""

    sensor: str
    id: str
    metric: str
    value: float
    samples: float
    limit: str
    verdict: Verdict
    why: str
    source: str
    row: Threshold
    reasons: tuple[Reason, ...]

    @property
    def short(self) -> Literal["pass", "fail", "few", "no limit", "not judged"]:
        """The verdict, and where there is none, why in a word."""
        first = self.reasons[0].key if self.reasons else ""
        return "few" if first in FEW else "no limit" if first == "judged.no_limit" else self.verdict


def parse(tree: dict[str, Any], where: str) -> Thresholds:
    """Read a parsed TOML file of thresholds; raise UsageError that names the file and what is wrong."""
    try:
        found = msgspec.convert(tree, Thresholds)
    except msgspec.ValidationError as e:
        raise UsageError(f"{where}: {e}") from e
    seen = set[str]()
    for t in found.threshold:
        if t.id in seen:
            raise UsageError(f"{where}: two thresholds are called {t.id}")
        seen.add(t.id)
        for name in ("at_least", "at_most"):
            limit = getattr(t, name)
            if limit is not None and not math.isfinite(limit):
                raise UsageError(f"{where}: {t.id}: {name} is not a number")
        if t.at_least is not None and t.at_most is not None:
            raise UsageError(f"{where}: {t.id}: give at_least or at_most, not both")
        if t.metric in ("update_in", "gaps_over") and not t.seconds > 0:
            raise UsageError(f"{where}: {t.id}: {t.metric} needs seconds, above 0")
    return found


def merged(base: Thresholds, own: dict[str, Any], where: str) -> Thresholds:
    """Return the table with a user's file laid over it: rows of a known id change what they name, others are added."""
    rows = {t.id: msgspec.to_builtins(t) for t in base.threshold}
    given = own.get("threshold", [])
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise UsageError(f"{where}: write each threshold as a table [[threshold]]")
    for row in given:
        name = row.get("id")
        if not isinstance(name, str) or not name:
            raise UsageError(f"{where}: a [[threshold]] has no id")
        for limit in ("at_least", "at_most"):
            if isinstance(row.get(limit), float) and math.isnan(row[limit]):
                raise UsageError(f"{where}: {name}: {limit} gives no number")
        known = rows.get(name)
        if known is None and not (row.get("metric") and row.get("groups")):
            raise UsageError(f"{where}: {name}: no threshold has this id; a new one needs metric and groups")
        limits = {"at_least": None, "at_most": None} if {"at_least", "at_most"} & row.keys() else {}
        renamed = {f"{what}_fr": "" for what in ("scope", "source") if what in row}  # what was said of another text
        rows[name] = {**(known or {}), **limits, **renamed, **row}
    tree = {**own, "threshold": list(rows.values())}
    tree["group"] = {**base.group, **own.get("group", {})} if isinstance(own.get("group", {}), dict) else own["group"]
    found = parse(_plain(tree), where)
    unknown = [name for name in found.drop if name not in rows]
    if unknown:
        raise UsageError(f"{where}: drop: there is no threshold {', '.join(unknown)}")
    return found


def _plain(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tree whose rows lack what is not given."""
    rows = [{k: v for k, v in row.items() if v is not None and not (isinstance(v, float) and math.isnan(v))} for row in tree["threshold"]]
    return {**tree, "threshold": rows}


def judge(found: Report, table: Thresholds) -> list[Judged]:
    """Judge every sensor, and the picture, by every threshold that applies to it."""
    return [result for sensor in (*found.sensors, found.picture) for result in judge_one(sensor, table)]


def judge_one(sensor: Sensor, table: Thresholds) -> list[Judged]:
    """Judge one sensor by every threshold that applies to it."""
    group = table.group.get(sensor.id, sensor.group)
    return [_judge(sensor, t) for t in table.threshold if group in t.groups and t.id not in table.drop]


def figure_of(sensor: Sensor, t: Threshold) -> tuple[float, float, Share | None, str]:
    """Return a figure, its samples, its share where it is one, and the key of why there is none where there is none."""
    if t.metric.startswith(NEEDS_TRUTH):
        return math.nan, 0, None, "judged.truth"
    share = None
    if t.metric == "update_in":
        share = sensor.update_in(t.seconds, ground=t.ground)
    elif t.metric == "gaps_over":
        share = sensor.gaps_over(t.seconds, ground=t.ground)
    elif t.metric in sensor.shares:
        share = sensor.shares[t.metric]
    if share is not None:
        nothing = "judged.no_ground" if t.ground else "judged.nothing"
        return share.value, share.whole, share, "" if share.whole else nothing
    if t.metric in sensor.values:
        samples = sensor.noise_samples if "noise" in t.metric else sensor.residual_samples
        if t.metric.startswith("delay_"):
            samples = sensor.lag_samples
        return sensor.values[t.metric], samples, None, ""
    if t.metric.startswith("delay_"):
        return math.nan, 0, None, "judged.no_arrival"
    return math.nan, 0, None, "judged.not_measured"


def _judge(sensor: Sensor, t: Threshold) -> Judged:
    """Judge one figure of one sensor."""
    value, samples, share, why = figure_of(sensor, t)
    metric = f"{t.metric} {t.seconds:g} s" if t.seconds > 0 else t.metric
    metric += " on the ground" if t.ground else ""
    limit = t.at_least if t.at_least is not None else t.at_most
    unit = f" {t.unit}" if t.unit else ""
    words = "none: configure" if limit is None else f"{'at least' if t.at_least is not None else 'at most'} {limit:g}{unit}"

    verdict, reasons = _verdict(sensor, t, value, samples, share, why, limit)
    said = "; ".join(r.said("en") for r in reasons)
    return Judged(sensor.id, t.id, metric, value, samples, words, verdict, said, t.source, t, tuple(reasons))


def _verdict(
    sensor: Sensor, t: Threshold, value: float, samples: float, share: Share | None, why: str, limit: float | None
) -> tuple[Verdict, list[Reason]]:
    """Weigh a figure against its limit; say why."""
    unsure = Reason(why or "judged.nothing") if why or math.isnan(value) else None
    if unsure is None and limit is None:
        unsure = Reason("judged.no_limit")
    if unsure is None and samples < t.fewest:
        unsure = Reason("judged.few", (f"{samples:.0f}", str(t.fewest)))
    if unsure is not None or limit is None:
        return "not judged", [unsure or Reason("judged.no_limit")]
    if share is not None and share.low < limit < share.high:
        return "not judged", [Reason("judged.interval", (f"{share.low:.4g}", f"{share.high:.4g}"))]
    good = value >= limit if t.at_least is not None else value <= limit
    scope = [Reason("", (t.scope, t.scope_fr or t.scope))] if t.scope else []
    if t.metric in BOUNDED:
        floor = sensor.values.get(BOUNDED[t.metric], math.nan)
        details = (f"{floor:.3g}", t.unit)
        if floor > limit:
            return "fail", [*scope, Reason("judged.noise", details)]
        if not good:
            return "not judged", [Reason("judged.between", details)]
        scope.append(Reason("judged.no_bias"))
    elif t.one_way and not good:
        return "not judged", [*scope, Reason("judged.one_way")]
    elif "noise" in t.metric:
        scope.append(Reason("judged.random"))
    return ("pass" if good else "fail"), scope or [Reason("judged.measured")]


def rows_of(results: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return results as JSON-able rows."""
    return [{k: v for k, v in r._asdict().items() if k not in ("row", "reasons")} for r in results]
