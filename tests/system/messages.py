"""What whoever may write the queue can do: ask for a refresh, and no more."""

import errno
import os
import random
import time

from harness import equal, run, wait_until
from sender import Queue, job

MESSAGES = 2000
SIZE = 64
DROPPED = "a message on the queue was dropped"


def no_job(dice):
    """Bytes that are none, in one of many ways."""
    number = dice.randrange
    return dice.choice([
        lambda: dice.randbytes(number(SIZE + 1)),
        lambda: dice.randbytes(SIZE),
        lambda: job()[:number(SIZE)],
        lambda: job(magic=dice.choice([b"RATJ", b"ratk", b""])),
        lambda: job(version=dice.choice([0, 2, 65535])),
        lambda: job(kind=dice.choice([0, 2, 65535])),
        lambda: job(reason=number(3, 65536)),
        lambda: job(zero=number(1, 65536)),
        lambda: job(attempt=number(1000001, 1 << 32)),
        lambda: job(base=dice.choice([b"", b"US", b"usd", b"US\0D", b"US-",
                                      b"\xff" * 8])),
        lambda: job(base=dice.choice([b"ZZZ", b"ABCDEFGH"])),
        lambda: job(queued=-number(1, 1 << 63)),
        lambda: job(deadline=-number(1, 1 << 63)),
        lambda: job(reserved=bytes(number(24)) + b"\1"),
    ])()


def flood(queue, seed):
    """Every fourth is sent once more."""
    dice = random.Random(seed)
    sent = 0
    while sent < MESSAGES:
        message, priority = no_job(dice), dice.randrange(32)
        for _ in range(min(1 + (dice.randrange(4) == 0), MESSAGES - sent)):
            queue.send(message, priority)
            sent += 1


def test_messages_that_are_no_jobs_are_counted_and_nothing_else(case):
    case.start_stub()
    case.write_conf(refresh="1h")
    case.start()
    workers, rows = case.workers(), case.rows()
    requests = case.stub.json("/stats")["total"]
    seed = int(os.environ.get("RATESD_TEST_SEED", time.time_ns()))
    print(f"# RATESD_TEST_SEED={seed}", flush=True)
    queue, began = Queue(case), time.monotonic()
    equal(errno.errorcode[queue.try_send(bytes(SIZE + 1), 0)], "EMSGSIZE")
    flood(queue, seed)
    wait_until("all are counted",
               lambda: case.counter("messages_dropped") >= MESSAGES)
    minutes = 1 + int(time.monotonic() - began) // 60

    status = case.status()
    equal(status["counters"]["messages_dropped"], MESSAGES, "dropped")
    equal(status["counters"]["restarts"], 0, "restarts")
    equal(case.workers(), workers, "workers")
    equal(case.stub.json("/stats")["total"], requests, "requests")
    equal(case.rows(), rows, "rows")
    # Each worker keeps a minute of its own.
    lines = case.log.read_text().count(DROPPED)
    assert 1 <= lines <= len(workers) * minutes, f"{lines} lines"

    # A request that comes a hundred times is a good one, and one.
    good = job()
    for _ in range(100):
        queue.send(good)
    queue.close()
    wait_until("the row is fetched", lambda: case.rows()["USD"]["version"]
               > rows["USD"]["version"])
    equal(case.ctl("refresh", "--wait", "PLN").returncode, 0, "refresh")
    wait_until("the queue is empty",
               lambda: case.status()["queue"]["depth"] == 0)
    equal(case.stub.json("/stats")["total"], requests + 2, "requests")
    equal(case.counter("messages_dropped"), MESSAGES, "dropped at last")


run(globals())
