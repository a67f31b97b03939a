"""The same links and the same question on the embedded engine and on Spark in local mode.

    python benchmarks/bench_spark.py --rows 1000000

Both read one Parquet file, and each runs as a process of its own, imports and the start of Java included. This shows
from which size on Spark pays off on one machine (it does not), not how it scales with more of them.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from make_links import SITE, SITES

ROOT = Path(__file__).resolve().parents[1]
EMBEDDED, SPARK = "embedded", "local[2]"


def run_job(path: Path, engine: str) -> None:
    """Do the job in this process, and print its time and result."""
    sys.path.insert(0, str(ROOT))
    import linkgap as lg

    started = time.perf_counter()
    if engine == EMBEDDED:
        links = lg.read_links(path, sites=SITES)
    else:
        links = lg.read_links(path.as_uri(), sites=SITES, engine=engine)
    prospects = lg.rank_prospects(lg.find_gap(links, site=SITE))
    top = prospects.top(500)
    found = {"found": top.to_csv(index=False), "engine": repr(links.engine)}
    seconds = time.perf_counter() - started
    if engine != EMBEDDED:
        end_java()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    took = {"seconds": round(seconds, 1), "cpu": round(sum(each.ru_utime + each.ru_stime for each in used), 1)}
    print(json.dumps(found | took))


def end_java() -> None:
    """Stop Spark and wait for its process, so that its CPU time counts among that of the children."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    gateway, session = SparkContext._gateway, SparkSession.getActiveSession()  # noqa: SLF001 - no other way to wait for it
    assert gateway is not None
    assert session is not None
    process = gateway.proc
    session.stop()
    process.stdin.close()
    process.wait()


def main() -> None:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        run_job(Path(asked.job[0]), asked.job[1])
        return
    with TemporaryDirectory() as folder:
        text, path = Path(folder, "links.csv"), Path(folder, "links.parquet")
        subprocess.run([sys.executable, ROOT / "benchmarks/make_links.py", text, "--rows", str(asked.rows)], check=True)
        duckdb.sql(f"COPY (FROM read_csv('{text}', all_varchar = false)) TO '{path}' (FORMAT parquet)")
        runs = []
        for engine in (EMBEDDED, SPARK):
            command = [sys.executable, __file__, "--job", str(path), engine]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
            print(
                f"{asked.rows:,} links on {runs[-1]['engine']}: {runs[-1]['seconds']:.1f} s, "
                f"{runs[-1]['cpu']:.1f} s of CPU time"
            )
        assert runs[0]["found"] == runs[1]["found"], "the two engines disagree"


if __name__ == "__main__":
    main()
