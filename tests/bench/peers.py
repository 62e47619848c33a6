"""The programs that measure, and those that are measured beside ours."""

import collections
import contextlib
import pathlib
import shutil
import subprocess
import tempfile

import harness

READ = harness.BUILD / "bench-read"
BARE = harness.BUILD / "bench-bare"
MODELS = harness.SOURCE / "tests/bench/models.py"
PYTHON = "/usr/bin/python3"  # Debian's, for which the packages are
SBIN = "/usr/sbin:/sbin"  # not in everybody's PATH


def bench_read(*arguments, timeout=60):
    """name -> values, a round each, of one run of bench-read."""
    result = subprocess.run(
        [READ, *map(str, arguments)], stdout=subprocess.PIPE, text=True,
        check=True, timeout=timeout,
        env=harness.clean_environment())
    found = collections.defaultdict(list)
    for line in result.stdout.splitlines():
        name, value = line.split()
        found[name].append(float(value))
    return found


def has(module):
    """True if Debian's Python has it."""
    probe = subprocess.run([PYTHON, "-c", f"import {module}"],
                           stderr=subprocess.DEVNULL)
    return probe.returncode == 0


def find(program):
    return shutil.which(program) or shutil.which(program, path=SBIN)


def model(name, template, workers, rounds, codes):
    """(ns, ns of processor time) of each round of a model in Python, or None
    where what it needs isn't installed."""
    if not has("aiohttp" if name == "async" else "requests"):
        return None
    result = subprocess.run(
        [PYTHON, MODELS, name, template, str(workers), str(rounds + 1),
         *codes], check=True, stdout=subprocess.PIPE, text=True, timeout=120,
        env=harness.clean_environment())
    # The first round also imports it all.
    return [tuple(1e9 * float(word) for word in line.split())
            for line in result.stdout.splitlines()[1:]]


@contextlib.contextmanager
def redis_server():
    """The socket of one that has EURUSD, or None where it isn't installed."""
    programs = [find(name) for name in
                ("redis-server", "redis-benchmark", "redis-cli")]
    if None in programs:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="ratesd-bench-") as directory:
        path = pathlib.Path(directory) / "socket"
        server = subprocess.Popen(
            [programs[0], "--port", "0", "--unixsocket", path, "--save", "",
             "--dir", directory], stdout=subprocess.DEVNULL)
        try:
            harness.wait_until("redis-server listens", path.exists)
            subprocess.run(
                [programs[2], "-s", path, "set", "EURUSD", "1.1684"],
                stdout=subprocess.DEVNULL, check=True, timeout=10)
            yield path
        finally:
            server.terminate()
            server.wait(timeout=10)
