"""What a test changes around a daemon: namespaces, queues, notify socket."""

import ctypes
import os
import socket
import subprocess

from harness import Skip

LIBRT = ctypes.CDLL("librt.so.1", use_errno=True)
NOBODY = 65534


def need_root():
    if os.geteuid() != 0:
        raise Skip("only root can act as another user")


def unshare(*options):
    """A command's beginning: in new namespaces, as root of them."""
    command = ["unshare", *options]
    if os.geteuid() != 0:
        command.append("--map-root-user")
    tried = subprocess.run([*command, "true"], capture_output=True, text=True,
                           check=False)
    if tried.returncode != 0:
        raise Skip(f"{' '.join(command)}: {tried.stderr.strip()}")
    return command


def script(text, *command):
    """A command's beginning: a shell script, for which it is "$@"."""
    return ["sh", "-c", text, "sh", *map(str, command)]


class QueueAttributes(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_long), ("maxmsg", ctypes.c_long),
                ("msgsize", ctypes.c_long), ("curmsgs", ctypes.c_long),
                ("reserved", ctypes.c_long * 4)]


def queue_name(case):
    return f"/ratesd.{case.instance}".encode()


def make_queue(case, maxmsg=10, msgsize=64, mode=0o600):
    attributes = QueueAttributes(maxmsg=maxmsg, msgsize=msgsize)
    queue = LIBRT.mq_open(queue_name(case),
                          os.O_RDWR | os.O_CREAT | os.O_EXCL, mode,
                          ctypes.byref(attributes))
    if queue == -1:
        raise OSError(ctypes.get_errno(), "mq_open")
    return queue


def open_queue(case):
    """A descriptor of the instance's queue, or None if there is none."""
    queue = LIBRT.mq_open(queue_name(case), os.O_RDONLY | os.O_NONBLOCK)
    return None if queue == -1 else queue


def has_queue(case):
    queue = open_queue(case)
    if queue is not None:
        os.close(queue)
    return queue is not None


def remove_queue(case):
    LIBRT.mq_unlink(queue_name(case))


class Notify:
    """The socket of a service manager, and what came through it."""

    def __init__(self, case):
        self.path = str(case.directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def message(self, timeout):
        """The next message's lines, or None."""
        self.socket.settimeout(timeout)
        try:
            return self.socket.recv(4096).decode().splitlines()
        except (TimeoutError, BlockingIOError):
            return None

    def all(self):
        """Everything that has come so far."""
        messages = []
        while (message := self.message(0)) is not None:
            messages.append(message)
        return messages
