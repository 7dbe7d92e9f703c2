"""ASTERIX (EUROCONTROL-SPEC-0149): blocks of records of surveillance data, read and written by tables.

table.py, compiler.py, tables.py   what each edition of each category looks like, from libasterix
walk.py, blocks.py                 bytes -> blocks -> where every item is
check.py, survey.py, editions.py   items out of range, blocks of a wrong edition, what is said of it
reading.py                         chunk -> the records that are taken of it
records.py                         any element as a column, for the picture
detail.py, detail_plan.py, detail_read.py, extract.py   every element of every item as columns
plots.py, system.py, status.py     columns -> the batches of the picture
decoder.py, file.py, timeline.py   the format: chunks and files
encode.py, encode_detail.py        columns -> bytes
"""

from __future__ import annotations

from tenere.wire.asterix.decoder import init, step
from tenere.wire.asterix.detail import details
from tenere.wire.asterix.encode import encode_blocks, encode_records
from tenere.wire.asterix.encode_detail import encode_detail
from tenere.wire.asterix.encode_values import Runs
from tenere.wire.asterix.file import likeness, split
from tenere.wire.asterix.records import Records, decode_category
from tenere.wire.format import Format

FORMAT = Format("asterix", init, step, split, likeness, details)

__all__ = ["FORMAT", "Records", "Runs", "decode_category", "encode_blocks", "encode_detail", "encode_records"]
