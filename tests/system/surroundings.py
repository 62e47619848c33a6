"""What a test changes around a daemon: namespaces, queues, clocks, files."""

import ctypes
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import time

from harness import BUILD, Skip, clean_environment, wait_until

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


def with_file(ours, theirs, *command):
    return ["unshare", "-m", "sh", "-c",
            'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh",
            ours, os.path.realpath(theirs), *command]


def start_with_file(case, ours, theirs):
    """A daemon in a mount namespace where a file of the host is ours."""
    if os.geteuid() != 0 or not shutil.which("unshare") or subprocess.run(
            with_file(ours, theirs, "true"), stderr=subprocess.DEVNULL,
            check=False).returncode != 0:
        raise Skip("needs root and a mount namespace")
    with case.log.open("a") as log:
        case.daemon = subprocess.Popen(
            with_file(ours, theirs, *case.arguments("-f")), stderr=log,
            env=clean_environment())
    case.started.append(case.daemon)
    wait_until("the board is there", case.board_file().exists)
    wait_until("the daemon feeds the board", case.feeds)


CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def certificate(case):
    """A server's context, and the certificate, which signs itself."""
    made, key = case.directory / "cert.pem", case.directory / "key.pem"
    if not shutil.which("openssl"):
        raise Skip("needs openssl")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=ratesd test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return context, made


def preload(case, name):
    """LD_PRELOAD's value; a sanitizer may not have anything before it."""
    library = BUILD / f"tests/preload/.libs/{name}.so"
    tried = subprocess.run(
        [BUILD / "ratesd", "--version"], capture_output=True, text=True,
        check=False, env=clean_environment(LD_PRELOAD=str(library)))
    if tried.returncode != 0 or tried.stderr:
        raise Skip(f"this build takes no LD_PRELOAD: {tried.stderr.strip()}")
    return str(library)


class WallClock:
    """A wall clock that the processes of a test see, and that can jump."""

    def __init__(self, case, name="shift"):
        self.path = case.directory / name
        self.environment = {"LD_PRELOAD": preload(case, "wallclock"),
                            "WALLCLOCK_SHIFT": str(self.path)}
        case.keys["sandbox"] = "off"  # it would keep that file from workers
        self.jump(0)

    def jump(self, seconds):
        new = self.path.with_suffix(".new")
        new.write_text(f"{seconds}\n")
        new.rename(self.path)

    def shift(self):
        return int(self.path.read_text())

    def year(self):
        return time.gmtime(time.time() + self.shift()).tm_year


def blocks(pid, number):
    """Whether a process is ratesd and has come to block that signal."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
    state = dict(line.split(":\t", 1) for line in text.splitlines())
    return state["Name"] == "ratesd" and \
        int(state["SigBlk"], 16) >> number - 1 & 1
