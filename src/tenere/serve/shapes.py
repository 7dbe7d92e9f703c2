"""What the endpoints answer, as types: the OpenAPI document is made from them, and a test holds the answers to them.

Times are seconds since 1970-01-01 UTC by the picture's clock; what is not known is null. A name's ending is its unit.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Words = dict[str, str]
"""Words by language: en, fr."""


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """An answer: nothing more, nothing less."""


class Error(Shape, kw_only=True):
    """What is wrong with a request."""

    error: str


class Health(Shape, kw_only=True):
    """Whether it runs; who is not signed in where there are accounts gets the first two alone."""

    status: Literal["starting", "ok"]
    tick: int
    time: float | None = None
    tracks: int | None = None
    sensors: int | None = None
    alerts: int | None = None
    pages: int | None = None
    mode: Literal["live", "replay", "exercise"] | None = None
    version: str | None = None


class Session(Shape, kw_only=True):
    """Who asks, and what they may send."""

    accounts: bool
    open: bool
    name: str | None
    role: str | None
    signed: bool
    commands: list[str]
    expires_in_s: int | None


class SignedOut(Shape, kw_only=True):
    """The session is over."""

    status: Literal["signed out"]


class Track(Shape, kw_only=True):
    """One track; those of an unplaced sensor have x_nm and y_nm in place of latitude and longitude."""

    number: int
    lat: float | None = None
    lon: float | None = None
    level_ft: float | None
    altitude_ft: float | None
    qnh_hpa: float | None
    trend: str
    height_m: float | None
    height_std_m: float | None
    height_from: str
    identity: Literal["pending", "unknown", "assumed_friend", "friend", "neutral", "suspect"]
    confidence: float
    protected: bool
    civil: bool
    class_: str = msgspec.field(name="class")
    moves_like: str | None
    moves_like_probability: float | None
    sources: list[str]
    kinds: list[str]
    sensors: list[str]
    callsign: str | None
    address: str | None
    mode_a: str | None
    remote_id: str | None
    state: str | None
    course_deg: float | None
    speed_kt: float | None
    vertical_fpm: float | None
    age_s: float | None
    accuracy_m: float | None
    confirmed: bool
    coasting: bool
    on_ground: bool
    not_live: bool
    system: bool
    manual: bool
    heights_differ: bool
    emergency: str
    unplaced: bool
    x_nm: float | None
    y_nm: float | None


class Alert(Shape, kw_only=True):
    """What somebody should look at."""

    id: int
    rule: str
    severity: Literal["information", "caution", "warning", "emergency"]
    track: int | None
    other: int | None
    sensor: str | None
    text: Words
    since: float | None
    until: float | None
    predicted: float | None
    acknowledged: float | None
    by: str | None
    volume: str | None
    state: Literal["raised", "acknowledged", "suppressed", "cleared"]
    owner: str | None
    escalated: bool
    suppressed_until: float | None


class Because(Shape, kw_only=True):
    """A piece of the evidence of an alert."""

    rule: str
    text: str
    weight: float | None
    source: str | None


class AlertWithReasons(Alert, kw_only=True):
    """An alert with its evidence."""

    because: list[Because]


class Evidence(Shape, kw_only=True):
    """A piece of evidence for or against an identity."""

    rule: str
    text: str
    weight: float | None
    for_: bool = msgspec.field(name="for")
    since: float | None
    expires: float | None
    source: str | None


class Ellipse(Shape, kw_only=True):
    """How sure a place is: the ellipse of one sigma, the bearing of its larger axis from true north."""

    major_m: float
    minor_m: float
    bearing_deg: float


class TrackWithReasons(Track, kw_only=True):
    """One track and why it is what it is."""

    time: float
    set_by_hand: str | None
    ellipse: Ellipse | None
    first_seen: float | None
    last_seen: float | None
    claim: str | None
    evidence: list[Evidence]
    for_: list[str] = msgspec.field(name="for")
    against: list[str]
    alerts: list[AlertWithReasons]


class Sensor(Shape, kw_only=True):
    """One sensor as the operator sees it."""

    id: str
    name: str
    kind: str
    lat: float | None
    lon: float | None
    range_m: float | None
    placed: bool
    frame: int
    state: Literal["ok", "silent", "doubtful", "untrusted", "never heard"]
    rate_hz: float | None
    lag_s: float | None
    rejects: dict[str, int]
    last_seen: float | None
    note: Words


class Network(Shape, kw_only=True):
    """One network of a dual LAN."""

    units: int
    missed: int
    silent: bool


class Source(Shape, kw_only=True):
    """One feed: its way in, and what its bytes were."""

    id: str
    format: str
    transport: str | None
    state: str
    detail: str
    why: str
    units_s: float | None
    bytes_s: float | None
    units: int
    bytes: int
    records: int
    dropped: int
    duplicates: int
    lag_s: float | None
    clock_off_s: float | None
    rejects: dict[str, int]
    last_seen: float | None
    networks: list[Network]


class Pressure(Shape, kw_only=True):
    """A QNH that holds."""

    station: str
    lat: float | None
    lon: float | None
    qnh_hpa: float | None
    transition_level: int
    time: float | None
    by: str | None


class _Standing(Shape):
    time: float | None
    mode: Literal["live", "replay", "exercise"]
    alerts: list[Alert]
    sensors: list[Sensor]
    sources: list[Source]
    qnh: list[Pressure]
    counts: dict[str, float]


class Picture(_Standing, kw_only=True):
    """The whole picture."""

    tracks: list[Track]


class Answer(Shape, kw_only=True):
    """What became of a command; id rises."""

    id: int
    time: float
    kind: str
    accepted: bool
    track: int | None
    order: int | None
    by: str
    text: Words


class Status(_Standing, kw_only=True):
    """The picture without its tracks."""

    type: Literal["status"]
    server_time: float | None = None
    alerts_total: int = 0
    airspace_version: int = 0
    answers: list[Answer] = msgspec.field(default_factory=list)


class Past(Shape, kw_only=True):
    """What is kept of the last half hour: the times of its keyframes, oldest first."""

    boot: str
    step_s: float
    span_s: float
    times: list[float]
    bytes: int
    thinned: bool


class Judged(Shape, kw_only=True):
    """A figure held to a limit."""

    limit: str
    verdict: Literal["pass", "fail", "few", "no limit", "not judged"]
    at_least: float | None
    at_most: float | None
    why: Words
    source: Words


class Figure(Shape, kw_only=True):
    """One measured figure of a sensor."""

    figure: str
    seconds: float | None
    ground: bool
    unit: str
    value: float | None
    low: float | None
    high: float | None
    samples: float | None
    judged: list[Judged]


class Measured(Shape, kw_only=True):
    """How well one sensor does."""

    id: str
    kind: str
    group: str
    plots: int
    figures: list[Figure]


class Performance(Shape, kw_only=True):
    """How well each sensor does."""

    time: float | None
    since: float | None
    looked_at: float | None
    sensors: list[Measured]


class Step(Shape, kw_only=True):
    """Who took a step of a closure, and when."""

    time: float
    by: str
    signed: bool


class Station(Shape, kw_only=True):
    """A station that is to acknowledge a closure."""

    station: str
    acknowledged: float | None
    by: str | None
    waited_s: float | None
    overdue: bool


class ClosedAirspace(Shape, kw_only=True):
    """An airspace closed, or to be closed."""

    id: str
    state: str
    text: str
    volumes: list[str]
    noted: Step | None
    closed: Step | None
    reopened: Step | None
    stations: list[Station]


class Change(Shape, kw_only=True):
    """A change of the airspace."""

    version: int
    time_s: float | None
    operation: str
    id: str
    name: str
    by: str
    signed: bool
    reason: str


class Airspace(Shape, kw_only=True):
    """The airspace as it stands; a volume is a [[volume]] of the site file with now_active and by_hand.

    drawn names the volumes there are: asked with have= that name, volumes is null. active: a 1 or 0 for each volume, in their order.
    """

    time: float | None
    version: int
    drawn: str
    active: str
    by_hand: dict[str, str]
    stations: list[str]
    acknowledge_s: float | None
    volumes: list[dict[str, Any]] | None
    closures: list[ClosedAirspace]
    changes: list[Change]
    movements: list[dict[str, Any]]


class Queued(Shape, kw_only=True):
    """A command that waits for the next tick."""

    status: Literal["queued"]
    command: dict[str, Any]


class Places(Shape, kw_only=True):
    """Airports that the map names: each its code, name, latitude, longitude and rank (1 the largest)."""

    airports: list[tuple[str, str, float, float, int]]


class Column(Shape, kw_only=True):
    """One column of a batch."""

    name: str
    dtype: str
    unit: str
    doc: str


class Batch(Shape, kw_only=True):
    """Equal-length columns."""

    name: str
    doc: str
    columns: list[Column]


class SentColumn(Shape, kw_only=True):
    """How a column crosses in a frame: in which steps, and less which guess."""

    batch: str
    column: str
    dtype: str
    step: float
    guess: str


class Schema(Shape, kw_only=True):
    """Every batch and vocabulary, for programs; sent: the columns of a frame, in its order."""

    hash: str
    batches: list[Batch]
    sent: list[SentColumn]
    vocabularies: dict[str, dict[str, int]]
