"""An HTTP server that answers wrongly, byte by byte, as a test scripts it.

A script is a function of an Exchange: it sends what it likes, and returns True
if the connection is to be kept for another request.  Every wait is bounded.
"""

import contextlib
import email.utils
import json
import signal
import socket
import struct
import threading
import time
import urllib.parse

from harness import BOOK, contains, equal, wait_until

LONGEST = 40.0
# For answers that never end.
SHORT = {"timeout": "2s", "connect-timeout": "1900ms"}
# For all others: a slow machine may take seconds to read a long one.
PATIENT = {"timeout": "14s", "connect-timeout": "14s"}
REQUEST_MAX = 65536


def tagged(base, codes):
    """Numbers that no other base has."""
    mark = int.from_bytes(base.encode(), "big")
    return {code: 1 if code == base else mark + number
            for number, code in enumerate(codes)}


def document(base, codes):
    return json.dumps({"base": base, "rates": tagged(base, codes)}).encode()


def http_date(seconds):
    """The date that many seconds from now."""
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def path_of(head):
    return head.split(" ", 2)[1]


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, server, connection, head, turn):
        self.server = server
        self.connection = connection
        self.request = head  # whole
        self.path = path = path_of(head)
        self.base = urllib.parse.parse_qs(
            urllib.parse.urlsplit(path).query).get("base", [""])[0]
        self.turn = turn  # of this connection's requests, from 1
        self.end = time.monotonic() + LONGEST

    def send(self, *parts):
        self.connection.sendall(b"".join(
            part if isinstance(part, bytes) else part.encode()
            for part in parts))

    def head(self, *lines, status="200 OK"):
        self.send(f"HTTP/1.1 {status}\r\n",
                  "".join(line + "\r\n" for line in lines), "\r\n")

    def document(self):
        return document(self.base, self.server.codes)

    def reply(self, *lines, status="200 OK", body=None):
        """A whole answer; True, for the connection can go on."""
        body = self.document() if body is None else body
        self.send(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n",
                  "".join(line + "\r\n" for line in lines), "\r\n", body)
        return True

    def repeat(self, part, times, pause=0.0):
        for _ in range(times):
            if time.monotonic() > self.end or self.server.closed:
                return
            self.send(part)
            if pause:
                time.sleep(pause)

    def wait_for_close(self):
        """Until the client gives up."""
        while time.monotonic() < self.end and not self.server.closed:
            with contextlib.suppress(TimeoutError):
                if not self.connection.recv(1024):
                    return

    def reset(self):
        """Closed with a RST in place of a FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.connection.close()


def good(exchange):
    return exchange.reply()


def moved_to(other, status="301 Moved"):
    """To the same path on another server."""
    return lambda exchange: exchange.reply(
        f"Location: {other.url(exchange.path)}", status=status)


class Server:
    """Listens on loopback; bad[base] is the script of a base's answers."""

    def __init__(self, codes, default=good, greet=None, tls=None):
        self.codes = codes
        self.tls = tls  # an ssl.SSLContext
        self.default = default
        self.greet = greet  # sent to whoever connects, before any request
        self.bad = {}
        self.requests = []  # (when, path)
        self.heads = []  # of the requests, each whole
        self.connections = 0
        self.closed = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]

    def url(self, path="/rates?base={base}"):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def asked(self, base):
        """When it was asked for a base."""
        return [when for when, path in list(self.requests)
                if path.endswith("=" + base)]

    def __enter__(self):
        self.listener.settimeout(0.2)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closed = True
        self.listener.close()

    def accept(self):
        while not self.closed:
            with contextlib.suppress(OSError):
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=(connection,),
                                 daemon=True).start()

    def serve(self, connection):
        connection.settimeout(0.5)
        # A client that gives up is what many of the scripts are about.
        with connection, contextlib.suppress(OSError):
            if self.tls:
                connection.settimeout(5)
                connection = self.tls.wrap_socket(connection, server_side=True)
                connection.settimeout(0.5)
            if self.greet:
                connection.sendall(self.greet)
                return
            turn = 1
            while self.exchange(connection, turn):
                turn += 1

    def exchange(self, connection, turn):
        head = self.read_request(connection)
        if head is None:
            return False
        exchange = Exchange(self, connection, head, turn)
        script = self.bad.get(exchange.base, self.default)
        # Who sees it counted may change the scripts.
        self.requests.append((time.monotonic(), exchange.path))
        return script(exchange)

    def read_request(self, connection):
        end = time.monotonic() + LONGEST * 5
        data = b""
        while b"\r\n\r\n" not in data:
            if self.closed or time.monotonic() > end or \
                    len(data) > REQUEST_MAX:
                return None
            with contextlib.suppress(TimeoutError):
                part = connection.recv(4096)
                if not part:
                    return None
                data += part
        head = data.decode("latin-1")
        self.heads.append(head)
        return head


# What a euro is worth.
WORTH = {"EUR": 1, "USD": 1.17, "PLN": 4.25, "NOK": 11.2, "CZK": 24.4,
         "BGN": 1.9558}


class Publication:
    """A script: the rates of a day, which a test changes as it likes."""

    def __init__(self, day="2024-04-15"):
        self.day = day  # None: it says none
        self.jumps = {}  # (base, quote): by what to multiply
        self.missing = set()  # of (base, quote)
        self.note = None  # other bytes that mean nothing

    def rates(self, base):
        return {code: WORTH[code] / WORTH[base] *
                self.jumps.get((base, code), 1) for code in WORTH
                if (base, code) not in self.missing}

    def body(self, base):
        whole = {"note": self.note, "date": self.day, "base": base,
                 "rates": self.rates(base)}
        return json.dumps({key: value for key, value in whole.items()
                           if value is not None}).encode()

    def __call__(self, exchange):
        return exchange.reply(body=self.body(exchange.base))


# --- what tests do with it ---------------------------------------------------


def begin(case, server, currencies=BOOK, **keys):
    """A daemon whose only source is the server; its rows are fresh."""
    case.stub = server
    keys = {"refresh": "1h", "workers": 4, **PATIENT, **keys}
    case.write_conf(currencies, **keys)
    case.start()
    wait_until("all workers are in their loops",
               lambda: len(case.workers()) == keys["workers"])


def refuse(case, server, script, why, base="EUR"):
    """A bad answer: the row keeps what it had and says why; others go on."""
    before = case.rows()[base]
    server.bad[base] = script
    asked = case.ctl("refresh", base, "--wait", "--timeout", "15s")
    equal(asked.returncode, 1, f"refresh: {asked.stderr}")
    row = case.rows()[base]
    for key in ("rates", "version", "fetched", "changed", "published"):
        equal(row[key], before[key], key)
    assert row["error"], asked.stderr
    contains(row["error"], why)
    del server.bad[base]
    equal(case.ctl("refresh", "--wait").returncode, 0, "all rows, after it")
    equal(case.rows()[base]["error"], None)


def refuse_each(case, kinds, **keys):
    """kinds: name -> (script, what the row says)."""
    with Server(BOOK) as server:
        begin(case, server, **keys)
        workers = case.workers()
        for name, (script, why) in kinds.items():
            print("#", name)
            refuse(case, server, script, why)
        equal(case.workers(), workers, "workers")
        equal(case.counter("restarts"), 0)


def published(case, publication, base="EUR"):
    """The row has the publication's numbers."""
    row = case.rows()[base]
    rates = publication.rates(base)
    equal(row["rates"], {code: rates.get(code) for code in row["rates"]})
    equal(row["published"], publication.day)
    equal(row["error"], None)


def kept(case, base, before, why):
    """Asked again, the row has what it had, and says why."""
    asked = case.ctl("refresh", base, "--wait")
    equal(asked.returncode, 1, "refresh")
    row = case.rows()[base]
    for key in ("rates", "version", "fetched", "changed", "published"):
        equal(row[key], before[key], key)
    assert row["error"], asked.stderr  # perhaps it was tried again
    contains(asked.stderr, why)


def reload(case):
    """What the log said before is of another configuration."""
    wait_until("the start is over", lambda: case.logged("ready: "))
    count = case.log.read_text().count("ready: ")
    case.daemon.send_signal(signal.SIGHUP)
    wait_until("it is reloaded",
               lambda: case.log.read_text().count("ready: ") > count)


def accept(case, server, script, base="EUR"):
    """An odd answer that is a good one."""
    version = case.rows()[base]["version"]
    server.bad[base] = script
    asked = case.ctl("refresh", base, "--wait", "--timeout", "15s")
    equal((asked.returncode, asked.stderr), (0, ""), "refresh")
    row = case.rows()[base]
    equal(row["version"], version + 1)
    equal(row["rates"], tagged(base, server.codes))
    del server.bad[base]
