"""Whatever a site file holds, it loads or is refused with UsageError: nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import typing

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.config import Config, build, parse
from tenere.errors import UsageError

scalars = (
    st.booleans()
    | st.integers()
    | st.integers(-2, 70000)
    | st.sampled_from([10**400, -(10**400), 2**63, -(2**63), 2**64])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["127.0.0.1:9000", "[::1]:1", "a:b:c", "::", ":", "x:1", "1.2.3.4:²", "radar", "asterix", "address"])
    | st.just(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    | st.just(dt.date(2026, 1, 1))
    | st.just(dt.time(1, 2, 3))
)
trees = st.recursive(scalars, lambda t: st.lists(t, max_size=4) | st.dictionaries(st.text(max_size=8), t, max_size=4), max_leaves=12)


def table(struct: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, object]]:
    """Tables with the struct's own keys, and values of any kind."""
    return st.fixed_dictionaries({}, optional={f.name: trees for f in msgspec.structs.fields(struct)})


def near_config() -> st.SearchStrategy[dict[str, object]]:
    made = {}
    for name, hint in typing.get_type_hints(Config).items():
        inner = typing.get_args(hint)
        struct = inner[0] if inner else hint
        made[name] = st.lists(table(struct), max_size=3) if typing.get_origin(hint) is tuple else table(struct)
    return st.fixed_dictionaries({}, optional=made)


def loads_or_is_refused(tree: dict[str, object]) -> None:
    with contextlib.suppress(UsageError):
        made = build(tree, "s.toml")
        assert isinstance(made, Config)
        msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Config)  # a log can keep it


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(Config.__struct_fields__), trees, max_size=4))
def test_any_tree(tree):
    loads_or_is_refused(tree)


@settings(deadline=None, max_examples=300)
@given(near_config())
def test_any_values_under_the_right_keys(tree):
    loads_or_is_refused(tree)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200) | st.text("[]{}=.\"'#\n abcdef0123456789-:+_", max_size=200))
def test_any_text(text):
    with contextlib.suppress(UsageError):
        assert isinstance(parse(text), Config)
