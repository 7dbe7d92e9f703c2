"""What may be said on the command line: commands, options, help. Imports nothing slow, for --help and --version are asked often."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from tenere import __version__
from tenere.cli import account_grammar, airspace_grammar, drill_grammar, explain_grammar, nuisance_grammar
from tenere.cli.declaring import command, read_as

SLOWEST = 1e-3
LONGEST_S = 1e9

RUN_EXAMPLES = """\
examples:
  tenere run                                 the built-in exercise: Niger's sky, simulated
  tenere run site.toml --port 8090           a site's own sensors
  tenere run site.toml --record logs         the same, with the tick log kept in logs/
"""
RECORD_EXAMPLES = """\
examples:
  tenere record site.toml --out logs         keep what the feeds bring, until Ctrl-C
  tenere record --duration 60 --out logs     a minute of the built-in exercise
"""
REPLAY_EXAMPLES = """\
examples:
  tenere replay morning.pcap                         as fast as it goes; prints what it made of it
  tenere replay morning.pcap --serve --speed 10      watch it ten times as fast on http://127.0.0.1:8080
  tenere replay a.ast b.ast --speed max --out out    both together; tables and a tick log in out/
  tenere replay out/replay.ticks                     the same picture again, bit for bit
"""
DECODE_EXAMPLES = """\
what it does:
  Each file is opened, its framing found (pcap, pcapng, Final, RPLY, GPS, gzip round any of them, or none) and its
  format (ASTERIX, Beast, Mode S text, Remote ID, SBS, UAT, GDL 90, OGN, NMEA, Cursor-on-Target, SAPIENT, flight-plan
  messages, tables of plots; plugins add more). Names of files are never asked. Every record is read; what stands is
  counted by kind, and what is refused by reason, with the byte in the file where that first happened and who sent it.

tables:
  With --to, every field of every record is written, one table a kind of record: DIR/CAT048.parquet, DIR/DF17.parquet ...
  Columns keep the units of their standard; in Parquet each column carries its unit and meaning. What a record does not
  say is null; what it says several times is a list. The columns of every table: docs/reference/asterix.md and
  docs/reference/details.md. Reading them: duckdb -c "select i040_rho from 'DIR/CAT048.parquet'"
  In csv, lists are their values apart by blanks and bytes are hex; in jsonl, what is absent is left out.

options of a format:
  --option editions.48=1.30      read CAT048 as edition 1.20 (asterix)
  --mapping columns.toml         which column of a table means what (plots); see docs/howto/read-tables-of-plots.md

exit status:
  0 every file yielded records; 1 one could not be read or yielded none; 2 wrong usage; 130 interrupted: no table is left
  half written.

examples:
  tenere decode morning.pcap                           what is in it, as a table
  tenere decode *.ast --json                           the same for programs
  tenere decode morning.pcap --to parquet -o tables    every field of every record, a table a category
  tenere decode plots.csv --format plots --mapping columns.toml
"""
TRACK_EXAMPLES = """\
what it does:
  Reads Parquet tables of plots (the columns of Plots, docs/reference/columns.md, or others with --mapping; tenere replay
  --out DIR writes DIR/plots.parquet of any recording) a little at a time, in the order of their times, runs the tracker
  alone over them and writes the columns of Tracks: one row a confirmed track a tick. See docs/howto/track-a-table-of-plots.md

exit status:
  0 done; 1 a file could not be read or no row stood; 2 wrong usage or site file; 130 interrupted: no file is left half
  written.

examples:
  tenere track plots.parquet --site site.toml --out tracks.parquet
  tenere track monday.parquet tuesday.parquet --out tracks.parquet --tick 4 --json
  tenere track plots.parquet --site site.toml --out tracks.parquet --smooth 30
"""
SCORE_EXAMPLES = """\
what it does:
  Holds a table of tracks (what tenere track and tenere replay --out write, or any table with number, time_s and a place)
  against where the aircraft were: a Parquet or CSV table with id, time_s and lat_deg, lon_deg or x_m, y_m; or another
  table of tracks or plots that is held to be right. Prints GOSPA and its parts, the SIAP measures, continuity, changes of
  track, the wait for a track, errors of place, height and velocity, and how often the stated ellipse holds the truth.
  What each means, and the columns: docs/howto/score-tracks.md

exit status:
  0 done; 1 a file could not be read or had no time or place in common with the other; 2 wrong usage; 130 interrupted: no
  file is left half written.

examples:
  tenere score tracks.parquet truth.csv
  tenere score tracks.parquet truth.parquet --cutoff 1000 --cutoff 5000 --json
  tenere score tracks.parquet out/plots.parquet --truth-kind adsb --partial
  tenere score tracks.parquet truth.csv --from 600 --until 4200 --out steps.parquet
"""
COMPARE_EXAMPLES = """\
what it does:
  Lays two tables of tracks of the same air over each other: which tracks are one aircraft, how they differ in place,
  height, velocity and address (B minus A), and what is only in one. With --truth, also the scores of both beside each
  other. See docs/howto/score-tracks.md

exit status: as of tenere score

examples:
  tenere compare before.parquet after.parquet
  tenere compare ours.parquet theirs.parquet --truth truth.csv --json
"""
PERFORMANCE_EXAMPLES = """\
what it does:
  Runs recordings through the picture, as tenere replay does, and says of each sensor and of all together how often an
  aircraft is seen, its gaps, how far plots lie from their tracks, its noise, wrong and missing codes, false and split plots,
  delays and clock. No truth is needed. Each figure is judged by limits that name their source; --thresholds changes them.
  What each figure means, and how to write limits: docs/howto/measure-sensors.md

exit status:
  0 measured, whatever the verdicts; 1 a file could not be read or held no plot; 2 wrong usage, site file or thresholds;
  130 interrupted: no report is left half written.

examples:
  tenere performance morning.pcap                            each sensor's figures, as a table
  tenere performance radar.ast mlat.ast --site site.toml     several, merged on their own times
  tenere performance morning.pcap --html report.html         the same with pictures, in one file
  tenere performance morning.pcap --thresholds limits.toml --json
"""
COVERAGE_EXAMPLES = """\
what it does:
  Computes from terrain and sensors which share of each area is seen at each height by nobody, by one sensor, by two or more;
  what each sensor adds, and what is lost where it fails. Areas are the [[area]] tables of the site file; without any, the
  home country. With --out also as tables, maps, rasters, outlines and a report with pictures: docs/howto/report-coverage.md

heights:
  1500ft, 300m         above the ground
  FL195                a flight level, by the standard atmosphere above mean sea level
  5000ft-amsl, 3000m-amsl   above mean sea level

exit status:
  0 computed, even where sensors had to be left out (they are named); 1 terrain or a file could not be read, or nothing could
  be computed; 2 wrong usage or site file; 130 interrupted: no file is left half written.

examples:
  tenere coverage site.toml                                   the site file's heights, as a table
  tenere coverage site.toml --at 1500ft --at FL195 --json     two heights, for programs
  tenere coverage site.toml --out report --lang fr            tables, maps and a report in French
  tenere coverage site.toml --terrain dem/ --step 90          your own terrain, finer
"""
SITE_EXAMPLES = """\
what it does:
  Computes on the terrain what each candidate of [siting] would see (given places, places from files, airports, summits, a
  grid), beside the sensors that stand already, and looks for those that together add most: greedy, exchanges, shakes, then
  HiGHS, with a bound on what any plan is worth. With --out it writes sites.json, sites.geojson and sites.toml, whose
  [[sensor]] tables can be pasted into the site file. Ctrl-C ends the search and keeps the best plan so far.
  How to ask, and what it means: docs/howto/place-sensors.md

exit status:
  0 done; 1 the terrain or a file could not be read, or no candidate can stand; 2 wrong usage or site file; 130 stopped: the
  best plan so far is told and written.

examples:
  tenere site site.toml                               as [siting] says
  tenere site site.toml --budget 5 --at 1500ft --at FL195 --seconds 30 --out sites
  tenere site --json                                  five more radars for the built-in exercise
"""
REACH_EXAMPLES = """\
what it does:
  Reads the tables that tenere replay --out writes, and lays where each sensor's plots were beside where its terrain lets it
  see: by sector of azimuth and ring of distance, how often it saw a track that another sensor saw too, with an interval. A
  sector where it surely sees less than its terrain allows is flagged, and so is one where it sees what its terrain hides.
  What the figures mean: docs/howto/place-sensors.md

exit status:
  0 measured, whatever was found; 1 a file could not be read, or nothing in it could be judged; 2 wrong usage or site file;
  130 interrupted.

examples:
  tenere reach site.toml --plots out/plots.parquet --tracks out/tracks.parquet
  tenere reach site.toml --plots out/plots.parquet --tracks out/tracks.parquet --sectors 36 --ring 25 --json
"""
DOCTOR_EXAMPLES = """\
examples:
  tenere doctor              look at this installation
  tenere doctor --json       the same for programs
"""
WARM_EXAMPLES = """\
examples:
  tenere warm                compile whatever is not compiled yet
"""


def positive(text: str) -> float:
    """Read --cutoff and the like: a number above 0."""
    value = float(text)
    if not 0 < value <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text}: give a number above 0")
    return value


def order(text: str) -> float:
    """Read --order: 1 to 10."""
    value = float(text)
    if not 1 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text}: give a number from 1 to 10")
    return value


def moment(text: str) -> float:
    """Read --from and --until: seconds, as in the tables."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text}: give seconds, as in the column time_s")
    return value


def speed(text: str) -> float:
    """Read --speed: a number from 0.001 up, or max."""
    value = math.inf if text == "max" else float(text)
    if not value >= SLOWEST:
        raise argparse.ArgumentTypeError(f"{text}: give a number from {SLOWEST} up, or max")
    return value


def seconds(text: str) -> float:
    """Read --duration and the like: seconds, above 0."""
    value = float(text)
    if not 0 < value <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text}: give seconds, above 0")
    return value


def count(text: str) -> int:
    """Read --sectors: a whole number, 1 to 360."""
    value = int(text)
    if not 1 <= value <= 360:
        raise argparse.ArgumentTypeError(f"{text}: give a whole number, 1 to 360")
    return value


def amount(text: str) -> float:
    """Read --budget: a number, 0 or more."""
    value = float(text)
    if not 0 <= value <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text}: give a number, 0 or more")
    return value


def port(text: str) -> int:
    """Read --port: 0 to 65535."""
    value = int(text)
    if not 0 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{value}: outside 0 to 65535")
    return value


def parser() -> argparse.ArgumentParser:
    """Build the command line. What is parsed names in ``command`` the module and function that do it."""
    made = argparse.ArgumentParser(
        prog="tenere",
        description="A country's air picture: sensor bytes in, one recognised picture out. Surveillance only.",
        epilog="Each command has --help with examples. Documentation: docs/ in the repository.\n"
        "exit status: 0 done; 1 a file could not be read or yielded nothing, or an address could not be had; 2 wrong usage;\n"
        "130 interrupted before it was done",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"tenere {__version__}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    data = (_run, _record, _replay, _decode, _track, _score, _compare, _performance)
    watch = (airspace_grammar.add, drill_grammar.add, explain_grammar.add, account_grammar.add, nuisance_grammar.add)
    for add in (*data, _coverage, _site, _reach, *watch, _doctor, _warm):
        add(commands)
    return made


def _live(p: argparse.ArgumentParser) -> None:
    """Add what run and record share."""
    p.add_argument("site", nargs="?", type=Path, metavar="SITE.toml", help="site file; without one the built-in exercise")
    p.add_argument("--duration", type=seconds, default=math.inf, metavar="S", help="stop after this many seconds")
    p.add_argument("--json", action="store_true", help="print one JSON document at the end")


def _run(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Run a site's sensors, or the built-in exercise, and serve the picture until Ctrl-C."
    p = command(commands, "run", "tenere.cli.run:run", "show the live picture", about, RUN_EXAMPLES)
    p.add_argument("--host", default=None, help="address to bind (default 127.0.0.1: only this machine)")
    p.add_argument("--port", type=port, default=None, help="port (default 8080; 0: any free one)")
    p.add_argument("--record", type=Path, default=None, metavar="DIR", help="keep the tick log in this folder")
    _live(p)


def _record(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Write the tick log of a site's feeds, or of the exercise."
    p = command(commands, "record", "tenere.cli.run:record", "keep the bytes of the feeds, without a picture", about, RECORD_EXAMPLES)
    p.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="folder of the log (default: the site file's record.folder, else .)"
    )
    _live(p)


def _replay(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Run recordings (any framing and format, found by content) or a tick log through the pipeline."
    brief = "run recordings or tick logs through the picture"
    p = command(commands, "replay", "tenere.cli.replay:run", brief, about, REPLAY_EXAMPLES)
    p.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, or one tick log")
    p.add_argument("--speed", type=speed, default=None, metavar="N|max", help="times real time (default: max, with --serve 1)")
    p.add_argument("--out", type=Path, metavar="DIR", help="write tracks, plots and alerts as Parquet, and the tick log, there")
    p.add_argument("--serve", action="store_true", help="show it on the map while it runs")
    p.add_argument("--host", default=None, help="address to serve on (default 127.0.0.1)")
    p.add_argument("--port", type=port, default=None, help="port to serve on (default 8080; 0: any free one)")
    p.add_argument("--site", type=Path, metavar="SITE.toml", help="site file: where the sensors stand, rules, tracker settings")
    read_as(p)
    p.add_argument(
        "--without", default="", metavar="FEATURES", help="withhold from the tracker: address,mode_a,callsign,track_number,height"
    )
    p.add_argument("--json", action="store_true", help="print one JSON document at the end")


def _decode(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Read recordings of any known framing and format, found by content, and count what they hold."
    brief = "count the records of recordings, and what was refused"
    p = command(commands, "decode", "tenere.cli.decode:run", brief, about, DECODE_EXAMPLES)
    p.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings of any framing and format, gzip or not")
    p.add_argument("--to", choices=("parquet", "csv", "jsonl"), default="", metavar="parquet|csv|jsonl", help="write every field out")
    p.add_argument("-o", "--out", type=Path, default=None, metavar="DIR", help="folder for the tables of --to")
    read_as(p)
    p.add_argument("--json", action="store_true", help="print one JSON document")


def _track(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Run the tracker alone over tables of plots and write the tracks as one table."
    p = command(commands, "track", "tenere.cli.track:run", "tables of plots to a table of tracks", about, TRACK_EXAMPLES)
    p.add_argument("files", nargs="+", type=Path, metavar="PLOTS", help="Parquet tables of plots")
    p.add_argument("--site", type=Path, default=None, metavar="SITE.toml", help="site file: where the sensors stand, tracker settings")
    p.add_argument("--out", type=Path, required=True, metavar="TRACKS.parquet", help="file of tracks to write")
    p.add_argument("--tick", type=seconds, default=None, metavar="S", help="seconds between rows of a track (default: the site's, else 1)")
    p.add_argument("--smooth", type=seconds, default=None, metavar="LAG_S", help="add columns smoothed with what came up to so much later")
    p.add_argument("--mapping", type=Path, default=None, metavar="FILE", help="TOML file that says which column means what")
    p.add_argument("--json", action="store_true", help="print one JSON document at the end")


def _measured(p: argparse.ArgumentParser) -> None:
    """Add what score and compare share."""
    p.add_argument(
        "--cutoff",
        type=positive,
        action="append",
        metavar="M",
        help="cut-off of GOSPA, and (the first) how far off a track may be (default 1000); may be given again",
    )
    p.add_argument("--order", type=order, default=2.0, metavar="P", help="order of GOSPA (default 2)")
    p.add_argument("--step", type=seconds, default=None, metavar="S", help="seconds a step (default: those between a track's rows)")
    p.add_argument("--from", dest="begin", type=moment, default=-math.inf, metavar="S", help="first time that counts, as in time_s")
    p.add_argument("--until", type=moment, default=math.inf, metavar="S", help="last time that counts")
    p.add_argument(
        "--gap", type=seconds, default=None, metavar="S", help="rows of the truth (of A) farther apart are not joined (default 30)"
    )
    p.add_argument("--tracks", choices=("own", "system", "all"), default="own", help="whose tracks count (default own: not system tracks)")
    p.add_argument("--no-coasting", action="store_true", help="leave out rows that only carry a track on")
    p.add_argument(
        "--frame", type=int, default=None, metavar="N", help="compare x_m, y_m of this frame instead of latitudes and longitudes"
    )
    p.add_argument("--truth-kind", default="", metavar="KIND", help="of a truth that is a table of plots only this kind, such as adsb")


def _score(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Hold a table of tracks against the truth."
    p = command(commands, "score", "tenere.cli.score:run", "how good tracks are, against the truth", about, SCORE_EXAMPLES)
    p.add_argument("tracks_file", type=Path, metavar="TRACKS", help="table of tracks, Parquet or CSV")
    p.add_argument("truth_file", type=Path, metavar="TRUTH", help="table of where aircraft were, or of tracks or plots held to be right")
    _measured(p)
    p.add_argument("--partial", action="store_true", help="the truth lacks aircraft: leave out tracks that are near none, call none false")
    p.add_argument("--out", type=Path, default=None, metavar="FILE.parquet", help="write a row for each step there")
    p.add_argument("--json", action="store_true", help="print one JSON document, with a row for each aircraft and track")


def _compare(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Lay two tables of tracks of the same air over each other."
    p = command(commands, "compare", "tenere.cli.compare:run", "how two tables of tracks differ", about, COMPARE_EXAMPLES)
    p.add_argument("a_file", type=Path, metavar="A", help="table of tracks, Parquet or CSV")
    p.add_argument("b_file", type=Path, metavar="B", help="another of the same air")
    p.add_argument("--truth", type=Path, default=None, metavar="TRUTH", help="score both against it, beside each other")
    _measured(p)
    p.add_argument("--partial", action="store_true", help="the truth lacks aircraft: leave out tracks that are near none, call none false")
    p.add_argument("--json", action="store_true", help="print one JSON document, with a row for each pair of tracks")


def _performance(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Measure how well each sensor of a recording does, with no truth needed, and judge it by limits that name their source."
    brief = "how well each sensor of a recording does"
    p = command(commands, "performance", "tenere.cli.performance:run", brief, about, PERFORMANCE_EXAMPLES)
    p.add_argument("files", nargs="+", type=Path, metavar="RECORDING", help="recordings, or one tick log")
    p.add_argument("--site", type=Path, default=None, metavar="SITE.toml", help="site file: where the sensors stand, tracker settings")
    p.add_argument("--html", type=Path, default=None, metavar="REPORT.html", help="write a report with pictures, in one file")
    p.add_argument("--thresholds", type=Path, default=None, metavar="FILE.toml", help="limits that change or add to those of the package")
    read_as(p)
    p.add_argument("--json", action="store_true", help="print one JSON document")


def _coverage(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Compute what a site's sensors see of its areas, from the terrain, and what they do not."
    p = command(commands, "coverage", "tenere.cli.coverage:run", "what the sensors see of a country", about, COVERAGE_EXAMPLES)
    p.add_argument("site", type=Path, metavar="SITE.toml", help="site file: sensors, [coverage], [[area]]")
    p.add_argument("--at", action="append", default=[], metavar="HEIGHT", help="a height, such as 1500ft or FL195; may be given again")
    p.add_argument("--out", type=Path, default=None, metavar="DIR", help="write tables, maps, rasters, outlines and the report there")
    p.add_argument("--area", action="append", default=[], metavar="ID", help="only this area of the site file; may be given again")
    p.add_argument(
        "--terrain",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="raster or folder of rasters, instead of the site file's; finer first",
    )
    p.add_argument("--step", type=positive, default=None, metavar="M", help="metres between posts (default: the site file's, 450)")
    p.add_argument("--lang", choices=("en", "fr"), default="en", metavar="en|fr", help="language of the report (default en)")
    p.add_argument("--json", action="store_true", help="print one JSON document")


def _site(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Propose where the next sensors should stand, and say how far the plan is from the best there is."
    p = command(commands, "site", "tenere.cli.siting:run", "where the next sensors should stand", about, SITE_EXAMPLES)
    p.add_argument("site", nargs="?", type=Path, metavar="SITE.toml", help="site file; without one the built-in exercise")
    p.add_argument("--budget", type=amount, default=None, metavar="N", help="what may be spent (default: siting.budget)")
    p.add_argument("--at", action="append", default=[], metavar="HEIGHT", help="a height, such as 1500ft or FL195; may be given again")
    p.add_argument("--seconds", type=seconds, default=None, metavar="S", help="how long to look (default: siting.seconds)")
    p.add_argument("--out", type=Path, default=None, metavar="DIR", help="write sites.json, sites.geojson and sites.toml there")
    p.add_argument("--json", action="store_true", help="print one JSON document")


def _reach(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Measure where each sensor really sees, against where its terrain lets it."
    p = command(commands, "reach", "tenere.cli.reach:run", "where sensors see, against where terrain lets them", about, REACH_EXAMPLES)
    p.add_argument("site", nargs="?", type=Path, metavar="SITE.toml", help="site file; without one the built-in exercise")
    p.add_argument("--plots", type=Path, action="append", required=True, metavar="FILE", help="table of plots; may be given again")
    p.add_argument("--tracks", type=Path, action="append", required=True, metavar="FILE", help="table of tracks; may be given again")
    p.add_argument("--sectors", type=count, default=12, metavar="N", help="sectors of azimuth (default 12)")
    p.add_argument("--ring", type=positive, default=50.0, metavar="KM", help="width of a ring of distance (default 50)")
    p.add_argument("--look", type=seconds, default=12.0, metavar="S", help="length of a look: two turns of an antenna (default 12)")
    p.add_argument("--margin", type=positive, default=150.0, metavar="M", help="how far above or below counts as surely (default 150)")
    p.add_argument("--all", action="store_true", help="tell every sector and ring, not only what is flagged")
    p.add_argument("--json", action="store_true", help="print one JSON document, with all of them")


def _doctor(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Look at what the picture needs: packages, formats, the page, borders, folders, the port."
    p = command(commands, "doctor", "tenere.cli.doctor:run", "check this installation and say how to mend it", about, DOCTOR_EXAMPLES)
    p.add_argument("--port", type=port, default=8080, help="port that run would use (default 8080)")
    p.add_argument("--json", action="store_true", help="print one JSON document")


def _warm(commands: Any) -> None:  # noqa: ANN401 - as above
    about = "Run a little of everything, so that numba's cache and the ASTERIX tables are ready before the first start."
    brief = "compile the kernels and tables into their caches (make setup does it)"
    p = command(commands, "warm", "tenere.cli.warm:run", brief, about, WARM_EXAMPLES)
    p.add_argument("--json", action="store_true", help="print one JSON document at the end")
