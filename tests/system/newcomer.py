"""The README's way to a running service, in a container: newcomer_inside.py."""

import subprocess
import sys

import boot
from harness import SOURCE, Skip


def need_sources():
    """What a newcomer clones, and what apt-get would else have to fetch."""
    boot.need(["git", "sudo", "openssl", "update-ca-certificates",
               "apt-get"])
    if not (SOURCE / ".git").exists():
        raise Skip("no git checkout")
    missing = set(packages()) - installed()
    if missing:
        raise Skip(f"not installed here: {' '.join(sorted(missing))}")


def installed():
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n"],
        capture_output=True, text=True, check=True)
    return {line.split()[0] for line in done.stdout.splitlines()
            if line.endswith(" installed")}


def packages():
    """The names that bootstrap has for apt, of what is not for CI alone."""
    table = (SOURCE / "bootstrap").read_text().partition("cat <<'END'\n")[2]
    rows = [line.split() for line in
            table.partition("\nEND\n")[0].splitlines()[1:]]
    return [row[1] for row in rows if row[0] != "ci" and row[1] != "-"]


if __name__ == "__main__":
    try:
        need_sources()
    except Skip as why:
        print(f"1..0 # SKIP {why}")
        sys.exit(0)
    sys.exit(boot.main("newcomer"))
