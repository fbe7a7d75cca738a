"""Spark sessions: one in this process, and one of a Spark Connect server in a process of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

QUIET = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.log.level": "ERROR",
}


@pytest.fixture(scope="session")
def java() -> None:
    """Java, without which there is no Spark: tests are skipped, but in CI they fail."""
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java" if home is None else str(Path(home, "bin", "java"))) is None:
        reason = "Spark needs Java 17 or newer"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture(scope="session")
def spark(java: None) -> Iterator[Any]:
    """A Spark of two cores on this machine."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as folder:
        builder = SparkSession.builder.master("local[2]").config("spark.sql.warehouse.dir", folder)
        for name, value in QUIET.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()


@pytest.fixture(scope="session")
def connect_address(java: None) -> Iterator[str]:
    """A Spark Connect server, which listens on this machine only."""
    import pyspark

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        **QUIET,
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
    }
    options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    server = "org.apache.spark.sql.connect.service.SparkConnectServer"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log").open("wb")  # noqa: SIM115 - it lasts as long as the server
        process = subprocess.Popen(
            [str(submit), "--master", "local[2]", "--class", server, *options, "spark-internal"],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        )
        try:
            _wait_for(port, process)
            yield f"sc://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)
            log.close()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError("the Spark Connect server did not start")


@pytest.fixture(scope="session")
def connect(connect_address: str) -> Iterator[Any]:
    """A session of a Spark Connect server, in a process where another Spark may run as well."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.remote(connect_address).create()
    yield session
    session.stop()
