"""The reference page of the HTTP interface, from the table that the OpenAPI document is made from."""

from __future__ import annotations

import re
from typing import Any

from tenere.serve.openapi import ENDPOINTS, document, path_of

ABOUT = (
    "The same as OpenAPI 3.1, for programs: `GET /api/openapi.json`. How to use it is in [Read the API](../howto/read-the-api.md). "
    "Times are seconds since 1970-01-01 UTC by the picture's own clock; what is not known is `null`; a name's ending is its unit. "
    "Answers may gain fields: read those you know."
)


def page(made: str) -> str:
    """Return the page."""
    told = document()
    out = ["# HTTP", "", made, "", ABOUT, "", "## Endpoints", "", "| endpoint | what it answers | who |", "| --- | --- | --- |"]
    for endpoint, one in ENDPOINTS.items():
        operation = _operation(told, endpoint)
        who = operation["x-roles"]
        shown = "anyone" if who == "anyone" else "every role" if len(who) == 6 else ", ".join(who)
        out.append(f"| [`{_shown(endpoint)}`](#{_anchor(endpoint)}) | {one.summary} | {shown} |")
    for endpoint in ENDPOINTS:
        out += _section(endpoint, _operation(told, endpoint))
    out += ["", "## Schemas", ""]
    for name, schema in told["components"]["schemas"].items():
        out += _schema(name, schema)
    return "\n".join(out).rstrip() + "\n"


def _operation(told: dict[str, Any], endpoint: str) -> dict[str, Any]:
    method, path = path_of(endpoint)
    found: dict[str, Any] = told["paths"][path][method]
    return found


def _shown(endpoint: str) -> str:
    """Return an endpoint as a reader writes it."""
    return f"{endpoint.split(' ', maxsplit=1)[0]} {path_of(endpoint)[1]}"


def _anchor(endpoint: str) -> str:
    """Return the anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", _shown(endpoint).lower()).strip().replace(" ", "-")


def _section(endpoint: str, operation: dict[str, Any]) -> list[str]:
    out = ["", f"### {_shown(endpoint)}", "", f"{operation['summary']}."]
    if more := operation.get("description"):
        out += ["", more]
    if asked := operation.get("parameters"):
        out += ["", "| parameter | where | type | meaning |", "| --- | --- | --- | --- |"]
        out += [
            f"| `{a['name']}`{'' if a['required'] else ' (may be left out)'} | {a['in']} | {a['schema']['type']} | {a['description']} |"
            for a in asked
        ]
    if body := operation.get("requestBody"):
        out += ["", f"Body: {_type(body['content']['application/json']['schema'])}."]
    out += ["", "| status | answer |", "| --- | --- |"]
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        kinds = "; ".join(f"`{media}`{_of(held)}" for media, held in content.items())
        out.append(f"| {status} | {answer['description']}{': ' + kinds if kinds else ''} |")
    return out


def _of(held: dict[str, Any]) -> str:
    return f" {_type(held['schema'])}" if "schema" in held else ""


def _type(schema: dict[str, Any]) -> str:
    """Name a schema's type, as text."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(s) for s in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{v}`" for v in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_type(schema['items'])}" if schema.get("items") else "list"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"table of {_type(more)}" if isinstance(more, dict) else "table"
    return str(kind) if kind else "anything"


def _schema(name: str, schema: dict[str, Any]) -> list[str]:
    said = " ".join(str(schema.get("description", "")).split("\n\n")[0].split())
    out = [f"### {name}", "", *([said, ""] if said else [])]
    needed = set(schema.get("required", ()))
    if fields := schema.get("properties"):
        out += ["| field | type |", "| --- | --- |"]
        out += [f"| `{f}`{'' if f in needed else ' (may be absent)'} | {_type(t).replace('|', '&#124;')} |" for f, t in fields.items()]
        out += [""]
    return out
