"""The models of ratesfetch against the stub, as a table: figures to look at.

    python3 tests/bench/engines.py [REPEAT]

Environment: srcdir, builddir.  Nothing here is a test; tests/system/ratesfetch.py
counts requests in flight instead.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "system")]

import harness  # noqa: E402

# what, rows, ms of the source's answer, options
PARTS = [("the book's matrix", 5, 200, ["-j", "5"]),
         ("four at once", 5, 200, ["-j", "4"]),
         ("a large matrix", 170, 50, ["-j", "170"]),
         ("nothing to wait for", 170, 0, ["-j", "16"])]


def measure(rows, latency, options, repeat):
    with tempfile.TemporaryDirectory() as directory:
        stub = harness.Stub(pathlib.Path(directory), "--synthetic",
                            170, "--latency", latency)
        try:
            codes = stub.json("/codes")[:rows]
            result = subprocess.run(
                [harness.BUILD / "ratesfetch", "--compare", "--repeat",
                 str(repeat), "--format", "json", "--url", stub.url(),
                 "--bases", ",".join(codes), *options], check=True,
                stdout=subprocess.PIPE, text=True,
                env=harness.clean_environment())
        finally:
            stub.process.terminate()
            stub.process.wait()
    return json.loads(result.stdout)["models"]


def main():
    repeat = int(sys.argv[1]) if sys.argv[1:] else 5
    for what, rows, latency, options in PARTS:
        print(f"{what}: {rows} rows, {latency} ms an answer,"
              f" {' '.join(options)}")
        for model in measure(rows, latency, options, repeat):
            if not model["runs"]:
                continue
            rounds = (f" {1000 * model['median'] / latency:6.2f} answers"
                      if latency else f" {'':14}")
            print(f"  {model['model']:10}{1000 * model['median']:9.1f} ms"
                  f"{rounds}  {model['in_flight']:4} in flight"
                  f" {1e6 * model['cpu'] / rows:7.0f} us CPU a row"
                  f" {model['memory'] / 2**20:8.1f} MiB"
                  f" {model['lost']:3} lost")


main()
