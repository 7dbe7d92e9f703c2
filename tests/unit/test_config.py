"""The site file: what is wrong in it is named with its path."""

from __future__ import annotations

import math

import msgspec
import pytest

from tenere import config
from tenere.config import BOUNDS, Config, build, check, load, parse
from tenere.errors import UsageError
from tenere.feeds.exercise_feed import open_exercise
from tenere.site import transports_of

SOURCE = '[[source]]\nid = "a"\nudp = "127.0.0.1:9000"\n'


def refused(text: str) -> str:
    with pytest.raises(UsageError) as e:
        parse(text, "site.toml")
    assert e.value.usage
    assert str(e.value).startswith("site.toml: ")
    return str(e.value)


def test_an_empty_file_gives_every_default():
    made = parse("")
    assert made == Config() or repr(made) == repr(Config())  # NaN differs from itself
    assert made.site.tick_s == 1.0
    assert math.isnan(made.site.centre_lat_deg)


def test_every_default_written_out_loads():
    tree = msgspec.to_builtins(Config())
    tree.pop("exercise")
    tree = {k: v for k, v in tree.items() if not isinstance(v, tuple | list)}
    tree = {k: {n: v for n, v in t.items() if v == v and v is not None} for k, t in tree.items()}  # NaN and nothing: not given
    assert repr(build(tree)) == repr(Config())


def test_the_exercise_site_passes_its_own_checks():
    from tenere.cli.setting import complete, site

    made = complete(site(None))
    check(made, "exercise")
    assert len(made.sensor) >= 8
    assert repr(open_exercise(made.exercise).sensors) == repr(made.sensor)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sit]\n", 'unknown key sit; did you mean "site"?'),
        ("[site]\ntik_s = 1.0\n", 'unknown key site.tik_s; did you mean "tick_s"?'),
        ("[site]\nqqqqqq = 1\n", "unknown key site.qqqqqq; known here: centre_lat_deg, centre_lon_deg, name"),
        (SOURCE + '[[sensor]]\nid = "x"\nsak = 1\n', 'unknown key sensor[0].sak; did you mean "sac"?'),
        (SOURCE + '[[sensor]]\nid = "x"\n[[sensor]]\nid = "y"\nlat_dg = 1\n', 'sensor[1].lat_dg; did you mean "lat_deg"?'),
        ("[exercise]\nsead = 1\n", 'unknown key exercise.sead; did you mean "seed"?'),
        ('[site]\ntick_s = "1"\n', "site.tick_s: expected a number, got text"),
        ('[serve]\nport = "8080"\n', "serve.port: expected a whole number, got text"),
        ("[serve]\nport = 80.5\n", "serve.port: expected a whole number, got a number"),
        ("[serve]\nport = true\n", "serve.port: expected a whole number, got true or false"),
        ("site = 3\n", "site: expected a table, got a whole number"),
        ("[sensor]\nid = 'x'\n", "sensor: expected a list, got a table"),
        (SOURCE + '[[sensor]]\nid = "x"\nlat_deg = "13N"\n', "sensor[0].lat_deg: expected a number, got text"),
        (SOURCE + '[[sensor]]\nname = "x"\n', "sensor[0]: missing required field `id`"),
        (SOURCE + '[[sensor]]\nid = "x"\nkind = "rader"\n', "sensor[0].kind: invalid enum value 'rader'"),
        (SOURCE + '[[sensor]]\nid = "x"\nlat_deg = 91.0\nlon_deg = 2\n', "sensor[0].lat_deg: 91.0 is outside -90 to 90"),
        (SOURCE + '[[sensor]]\nid = "x"\nlat_deg = 9.0\nlon_deg = -181\n', "sensor[0].lon_deg: -181.0 is outside -180 to 180"),
        (SOURCE + '[[sensor]]\nid = "x"\nlat_deg = 9.0\n', "sensor[0]: give both lat_deg and lon_deg, or neither"),
        (SOURCE + '[[sensor]]\nid = "x"\nlat_deg = inf\nlon_deg = 1\n', "sensor[0].lat_deg: inf is outside -90 to 90"),
        (SOURCE + '[[sensor]]\nid = "x"\ndetection = 1.5\n', "sensor[0].detection: 1.5 is outside"),
        (SOURCE + '[[sensor]]\nid = "x"\nrange_std_m = 0\n', "sensor[0].range_std_m: 0.0 is outside"),
        (SOURCE + '[[sensor]]\nid = "x"\nheight_m = nan\n', "sensor[0].height_m: nan is outside"),
        (SOURCE + '[[sensor]]\nid = "x"\nsource = "b"\n', "sensor[0] (x): there is no source 'b'; there are a"),
        (SOURCE + '[[sensor]]\nid = "x"\n[[sensor]]\nid = "x"\n', "sensor: two sensors share the id 'x'"),
        (SOURCE + '[[sensor]]\nid = ""\n', "sensor[0]: its id is empty"),
        (SOURCE + SOURCE, "source: two feeds share the id 'a'"),
        ('[[source]]\nid = "a"\n', 'source[0] (a): give one of udp = "address:port", tcp = "host:port", listen'),
        ('[[source]]\nid = "a"\nudp = "1.2.3.4:5"\ntcp = "h:6"\n', "given are udp and tcp"),
        ('[[source]]\nid = "a"\nfolder = "in"\nfile = "f"\nserial = "/dev/x"\n', "given are serial and file and folder"),
        ('[[source]]\nid = "a"\nlisten = "9000"\n', "source[0] (a): '9000' is not host:port"),
        ('[[source]]\nid = "a"\nlisten = "here:9000"\n', "source[0] (a): listen: 'here' is not an IP address"),
        (SOURCE + 'udp2 = "radar.local:1"\n', "source[0] (a): udp2: 'radar.local' is not an IP address"),
        (SOURCE + 'udp2 = "127.0.0.1:9000"\n', "source[0] (a): udp2: is the first network again; give the second one's own"),
        (SOURCE + 'interface2 = "127.0.0.1"\n', "source[0] (a): interface2: says something of udp2, which is not given"),
        ('[[source]]\nid = "a"\ntcp = "h:1"\nudp2 = "127.0.0.1:1"\n', "udp2: says something of udp, which is not given"),
        (SOURCE + "baud = 9600\n", "source[0] (a): baud: says something of serial, which is not given"),
        (SOURCE + "loop = true\n", "source[0] (a): loop: says something of capture"),
        (SOURCE + "from_start = true\n", "source[0] (a): from_start: says something of file and folder"),
        ('[[source]]\nid = "a"\nserial = "/dev/x"\nbaud = 9601\n', "source[0] (a): baud: there is no rate 9601; there are 300, 600"),
        ('[[source]]\nid = "a"\ncapture = "x"\nspeed = 0\n', "source[0].speed: 0.0 is outside 0.01 to 1000"),
        ('[[source]]\nid = "a"\ntcp = "h:1"\none_way = true\n', "one_way: tcp acknowledges what it gets, so it sends"),
        ('[[source]]\nid = "a"\nlisten = "::1:1"\none_way = true\n', "one_way: listen acknowledges"),
        ('[[source]]\nid = "a"\nudp = "239.1.1.1:1"\none_way = true\n', "one_way: udp: joining a multicast group sends reports"),
        ('[[source]]\nid = "a"\nudp = "1.2.3.4"\n', "source[0] (a): '1.2.3.4' is not host:port"),
        ('[[source]]\nid = "a"\nudp = "1.2.3.4:"\n', "'1.2.3.4:' is not host:port"),
        ('[[source]]\nid = "a"\nudp = "1.2.3.4:0"\n', "is not host:port"),
        ('[[source]]\nid = "a"\nudp = "1.2.3.4:65536"\n', "is not host:port"),
        ('[[source]]\nid = "a"\nudp = "1.2.3.4:²"\n', "is not host:port"),
        ('[[source]]\nid = "a"\ntcp = ":9000"\n', "is not host:port"),
        ('[[source]]\nid = "a"\nudp = "radar.local:9000"\n', "source[0] (a): udp: 'radar.local' is not an IP address"),
        (SOURCE + 'interface = "eth0"\n', "source[0] (a): interface: 'eth0' is not an IP address"),
        (SOURCE + 'format = "asterisk"\n', "source[0] (a): format: there is no 'asterisk'; did you mean \"asterix\"?"),
        ("[site]\ntick_s = 0.01\n", "site.tick_s: 0.01 is outside 0.1 to 10"),
        ("[site]\ntick_s = nan\n", "site.tick_s: nan is outside"),
        ("[site]\ncentre_lat_deg = 10\n", "site: give both centre_lat_deg and centre_lon_deg, or neither"),
        ("[serve]\nport = 65536\n", "serve.port: 65536 is outside 0 to 65535"),
        ('[serve]\nhost = ""\n', "serve.host: is empty"),
        ("[record]\nsync_s = inf\n", "record.sync_s: inf is outside 0 to 60"),
        ("[exercise]\nopening_s = inf\n", "exercise.opening_s: inf is outside"),
        ("[exercise]\naircraft = -1\n", "exercise.aircraft: -1 is outside"),
        ("[track]\nconfirm_existence = 2.0\n", "track.confirm_existence: 2.0 is outside"),
        ('[track]\nfeatures = ["adress"]\n', "track.features[0]: invalid enum value 'adress'"),
        ("[site\n", "not valid TOML"),
        ("a = " + "[" * 20_000, "not valid TOML"),
        ("a = " + "9" * 5000, "not valid TOML"),
        (f"[serve]\nport = {10**30}\n", "serve.port: "),
        (f"[site]\ntick_s = {10**400}\n", "site.tick_s: "),
    ],
)
def test_what_is_wrong_is_named_with_its_path(text, said):
    assert said in refused(text)


@pytest.mark.parametrize("udp", ["239.1.2.3:8600", "[::1]:8600", "0.0.0.0:8600"])
def test_addresses_that_can_be_listened_on(udp):
    assert parse(f'[[source]]\nid = "a"\nudp = "{udp}"\n').source[0].udp == udp


def test_a_tcp_feed_may_name_a_host():
    assert parse('[[source]]\nid = "a"\nformat = "beast"\ntcp = "radar.local:30005"\n').source[0].tcp == "radar.local:30005"


@pytest.mark.parametrize(
    "keys",
    [
        'udp = "239.1.2.3:8600"\ninterface = "10.0.0.1"\nudp2 = "239.1.2.3:8600"\ninterface2 = "10.0.1.1"',
        'udp = "127.0.0.1:8600"\none_way = true',
        'listen = "[::]:8600"',
        'serial = "/dev/ttyUSB0"\nbaud = 9600\none_way = true',
        'file = "/var/log/plots"\nfrom_start = true\none_way = true',
        'folder = "in"\none_way = true',
        'capture = "x.pcap"\nspeed = 2\nloop = true\none_way = true',
    ],
)
def test_every_way_in_can_be_named(keys):
    (source,) = parse(f'[[source]]\nid = "a"\n{keys}\n').source
    assert transports_of(source) == [keys.split(" ")[0]]


def test_bounds_name_fields_that_exist_and_hold_their_defaults():
    for struct, bounds in BOUNDS.items():
        fields = {f.name: f for f in msgspec.structs.fields(struct)}
        assert set(bounds) <= set(fields)
        for name, (low, high) in bounds.items():
            value = fields[name].default
            assert value is msgspec.NODEFAULT or value != value or low <= value <= high, (struct, name)


def test_files_that_cannot_be_site_files(tmp_path):
    cases = {
        "absent.toml": None,
        "latin.toml": "name = 'Téra'".encode("latin-1"),
        "null.toml": b"\x00\x00",
    }
    for name, data in cases.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(UsageError, match=name):
            load(path)
    with pytest.raises(UsageError, match="Is a directory"):
        load(tmp_path)
    with pytest.raises(UsageError, match="byte 9"):
        load(tmp_path / "latin.toml")


def test_an_endless_file_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(config, "MAX_BYTES", 1 << 20)
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        load("/dev/zero")


def test_a_byte_order_mark_is_no_error(tmp_path):
    path = tmp_path / "s.toml"
    path.write_bytes(b'\xef\xbb\xbf[site]\nname = "Niger"\r\n')
    assert load(path).site.name == "Niger"
