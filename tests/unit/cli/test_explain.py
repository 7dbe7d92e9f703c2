"""tenere explain: from tables and from a recording the same paragraph, and clear words where there is none."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import duckdb
import pytest

from tenere.cli import main
from tenere.cli.explain import Asked, read
from tenere.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def tables(shared_data, tmp_path_factory) -> tuple[Path, Path]:
    recording = shared_data / "asterix" / "akap_Jahorina.rply"
    out = tmp_path_factory.mktemp("explain") / "out"
    assert main(["replay", str(recording), "--out", str(out)]) == 0
    return recording, out


def test_tables_and_recording_tell_the_same(tables, capsys):
    recording, out = tables
    capsys.readouterr()
    told = []
    for source in (out, recording):
        assert main(["explain", "3@09:26:30", str(source), "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0]["paragraph"] == told[1]["paragraph"]
    assert told[0]["evidence"] == told[1]["evidence"] != []
    assert told[0]["name"] in told[0]["paragraph"]


def test_a_callsign_an_address_and_french_are_understood(tables, capsys):
    _, out = tables
    capsys.readouterr()
    assert main(["explain", "tui4my@09:26:30", str(out), "--lang", "fr"]) == 0
    assert "Pour" in capsys.readouterr().out


def test_every_identity_joins_to_its_evidence(tables):
    _, out = tables
    rows = duckdb.sql(
        f"select i.basis, count(e.rule) as pieces, bool_and(i.number = e.number) as own from '{out}/identities.parquet' i "
        f"left join '{out}/evidence.parquet' e using (basis) group by i.basis"
    ).fetchall()
    assert len(rows) > 100
    assert all(own for _, pieces, own in rows if pieces)
    assert sum(pieces > 0 for _, pieces, _ in rows) > 0.9 * len(rows)  # a track of radar alone may have none in its first tick
    both = f"(select basis from '{out}/identities.parquet' union all select basis from '{out}/alerts.parquet')"
    orphans = duckdb.sql(f"select count(*) from '{out}/evidence.parquet' anti join {both} using (basis)").fetchall()
    assert orphans == [(0,)]


@pytest.mark.parametrize(
    ("what", "time_s", "of_day"),
    [("7", math.nan, False), ("7@01:02", 3720.0, True), ("7@01:02:03.5", 3723.5, True), ("7@1795430530", 1795430530.0, False)],
)
def test_times_as_people_say_them(what, time_s, of_day):
    asked = read(what)
    assert asked.of_day == of_day
    assert asked.time_s == time_s or math.isnan(asked.time_s) == math.isnan(time_s)


def test_a_time_of_day_is_of_the_last_day_that_has_it():
    asked = Asked("7", 3600.0, of_day=True)
    assert asked.moment(86_400.0 + 7200.0) == 86_400.0 + 3600.0
    assert asked.moment(86_400.0 + 1800.0) == 3600.0


@pytest.mark.parametrize("what", ["@10:00", "7@25:00", "7@noon", "7@10:61"])
def test_what_is_no_time_is_refused(what):
    with pytest.raises(UsageError):
        read(what)


def test_what_is_not_there_is_said(tables, tmp_path, capsys):
    _, out = tables
    assert main(["explain", "NOBODY", str(out)]) == 1
    assert "no track is called NOBODY" in capsys.readouterr().err
    assert main(["explain", "3", str(tmp_path)]) == 1
    assert "tenere replay" in capsys.readouterr().err
    for name in ("tracks", "identities", "alerts", "evidence"):
        (tmp_path / f"{name}.parquet").write_bytes(b"PAR1 this is none")
    assert main(["explain", "3", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err
