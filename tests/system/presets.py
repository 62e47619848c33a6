"""Each preset that is shipped, against answers of its source's shape."""

import json
import re

from harness import contains, equal, run, wait_until
from scripted import Server, reload
from several import (ANSWERS, DAY, SHIPPED, begin_empty, error_of, file_answer,
                     refresh, section, write_chain)

NAMES = sorted(path.stem for path in SHIPPED.glob("*.conf"))
CODES = ["EUR", "USD", "GBP", "JPY", "CHF"]
KEY = "s3cretOfTest"
# Units for one euro, as the European Central Bank has them.
EURO = {"EUR": 1, "USD": 1.1684, "GBP": 0.87058, "JPY": 186.75, "CHF": 0.9242}

PUBLISHED = (DAY, "2026-04-12")  # a day's last second, where it names that

# Each file of an error: the status that it comes with, and its class.
REFUSALS = {
    "currencyapi": {"base": (422, "http"), "key": (401, "auth"),
                    "plan": (403, "auth"), "quota": (429, "throttled")},
    "ecb": {"empty": (200, "document")},
    "ecb-portal": {"empty": (200, "document")},
    "exchangerate-api": {
        "account": (403, "auth"), "base": (404, "unsupported"),
        "key": (403, "auth"), "plan": (403, "plan"), "quota": (200, "quota"),
        "request": (400, "refused")},
    "exchangerate-host": {
        "base": (200, "unsupported"), "key": (200, "auth"),
        "plan": (200, "plan"), "quota": (200, "quota"),
        "symbols": (200, "unsupported"), "throttled": (200, "throttled")},
    "fawazahmed0": {},
    "fixer": {
        "apilayer-key": (401, "auth"), "base": (200, "unsupported"),
        "key": (200, "auth"), "plan": (200, "plan"), "quota": (200, "quota"),
        "symbols": (200, "unsupported")},
    "frankfurter": {"base": (404, "unsupported")},
    "frankfurter-v2": {"base": (422, "unsupported"), "busy": (503, "http")},
    "open-er-api": {"base": (404, "unsupported")},
    "openexchangerates": {
        "base": (400, "unsupported"), "key": (401, "auth"),
        "no-key": (401, "auth"), "plan": (429, "plan"),
        "quota": (403, "quota")},
    "vatcomply": {"base": (422, "http"), "text": (500, "http"),
                  "throttled": (429, "throttled")},
}


def key_of(text, key):
    """The value of a preset's key, or None."""
    found = re.search(rf'^{key} = "?([^"\n]*)"?$', text, re.M)
    return found and found[1]


class Preset:
    """One of etc/sources, and the file that answers for its source."""

    def __init__(self, name):
        text = (SHIPPED / f"{name}.conf").read_text()
        self.name = name
        self.url = key_of(text, "url")
        self.auth = key_of(text, "auth")
        self.exact = key_of(text, "exact-base")
        self.publishes = key_of(text, "publishes")
        self.mirrored = "\nmirrors = " in text
        self.answer = next(path for form in ("json", "xml", "csv")
                           for path in [ANSWERS / f"{name}.{form}"]
                           if path.exists())
        self.errors = {path.stem.partition(".error-")[2]: path
                       for path in ANSWERS.glob(f"{name}.error-*")}
        # The base of what is recorded; others are asked on other plans.
        self.base = key_of(text, "base") or "USD"

    def section(self, case, server):
        path = "/" + self.url.partition("://")[2].partition("/")[2]
        # One with any base is asked for that of its file alone.
        keys = {"base": self.base, "rate_limit": "off"}
        if self.auth:
            file = case.directory / "key"
            file.write_text(KEY + "\n")
            file.chmod(0o600)
            keys["credential"] = file
        if self.exact:
            keys["exact_base"] = "none"
        lines = [f'mirrors = {{"{server.url(path)}"}}'] * self.mirrored
        return section(self.name, server.url(path), *lines, **keys)

    def path(self):
        """What of the URL the server sees, without the key."""
        tail = self.url.partition("://")[2].partition("/")[2]
        return "/" + tail.replace("{base}", self.base).replace(
            "{base:lower}", self.base.lower())


def check_request(preset, server):
    equal(len(server.heads), 1, "requests")
    head, path = server.heads[0], server.requests[0][1]
    way, _, name = (preset.auth or "none").partition(" ")
    wanted = preset.path()
    if way == "query":
        wanted += ("&" if "?" in wanted else "?") + f"{name}={KEY}"
    equal(path, wanted, "path")
    line = {"none": "", "query": "", "header": f"\r\n{name}: {KEY}\r\n",
            "bearer": f"\r\nAuthorization: Bearer {KEY}\r\n",
            "token": f"\r\nAuthorization: Token {KEY}\r\n"}[way]
    contains(head, line)
    equal(head.count(KEY), int(way != "none"), "keys in the request")


def check_rows(preset, rows):
    # By its calendar the source has published since.
    state = "late" if preset.publishes else "fresh"
    for base, row in rows.items():
        equal((row["source"], row["state"], row["error"]),
              (preset.name, state, None), base)
        contains(PUBLISHED, row["published"][:10])
        for code, number in row["rates"].items():
            wanted = EURO[code] / EURO[base]
            # The sources round, each in its own way.
            assert abs(number / wanted - 1) < 1e-4, (base, code, number)
            if base == preset.base == "EUR":
                equal(number, EURO[code], code)


def check_refusal(case, preset, server, what):
    status, kind = REFUSALS[preset.name][what]
    server.default = file_answer(preset.errors[what], status=f"{status} As")
    before = case.rows()[preset.base]
    count = len(server.requests)
    reload(case)  # what one refusal closed is open for the next
    refresh(case, preset.base, status=1)
    assert len(server.requests) > count, "it was not asked"
    row = case.rows()[preset.base]
    equal((row["rates"], row["fetched"]), (before["rates"], before["fetched"]))
    print(f"# {what}: {row['error']}")
    error_of(case, preset.base, f"{kind}: ")
    equal(row["error"].split(":")[0], kind, what)
    assert KEY not in row["error"]


def check_preset(case, name):
    preset = Preset(name)
    with Server(CODES, default=file_answer(preset.answer)) as server:
        write_chain(case, [preset.section(case, server)], currencies=CODES)
        case.start("--source-dir", SHIPPED)
        check_request(preset, server)
        check_rows(preset, case.rows())
        equal(set(preset.errors), set(REFUSALS[name]), "files of errors")
        for what in REFUSALS[name]:
            if REFUSALS[name][what][1] != "throttled":
                check_refusal(case, preset, server, what)
        # These last: they block the source for longer than a reload.
        for what in REFUSALS[name]:
            if REFUSALS[name][what][1] == "throttled":
                check_refusal(case, preset, server, what)
        assert KEY not in case.log.read_text()


def make_test(name):
    def test(case):
        check_preset(case, name)
    test.__name__ = "test_" + name.replace("-", "_")
    return test


def test_all_are_listed_with_their_terms(case):
    listed = case.run("--source-dir", SHIPPED, "--sources")
    equal((listed.returncode, listed.stderr), (0, ""), "--sources")
    lines = listed.stdout.splitlines()
    equal(lines[0].split(), ["NAME", "BASE", "KEY", "TERMS"])
    equal([line.split()[0] for line in lines[1:]], NAMES)
    equal(sorted(REFUSALS), NAMES)
    for line in lines[1:]:
        name, base, key, terms = line.split(None, 3)
        text = (SHIPPED / f"{name}.conf").read_text()
        equal(terms, key_of(text, "terms"), name)
        equal(base, key_of(text, "base") or "any", name)
        equal(key, "yes" if key_of(text, "auth") else "no", name)


def test_what_is_printed_is_a_configuration(case):
    """A section for each, which is what the preset alone would be."""
    key = case.directory / "key"
    key.write_text(KEY + "\n")
    key.chmod(0o600)
    for name in NAMES:
        printed = case.run("--source-dir", SHIPPED, "--sources", name)
        equal((printed.returncode, printed.stderr), (0, ""), name)
        body = printed.stdout.rstrip()
        assert body.endswith("}"), body
        if Preset(name).auth:
            body = body[:-1] + f'credential = "{key}"\n}}'
        case.conf.write_text(f'currencies = {{"EUR"}}\n'
                             f'sources = {{"{name}"}}\n{body}\n')
        checked = case.run("-t")
        equal((checked.returncode, checked.stderr), (0, ""), name)


def test_any_of_them_may_be_in_one_chain(case):
    with Server(CODES) as server:
        server.default = file_answer(ANSWERS / "vatcomply.error-text.json",
                                     status="500 As")
        chain = [Preset(name).section(case, server) for name in NAMES]
        write_chain(case, chain, currencies=["USD"])
        begin_empty(case, "--source-dir", SHIPPED)
        wait_until("all were asked", lambda: {
            path.partition("?")[0] for _, path in list(server.requests)} >= {
            Preset(name).path().partition("?")[0] for name in NAMES})
        equal(case.rows()["USD"]["version"], 0)
        json.dumps(case.status())


globals().update({f"test_{n.replace('-', '_')}": make_test(n) for n in NAMES})
run(globals())
