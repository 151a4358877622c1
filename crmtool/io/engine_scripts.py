"""The script that stands in a folder handed to another engine, for each dialect: what starts the scoring there."""

from __future__ import annotations

_DUCKDB = '''\
"""Score the pairs of this folder with Splink on DuckDB.

Needs: pip install 'crmtool[splink]'. Start: python score.py
"""

from pathlib import Path

from crmtool.io import splink_running

if __name__ == "__main__":
    print(splink_running.on_duckdb(Path(__file__).resolve().parent))
'''

_SPARK = '''\
"""Score the pairs of this folder with Splink on Spark.

Needs: pip install 'crmtool[spark]' here and on the workers, and Java 17. Start: spark-submit score.py, or
python score.py for this machine alone. On a cluster this folder lies where all see it.
"""

import os
import sys
from pathlib import Path
from tempfile import mkdtemp

from pyspark.sql import SparkSession

from crmtool.io import splink_running

if __name__ == "__main__":
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # what the workers run; on a cluster name theirs
    stack = "-Xss64m"  # the conditions are long, and Spark walks them by recursion
    session = SparkSession.builder.appName("crmtool").config("spark.driver.extraJavaOptions", stack).getOrCreate()
    session.sparkContext.setCheckpointDir(mkdtemp())  # Splink breaks long chains of steps there
    print(splink_running.on_spark(Path(__file__).resolve().parent, session))
    session.stop()
'''

#: Dialect -> the script.
SCRIPTS = {"duckdb": _DUCKDB.rstrip("\n"), "spark": _SPARK.rstrip("\n")}
