"""Silence, floods and false trails: what a source may do to a worker."""

import contextlib
import gzip
import pathlib
import socket
import time
import zlib

from harness import BOOK, Skip, contains, equal, run, wait_until
from scripted import (PATIENT, SHORT, Server, accept, begin, moved_to, refuse,
                      refuse_each)
from surroundings import CERTIFICATES, certificate, start_with_file

MEBIBYTE = 1 << 20


# --- silence ---------------------------------------------------------------


def silent(exchange):
    exchange.wait_for_close()


def trickled_head(exchange):
    exchange.send("HTTP/1.1 200 OK\r\nX-Slow: ")
    exchange.repeat(b"x", 4000, 0.01)


def trickled_body(exchange):
    exchange.head("Content-Length: 5000")
    exchange.repeat(b" ", 4000, 0.01)


def trickled_lines(exchange):
    exchange.send("HTTP/1.1 200 OK\r\n")
    exchange.repeat(b"X-Slow: x\r\n", 4000, 0.01)


def test_silence_and_trickle_end_by_the_timeout(case):
    refuse_each(case, {script.__name__: (script, "timeout: ") for script in (
        silent, trickled_head, trickled_lines, trickled_body)}, **SHORT)


def test_a_timeout_after_a_reset_says_both(case):
    def reset_and_silent(exchange):
        if exchange.turn > 1:  # only of an old connection libcurl asks anew
            return exchange.reset()
        return silent(exchange)

    with Server(BOOK) as server:
        begin(case, server, workers=1, **SHORT)
        refuse(case, server, reset_and_silent,
               "timeout: Timeout was reached, after: Recv failure: "
               "Connection reset by peer")


def test_other_rows_go_on_beside_a_slow_one(case):
    with Server(BOOK) as server:
        begin(case, server, workers=1, timeout="50s")
        server.bad["EUR"] = trickled_body
        case.ctl("refresh", "EUR")
        wait_until("EUR is asked for", lambda: len(server.asked("EUR")) == 2)
        for _ in range(3):
            equal(case.ctl("refresh", "USD", "PLN", "--wait", "--timeout",
                           "10s").returncode, 0)
        equal(len(server.asked("EUR")), 2, "requests for EUR")
        equal(case.rows()["EUR"]["error"], None, "it is still waited for")


def test_silence_ends_long_before_a_long_timeout(case):
    with Server(BOOK) as server:
        begin(case, server, timeout="5m", watchdog="10m")
        server.bad["EUR"] = silent
        asked = case.ctl("refresh", "EUR", "--wait", "--timeout", "40s")
        equal(asked.returncode, 1)
        contains(case.rows()["EUR"]["error"], "timeout: ")


def test_connection_that_is_never_accepted(case):
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # Once the backlog is full the kernel drops what comes.
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        case.write_conf(["EUR", "USD"], refresh="1h", timeout="5m",
                        watchdog="10m", **{"connect-timeout": "300ms"})
        text = case.conf.read_text().replace(
            "127.0.0.1:9/", f"127.0.0.1:{full.getsockname()[1]}/")
        case.conf.write_text(text)
        case.start(wait=False)
        wait_until("the board is there", case.board_file().exists)
        contains(wait_until("the attempt shows",
                            lambda: case.rows()["EUR"]["error"]), "timeout: ")


# --- names -----------------------------------------------------------------


@contextlib.contextmanager
def black_hole():
    """The address of a resolver that takes questions and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        for last in range(53, 99):
            with contextlib.suppress(OSError):
                hole.bind((f"127.0.53.{last}", 53))
                break
        else:
            raise Skip("no port 53 to be had on loopback")
        yield hole


def start_with_resolver(case, resolver):
    conf = case.directory / "resolv.conf"
    conf.write_text(f"nameserver {resolver}\noptions timeout:30 attempts:1\n")
    start_with_file(case, conf, "/etc/resolv.conf")


def was_asked(hole):
    hole.settimeout(5)
    try:
        contains(hole.recv(512), b"\x05rates\x07example\x03com")
    except TimeoutError:
        raise Skip("names are looked up by other ways here") from None


def test_a_resolver_that_never_answers_holds_up_nothing(case):
    with black_hole() as hole:
        case.start_stub()
        case.write_conf(refresh="1h", watchdog="5s", **SHORT)
        case.conf.write_text(case.conf.read_text().replace(
            'sources = {"stub"}', 'sources = {"dark", "stub"}')
            + 'source "dark" { url = "http://rates.example.com/{base}" }\n')
        start_with_resolver(case, hole.getsockname()[0])
        was_asked(hole)
        equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")
        equal({row["source"] for row in case.rows().values()}, {"stub"})
        for _ in range(3):
            equal(case.ctl("refresh", "--wait", "--timeout",
                           "20s").returncode, 0)
        assert not case.logged("made no progress"), "the watchdog bit"
        equal(case.counter("restarts"), 0)
        case.ctl("refresh")
        time.sleep(0.3)
        began = time.monotonic()
        equal(case.stop(), 0, "exit status")
        assert time.monotonic() - began < 10, "not within 10 s"
        assert not case.logged("did not stop in time"), "it had to be killed"


# --- floods ----------------------------------------------------------------


def endless_chunks(exchange):
    exchange.head("Transfer-Encoding: chunked")
    exchange.repeat(b"1000\r\n" + b" " * 4096 + b"\r\n", 100000)


def endless_body(exchange):
    exchange.head("Connection: close")
    exchange.repeat(b" " * 65536, 10000)


def huge_promise(exchange):
    exchange.head("Content-Length: 99999999999")
    exchange.repeat(b" " * 65536, 10000)


ZEROS = gzip.compress(bytes(64 * MEBIBYTE), 9)


def bomb(exchange):
    exchange.reply("Content-Encoding: gzip", body=ZEROS)


def bomb_behind_a_document(exchange):
    packer = zlib.compressobj(9, wbits=31)
    body = packer.compress(exchange.document())
    body += packer.compress(b" " * (64 * MEBIBYTE)) + packer.flush()
    exchange.reply("Content-Encoding: gzip", body=body)


def bomb_in_chunks(exchange):
    exchange.head("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    for at in range(0, len(ZEROS), 512):
        part = ZEROS[at:at + 512]
        exchange.send(f"{len(part):x}\r\n", part, "\r\n")
    exchange.send("0\r\n\r\n")


def bomb_twice_packed(exchange):
    exchange.reply("Content-Encoding: gzip, gzip",
                   body=gzip.compress(ZEROS, 9))


FLOODS = (endless_chunks, endless_body, huge_promise, bomb,
          bomb_behind_a_document, bomb_in_chunks, bomb_twice_packed)


def memory(pid, name):
    """A size of proc(5)'s status file, in bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")


def test_floods_and_bombs_are_refused_by_their_size(case):
    with Server(BOOK) as server:
        begin(case, server, workers=1, timeout="20s")
        worker = case.workers()[0]
        before = memory(worker, "VmHWM")
        for script in FLOODS:
            print("#", script.__name__)
            refuse(case, server, script, "size: more than 256 KiB")
        equal(case.workers(), {0: worker})
        grown = memory(worker, "VmHWM") - before
        print(f"# the worker grew by {grown // 1024} KiB")
        # Sanitizers keep what was freed; their shadows are terabytes.
        if memory(worker, "VmSize") < 1 << 40:
            assert grown < 16 * MEBIBYTE, f"grew by {grown} bytes"


# --- redirects -------------------------------------------------------------


def test_no_redirect_is_followed_but_to_https(case):
    with Server(BOOK) as server, Server(BOOK) as other:
        begin(case, server)
        path = "/followed?base=EUR"
        targets = [other.url(path), "file:///etc/passwd",
                   f"ftp://127.0.0.1:{other.port}/x", path,
                   f"//127.0.0.1:{other.port}{path}", server.url(path),
                   server.url("/rates?base=EUR")]
        for status in ("301 Moved", "302 Found", "303 See Other",
                       "307 Temporary", "308 Permanent"):
            for target in targets:
                before = len(server.asked("EUR"))
                # A body that would do, were the status not looked at.
                refuse(case, server,
                       lambda exchange, s=status, t=target: exchange.reply(
                           f"Location: {t}", status=s),
                       f"http: status {status[:3]}: redirect refused, to ")
                # Asked for twice; the schedule may have tried again, too.
                assert len(server.asked("EUR")) - before < 10, target
        equal([path for _, path in server.requests if "follow" in path], [])
        equal(other.connections, 0, "connections to the other server")


def test_a_certificate_that_nobody_vouches_for_is_refused(case):
    context, _ = certificate(case)
    with Server(BOOK, tls=context) as dark, Server(BOOK) as server:
        begin(case, server, **PATIENT)
        refuse(case, server, moved_to(dark), "connect: ")
        assert dark.connections > 0, "https was not tried"
        case.stop()
        case.stub = dark
        case.write_conf(refresh="1h", **PATIENT)
        case.start()
        equal(case.ctl("refresh", "--wait").returncode, 1)
        for row in case.rows().values():
            contains(row["error"], "connect: ")
        equal(dark.requests, [], "requests that went through")


def test_redirects_to_https_are_followed_three_times(case):
    context, made = certificate(case)
    if not CERTIFICATES.exists():
        raise Skip(f"no {CERTIFICATES}")
    with Server(BOOK, tls=context) as last, contextlib.ExitStack() as stack:
        hops = [last]
        for tls in (context, context, None):
            hops.append(stack.enter_context(
                Server(BOOK, default=moved_to(hops[-1]), tls=tls)))
        first = hops[-1]
        case.stub = first
        case.write_conf(refresh="1h", **PATIENT)
        start_with_file(case, made, CERTIFICATES)
        equal(case.ctl("wait", "--timeout", "20s").returncode, 0, "wait")
        equal({path for _, path in last.requests},
              {f"/rates?base={code}" for code in BOOK})
        # A fourth, one that goes round, and one back to plain http.
        more = stack.enter_context(
            Server(BOOK, default=moved_to(hops[-2]), tls=context))
        refuse(case, first, moved_to(more),
               f"http: status 301: more than 3 redirects, to {last.url('/')}")
        more.default = moved_to(more, "308 Permanent")
        refuse(case, first, moved_to(more),
               f"http: status 308: more than 3 redirects, to {more.url('/')}")
        more.default = moved_to(first, "302 Found")
        refuse(case, first, moved_to(more),
               f"http: status 302: redirect refused, to {first.url('/rates')}")


def test_refresh_header_and_alternatives_are_not_followed(case):
    with Server(BOOK) as server, Server(BOOK) as other:
        begin(case, server)
        accept(case, server, lambda exchange: exchange.reply(
            f"Refresh: 0; url={other.url('/')}",
            f'Alt-Svc: h2="127.0.0.1:{other.port}"; ma=3600, '
            f'http/1.1="127.0.0.1:{other.port}"; ma=3600'))
        equal(case.ctl("refresh", "--wait").returncode, 0)
        equal(other.connections, 0, "connections to the other server")


run(globals())
