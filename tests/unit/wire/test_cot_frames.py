"""Cursor-on-Target streams and datagrams: where events lie, what damage costs, what is refused."""

from __future__ import annotations

import pytest

from tenere.tick import Chunk
from tenere.wire import cot
from tenere.wire.cot import decode as reader
from tenere.wire.cot import event, frames, protobuf
from tenere.wire.format import SourceHint

NOW = 1_767_225_600.0
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def xml(uid: str = "one", *, detail: str = "") -> bytes:
    times = 'time="2026-01-01T00:00:00Z" start="2026-01-01T00:00:00Z" stale="2026-01-01T00:01:00Z"'
    return f'<event uid="{uid}" type="a-n-A" {times} how="m-g"><point lat="1" lon="1"/><detail>{detail}</detail></event>'.encode()


def message(uid: str = "one") -> bytes:
    fields = ((1, "a-n-A"), (5, uid), (6, int(NOW * 1000)), (10, 1.0), (11, 1.0))
    return protobuf.put(2, b"".join(protobuf.put(n, v) for n, v in fields))


def mesh(uid: str = "one") -> bytes:
    return frames.MESH_HEAD + message(uid)


def stream(uid: str = "one") -> bytes:
    raw = message(uid)
    return b"\xbf" + protobuf.put_varint(len(raw)) + raw


def names(*units: bytes, state: reader.State | None = None) -> tuple[list[str], dict[str, int]]:
    """Return the uids heard and the refusals counted."""
    state = state or reader.init(SourceHint())
    rejects = reader.Rejects()
    heard = reader.hear(state.scanner, Chunk.of("c", units, NOW), rejects)
    return [h.event.uid for h in heard if h.event], rejects.counts


def test_events_follow_one_another_in_any_wrapping() -> None:
    parts = [DECLARATION + xml("a"), stream("b"), xml("c"), b"\r\n", DECLARATION, xml("d"), mesh("e"), stream("f"), mesh("g")]
    assert names(b"".join(parts)) == (["a", "b", "c", "d", "e", "f", "g"], {})
    assert names(*parts) == (["a", "b", "c", "d", "e", "f", "g"], {})


def test_a_stream_may_be_cut_anywhere() -> None:
    data = DECLARATION + xml("a") + stream("b") + stream("c") + DECLARATION + xml("d")
    for at in range(len(data) + 1):
        state = reader.init(SourceHint())
        one, refused = names(data[:at], state=state)
        other, more = names(data[at:], state=state)
        assert (one + other, refused, more) == (["a", "b", "c", "d"], {}, {}), at


def test_a_byte_at_a_time() -> None:
    data = DECLARATION + xml("a") + stream("b") + xml("c")
    state = reader.init(SourceHint())
    assert [n for i in range(len(data)) for n in names(data[i : i + 1], state=state)[0]] == ["a", "b", "c"]


def test_each_event_has_the_time_of_the_unit_in_which_it_ends() -> None:
    state = reader.init(SourceHint())
    data = xml("a") + xml("b")
    chunk = Chunk.of("c", [data[:10], data[10:-10], data[-10:]], [1.0, 2.0, 3.0])
    assert [h.receive_s for h in reader.hear(state.scanner, chunk, reader.Rejects())] == [2.0, 3.0]


def test_a_place_is_counted_from_the_chunk() -> None:
    state = reader.init(SourceHint())
    data = xml("a") + xml("b")
    step = cot.FORMAT.step
    _, one = step(state, Chunk.of("c", [data[:-5]], NOW, 100), NOW)
    _, other = step(state, Chunk.of("c", [data[-5:] + xml("c")], NOW, 100 + len(data) - 5), NOW)
    assert one.system.reference.tolist() == [0]
    assert other.system.reference.tolist() == [0, 5]


@pytest.mark.parametrize("broken", [xml("x")[:-20], mesh("x")[:-5], mesh("x")[:5], b"\xbf\x01\xbf", b"\xbf\xff\xff\x03\x0a", b"junk", b""])
@pytest.mark.parametrize("good", [xml, mesh, lambda n: DECLARATION + xml(n)])
def test_a_damaged_datagram_costs_no_other(broken: bytes, good) -> None:
    heard, refused = names(good("a"), broken, good("b"), good("c"))
    assert heard == ["a", "b", "c"]
    assert len(refused) <= 1
    state = reader.init(SourceHint())
    assert [n for u in (good("a"), broken, good("b"), good("c")) for n in names(u, state=state)[0]] == ["a", "b", "c"]


@pytest.mark.parametrize("wrap", [xml, stream])
def test_damage_in_a_stream_costs_the_event_it_hits(wrap) -> None:
    whole = wrap("b")
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0xFF
        heard, _ = names(wrap("a") + bytes(broken) + b"".join(wrap(n) for n in "cdefgh") + xml("z") * 2)
        assert heard[0] == "a", at
        assert set("efgh") <= set(heard), at  # a broken size may take the next one or two with it


def test_an_event_cut_short_by_another_leaves_the_other() -> None:
    assert names(xml("a")[:60] + xml("b") + xml("c")) == (["b", "c"], {frames.CUT: 1})


def test_what_lies_between_is_counted_once_a_run() -> None:
    assert names(xml("a") + b"what? is this" + xml("b") + b"\xbf\xbf and \xbf\x02" + xml("c") + b"end") == (
        ["a", "b", "c"],
        {frames.STRAY: 3},
    )


@pytest.mark.parametrize("junk", [b"\xbf" * 50, b"\xbf\x01", b"\xef\xbb", b"\xbf\x02\x03", b"\xbf\x80\x80\x80\x80\x01\x0a", b"<", b"?>"])
def test_bytes_that_look_a_little_like_a_message_are_stray(junk: bytes) -> None:
    assert names(xml("a") + junk + xml("b") + stream("c")) == (["a", "b", "c"], {frames.STRAY: 1})


def test_a_byte_order_mark_is_nothing() -> None:
    assert names(b"\xef\xbb\xbf" + DECLARATION + xml("a"), b"\xef\xbb\xbf" + xml("b")) == (["a", "b"], {})


def test_a_document_type_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    assert names(DECLARATION + bomb + xml("a", detail="<remarks>&b;</remarks>") + xml("b")) == (
        ["b"],
        {frames.STRAY: 1, frames.TYPED: 1},
    )
    assert names(DECLARATION + bomb + xml("a"), xml("b")) == (["b"], {frames.STRAY: 1, frames.TYPED: 1})
    assert names(bomb, xml("b"))[0] == ["b"]


def test_an_external_entity_is_refused_and_nothing_is_fetched(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    typed = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    assert names(typed + xml("a", detail="<remarks>&e;</remarks>"))[0] == []


@pytest.mark.parametrize(
    "detail",
    [
        "&undefined;",
        "<!DOCTYPE x>",
        "<a>",
        "</detail>",
        "\x01",
        '<a b="1" b="2"/>',
        "<x:a/>",
        "<![CDATA[",
        "<!--",
        "<a" + " <event x" + "/>",
    ],
)
def test_what_is_no_xml_is_counted(detail: str) -> None:
    heard, refused = names(xml("a", detail=detail) + xml("b"))
    assert heard == ["b"]
    assert refused in ({event.NO_XML: 1}, {event.ENTITIES: 1}, {event.NO_XML: 1, frames.CUT: 1}, {frames.CUT: 1})


def test_bytes_that_are_no_utf8_are_no_xml() -> None:
    assert names(xml("a").replace(b"how", b"\xff\xfe") + xml("b")) == (["b"], {event.NO_XML: 1})


def test_an_event_may_have_64_kb_and_no_more() -> None:
    room = frames.LONGEST - len(xml("a", detail="<a></a>"))
    assert names(xml("a", detail=f"<a>{'x' * room}</a>") + xml("b")) == (["a", "b"], {})
    heard, refused = names(xml("a", detail=f"<a>{'x' * (room + 100)}</a>") + xml("b"))
    assert (heard, refused) == (["b"], {frames.TOO_LONG: 1, frames.STRAY: 1})
    heard, refused = names(xml("a")[:-8] + b"x" * 200_000 + xml("b"))
    assert heard == ["b"]
    assert refused[frames.TOO_LONG] == 1


def test_deep_nesting_and_many_attributes_end() -> None:
    deep = "<a>" * 9000 + "</a>" * 9000
    wide = "<a " + " ".join(f'b{i}="1"' for i in range(6000)) + "/>"
    many = "<a/>" * 10_000
    assert names(xml("a", detail=deep) + xml("b", detail=wide) + xml("c", detail=many)) == (["a", "b", "c"], {})


def test_what_is_kept_is_bounded() -> None:
    for junk in (b"<event ", b"\xbf\xff\xff\x03\x0a", b"\xbf\x01\xbf\x0a\xff\xff\x03", b"<", b"<?xml ", b"x", b"<!DOCTYPE ", b"\xbf"):
        state = reader.init(SourceHint())
        for _ in range(20):
            names(junk * (20_000 // len(junk)), state=state)
            assert len(state.scanner.tail) <= frames.LONGEST + 16
        assert names(b"\0" * 70_000 + xml("a") + xml("b"), state=state)[0][-1] == "b"


def test_frames_within_frames_are_looked_into_a_few_times_only() -> None:
    nest = b"\xbf\x80\x80\x02\x12\x05"  # each claims 32 kB
    data = nest * 8000 + stream("a") * 3
    state = reader.init(SourceHint())
    calls = 0
    read_one = reader._read_one

    def counted(data: bytes, found: frames.Message):
        nonlocal calls
        calls += found.end - found.at
        return read_one(data, found)

    reader._read_one = counted
    try:
        names(data + bytes(70_000), state=state)
    finally:
        reader._read_one = read_one
    assert 0 < calls <= 10 * (len(data) + 70_000)


def test_a_file_splits_into_its_events() -> None:
    data = DECLARATION + xml("a") + stream("b") + mesh("c") + b"rest"
    ends, times_s, _ = cot.FORMAT.split(data)
    marks = [len(DECLARATION + xml("a")), len(DECLARATION + xml("a") + stream("b")), len(data) - 4, len(data)]
    assert ends.tolist() == marks
    assert times_s.tolist() == [NOW] * 4
    units = [data[a:b] for a, b in zip([0, *marks], marks, strict=False)]
    assert names(*units)[0] == ["a", "b", "c"]
    assert cot.FORMAT.split(b"")[0].tolist() == [0]
    assert cot.FORMAT.split(b"nothing")[0].tolist() == [7]


@pytest.mark.parametrize("wrap", [xml, mesh, stream, lambda n: DECLARATION + xml(n)])
def test_it_knows_its_own(wrap) -> None:
    data = b"".join(wrap(f"u{i}") for i in range(200))
    assert cot.FORMAT.likeness(data[:65_536]) > 0.95
    for at in (1, 33, 77, 130):
        assert cot.FORMAT.likeness(data[at : at + 5000]) > 0.85


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xbf",
        b"<event ",
        b"<html><body>" + b"<p>event</p>" * 100,
        b'<?xml version="1.0"?><gpx>' + b'<trkpt lat="1" lon="1"/>' * 1000,
        bytes(range(256)) * 100,
        b"\xbf\x01\xbf" * 1000,
        b"MSG,3,1,1,4CA1FA,1,2026/01/01,00:00:00\r\n" * 200,
        b"x" * 5000 + b"\xbf\x04\x0a\x02\x08\x01",
    ],
)
def test_it_does_not_know_others(head: bytes) -> None:
    assert cot.FORMAT.likeness(head) < 0.05
