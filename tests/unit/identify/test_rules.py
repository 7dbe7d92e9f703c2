"""Identity rules as data: the packaged ones, a file of one's own, and what a file is refused for."""

from __future__ import annotations

import msgspec
import pytest

from tenere.batch import Identity
from tenere.config import Config, load
from tenere.errors import UsageError
from tenere.identify.config import IdentifyConfig
from tenere.identify.rules import BIT, FACTS, Rules, packaged, parse

RULE = '[[rule]]\nname = "{0}"\nidentity = "{1}"\nwhen = {2}\n'


def facts(*names: str) -> int:
    return sum(BIT[n] for n in names)


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ((), Identity.UNKNOWN),
        (("young",), Identity.PENDING),
        (("young", "evident"), Identity.UNKNOWN),
        (("civil",), Identity.NEUTRAL),
        (("civil", "home"), Identity.ASSUMED_FRIEND),
        (("protected", "home"), Identity.ASSUMED_FRIEND),
        (("civil", "home", "contradicted"), Identity.NEUTRAL),
        (("home",), Identity.UNKNOWN),
        (("friendly",), Identity.ASSUMED_FRIEND),
        (("lost", "radar_alone", "emergency"), Identity.UNKNOWN),
    ],
)
def test_the_packaged_rules(held, wanted):
    assert Identity(int(Rules.of(()).table[facts(*held)])) == wanted


def test_no_rule_that_comes_with_tenere_rests_on_silence():
    assert not any(fact in rule.when for rule in packaged() for fact in ("lost", "radar_alone", "differs"))


def test_the_first_rule_that_holds_wins_and_the_version_is_what_they_say():
    made = parse(RULE.format("a", "neutral", '["claimed"]') + RULE.format("b", "pending", '["not claimed"]'))
    rules = Rules.of(made)
    assert [int(rules.table[facts(*f)]) for f in ((), ("claimed",))] == [Identity.PENDING, Identity.NEUTRAL]
    assert rules.name_of(BIT["claimed"]) == "a"
    assert rules.sha256 == Rules.of(made).sha256 != Rules.of(()).sha256
    assert len(FACTS) == 16


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no"),
        ("[[rule]\n", "mine"),
        (RULE.format("a", "neutral", '["civl"]'), 'did you mean "civil"'),
        (RULE.format("a", "neutral", '["civil", "not civil"]'), "never does"),
        (RULE.format("", "neutral", "[]"), "name is empty"),
        (RULE.format("a", "suspect", "[]"), "suspect"),
        (RULE.format("a", "neutral", "[]") * 101, "at most 100"),
        ("[[rule]]\nname = 7\n", "rule"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_reason(text, said):
    with pytest.raises(UsageError, match=said) as e:
        parse(text, "mine")
    assert str(e.value).startswith("mine: ")


def test_a_site_files_rules_file_is_held_whole_in_the_configuration(tmp_path):
    (tmp_path / "mine.toml").write_text(RULE.format("mine", "neutral", '["claimed"]'))
    (tmp_path / "site.toml").write_text('[identify]\nrules_file = "mine.toml"\n')
    config = load(tmp_path / "site.toml")
    assert [r.name for r in config.identify.rules] == ["mine"]
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(config), type=Config)
    assert again.identify.rules == config.identify.rules
    (tmp_path / "mine.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"mine\.toml: is not UTF-8"):
        load(tmp_path / "site.toml")
    (tmp_path / "mine.toml").unlink()
    with pytest.raises(UsageError, match=r"mine\.toml: cannot be read"):
        load(tmp_path / "site.toml")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[identify]\nweight_plan = 99.0\n", "weight_plan"),
        ("[identify]\nmemory_s = -1.0\n", "memory_s"),
        ("[identify.integrity]\nregion_clear = 0.9\n", "region_clear"),
        ("[identify.integrity]\ncell_deg = 0.0\n", "cell_deg"),
        ('[[identify.registry]]\nlabel = "x"\n', "address or a callsign"),
        ('[[identify.registry]]\nlabel = "x"\naddress = "xyz"\n', "24 bits"),
        ('[[identify.code_block]]\nfirst = "7000"\nlast = "0800"\n', "Mode A"),
        ('[[identify.rules]]\nname = "a"\nidentity = "neutral"\nwhen = ["nothing"]\n', "no fact"),
    ],
)
def test_a_site_file_is_refused_for_what_cannot_be(tmp_path, table, said):
    (tmp_path / "site.toml").write_text(table)
    with pytest.raises(UsageError, match=said):
        load(tmp_path / "site.toml")


def test_the_defaults_are_right():
    assert IdentifyConfig().rules == ()
