"""A parquet file, read and written batch by batch (needs pyarrow)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..checking import check_many
from . import pieces
from .opening import UnreadableFile
from .pieces import ADDED, Counted, Say, listed, place_of, refuse_checked


def check_parquet(path: Path, out: Path, column: str | None, say: Say) -> Counted:
    """Write the table again with ADDED behind its columns."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as missing:
        raise UnreadableFile(
            "parquet needs pyarrow: pip install '.[bulk]' in the project's folder"
        ) from missing
    counted = Counted()
    try:
        # Read through a small buffer: row groups are often larger than memory should be.
        with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
            at = _text_column(file.schema_arrow, column, path.name)
            added = zip(ADDED, (pa.float32(), pa.bool_(), pa.string()), strict=True)
            schema = file.schema_arrow
            for name, kind in added:
                schema = schema.append(pa.field(name, kind))
            with pq.ParquetWriter(out, schema) as writer:
                for batch in file.iter_batches(batch_size=pieces.PIECE, use_threads=False):
                    found = check_many(batch.column(at).cast(pa.large_string()))
                    columns = [*batch.columns, *(pa.array(values) for values in found)]
                    writer.write_table(pa.Table.from_arrays(columns, schema=schema))
                    counted.rows += len(found.flagged)
                    counted.flagged += int(found.flagged.sum())
                    say(len(found.flagged))
    except UnreadableFile:
        raise
    except (pa.ArrowException, ValueError, OSError) as wrong:
        raise UnreadableFile(
            f"{path.name} is no parquet file, or not all of one: {wrong}"
        ) from wrong
    return counted


def _text_column(schema: Any, column: str | None, name: str) -> int:
    import pyarrow.types as types

    at = place_of(schema.names, column)
    if at is None:
        raise UnreadableFile(
            f"{name}: no column {column or 'text'!r}; there are {listed(schema.names)}"
        )
    refuse_checked(schema.names, name)
    kind = schema.field(at).type
    plain = kind.value_type if types.is_dictionary(kind) else kind
    tests = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary)
    if not any(test(plain) for test in (*tests, types.is_large_binary, types.is_null)):
        raise UnreadableFile(
            f"{name}: column {schema.names[at]!r} holds {kind}, expected texts (string)"
        )
    return at
