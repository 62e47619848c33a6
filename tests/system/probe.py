"""ratesctl probe: what it prints can be pasted, and then the daemon reads."""

import http.server
import subprocess
import threading
import urllib.parse

from harness import (BUILD, SOURCE, clean_environment, contains, equal, run,
                     wait_until)

ANSWERS = SOURCE / "tests/data/sources"
# Presets of the sections' names are there, and must not count.
PRESETS = ("--source-dir", SOURCE / "etc/sources")
# Each preset's answer, and its base.
SHIPPED = {
    "currencyapi.json": "USD", "ecb-portal.csv": "EUR", "ecb.xml": "EUR",
    "exchangerate-api.json": "USD", "exchangerate-host.json": "USD",
    "fawazahmed0.json": "USD", "fixer.json": "EUR",
    "frankfurter-v2.json": "USD", "frankfurter.json": "USD",
    "open-er-api.json": "USD", "openexchangerates.json": "USD",
    "vatcomply.json": "USD",
}
PER_EURO = {"EUR": 1, "USD": 1.1684, "JPY": 186.75, "CHF": 0.9242}


def probe(*arguments, status=0):
    """What it printed: its block, or what it complained of."""
    done = subprocess.run(
        [BUILD / "ratesctl", "probe", *map(str, arguments)],
        capture_output=True, text=True, timeout=60,
        env=clean_environment(RATESD_PROBE=str(BUILD / "ratesd-probe")))
    equal(done.returncode, status, f"probe {arguments}: {done.stderr}")
    if status == 0:
        equal(done.stderr, "")
        return done.stdout
    equal(done.stdout, "")
    equal(done.stderr.count("\n"), 1, "lines of complaint")
    return done.stderr


class Server:
    """Answers each path with a status and bytes."""

    def __init__(self):
        answers = self.answers = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = urllib.parse.urlsplit(self.path).path
                status, body, *headers = answers.get(path, (404, b""))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


def paste(case, blocks, currencies, sources):
    codes = ", ".join(f'"{code}"' for code in currencies)
    names = ", ".join(f'"{name}"' for name in sources)
    case.conf.write_text(
        f"currencies = {{{codes}}}\nsources = {{{names}}}\n"
        'refresh = "1h"\nlate-after = "30d"\n' + "\n".join(blocks))
    checked = case.run("-t", *PRESETS)
    equal((checked.returncode, checked.stderr), (0, ""), "ratesd -t")


def test_each_shipped_answer_gives_a_sound_section(case):
    for file in SHIPPED:
        base = ["--base", "EUR"] if file == "ecb.xml" else []
        name = file.partition(".")[0]
        block = probe(*base, "--file", ANSWERS / file)
        contains(block, f'source "{name}" {{\n')
        contains(block, " rates of " + SHIPPED[file])
        paste(case, [block], ["EUR", "USD"], [name])


def row_read_by(case, name, url, base):
    """The row that a daemon makes of a URL with a pasted section."""
    paste(case, [probe("--base", base, "--name", name, url)], PER_EURO,
          [name])
    case.start(*PRESETS, wait=False)
    row = wait_until(f"{name}: a row", lambda: case.feeds() and (
        lambda found: found["version"] and found)(case.rows()[base]))
    equal(case.stop(), 0, "stop")
    equal(case.run("--purge").returncode, 0, "purge")
    return row


def test_the_daemon_reads_with_each_section(case):
    with Server() as server:
        for file, base in SHIPPED.items():
            path = "/" + file
            server.answers[path] = 200, (ANSWERS / file).read_bytes()
            row = row_read_by(case, file.partition(".")[0],
                              server.url(path), base)
            equal(row["error"], None, file)
            for code, number in PER_EURO.items():
                wanted = number / PER_EURO[base]
                assert abs(row["rates"][code] / wanted - 1) < 1e-4, \
                    f"{file}: {code}: {row['rates'][code]}"


def test_a_url_gives_back_its_base(case):
    case.start_stub()
    block = probe("--name", "stub", case.stub.url("/rates?base=PLN"))
    contains(block, 'url = "' + case.stub.url() + '"\n')
    paste(case, [block], ["EUR", "PLN", "USD"], ["stub"])
    case.start()
    equal(case.rows()["USD"]["rates"]["PLN"], case.stub.rates("USD")["PLN"])
    equal(probe("--name", "stub", "--base", "PLN", case.stub.url()), "".join(
        line for line in block.splitlines(True) if "{base} in" not in line))


def test_a_key_is_not_printed(case):
    secret = "0123456789abcdef"
    with Server() as server:
        server.answers["/a"] = 200, (ANSWERS / "fixer.json").read_bytes()
        block = probe(server.url(f"/a?access_key={secret}&x=1"))
        contains(block, f'url = "{server.url("/a?x=1")}"\n')
        contains(block, 'auth = "query access_key"\n')
        assert secret not in block, block
        told = probe(server.url(f"/b?access_key={secret}"), status=1)
        contains(told, "404")
        assert secret not in told, told


def test_what_is_no_rates_is_told(case):
    page = b"<!DOCTYPE html><html><title>Rates</title></html>"
    error = (ANSWERS / "fixer.error-key.json").read_bytes()
    told = {
        "/page": ((200, page), "it is a web page (HTML), not rates"),
        "/empty": ((200, b""), "it is empty"),
        "/error": ((200, error), "it is an error: You have not supplied"),
        "/none": ((200, b'{"rates":{}}'), "there are no rates in it"),
        "/cut": ((200, b'{"rates":{"USD":1'), "it is no JSON: "),
        "/gone": ((404, b'{"message":"no\x1b such"}'), "status 404"),
        "/auth": ((401, error), "status 401: You have not supplied"),
        "/large": ((200, b" " * 300000), "256 KiB"),
        "/zero": ((200, b'{"base":"EUR","date":"no","rates":'
                   b'{"USD":1.2,"JPY":180}}'), None),
    }
    with Server() as server:
        for path, (answer, why) in told.items():
            server.answers[path] = answer
            if why is not None:
                contains(probe(server.url(path), status=1), why)
        contains(probe(server.url("/zero")), "nothing says when")
        server.answers["/twice"] = 200, (
            b'[{"base":"EUR","quote":"USD","rate":1.2},'
            b'{"base":"EUR","quote":"JPY","rate":180},'
            b'{"base":"EUR","quote":"USD","rate":1.3}]')
        contains(probe(server.url("/twice"), status=1), "USD: there twice")
        contains(probe("--base", "PLN", server.url("/zero"), status=1),
                 "base: asked for PLN, got")
        url = server.url("/zero")
    contains(probe(url, status=1), "ratesd-probe: " + url)
    contains(probe("--file", case.directory / "no", status=1), "No such file")
    contains(probe("--file", ANSWERS / "ecb.xml", status=1),
             "by their size it may be EUR")


def test_wrong_command_lines(case):
    for arguments in ([], ["--file"], ["--colour"], ["a", "b"],
                      ["--base", "eur", "x"], ["--name", "a/b", "x"]):
        contains(probe(*arguments, status=2), "(see ratesd-probe --help)")
    contains(probe("nonsense", status=1), "ratesd-probe: nonsense: ")
    contains(probe("--help"), "usage: ratesctl probe")
    contains(case.ctl("help", "probe").stdout, "probe [URL] [--base CODE]")
    gone = case.ctl("probe", "x", RATESD_PROBE="/nonexistent/probe")
    equal(gone.returncode, 1)
    contains(gone.stderr, "can't run /nonexistent/probe")


run(globals())
