"""etc/examples/container: what its two files say, done by hand.

No engine is needed, and nothing is fetched.  The image is this machine's own
root with an overlay over it, in which the steps of the Containerfile are done;
a container is that root in namespaces, mounted and limited as compose.yaml has
it.  Whatever word of the two files isn't understood here fails the test.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from boot import (HERE, configured, enter_namespace, make_environment,
                  make_root, mount, need, need_machine, scratch_for)
from harness import (BOOK, BUILD, SOURCE, Skip, alive, children, contains,
                     equal, run, wait_until)

FILES = SOURCE / "etc/examples/container"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
FAKE = "opt/ratesd-check"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
# Of the packages that link to nothing, what no program would miss at once.
ALSO = {"ca-certificates", "tzdata"}
WORLD = {}  # image: the one that all tests run


# --- the two files ----------------------------------------------------------

def instructions(text):
    """(word, arguments) of each of a Containerfile's instructions."""
    text = re.sub(r"(?m)^\s*#.*\n", "", text).replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        yield line.split(None, 1)


def scalar(text):
    if text.startswith("["):
        return [scalar(each.strip()) for each in text[1:-1].split(",")]
    if text.startswith('"'):
        return json.loads(text)
    return {"true": True, "false": False}.get(text, text)


def tree(lines):
    """As much YAML as compose.yaml is written in."""
    depth, found = lines[0][0], {}
    if lines[0][1].startswith("- "):
        items = []
        while lines and lines[0][0] == depth:
            items.append(scalar(lines.pop(0)[1].removeprefix("- ")))
        return items
    while lines and lines[0][0] == depth:
        key, _, rest = lines.pop(0)[1].partition(":")
        found[key] = scalar(rest.strip()) if rest else \
            tree(lines) if lines and lines[0][0] > depth else None
    return found


def compose():
    lines = [(len(line) - len(line.lstrip()), line.strip())
             for line in (FILES / "compose.yaml").read_text().splitlines()
             if line.strip() and not line.strip().startswith("#")]
    return tree(lines)


def seconds(text):
    equal(text[-1], "s", "unit of time")
    return int(text[:-1])


# --- the image --------------------------------------------------------------

class Image:
    """The Containerfile, done: where its root is, and what it says."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.root = make_root(scratch)[1]
        self.context = scratch / "context"
        self.base = self.user = self.stop = None
        self.packages, self.volumes = [], []
        self.health = self.entry = None
        text = (FILES / "Containerfile").read_text()
        self.make_context(text)
        self.forget_user()
        for word, arguments in instructions(text):
            getattr(self, "do_" + word.lower())(arguments)

    def make_context(self, text):
        """As its comment says."""
        contains(text, 'make install DESTDIR="$PWD/root" && podman build')
        self.context.mkdir()
        done = subprocess.run(
            ["make", "-C", BUILD, "install",
             f"DESTDIR={self.context / 'root'}"], capture_output=True,
            text=True, check=False, env=make_environment())
        equal(done.returncode, 0, done.stderr[-2000:])

    def forget_user(self):
        """One that this machine may have, and a fresh image has not."""
        for name in ("passwd", "shadow", "group", "gshadow"):
            path = self.root / "etc" / name
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join(
                line for line in lines if not line.startswith("ratesd:")))

    def inside(self, *command):
        return subprocess.run(
            ["chroot", self.root, "env", "-i", f"PATH=/{FAKE}:{PATH}",
             *command], capture_output=True, text=True, check=False)

    def do_from(self, name):
        self.base = name

    def do_run(self, text):
        """With an apt-get that only notes what it was to install."""
        fake = self.root / FAKE
        fake.mkdir(parents=True, exist_ok=True)
        (fake / "apt-get").write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" >>/{FAKE}/asked\n')
        (fake / "apt-get").chmod(0o755)
        done = self.inside("/bin/sh", "-c", text)
        equal(done.returncode, 0, f"RUN {text}: {done.stderr}")
        if (fake / "asked").exists():
            words = (fake / "asked").read_text().split()
            self.packages += [word for word in words if word not in
                              ("update", "install") and word[0] != "-"]
        shutil.rmtree(fake)

    def do_copy(self, text):
        source, target = text.split()
        done = subprocess.run(
            ["cp", "-a", f"{self.context / source}/.",
             self.root / target.lstrip("/")], capture_output=True, text=True,
            check=False)
        equal(done.returncode, 0, f"COPY {text}: {done.stderr}")

    def do_user(self, name):
        self.user = name

    def do_volume(self, path):
        self.volumes.append(path)

    def do_stopsignal(self, name):
        self.stop = signal.Signals[name]

    def do_healthcheck(self, text):
        self.health = json.loads(text.removeprefix("CMD "))

    def do_entrypoint(self, text):
        self.entry = json.loads(text)

    def id(self, option):
        return self.inside("id", option, self.user).stdout.strip()


# --- a container ------------------------------------------------------------

class Container:
    """One service of compose.yaml."""

    # Who carries these out is somewhere below, or in the tests.
    KNOWN = {"image", "ipc", "shm_size", "restart", "stop_grace_period",
             "read_only", "cap_drop", "security_opt", "volumes", "tmpfs",
             "depends_on", "entrypoint"}

    def __init__(self, case, name, command=None, beside=None):
        """command: for the service's own.  beside: the other container."""
        self.case, self.image, self.name = case, WORLD["image"], name
        self.compose = compose()
        self.service = self.compose["services"][name]
        equal(set(self.service) - self.KNOWN, set(), "unknown keys")
        equal(self.service["image"], "ratesd", "image")
        self.files = pathlib.Path(tempfile.mkdtemp(dir=case.directory))
        self.root = self.files / "root"
        self.root.mkdir()
        self.join = self.join_ipc(beside)
        self.output = self.files / "output"
        self.start(command or self.service.get("entrypoint",
                                               self.image.entry))

    def join_ipc(self, beside):
        """What it does with its IPC namespace, as the beginning of a command;
        with another one's come that one's /dev/shm and its own none."""
        kind = self.service["ipc"]
        if kind == "shareable":
            self.shm = tempfile.mkdtemp(dir=self.image.scratch)
            size = self.service["shm_size"]
            mount("tmpfs", f"mode=1777,nosuid,nodev,noexec,size={size}",
                  self.shm)
            return ["unshare", "--ipc"]
        equal(kind, f"service:{beside.name}")
        equal(beside.service["ipc"], "shareable", "the other one's ipc")
        self.shm = beside.shm
        return ["nsenter", f"--ipc=/proc/{beside.pid}/ns/ipc"]

    def volume(self, text):
        """(source, target, read-only)"""
        source, target, *more = text.split(":")
        if source.startswith("./"):
            path = self.case.directory / source
            shown = self.image.root / target.lstrip("/")
            shown.parent.mkdir(parents=True, exist_ok=True)
            shown.touch()
        else:
            assert source in self.compose["volumes"], f"no volume {source}"
            contains(self.image.volumes, target)
            path = self.case.directory / "volumes" / source
            if not path.exists():  # then it begins as the image has it
                path.parent.mkdir(exist_ok=True)
                shutil.copytree(self.image.root / target.lstrip("/"), path)
                of = (self.image.root / target.lstrip("/")).stat()
                os.chown(path, of.st_uid, of.st_gid)
        return path, target, more == ["ro"]

    def mounts(self):
        """A shell script that makes its root, as root of its namespaces."""
        root = shlex.quote(str(self.root))
        yield f"mount --bind {self.image.root} {root}"
        yield f"mount -t proc proc {root}/proc"
        yield f"mount -t tmpfs -o mode=755 dev {root}/dev"
        for name in DEVICES:
            yield f"touch {root}/dev/{name}"
            yield f"mount --bind /dev/{name} {root}/dev/{name}"
        yield f"mkdir {root}/dev/shm {root}/dev/mqueue"
        yield f"mount --bind {self.shm} {root}/dev/shm"
        yield f"mount -t mqueue mqueue {root}/dev/mqueue"
        for text in self.service.get("tmpfs", ()):
            path, _, options = text.partition(":")
            (self.image.root / path.lstrip("/")).mkdir(
                parents=True, exist_ok=True)
            yield f"mount -t tmpfs -o {options or 'mode=1777'} tmpfs " \
                f"{root}{path}"
        for text in self.service.get("volumes", ()):
            source, target, closed = self.volume(text)
            yield f"mount --bind {shlex.quote(str(source))} {root}{target}"
            if closed:
                yield f"mount -o remount,bind,ro {root}{target}"
        if self.service.get("read_only"):
            yield f"mount -o remount,bind,ro {root}"

    def as_user(self):
        """The beginning of a command in there."""
        words = ["env", "-i", f"PATH={PATH}", "HOME=/", "setpriv",
                 f"--reuid={self.image.user}", "--init-groups",
                 f"--regid={self.image.id('-g')}"]
        for dropped in self.service.get("cap_drop", ()):
            words += [f"--bounding-set=-{dropped.lower()}",
                      f"--inh-caps=-{dropped.lower()}"]
        for option in self.service.get("security_opt", ()):
            equal(option, "no-new-privileges:true")
            words += ["--no-new-privs"]
        return words

    def start(self, command):
        text = "\n".join(["set -e", *self.mounts(), 'exec chroot "$@"'])
        with self.output.open("w") as output:
            self.outer = subprocess.Popen(
                [*self.join, "unshare", "--mount", "--propagation", "private",
                 "--pid", "--fork", "--kill-child", "sh", "-c", text, "sh",
                 self.root, *self.as_user(), *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.case.started.append(self.outer)
        wait_until("it is there", lambda: children(self.outer.pid)
                   or self.outer.poll() is not None)
        self.pid = next(iter(children(self.outer.pid)), None)

    def enter(self, *command):
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--ipc",
             "--root", "--wd=/", "--", *command], capture_output=True,
            text=True, timeout=30, check=False, stdin=subprocess.DEVNULL)

    def run(self, *command):
        """Like `podman exec`."""
        return self.enter(*self.as_user(), *command)

    def healthy(self):
        equal(self.outer.poll(), None, f"exit status; {self.log()}")
        return self.run(*self.image.health).returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.outer.poll() is None:  # which heeds no signal itself
            os.kill(self.pid, signal.SIGKILL)
            self.outer.wait()

    def log(self):
        return self.output.read_text()

    def stop(self):
        begin = time.monotonic()
        os.kill(self.pid, self.image.stop)
        equal(self.outer.wait(timeout=20), 0, "exit status")
        return time.monotonic() - begin


@contextlib.contextmanager
def started(case):
    """The daemon's, once its rows are fresh."""
    case.start_stub()
    case.write_conf()
    case.conf.chmod(0o644)
    with Container(case, "ratesd") as container:
        wait_until("it is healthy", container.healthy)
        filled = container.run("ratesctl", "wait", "--timeout", "20s")
        equal(filled.returncode, 0, f"wait: {filled.stderr}")
        yield container


# --- tests ------------------------------------------------------------------

def packages_needed(directory):
    """Of the libraries that programs and libraries in there link to."""
    names = set()
    for path in directory.rglob("*"):
        if path.is_symlink() or not path.is_file() or \
                path.open("rb").read(4) != b"\x7fELF":
            continue
        told = subprocess.run(["readelf", "-d", path], capture_output=True,
                              text=True, check=True).stdout
        names.update(re.findall(r"\(NEEDED\).*\[(.*)\]", told))
    told = subprocess.run(["dpkg", "-S", *(f"*/{name}" for name in names)],
                          capture_output=True, text=True, check=False).stdout
    return {line.split(":")[0] for line in told.splitlines()
            if re.search(r": (/usr)?/lib/[^/]*/[^/]*$", line)}


def test_the_image_has_the_packages_that_the_programs_need(_):
    image = WORLD["image"]
    need(["readelf", "dpkg"])
    version = pathlib.Path("/etc/os-release").read_text()
    if f'VERSION_ID="{image.base[7:].split("-")[0]}"' not in version or \
            not image.base.startswith("debian:"):
        raise Skip(f"this machine is no {image.base}")
    needed = packages_needed(image.context / "root") - {"libc6"}
    equal(set(image.packages), needed | ALSO, "packages")
    equal(len(image.packages), len(set(image.packages)), "named twice")


def is_as_composed(container):
    text = pathlib.Path(f"/proc/{container.pid}/status").read_text()
    state = dict(line.split(":\t", 1) for line in text.splitlines())
    equal((state["Name"], state["NSpid"].split()[-1]), ("ratesd", "1"))
    equal((set(state["Uid"].split()), set(state["Gid"].split())),
          ({container.image.id("-u")}, {container.image.id("-g")}))
    assert state["Uid"].split()[0] != "0", "it is root"
    equal((state["CapEff"], state["CapBnd"], state["NoNewPrivs"]),
          ("0" * 16, "0" * 16, "1"))
    contains(container.enter("touch", "/etc/new").stderr,
             "Read-only file system")


def test_it_is_what_compose_says_and_wants_no_more(case):
    with started(case) as container:
        is_as_composed(container)
        shown = container.run("ratesctl", "show")
        equal((shown.returncode, shown.stderr), (0, ""), "show")
        contains(shown.stdout, "1.1684")
        took = container.stop()
    print(f"# {took:.1f} s to stop")
    assert took < 10, f"{took} s"
    assert seconds(container.service["stop_grace_period"]) > 10
    equal([line for line in container.log().splitlines()
           if ": info: " not in line], [], "what it is worried about")


def test_the_next_one_begins_with_the_saved_board(case):
    with started(case) as container:
        container.stop()
    case.stub.control("hold=1")
    with Container(case, "ratesd") as container:
        wait_until("it is healthy", container.healthy)
        equal(container.run("ratesctl", "get", "EUR", "USD").stdout,
              "1.1684\n")
        case.stub.control("hold=0")
        container.stop()


def only_workers(container):
    pids = children(container.pid)
    return len(pids) == 4 and all(map(alive, pids))


def test_it_reaps_and_reloads(case):
    with started(case) as container:
        container.run("sh", "-c",
                      "for i in 1 2 3 4 5; do (sleep 0.$i &); done")
        wait_until("they are reaped", lambda: only_workers(container))
        text = case.conf.read_text()
        with case.conf.open("r+") as conf:  # another file would not be seen
            conf.write(text.replace('"CZK"', '"CZK", "GBP"'))
        os.kill(container.pid, signal.SIGHUP)
        wait_until("it has the new currency", lambda: container.run(
            "ratesctl", "get", "EUR", "GBP").returncode == 0)
        container.stop()


def shares(container, reader):
    wait_until("it is there", lambda: reader.run("true").returncode == 0)
    asked = reader.run("ratesctl", "refresh", "--wait", "EUR")
    equal((asked.returncode, asked.stderr), (0, ""), "refresh")
    # What the comment warns of: the board without the queue.
    asked = subprocess.run(
        ["nsenter", f"--target={reader.pid}", "--mount", "--root", "--wd=/",
         "--", *reader.as_user(), "ratesctl", "refresh", "EUR"],
        capture_output=True, text=True, timeout=30, check=False)
    assert asked.returncode != 0, "refresh with the board alone"
    health = container.image.health
    equal(reader.run(*health).returncode, 0, "health")
    container.stop()
    assert reader.run(*health).returncode != 0, "health, when it has ended"
    equal(reader.run("ratesctl", "get", "EUR", "USD").stdout, "1.1684\n")


def test_a_reader_shares_board_and_queue(case):
    with started(case) as container:
        with Container(case, "reader", beside=container) as reader:
            equal(reader.service["depends_on"],
                  {"ratesd": {"condition": "service_healthy"}})
            equal(reader.outer.wait(timeout=20), 0, reader.log())
        contains(reader.log(), "1.1684")
        equal(len(reader.log().splitlines()), len(BOOK) + 1, reader.log())
        with Container(case, "reader", ["sleep", "60"], container) as reader:
            shares(container, reader)


# --- the program ------------------------------------------------------------

def raise_loopback():
    """A network namespace begins without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 1))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        need_machine(["unshare", "nsenter", "mount", "make", "chroot",
                      "useradd", "setpriv"])
        if str(configured("sysconfdir")) != "/usr/local/etc":
            raise Skip("configured for another prefix than the example's")
        if HERE not in os.environ:
            enter_namespace("--net")
        raise_loopback()
        with scratch_for("container") as scratch:
            WORLD["image"] = Image(scratch)
            run(globals())
    except Skip as why:
        print(f"1..0 # SKIP {why}")


if __name__ == "__main__":
    main()
