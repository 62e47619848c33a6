"""Answers that are cut, odd or no HTTP at all: a row is whole or unchanged."""

import gzip
import os
import random
import time

from harness import BOOK, equal, run, wait_until
from scripted import SHORT, Server, accept, begin, document, refuse_each

MEBIBYTE = 1 << 20


# --- cuts ------------------------------------------------------------------


def cut(extra, keep):
    """Of a document the part that keep gives, and a length beyond it."""
    def script(exchange):
        body = exchange.document()
        exchange.head(f"Content-Length: {len(body) + extra}")
        exchange.send(keep(body))
    return script


def half(body):
    return body[:len(body) // 2]


def whole(body):
    return body


def nothing(_):
    return b""


def chunked_without_end(exchange):
    body = exchange.document()
    exchange.head("Transfer-Encoding: chunked")
    exchange.send(f"{len(body):x}\r\n", body, "\r\n")


def chunked_within_a_chunk(exchange):
    body = exchange.document()
    exchange.head("Transfer-Encoding: chunked")
    exchange.send(f"{len(body) + 10:x}\r\n", body)


def closed_within_the_document(exchange):
    exchange.head("Connection: close")
    exchange.send(half(exchange.document()))


def closed_within_the_head(exchange):
    exchange.send("HTTP/1.1 200 OK\r\nContent-Le")


def gzip_without_its_end(exchange):
    body = gzip.compress(exchange.document())
    exchange.reply("Content-Encoding: gzip", body=body[:-10])


def reset_within_the_document(exchange):
    exchange.head(f"Content-Length: {len(exchange.document())}")
    exchange.send(half(exchange.document()))
    time.sleep(0.1)
    exchange.reset()


def reset_at_once(exchange):
    exchange.reset()


CUTS = {
    "whole, of one more": (cut(1, whole), "transfer: "),
    "whole, of more": (cut(700, whole), "transfer: "),
    "half of it": (cut(0, half), "transfer: "),
    "nothing of it": (cut(0, nothing), "transfer: "),
    "chunked without its last chunk": (chunked_without_end, "transfer: "),
    "cut within a chunk": (chunked_within_a_chunk, "transfer: "),
    "closed within the document": (closed_within_the_document,
                                   "document: not JSON"),
    "closed within the head": (closed_within_the_head, ": "),
    "gzip without its end": (gzip_without_its_end, ": "),
    "reset within the document": (reset_within_the_document, "transfer: "),
    "reset at once": (reset_at_once, "transfer: "),
}


def test_nothing_is_taken_of_an_answer_that_was_cut(case):
    refuse_each(case, CUTS)


# --- odd HTTP --------------------------------------------------------------


def http09(exchange):
    exchange.send(exchange.document())


def headers_without_end(exchange):
    exchange.send("HTTP/1.1 200 OK\r\n")
    exchange.repeat(b"X-Filler: " + b"x" * 4096 + b"\r\n", 5000)


def one_huge_header(exchange):
    exchange.send("HTTP/1.1 200 OK\r\nX-Huge: ", b"x" * MEBIBYTE, "\r\n")
    exchange.send("Content-Length: 0\r\n\r\n")


def not_gzip(exchange):
    exchange.reply("Content-Encoding: gzip")


def not_brotli(exchange):
    exchange.reply("Content-Encoding: br", body=os.urandom(512))


def not_zstd(exchange):
    exchange.reply("Content-Encoding: zstd", body=os.urandom(512))


def unknown_encoding(exchange):
    exchange.reply("Content-Encoding: rot13")


def many_encodings(exchange):
    exchange.reply("Content-Encoding: " + ", ".join(["gzip"] * 100))


def nul_in_the_head(exchange):
    exchange.reply("X-Nul: a\0b")


def nul_in_the_body(exchange):
    body = exchange.document()
    exchange.reply(body=body[:20] + b"\0" + body[20:])


def nul_behind_the_document(exchange):
    exchange.reply(body=exchange.document() + b"\0{")


def only_continues(exchange):
    exchange.repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 100000)


def not_a_status(exchange):
    exchange.send("HTTP/1.1 banana\r\n\r\n")


def negative_length(exchange):
    exchange.head("Content-Length: -5")
    exchange.send(exchange.document())


def bad_chunk_size(exchange):
    exchange.head("Transfer-Encoding: chunked")
    exchange.send("fffffffffffffffff1\r\n", exchange.document())


def garbage(exchange):
    exchange.send(random.Random(1).randbytes(4096))


def no_content(exchange):
    exchange.head(status="204 No Content")


def switching(exchange):
    exchange.head("Upgrade: h2c", "Connection: Upgrade",
                  status="101 Switching Protocols")
    exchange.send(exchange.document())


ODD = {
    "HTTP/0.9": (http09, "transfer: "),
    "20 MiB of headers": (headers_without_end, ": "),
    "a header of 1 MiB": (one_huge_header, ": "),
    "no gzip": (not_gzip, "transfer: "),
    "no brotli": (not_brotli, ": "),
    "no zstd": (not_zstd, ": "),
    "an unknown encoding": (unknown_encoding, "transfer: "),
    "a hundred encodings": (many_encodings, "transfer: "),
    "a NUL in the head": (nul_in_the_head, ": "),
    "a NUL in the body": (nul_in_the_body, "document: "),
    "a NUL behind the document": (nul_behind_the_document, "document: "),
    "continue for ever": (only_continues, ": "),
    "no status": (not_a_status, ": "),
    "a negative length": (negative_length, "transfer: "),
    "a chunk of 2^68": (bad_chunk_size, "transfer: "),
    "garbage": (garbage, "transfer: "),
    "no content": (no_content, "document: empty answer"),
    "another protocol": (switching, ": "),
}


def test_what_is_no_proper_http_is_refused(case):
    refuse_each(case, ODD)


def continued(exchange):
    exchange.repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 100)
    return exchange.reply()


def many_headers(exchange):
    return exchange.reply(*(f"X-{n}: {n}" for n in range(1000)))


def byte_by_byte(exchange):
    body = exchange.document()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
    for byte in head.encode() + body:
        exchange.send(bytes([byte]))
    return True


def with_trailers(exchange):
    body = exchange.document()
    exchange.head("Transfer-Encoding: chunked", "Trailer: Retry-After")
    exchange.send(f"{len(body):x};x=y\r\n", body,
                  "\r\n0\r\nRetry-After: 3600\r\n\r\n")
    return True


def closed_unannounced(exchange):
    exchange.reply()


def reset_unannounced(exchange):
    exchange.reply()
    time.sleep(0.2)
    exchange.reset()


def test_odd_answers_that_are_good_are_taken(case):
    with Server(BOOK) as server:
        begin(case, server, timeout="20s")
        for script in (continued, many_headers, byte_by_byte, with_trailers):
            print("#", script.__name__)
            accept(case, server, script)
        equal(case.ctl("refresh", "--wait").returncode, 0)


def test_a_connection_closed_between_two_requests_is_no_error(case):
    for script in (closed_unannounced, reset_unannounced):
        with Server(BOOK, default=script) as server:
            begin(case, server, workers=1)
            failed = case.counter("jobs_failed")
            for _ in range(10):
                equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
                time.sleep(0.05)
            equal(case.counter("jobs_failed"), failed, "attempts that failed")
            assert server.connections > 5, "all on one connection"
            equal(case.stop(), 0)


def closed_on_the_second(exchange):
    """Keep-alive, and gone when the next request comes: a race it lost."""
    if exchange.turn == 1:
        return exchange.reply()
    return False


def test_a_connection_closed_on_its_second_request_is_retried(case):
    with Server(BOOK, default=closed_on_the_second) as server:
        begin(case, server, ["EUR", "USD"], workers=1)
        # Far more often than libcurl tries anew for one handle.
        for _ in range(20):
            equal(case.ctl("refresh", "EUR", "--wait").returncode, 0)
        equal(case.counter("jobs_failed"), 0)
        assert len(server.asked("EUR")) > 30, "nothing was lost"


def test_an_answer_before_the_request_is_none_or_a_good_one(case):
    body = document("EUR", ["EUR", "USD"])
    greet = (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
             + body)
    with Server(["EUR", "USD"], greet=greet) as server:
        case.stub = server
        case.write_conf(["EUR", "USD"], refresh="1h", **SHORT)
        case.start(wait=False)

        def tried():
            if not case.board_file().exists():
                return None
            row = case.rows()["USD"]
            return row["error"] and row
        # What was meant for EUR is never USD's.
        row = wait_until("USD was tried", tried)
        equal(row["version"], 0)
        assert row["error"].startswith(("base: ", "transfer: ")), row["error"]


run(globals())
