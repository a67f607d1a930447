"""A Spark session as the watch needs it."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    # A share is a partition: Spark must not join small ones.
    "spark.sql.adaptive.enabled": "false",
    # A row is a parcel of a megabyte or so: few at once, and no limit on what comes back.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "64",
    "spark.driver.maxResultSize": "0",
    "spark.python.worker.reuse": "true",
    "spark.ui.showConsoleProgress": "false",
}
# On one machine nobody looks at Spark's pages, and nobody outside may.
_ON_ONE_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


class NoSpark(Exception):
    """What is missing, and how it is had."""


def session(master: str | None) -> SparkSession:
    """A new session. `master`: where Spark runs, such as local[2] or local-cluster[2,1,1024]; None:
    as spark-submit says. Raises NoSpark."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise NoSpark(
            f"这里缺 {missing.name}，请运行 make spark (needs {missing.name}: make spark)"
        ) from missing
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        raise NoSpark("这里缺 Java 17 (needs Java 17): apt-get install openjdk-17-jre-headless")
    alone = master is not None and master.startswith("local")
    if alone:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.Builder().appName("fangxian watch")
    for name, value in (_SETTINGS | (_ON_ONE_MACHINE if alone else {})).items():
        builder = builder.config(name, value)
    if path := os.environ.get("PYTHONPATH"):
        builder = builder.config("spark.executorEnv.PYTHONPATH", path)
    if master is not None:
        builder = builder.master(master)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark
