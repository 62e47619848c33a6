"""What tests of several sources at once share."""

import contextlib
import json
import os
import pathlib
import random
import socket

from harness import BOOK, SOURCE, contains, engine_key, equal, wait_until
from scripted import tagged

SHIPPED = SOURCE / "etc/sources"
ANSWERS = SOURCE / "tests/data/sources"
DAY = "2026-04-13"


def section(name, url, *lines, **keys):
    """A source section; keys with _ for -."""
    text = [f'source "{name}" {{', f'\turl = "{url}"']
    text += [f'\t{key.replace("_", "-")} = "{value}"'
             for key, value in keys.items()]
    return name, "\n".join([*text, *(f"\t{line}" for line in lines), "}\n"])


def write_chain(case, sections, currencies=BOOK, **keys):
    """A configuration with the sections as its chain, in their order."""
    keys = {"workers": 4, "refresh": "1h", "restart_limit": 1000,
            "timeout": "5s", "connect_timeout": "2s", **engine_key(),
            **case.keys, **keys}
    codes = ", ".join(f'"{code}"' for code in currencies)
    names = ", ".join(f'"{name}"' for name, _ in sections)
    lines = [f"currencies = {{{codes}}}", f"sources = {{{names}}}"]
    lines += [f'{key.replace("_", "-")} = "{value}"'
              for key, value in keys.items()]
    lines += [text for _, text in sections]
    new = case.conf.with_name("new.conf")
    new.write_text("\n".join(lines) + "\n")
    new.rename(case.conf)


def begin_empty(case, *options):
    """A daemon whose rows need not become fresh."""
    case.start(*options, wait=False)
    wait_until("the daemon feeds the board", case.feeds)


def served_by(case, name):
    """True if all rows have that source's numbers now, without an error."""
    return all(row["source"] == name and row["error"] is None
               for row in case.rows().values())


def await_source(case, name):
    wait_until(f"all rows are from {name}", lambda: served_by(case, name))


def dated(day, factor=1):
    """A good answer of that day, its numbers times a factor."""
    def script(exchange):
        rates = {code: number if code == exchange.base else number * factor
                 for code, number in tagged(exchange.base,
                                            exchange.server.codes).items()}
        return exchange.reply(body=json.dumps(
            {"base": exchange.base, "date": day, "rates": rates}).encode())
    return script


def failing(status, text="nothing today"):
    def script(exchange):
        return exchange.reply(status=status,
                              body=json.dumps({"message": text}).encode())
    return script


def file_answer(path, *lines, status="200 OK"):
    body = path.read_bytes()

    def script(exchange):
        return exchange.reply(*lines, status=status, body=body)
    return script


def own_port():
    """One that nobody is given who asks for any."""
    first = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
    end = int(first.read_text().split()[0])
    while True:
        port = random.randrange(end - 10000, end)
        with socket.socket() as place, contextlib.suppress(OSError):
            place.bind(("127.0.0.1", port))
            return port


REFUSING = []


def refused_url():
    """A place on loopback where nobody listens; taken, so nobody else will."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    REFUSING.append(place)
    return f"http://127.0.0.1:{place.getsockname()[1]}/rates?base={{base}}"


def sockets_of(pid):
    """The inodes of a process's sockets; of one that has ended, none."""
    found = set()
    try:
        entries = list(os.scandir(f"/proc/{pid}/fd"))
    except (FileNotFoundError, ProcessLookupError):
        return found
    for entry in entries:
        try:
            target = os.readlink(entry.path)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            found.add(target[8:-1])
    return found


def asker(case, exchange):
    """The pid of the worker at the other end of an exchange."""
    port = exchange.connection.getpeername()[1]
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.read().splitlines()[1:]:
            words = line.split()
            if int(words[1].rpartition(":")[2], 16) != port:
                continue
            for pid in case.workers().values():
                if words[9] in sockets_of(pid):
                    return pid
    raise AssertionError(f"no worker has port {port}")


def refresh(case, *bases, status=0):
    """All rows again, or those; how that ended."""
    asked = case.ctl("refresh", *bases, "--wait", "--timeout", "20s")
    equal(asked.returncode, status, f"refresh: {asked.stderr}")
    return asked


def error_of(case, base, part):
    error = case.rows()[base]["error"]
    assert error, f"{base} has no error, wanted {part!r}"
    contains(error, part)
