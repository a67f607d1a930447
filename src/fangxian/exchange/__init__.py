"""The world's messy tables in and out. A pure library: bytes in, typed rows and sentences out.

A list walks through it in this order: `tables.read_table` (or `read_pasted`) finds header and
rows; `columns.guess_columns` says which column is which, and why; `warning_lists.read_rows` gives
typed rows with problems and remarks, using `phones`, `dates` and `people`; `writing` gives the
refused rows back in the sender's own columns with a reason. Every sentence is in `sentences`.
"""
