"""The one table of what each endpoint is asked and answers, and the OpenAPI document made from it.

A new route needs a line in ENDPOINTS as it needs one in tenere.serve.accounts.roles; a test walks both, and asks each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from starlette.routing import Route

from tenere.serve import shapes, shapes_maps, shapes_work
from tenere.serve.accounts.api import SignIn
from tenere.serve.accounts.roles import ROUTES, Role
from tenere.serve.answers import as_json
from tenere.serve.commands import Command
from tenere.serve.coverage.asked import Try

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

JSON, BINARY = "application/json", "application/octet-stream"
SWITCHING = 101
REFS = "#/components/schemas/{name}"


class Asked(NamedTuple):
    """A parameter of an endpoint."""

    name: str
    type: str
    meaning: str
    required: bool = False
    inside: str = "query"


class Endpoint(NamedTuple):
    """One endpoint: what it is for, what it answers (a type of shapes, or None for other media), what is asked."""

    summary: str
    shape: Any = None
    media: str = JSON
    status: int = 200
    asked: tuple[Asked, ...] = ()
    body: Any = None
    also: tuple[tuple[int, str], ...] = ()
    """Other statuses, and when."""
    more: str = ""


_LANG = Asked("lang", "string", "en or fr")
_TIME = Asked("time", "number", "seconds since 1970 by the picture's clock: the keyframe at or before it", required=True, inside="path")
_HEIGHT = Asked("height", "string", "feet above ground (1500ft) or a flight level (FL195)", required=True)
_KIND = Asked("kind", "string", "single, or double (seen by two at least)")
_BUSY = (503, "too many ask at once, or there is no picture yet: try again after Retry-After")
_LATER = (202, "not computed yet: the state of the computing")
_OFF = (404, "no coverage can be had: the state says why")
_WRONG = (422, "what was asked makes no sense: error says why")

ENDPOINTS: dict[str, Endpoint] = {
    "GET /": Endpoint(
        "The operator's page; /?wall is the board for a wall, which only shows", None, "text/html", also=((503, "it is not built"),)
    ),
    "GET /api/health": Endpoint("Whether the server runs", shapes.Health),
    "GET /api/openapi.json": Endpoint("This document", dict[str, Any]),
    "GET /api/schema": Endpoint("The columns of every batch, for programs", shapes.Schema),
    "GET /api/session": Endpoint("Who asks, and what they may send", shapes.Session),
    "POST /api/session": Endpoint(
        "Sign in: the answer sets the session's cookie",
        shapes.Session,
        body=SignIn,
        also=((401, "wrong name or password"), (404, "there are no accounts"), _WRONG, (429, "too many tries: wait Retry-After seconds")),
    ),
    "DELETE /api/session": Endpoint("Sign out", shapes.SignedOut),
    "GET /api/picture.json": Endpoint("The whole picture", shapes.Picture),
    "GET /api/status": Endpoint("The picture without its tracks", shapes.Status),
    "GET /api/tracks/{number:int}": Endpoint(
        "One track, and why it is what it is",
        shapes.TrackWithReasons,
        asked=(Asked("number", "integer", "track number", required=True, inside="path"), _LANG),
        also=((404, "no live track has this number"),),
    ),
    "GET /api/tracks/{number:int}/history": Endpoint(
        "What a track did lately: its profile, names, plots and sensors",
        shapes_work.History,
        asked=(Asked("number", "integer", "track number, of a live track or of one that has gone", required=True, inside="path"),),
        also=((404, "nothing is remembered of this track"),),
    ),
    "GET /api/plans": Endpoint("Flight plans", shapes_work.Plans, asked=(Asked("q", "string", "a word that is in the plan"),)),
    "GET /api/tracks.geojson": Endpoint("The tracks as GeoJSON", shapes_maps.Tracks, "application/geo+json", also=(_BUSY,)),
    "GET /api/tracks.arrow": Endpoint(
        "The columns of Tracks and Identities as an Arrow IPC stream",
        None,
        "application/vnd.apache.arrow.stream",
        also=(_BUSY,),
        more="Each field carries its unit and meaning; the schema's metadata the picture's time_s.",
    ),
    "GET /data/aircraft.json": Endpoint("Aircraft, as readsb and tar1090 clients expect them", shapes_maps.AircraftFile, also=(_BUSY,)),
    "GET /data/receiver.json": Endpoint("The receiver, as those clients expect it", shapes_maps.Receiver),
    "GET /api/past": Endpoint("Which moments of the last half hour are kept", shapes.Past),
    "GET /api/past/{time:float}": Endpoint(
        "The keyframe of a moment, binary as on the stream", None, BINARY, asked=(_TIME,), also=((404, "nothing so old is kept"),)
    ),
    "GET /api/past/{time:float}/status": Endpoint(
        "Alerts, sensors and counts of that moment", shapes.Status, asked=(_TIME,), also=((404, "nothing so old is kept"),)
    ),
    "GET /api/events": Endpoint(
        "The picture as server-sent events, for whoever only looks",
        None,
        "text/event-stream",
        asked=(Asked("once", "string", "given: one message of each kind, and the end"),),
        also=((503, "too many listen already; with once: there is no picture yet"),),
        more="hello, then at most once a second status and tracks: all tracks first (whole), then those that changed.",
    ),
    "GET /api/performance": Endpoint(
        "How well each sensor does",
        shapes.Performance,
        asked=(Asked("sensor", "string", "id of one sensor"),),
        also=((404, "no sensor that is measured has this id"),),
    ),
    "GET /api/places": Endpoint("The airports that the map names", shapes.Places),
    "GET /api/airspace": Endpoint(
        "Volumes, closures, changes and movements",
        shapes.Airspace,
        asked=(Asked("have", "string", "what drawn named when the volumes were told: then they are left out, while they are the same"),),
    ),
    "POST /api/airspace/check": Endpoint(
        "Read a file of airspace, and change nothing: its bytes are the body",
        shapes_work.FileRead,
        asked=(Asked("name", "string", "name of the file"),),
        also=(
            (403, "files come from this server's own page"),
            (413, "the file is too long"),
            (415, "the body is not bytes"),
            _WRONG,
            (503, "other files are being read: try again"),
        ),
    ),
    "GET /api/airspace/export": Endpoint(
        "The volumes as a file; the header Tenere-Lost counts what the format cannot say",
        None,
        BINARY,
        asked=(
            Asked("format", "string", "openair, aixm, ed269, ed318, geojson, kml or yaixm", required=True),
            Asked("id", "string", "a volume; may be given again (default: all)"),
        ),
        also=((404, "there is no such volume"), _WRONG, (503, "other files are being read: try again")),
    ),
    "GET /api/rules": Endpoint("How the rules are set, and who changed them", shapes_work.RuleBook),
    "GET /api/terrain": Endpoint("Whether there is shaded ground", shapes_work.Ground),
    "GET /api/terrain/{z:int}/{x:int}/{y:int}": Endpoint(
        "A tile of shaded ground, in Web Mercator",
        None,
        "image/png",
        asked=tuple(Asked(name, "integer", "of the tile", required=True, inside="path") for name in ("z", "x", "y")),
        also=((204, "no ground is known there"), (404, "there is no such tile, or no terrain"), _BUSY),
    ),
    "GET /api/coverage": Endpoint("The state of coverage", shapes_maps.Coverage),
    "GET /api/coverage/layer": Endpoint(
        "The layer of a window of the map",
        None,
        "image/png",
        asked=(
            _HEIGHT,
            _KIND,
            Asked("box", "string", "west,south,east,north in degrees", required=True),
            Asked("width", "integer", "pixels", required=True),
        ),
        also=(_LATER, (304, "unchanged since If-None-Match"), _OFF, _WRONG, _BUSY),
    ),
    "GET /api/coverage/at": Endpoint(
        "From how low a place is seen",
        shapes_maps.CoverageAt,
        asked=(Asked("lat", "number", "degrees", required=True), Asked("lon", "number", "degrees", required=True)),
        also=(_LATER, _OFF, _WRONG),
    ),
    "GET /api/coverage/holes": Endpoint(
        "Where nobody sees, as GeoJSON", shapes_maps.Holes, asked=(_HEIGHT, _KIND), also=(_LATER, _OFF, _WRONG, _BUSY)
    ),
    "POST /api/coverage/try": Endpoint(
        "What a sensor would see elsewhere; changes nothing", shapes_maps.Tried, body=Try, also=(_LATER, _OFF, _WRONG, _BUSY)
    ),
    "POST /api/commands": Endpoint(
        "Send a command: it waits for the next tick",
        shapes.Queued,
        status=202,
        body=Command,
        also=((413, "the body is too long"), (415, "the body is not JSON"), _WRONG, (503, "too many commands wait: try again")),
    ),
    "WS /api/stream": Endpoint(
        "The live stream of the page, a WebSocket",
        None,
        status=SWITCHING,
        more="Its messages are described in docs/howto/read-the-api.md. OpenAPI has no words for a WebSocket: this is its opening request.",
    ),
}
"""What each endpoint of tenere.serve.accounts.roles.ROUTES is asked and answers, under the same names."""


def path_of(endpoint: str) -> tuple[str, str]:
    """Return the method and the path of an endpoint as OpenAPI writes them."""
    method, path = endpoint.split(" ")
    for converter in (":int", ":float", ":path"):
        path = path.replace(converter, "")
    return ("get" if method == "WS" else method.lower()), path


def _plain(schema: Any) -> Any:  # noqa: ANN401 - JSON Schema
    """Return a schema that lets an answer grow: clients read what they know."""
    if isinstance(schema, dict):
        return {k: _plain(v) for k, v in schema.items() if k != "additionalProperties" or v is not False}
    return [_plain(v) for v in schema] if isinstance(schema, list) else schema


def _operation(endpoint: str, one: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    """Return one operation of the document."""
    first: dict[str, Any] = {"description": one.summary}
    if one.status != SWITCHING:
        first["content"] = {one.media: {"schema": schemas[one.shape]} if one.shape is not None else {}}
    answers: dict[str, Any] = {str(one.status): first}
    refused = {JSON: {"schema": schemas[shapes.Error]}}
    allowed = ROUTES[endpoint]
    also = list(one.also)
    if allowed is not None:
        also += [(401, "nobody is signed in, where there are accounts")]
        also += [(403, "not for this role")] if allowed != frozenset(Role) or one.body is not None else []
    for status, when in also:
        answers[str(status)] = {"description": when, **({} if status < 400 else {"content": refused})}
    made: dict[str, Any] = {
        "operationId": _id(endpoint),
        "summary": one.summary,
        "responses": dict(sorted(answers.items())),
        "x-roles": "anyone" if allowed is None else sorted(allowed),
    }
    if one.more:
        made["description"] = one.more
    if one.asked:
        made["parameters"] = [
            {"name": a.name, "in": a.inside, "required": a.required, "description": a.meaning, "schema": {"type": a.type}}
            for a in one.asked
        ]
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": schemas[one.body]}}}
    return made


def _id(endpoint: str) -> str:
    """Return a name for programs: GET /api/tracks/{number:int} is get_tracks_number."""
    method, path = endpoint.lower().split(" ")
    words = path_of(f"{method} {path}")[1].replace("/api/", "/").replace("{", "").replace("}", "")
    return "_".join([method, *(w for w in words.replace(".", "/").replace("-", "/").split("/") if w)])


def document(version: str = "") -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    kinds = [k for one in ENDPOINTS.values() for k in (one.shape, one.body) if k is not None]
    kinds = [shapes.Error, *dict.fromkeys(kinds)]
    made, components = msgspec.json.schema_components(kinds, ref_template=REFS)
    schemas = dict(zip(kinds, made, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint, one in ENDPOINTS.items():
        method, path = path_of(endpoint)
        paths.setdefault(path, {})[method] = _operation(endpoint, one, schemas)
    described: dict[str, Any] = _plain(components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tenere",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "One recognised air picture, with its reasons. Times are seconds since 1970 UTC by the picture's own clock; "
            "what is not known is null; a name's ending is its unit. Answers may gain fields: read those you know.",
        },
        "servers": [{"url": "/"}],
        "paths": _plain(paths),
        "components": {
            "schemas": described,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "tenere_8080",
                    "description": "Set by POST /api/session; its name ends with the server's port. Needed only where there are accounts.",
                }
            },
        },
        "security": [{"session": []}, {}],
    }


@lru_cache(maxsize=1)
def _encoded(version: str) -> bytes:
    return msgspec.json.encode(document(version))


def openapi_routes(version: str) -> list[Route]:
    """Return the route of the document."""

    async def tell(_: Request) -> Response:
        return as_json(_encoded(version), headers={"Cache-Control": "max-age=3600"})

    return [Route("/api/openapi.json", tell)]
