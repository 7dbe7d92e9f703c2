"""The SAPIENT message classes, of two packages that are needed only where SAPIENT is spoken.

Protocol Buffers alone take almost any bytes that have the right shape: the mandatory fields and the forms of identifiers
that BSI Flex 335 v2 asks for are checked by a second layer (pydantic), on everything that comes in.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any, NamedTuple

import msgspec

from tenere.errors import UsageError, WireError

MISSING = "format sapient needs two more packages: pip install tenere[share]"
MOST_PARTS = 2000
"""Submessages of one message; a full registration has some hundreds."""
MOST_UNKNOWN = 100
"""Fields of a later edition that a message may have."""

NO_PROTOBUF = "SAPIENT message that is no protobuf"
NO_JSON = "SAPIENT message that is no JSON of one"
TOO_MANY = "SAPIENT message of too many parts"
EMPTY = "SAPIENT message without content"
INCOMPLETE = "without a mandatory field"
INVALID = "with a field that is not valid"

CONTENTS = (
    "registration",
    "registration_ack",
    "status_report",
    "detection_report",
    "task",
    "task_ack",
    "alert",
    "alert_ack",
    "error",
)
"""What a message may carry (SapientMessage.content), in order of its field numbers from 4."""
NAMES = {content: "SAPIENT " + content.replace("_", " ") for content in CONTENTS}


NO_VALUES = (msgspec.MsgspecError, ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError)
"""What the reader of JSON raises for values that do not fit."""


class Schema(NamedTuple):
    """The classes: the message, its model that checks it, their packages' errors, JSON reader and list of unknown fields."""

    message: Any
    model: Any
    incomplete: type[Exception]
    broken: type[Exception]
    parse_dict: Any
    no_json: tuple[type[Exception], ...]
    unknown: Any


@functools.cache
def load() -> Schema:
    """Return the classes; raise UsageError where the packages are not installed."""
    try:
        message = importlib.import_module("sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2").SapientMessage
        model = importlib.import_module("sapient_msg_pydantic.bsi_flex_335_v2_0.sapient_message").SapientMessage
        incomplete = importlib.import_module("sapient_msg_pydantic._options").IcdValidationError
        broken = importlib.import_module("google.protobuf.message").DecodeError
        unknown = importlib.import_module("google.protobuf.unknown_fields").UnknownFieldSet
        json_format = importlib.import_module("google.protobuf.json_format")
    except ImportError as e:
        raise UsageError(MISSING) from e
    return Schema(message, model, incomplete, broken, json_format.ParseDict, (json_format.ParseError, broken, *NO_VALUES), unknown)


def read(schema: Schema, raw: bytes, *, json: bool) -> Any:  # noqa: ANN401 - a class of a package loaded at run time
    """Return a message that keeps the standard's rules; raise WireError, its reason naming what kind of message broke which."""
    message = _from_json(schema, raw) if json else _from_binary(schema, raw)
    content = message.WhichOneof("content")
    if content is None:
        raise WireError(EMPTY)
    if parts(message, MOST_PARTS) >= MOST_PARTS:
        raise WireError(TOO_MANY)
    try:
        schema.model.from_pb2(message)
    except schema.incomplete as e:
        raise WireError(f"{NAMES[content]} {INCOMPLETE}") from e
    except (ValueError, TypeError, OverflowError, RecursionError) as e:
        raise WireError(f"{NAMES[content]} {INVALID}") from e
    return message


def _from_binary(schema: Schema, raw: bytes) -> Any:  # noqa: ANN401 - the same
    message = schema.message()
    try:
        message.ParseFromString(raw)
    except (schema.broken, ValueError, RecursionError) as e:
        raise WireError(NO_PROTOBUF) from e
    unknown = schema.unknown(message)
    if len(unknown) > MOST_UNKNOWN or any(f.field_number in message.DESCRIPTOR.fields_by_number for f in unknown):
        raise WireError(NO_PROTOBUF)  # a known number with another kind of value: other messages lie within
    return message


def _from_json(schema: Schema, raw: bytes) -> Any:  # noqa: ANN401 - the same
    """Read the JSON mapping of a message, bare or under the one key sapientMessage."""
    message = schema.message()
    try:
        given = msgspec.json.decode(raw)
        if isinstance(given, dict) and set(given) == {"sapientMessage"}:
            given = given["sapientMessage"]
        schema.parse_dict(given, message, ignore_unknown_fields=True, max_recursion_depth=32)
    except schema.no_json as e:
        raise WireError(NO_JSON) from e
    return message


def parts(message: Any, most: int) -> int:  # noqa: ANN401 - the same
    """Count the submessages of a message, at most up to a number."""
    count, todo = 0, [message]
    while todo and count < most:
        for field, value in todo.pop().ListFields():
            if field.message_type is None:
                continue
            if field.is_repeated:
                count += len(value)
                if count < most:
                    todo.extend(value)
            else:
                count += 1
                todo.append(value)
    return count
