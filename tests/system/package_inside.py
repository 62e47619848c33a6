"""What boot.py has run by the systemd of a container: Debian's packages.

Installed, upgraded under a reader, removed and purged.
"""

import pathlib
import sys

import boot_inside
from boot_inside import (BOARD, QUEUE, STUB, UNIT, Readers, fresh,
                         main_pid, prop, run, runs, systemctl, write_conf)
from harness import contains, equal

HERE = pathlib.Path(__file__).parent
PACKAGES = ["librates0", "librates-dev", "python3-rates", "ratesd"]
SECOND = "ratesd@second.service"


def dpkg(*arguments):
    done = run("dpkg", *arguments, stdin=None)
    equal(done.returncode, 0, f"dpkg {arguments}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def version():
    return run("dpkg-query", "-W", "-f", "${Version}", "ratesd").stdout


def test_install_starts_the_service():
    dpkg("-i", *(HERE / f"{name}.deb" for name in PACKAGES))
    runs()
    equal(prop("UnitFileState"), "enabled")
    equal(prop("UnitFileState", "ratesd-wait.service"), "disabled")
    equal(run("systemctl", "is-active", "ratesd-wait").stdout, "inactive\n")
    equal(prop("FragmentPath"), "/lib/systemd/system/ratesd.service")
    assert 0 < int(run("id", "-u", "ratesd").stdout) < 1000


def test_library_is_found_by_pkg_config():
    source = HERE / "read.c"
    source.write_text("#include <rates.h>\nint main(void) { struct rates *r; "
                      "return rates_open(0, &r) != RATES_OK; }\n")
    flags = run("pkg-config", "--cflags", "--libs", "librates")
    equal(flags.returncode, 0, flags.stderr)
    built = run("cc", "-o", HERE / "read", source, *flags.stdout.split())
    equal(built.returncode, 0, built.stderr)
    equal(run(HERE / "read").returncode, 0)


def test_python_and_the_plugin_are_found():
    got = run("/usr/bin/python3", "-c", "import rates; rates.Board()")
    equal((got.returncode, got.stderr), (0, ""))
    checked = run("/usr/lib/nagios/plugins/check_rates", "--help")
    equal((checked.returncode, checked.stderr), (3, ""), "the plugin")


def test_configured_by_the_operator():
    with open("/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("\n127.0.0.1 rates.test\n")
    systemctl("start", "stub")
    write_conf("ratesd")
    systemctl("restart", UNIT)
    fresh()
    write_conf("second")
    systemctl("start", SECOND)
    fresh("second")


def test_upgrade_is_not_seen_by_readers():
    before, pids = version(), (main_pid(), main_pid(SECOND))
    with Readers() as readers:
        dpkg("--force-confdef", "-i", HERE / "next.deb")
        readers.more()
    equal(version(), before + "+next")
    runs()
    runs(SECOND)
    assert main_pid() != pids[0], "the old one still runs"
    assert main_pid(SECOND) != pids[1], "the old second one still runs"
    contains(pathlib.Path("/etc/ratesd/ratesd.conf").read_text(), STUB)
    fresh()


def test_removed_it_leaves_the_last_rates():
    dpkg("-r", "ratesd")
    equal(run("pgrep", "-u", "ratesd").stdout, "", "what is left of it")
    assert BOARD.exists() and QUEUE.exists()
    equal(run(HERE / "read").returncode, 0, "a reader")
    assert pathlib.Path("/etc/ratesd/ratesd.conf").exists()


def test_purged_it_leaves_nothing():
    dpkg("-P", *reversed(PACKAGES))
    left = [str(path) for place in (
        "/dev/shm", "/dev/mqueue", "/run", "/var/lib", "/lib/systemd/system",
        "/etc/systemd/system/multi-user.target.wants", "/usr/bin",
        "/usr/sbin", "/usr/libexec", "/usr/share", "/usr/share/doc",
        "/usr/lib/sysusers.d", "/usr/lib/nagios/plugins",
        "/usr/lib/python3/dist-packages", "/usr/include",
        "/usr/share/bash-completion/completions", "/var/lib/systemd/deb-systemd-helper-enabled")
        for path in pathlib.Path(place).glob("*rates*")]
    equal(left, [], "what is left")
    # But for what the operator wrote.
    equal([path.name for path in pathlib.Path("/etc/ratesd").glob("*")],
          ["second.conf"])


if __name__ == "__main__":
    sys.exit(boot_inside.main(globals()))
