"""What newcomer.py has run in a container: the lines of the README's start.

They are run as they stand there, by a user who may use sudo.  What stands in
for the internet, which a container has not: git finds the sources here, under
the address of the README; apt-get finds its packages installed, and no server;
and the source of the shipped configuration is a server of this program's, with
a certificate that the container trusts and an answer of today.
"""

import datetime
import http.server
import json
import pathlib
import re
import ssl
import subprocess
import sys
import threading

import boot_inside
from boot_inside import UNIT, ctl, fresh, prop, run, runs, systemctl
from harness import contains, equal, wait_until

HERE = pathlib.Path(__file__).parent
SOURCE = "www.ecb.europa.eu"
PATH = "/stats/eurofxref/eurofxref-daily.xml"
# The sources after the first, which are not asked; and who they all are.
NAMES = [SOURCE, "api.frankfurter.dev", "api.vatcomply.com"]
USER = "newcomer"
LINES_MAX = 6
asked = []
answers = threading.Event()  # not set: who asks waits for it
answers.set()


# --- what stands in for the internet ---------------------------------------

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append((self.headers["Host"], self.path))
        answers.wait(60)
        today = datetime.datetime.now(datetime.timezone.utc).date()
        text = re.sub(r"(<Cube time=.)[\d-]+", rf"\g<1>{today}",
                      (HERE / "ecb.xml").read_text())
        self.send_response(200 if asked[-1] == (SOURCE, PATH) else 404)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def make_certificate():
    """Of an authority that everybody in here trusts from now on."""
    key, certificate = HERE / "key.pem", HERE / "certificate.pem"
    names = ",".join(f"DNS:{name}" for name in NAMES)
    made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
               "-subj", "/CN=all of the internet", "-addext",
               f"subjectAltName={names}", "-keyout", key, "-out", certificate)
    equal(made.returncode, 0, made.stderr)
    place = pathlib.Path("/usr/local/share/ca-certificates/newcomer.crt")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(certificate.read_text())
    equal(run("update-ca-certificates").returncode, 0)
    return certificate, key


def serve():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*make_certificate())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open("/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write(f"\n127.0.0.1 {' '.join(NAMES)}\n")


def make_user():
    equal(run("useradd", "--create-home", "--shell=/bin/bash",
              USER).returncode, 0, "useradd")
    rule = pathlib.Path("/etc/sudoers.d/newcomer")
    rule.write_text(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
    rule.chmod(0o440)
    equal(run("chown", "-R", USER, HERE / "tree").returncode, 0, "chown")


def as_user(script):
    """Each line of it told as it begins; both outputs in one text."""
    return subprocess.run(
        ["runuser", "-l", USER, "-c", script], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=380,
        stdin=subprocess.DEVNULL)


# --- the README ------------------------------------------------------------

def lines():
    text = (HERE / "README.md").read_text()
    block = text.split("<!-- start:", 1)[1].split("\n\n", 2)[1]
    found = [line.strip() for line in block.splitlines()]
    assert 1 <= len(found) <= LINES_MAX, found
    return found


def address(found):
    """Of git, in the README."""
    return re.search(r"git clone (\S+)", "\n".join(found))[1]


def test_lines_of_the_readme():
    serve()
    make_user()
    found = lines()
    done = as_user(f"git config --global url.{HERE}/tree.insteadOf "
                   f"{address(found)}")
    equal(done.returncode, 0, done.stdout)
    # After each line, whoever types them looks whether it went well.
    done = as_user("SECONDS=0\n" + "".join(
        f"{line}\nstatus=$?\n"
        "test $status -eq 0 || { echo \"status $status\"; exit 1; }\n"
        f"echo \"# line {number}: $SECONDS s\"\n"
        for number, line in enumerate(found, 1)))
    for line in done.stdout.splitlines():
        if line.startswith("# line"):
            print(line)
    equal(done.returncode, 0, done.stdout[-3000:])
    shown = done.stdout.partition("# line 5")[2]
    contains(shown, "active (running)")
    contains(shown, "1 EUR")
    equal(re.findall(r"\bempty\b", shown), [])


def test_service_is_active():
    runs()
    runs("ratesd-wait.service")
    equal((prop("UnitFileState"), prop("NRestarts")), ("enabled", "0"))
    equal(run("id", "-un", prop("User", UNIT)).stdout.strip(), "ratesd")


def test_board_is_filled_from_the_shipped_source():
    shown = json.loads(ctl("show", "--format", "json", user=USER).stdout)
    assert len(shown["rows"]) >= 5, shown
    for row in shown["rows"]:
        equal(row["source"], "ecb", row["base"])
        # Closed: on days without a publication.
        assert row["state"] in ("fresh", "closed"), row
        equal(None in row["rates"].values(), False, row["base"])
    equal(set(asked), {(SOURCE, PATH)}, "what was asked for")


def test_check_is_content():
    checked = ctl("check", user=USER)
    print("#", checked.stdout.splitlines()[0])
    equal(checked.returncode, 0, checked.stdout)


# --- ratesd-operations(7) -----------------------------------------------------

def block_with(part):
    """The lines of the page's example that has it, without their prompts."""
    page = (HERE / "ratesd-operations.7").read_text()
    blocks = re.findall(r"^\.Bd -literal.*?$(.*?)^\.Ed$", page, re.S | re.M)
    found = [block for block in blocks if part in block]
    equal(len(found), 1, part)
    return re.findall(r"^# (.*)$", found[0], re.M)


def as_root(lines_of_it):
    for line in lines_of_it:
        done = run("sh", "-c", line)
        equal(done.returncode, 0, f"{line}: {done.stderr}")


def times():
    shown = json.loads(ctl("show", "--format", "json").stdout)
    return {row["base"]: (row["fetched"], row["rates"])
            for row in shown["rows"]}


def test_backup_of_the_manual_is_restored():
    """Lost are, on the way, the board, its file, and the source's answers: it
    is asked at each start from a file, for ProcSubset=pid hides whether that is
    of this boot."""
    pathlib.Path("/backup").mkdir()
    as_root(block_with("ratesd -t"))
    answers.clear()
    systemctl("stop", UNIT)  # which saves it
    as_root(block_with("cp -p"))
    systemctl("start", UNIT)
    before, count = times(), len(asked)
    as_root(block_with("--purge"))
    fresh()
    equal(times(), before, "fetched when, and what")
    logged = ["journalctl", "-q", "-t", "ratesd", "-o", "cat"]
    contains(run(*logged).stdout, "5 rows taken over")
    equal([line for line in run(*logged, "-p", "warning").stdout.splitlines()
           if ".board" in line], [], "what the log says of the file")
    wait_until("the source is asked anew", lambda: len(asked) > count)
    answers.set()


if __name__ == "__main__":
    sys.exit(boot_inside.main(globals()))
