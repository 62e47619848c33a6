"""The service on a systemd that has booted: boot_inside.py, in a container.

The container is this machine's own root with an overlay over it, into which
"make install" writes; systemd-nspawn boots it.  All mounts are in a namespace
of this process and its children: with the last of them they are gone, however
it ended.

"boot.py package DIRECTORY" boots it with the packages that "make deb" made in
there instead: package_inside.py.  newcomer.py boots it with nothing but the
sources, for newcomer_inside.py.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from harness import BUILD, DATA, SOURCE, Skip

HERE = "RATESD_BOOT_NAMESPACE"  # set in the namespace
INSIDE = "opt/ratesd-check"
PR_SET_PDEATHSIG = 1
PROGRAMS = ["systemd-nspawn", "systemctl", "systemd-analyze", "unshare",
            "mount", "make", "useradd", "setpriv", "dbus-daemon", "pgrep"]

TARGET = """[Unit]
Requires=basic.target dbus.service systemd-logind.service check.service
After=basic.target
AllowIsolate=yes
"""
# Whatever becomes of it, the container ends.
CHECK = """[Unit]
After=basic.target dbus.service systemd-logind.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
Environment=PYTHONDONTWRITEBYTECODE=1
ExecStart={python} /{inside}/{script}
StandardOutput=file:/{inside}/report
StandardError=inherit
TimeoutStartSec={seconds}
"""
STUB = f"""[Service]
DynamicUser=yes
ExecStart=/{INSIDE}/ratesd-stub --data /{INSIDE}/rates.csv --port 8099
"""
# What is tried in there, and how many seconds that may take.
SCRIPTS = {"install": ("boot_inside.py", 300),
           "package": ("package_inside.py", 300),
           "newcomer": ("newcomer_inside.py", 400)}
# Of the machine's own services none is to run in there.
MASKED = ["timers.target", "getty.target", "systemd-timesyncd.service"]


def need(programs):
    for name in programs:
        if not shutil.which(name):
            raise Skip(f"needs {name}")


def need_machine(programs):
    if os.geteuid() != 0:
        raise Skip("needs root")
    need(programs)
    linked = subprocess.run(["ldd", BUILD / "ratesd"], capture_output=True,
                            text=True, check=False).stdout
    if "san.so" in linked:
        raise Skip("a sanitizer can't work in the sandbox")


def configured(name):
    """A directory of this build, as configure was told."""
    text = f"print-it:\n\t@printf '%s\\n' '$({name})'\n"
    made = subprocess.run(
        ["make", "-s", "-C", BUILD, "-f", "Makefile", "-f", "-", "print-it"],
        input=text, capture_output=True, text=True, check=True,
        env=make_environment())
    return pathlib.Path(made.stdout.strip())


def make_environment():
    """This is no part of a make that may have started it."""
    return {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR")}


def need_places():
    """That what is installed is found by the systemd of the container."""
    prefix, units = configured("prefix"), configured("systemdsystemunitdir")
    if prefix.is_relative_to("/tmp") or prefix.is_relative_to("/run"):
        raise Skip(f"{prefix} is another one in the container")
    if str(units) == "no":
        raise Skip("configured without units")
    looked_in = subprocess.run(["systemd-analyze", "unit-paths"], text=True,
                               capture_output=True, check=True).stdout
    if str(units) not in looked_in.splitlines():
        raise Skip(f"systemd looks for no units in {units}")


def enter_namespace(*others):
    """This program once more, where its mounts are its own."""
    command = ["unshare", "--mount", "--propagation", "private", *others]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True,
                           check=False)
    if tried.returncode != 0:
        raise Skip(f"{' '.join(command)}: {tried.stderr.strip()}")
    os.execvpe(command[0], [*command, sys.executable, *sys.argv],
               {**os.environ, HERE: "yes"})


def mount(kind, options, where):
    done = subprocess.run(
        ["mount", "-t", kind, "-o", options, kind, where],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip(f"no {kind} can be mounted: {done.stderr.strip()}")


def make_root(scratch):
    """Where the container's root is, and what is written to it."""
    mount("tmpfs", "mode=0755", scratch)
    upper, work, merged = (scratch / name
                           for name in ("upper", "work", "merged"))
    for directory in (upper, work, merged):
        directory.mkdir()
    mount("overlay", f"lowerdir=/,upperdir={upper},workdir={work}", merged)
    return upper, merged


def install(merged):
    """As whoever packages it would."""
    done = subprocess.run(
        ["make", "-C", BUILD, "install", f"DESTDIR={merged}"],
        capture_output=True, text=True, check=False, env=make_environment())
    if done.returncode != 0:
        raise AssertionError("make install: " + done.stderr[-2000:])
    write_paths(merged, {name: configured(name) for name in (
        "bindir", "sbindir", "libdir", "sysconfdir", "docdir")})


def bring_packages(merged):
    """Those packages; and ratesd once more, as its next version."""
    inside = merged / INSIDE
    debs = [deb for deb in pathlib.Path(sys.argv[2]).glob("*.deb")
            if "dbgsym" not in deb.name]
    if len(debs) != 4:
        raise AssertionError(f"{sys.argv[2]}: {len(debs)} packages, not 4")
    for deb in debs:
        shutil.copy(deb, inside / (deb.name.split("_")[0] + ".deb"))
    tree = inside / "next"
    subprocess.run(["dpkg-deb", "-R", inside / "ratesd.deb", tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", r"\g<0>+next",
                              control.read_text()))
    subprocess.run(["dpkg-deb", "-b", tree, inside / "next.deb"], check=True,
                   stdout=subprocess.DEVNULL)
    # There are machines on which packages may start nothing.
    (merged / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    libdir = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"],
                            capture_output=True, text=True, check=True)
    write_paths(merged, {
        "bindir": "/usr/bin", "sbindir": "/usr/sbin", "sysconfdir": "/etc",
        "libdir": "/usr/lib/" + libdir.stdout.strip(),
        "docdir": "/usr/share/doc/ratesd"})


def write_paths(merged, paths):
    (merged / INSIDE / "paths.py").write_text("".join(
        f"{name} = '{path}'\n" for name, path in paths.items()))


def bring_tests(merged):
    inside = merged / INSIDE
    inside.mkdir(parents=True)
    tests = SOURCE / "tests/system"
    for path in (BUILD / "ratesd-stub", tests / "harness.py",
                 *(tests / script for script, _ in SCRIPTS.values())):
        shutil.copy(path, inside)
    shutil.copy(DATA, inside / "rates.csv")


def bring_sources(merged):
    """As they are here, committed or not; and what a source would answer."""
    inside = merged / INSIDE
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", SOURCE, "ls-files", "-z",
         "--cached", "--others", "--exclude-standard"], capture_output=True,
        check=True)
    names = [name for name in listed.stdout.decode().split("\0")
             if name and (SOURCE / name).exists()]
    tree = inside / "tree"
    for name in names:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / name, tree / name, follow_symlinks=False)
    git = ["git", "-C", tree, "-c", "user.name=nobody",
           "-c", "user.email=nobody@localhost"]
    for words in (["init", "-q"], ["add", "-A", "-f"],
                  ["commit", "-q", "-m", "as it is"]):
        subprocess.run([*git, *words], check=True)
    for name in ("README.md", "man/ratesd-operations.7",
                 "tests/data/sources/ecb.xml"):
        shutil.copy(SOURCE / name, inside)
    write_paths(merged, {
        "bindir": "/usr/local/bin", "sysconfdir": "/usr/local/etc"})


def write_units(merged, script, seconds):
    units = merged / "etc/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    (units / "check.target").write_text(TARGET)
    (units / "check.service").write_text(CHECK.format(
        python=sys.executable, inside=INSIDE, script=script,
        seconds=seconds))
    (units / "stub.service").write_text(STUB)
    for name in MASKED:
        (units / name).unlink(missing_ok=True)
        (units / name).symlink_to("/dev/null")


def die_with_us():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def boot(merged, console, longest):
    """The container from its start to its end, which is ours at the latest."""
    mount("tmpfs", "mode=0755", "/run")  # where nspawn leaves traces
    with console.open("w") as log:
        container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--directory", merged, "--boot",
             "--keep-unit", "--register=no", "--private-network",
             f"--machine=ratesd-{os.getpid()}", "--console=pipe",
             # Which nspawn would not let a container have.
             "--system-call-filter=landlock_create_ruleset "
             "landlock_add_rule landlock_restrict_self",
             "systemd.unit=check.target", "systemd.show_status=no"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=die_with_us)
        try:
            return container.wait(timeout=longest)
        except subprocess.TimeoutExpired:
            return None
        finally:
            container.kill()
            container.wait()


def whole(report):
    lines = report.splitlines()
    plan = next((line for line in lines if line.startswith("1..")), None)
    results = [line for line in lines if line.startswith(("ok", "not ok"))]
    return plan is not None and len(results) == int(plan[3:])


def run_container(scratch, what):
    upper, merged = make_root(scratch)
    script, seconds = SCRIPTS[what]
    bring_tests(merged)
    {"install": install, "package": bring_packages,
     "newcomer": bring_sources}[what](merged)
    write_units(merged, script, seconds)
    console = scratch / "console"
    status = boot(merged, console, seconds + 10)
    report = upper / INSIDE / "report"
    text = report.read_text(errors="replace") if report.exists() else ""
    print(text, end="", flush=True)
    if whole(text):
        return 1 if "\nnot ok" in text else 0
    for line in console.read_text(errors="replace").splitlines()[-60:]:
        print("# console:", line)
    print("Bail out! the container", f"ended with {status}"
          if status is not None else f"was not done in {seconds} s")
    return 1


@contextlib.contextmanager
def scratch_for(name):
    """A directory to mount in; with it goes what is mounted."""
    scratch = pathlib.Path(tempfile.mkdtemp(prefix=f"ratesd-{name}-"))
    try:
        yield scratch
    finally:
        subprocess.run(["umount", "--lazy", scratch / "merged", scratch],
                       stderr=subprocess.DEVNULL, check=False)
        scratch.rmdir()


@contextlib.contextmanager
def alone():
    """Two at once would be in the same control groups, where what the systemd
    of one takes away is the other's, too."""
    groups = os.open("/sys/fs/cgroup", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(groups, fcntl.LOCK_EX)
        yield
    finally:
        os.close(groups)


def main(what):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        need_machine(PROGRAMS)
        if what == "install":
            need_places()
        if HERE not in os.environ:
            enter_namespace()
        with alone(), scratch_for("boot") as scratch:
            return run_container(scratch, what)
    except Skip as why:
        print(f"1..0 # SKIP {why}")
        return 0


if __name__ == "__main__":
    sys.exit(main("package" if sys.argv[1:2] == ["package"] else "install"))
