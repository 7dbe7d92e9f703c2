"""Tables of plots or positions from anywhere, as CSV or Parquet, with a mapping where their columns are not well known.

names.py      what a table may say, the names it is known by, its units
mapping.py    a mapping or a header -> which column says what
cells.py      kernels: the cells of text rows, and numbers, times and codes in them
rows.py       columns -> plots, each value checked
parquet.py    a Parquet file -> its columns; the project's own plots files as they were
decode.py     the format

A CSV file has a header and is read line by line; delimiter comma, semicolon, tab or bar; decimals with a point. Parquet comes
as whole files, one a unit. The project's own plots files (``tenere replay --out``) have the columns of tenere.batch.Plots and
are read back as they were.
"""

from tenere.wire.plot_table.decode import FORMAT

__all__ = ["FORMAT"]
