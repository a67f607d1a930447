"""A Spark session as the watch needs it."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from fangxian.detect.kinds import Words
from fangxian.extras import how_to_get

from ..local.say import CannotRun

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


def session(master: str | None) -> SparkSession:
    """A new session. `master`: where Spark runs, such as local[2] or local-cluster[2,1,1024]; None:
    as PYSPARK_SUBMIT_ARGS says. Raises CannotRun where something is missing."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as missing:
        how = how_to_get("spark")
        says = Words(
            f"这里缺 {missing.name}：请运行 {how}", f"{missing.name} is missing: run {how}"
        )
        raise CannotRun(says) from missing
    if not os.environ.get("JAVA_HOME") and not shutil.which("java"):
        how = "apt-get install openjdk-17-jre-headless"
        raise CannotRun(Words(f"这里缺 Java 17：{how}", f"Java 17 is missing: {how}"))
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
