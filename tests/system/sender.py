"""Jobs on an instance's queue, as whoever may write it could send them."""

import ctypes
import errno
import os
import struct
import time

from harness import PATIENCE, equal


class Queue:
    """The sender's end of an instance's queue."""

    def __init__(self, case):
        self.librt = ctypes.CDLL("librt.so.1", use_errno=True)
        self.descriptor = self.librt.mq_open(
            f"/ratesd.{case.instance}".encode(), os.O_WRONLY | os.O_NONBLOCK)
        assert self.descriptor != -1, os.strerror(ctypes.get_errno())

    def try_send(self, message, priority):
        """0, or an errno."""
        sent = self.librt.mq_send(self.descriptor, message,
                                  ctypes.c_size_t(len(message)), priority)
        return 0 if sent == 0 else ctypes.get_errno()

    def send(self, message, priority=0):
        """Waits for room, as nothing else may go wrong."""
        end = time.monotonic() + PATIENCE
        while (error := self.try_send(message, priority)) != 0:
            equal(errno.errorcode[error], "EAGAIN", "mq_send")
            assert time.monotonic() < end, "nobody empties the queue"
            time.sleep(0.001)

    def close(self):
        os.close(self.descriptor)


def job(magic=b"ratj", version=1, kind=1, reason=2, zero=0, attempt=0,
        base=b"USD", queued=None, deadline=0, reserved=b""):
    """A message (src/jobs/message.c), good unless told otherwise."""
    if queued is None:
        queued = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return struct.pack("=4sHHHHI8sqq24s", magic, version, kind, reason, zero,
                       attempt, base, queued, deadline, reserved)
