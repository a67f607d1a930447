"""Where Spark finds events, and how a task reads what it finds.

Of files Spark only learns the names: a task opens them with the same reader as the local runner, so
the same formats are read and the same mistakes told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..local.sources.bodies import Reading, kept, read_bodies
from ..reading import Read, of_batch, of_lines, read_files
from .tasks import Rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Files:
    """A folder that all machines see, into which whole files are put in the order of their events:
    Spark takes them by when they were changed last, `at_once` in a batch."""

    folder: Path
    at_once: int

    def stream(self, spark: SparkSession) -> DataFrame:
        """The paths. Their contents are not asked for, so they are not read."""
        return (
            spark.readStream.format("binaryFile")
            .schema("path string, modificationTime timestamp, length bigint, content binary")
            .option("maxFilesPerTrigger", self.at_once)
            .load(str(self.folder.resolve()))
            .select("path")
        )

    def read(self, rows: Rows) -> Iterator[Read]:
        """What stands in the files."""
        for batch in rows:
            for path in batch["path"].to_pylist():
                yield from read_files([Path(unquote(urlsplit(path).path))])


@dataclass(frozen=True)
class Kafka:
    """Topics of CloudEvents in JSON: one event, lines of them, or an array in a message. `options`
    are those of Spark's Kafka source (kafka.bootstrap.servers, subscribe …)."""

    options: Mapping[str, str]

    def stream(self, spark: SparkSession) -> DataFrame:
        """Where each message stood, and what it says."""
        stream = spark.readStream.format("kafka").options(**self.options)
        where = "concat_ws(':', topic, partition, offset) as place"
        return stream.load().selectExpr(where, "value")

    def read(self, rows: Rows) -> Iterator[Read]:
        """What the messages say."""
        for batch in rows:
            bodies = [kept(value or b"") for value in batch["value"].to_pylist()]
            if bodies:
                place = batch["place"][0].as_py()
                yield Read(*read_bodies(bodies, place, Reading(of_lines, of_batch)))


Source = Files | Kafka
