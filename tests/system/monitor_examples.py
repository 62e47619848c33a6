"""What is in etc/examples works, and the manual says what the code does."""

import configparser
import json
import re
import subprocess

from exposition import promtool, read, table
from harness import (BUILD, SOURCE, clean_environment, contains, equal, run)
from perfdata import Output

EXAMPLES = SOURCE / "etc/examples"
MANUAL = (SOURCE / "man/ratesctl.1").read_text()
RULES = EXAMPLES / "prometheus-rules.yml"
# What Prometheus adds, and what all have of another instance.
LABELS_OF_ALL = {"job", "instance", "ratesd_instance", "le"}
PROM = "/var/lib/prometheus/node-exporter/ratesd.prom"


def names_in(text):
    return set(re.findall(r"\bratesd_\w+", text)) - {"ratesd_instance"}


def metric_of(name):
    """The row of the table that a name in a query is of."""
    rows = table()
    if name not in rows:
        name = re.sub("_(bucket|sum|count)$", "", name)
        equal(rows[name][0], "histogram", name)
    return rows[name]


def check_query(query):
    """Its metrics are ours, and so are their labels."""
    allowed = set(LABELS_OF_ALL)
    for name in names_in(query):
        allowed |= set(metric_of(name)[1])
    for name, selector in re.findall(r"\b(ratesd_\w+)\{([^}]*)\}", query):
        labels = set(re.findall(r"(\w+)\s*=", selector))
        equal(labels - LABELS_OF_ALL - set(metric_of(name)[1]), set(), query)
    for some in re.findall(r"\b(?:by|on|without) \(([^)]*)\)", query):
        named = {label.strip() for label in some.split(",")}
        equal(named - allowed, set(), query)
    for label, values in re.findall(r'(reason|state)=~"([^"]*)"', query):
        known = (SOURCE / ("src/base/outcome.h" if label == "reason"
                           else "src/board/layout.h")).read_text()
        for value in values.split("|"):
            contains(known, f'"{value}")')


def dashboard():
    return json.loads((EXAMPLES / "grafana.json").read_text())


def queries():
    return [target["expr"] for panel in dashboard()["panels"]
            for target in panel["targets"]]


def expanded(query):
    return query.replace("$__rate_interval", "5m").replace(
        "$job", "a").replace("$instance", "b")


def test_rules_and_dashboard_use_what_there_is(case):
    rules = RULES.read_text()
    alerts = re.findall(r"- alert: (\w+)", rules)
    exprs = re.findall(r"expr: (?:>-\n)?((?:.+\n)+?) +(?:for|labels):", rules)
    equal(len(exprs), len(alerts))
    for query in [*(" ".join(e.split()) for e in exprs), *queries()]:
        assert names_in(query) or "node_textfile" in query, query
        check_query(query)
    used = names_in(rules) | set().union(*map(names_in, queries()))
    assert len(used) > 20, used
    tests = (SOURCE / "tests/data/monitor/rules-test.yml").read_text()
    for alert in alerts:
        contains(tests, f'alertname="{alert}"')
    for name in names_in(tests):
        metric_of(name)
    for name in re.findall(r"label_values\((\w+)", json.dumps(dashboard())):
        metric_of(name)


def test_the_dashboard_is_whole(case):
    told = dashboard()
    ids = [panel["id"] for panel in told["panels"]]
    equal(len(ids), len(set(ids)))
    places = set()
    for panel in told["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert (x, y) not in places, panel["title"]
                places.add((x, y))
        refs = [target["refId"] for target in panel["targets"]]
        equal(len(refs), len(set(refs)), panel["title"])
    known = {var["name"] for var in told["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(told["panels"])))
    equal(used - known - {"__rate_interval"}, set(), "variables")


def run_promtool(*arguments):
    told = subprocess.run([promtool(), *map(str, arguments)], text=True,
                          capture_output=True, check=False, timeout=120)
    equal(told.returncode, 0, f"{arguments}: {told.stdout}{told.stderr}")


def test_promtool_likes_rules_and_queries(case):
    run_promtool("check", "rules", RULES)
    run_promtool("check", "config", EXAMPLES / "prometheus.yml")
    run_promtool("test", "rules",
                 SOURCE / "tests/data/monitor/rules-test.yml")
    lines = ["groups:", "  - name: dashboard", "    rules:"]
    for i, query in enumerate(queries()):
        lines += [f"      - record: q:{i}",
                  f"        expr: {json.dumps(expanded(query))}"]
    rules = case.directory / "queries.yml"
    rules.write_text("\n".join(lines) + "\n")
    run_promtool("check", "rules", rules)


# --- commands ----------------------------------------------------------------


def options_of(word):
    """What one command takes: its options with and without an argument."""
    text = subprocess.run([BUILD / "ratesctl", "help", word], text=True,
                          capture_output=True, check=True).stdout
    found = re.findall(r"^  (?:(-\w), |    )(--[\w-]+)( [A-Z]+)?", text, re.M)
    return {option: bool(argument) for letter, name, argument in found
            for option in (letter, name) if option}


def check_command(words):
    """A command line's options are those of its command."""
    rest = list(words)
    if rest.pop(0).endswith("ratesctl"):
        while rest[0].startswith("-"):
            if rest.pop(0) in ("-i", "--instance"):
                rest.pop(0)
        command = rest.pop(0)
    else:
        command = "check"
    known = options_of(command)
    for word in rest:
        if word.startswith("-"):
            assert word in known, f"{word}: not of {command}: {words}"


def commands(name):
    """The command lines in an example, as lists of words."""
    text = (EXAMPLES / name).read_text()
    found = re.findall(r"(?:^|[ ,=/\"])((?:ratesctl|check_rates) -?[^|;\n\"]*)",
                       text, re.M) if name != "zabbix.conf" else \
        re.findall(r"^UserParameter=[^,]*,(ratesctl .*?)(?: \|\| true)?$",
                   text, re.M)
    return [line.split() for line in found if not line.startswith("#")]


def shell(case, line):
    """Runs it as whoever drops the example in does, for the case's daemon."""
    path = case.directory / "bin"
    if not path.exists():
        path.mkdir()
        for name in ("ratesctl", "check_rates"):
            (path / name).symlink_to(BUILD / "ratesctl")
    return subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=60,
        check=False, env=clean_environment(
            PATH=f"{path}:/usr/bin:/bin", RATESD_INSTANCE=case.instance))


def begin(case):
    case.start_stub()
    case.write_conf(refresh="1h", source="quota = 100000")
    case.start()


def test_options_in_annotations_and_texts_exist(case):
    for name in ("prometheus-rules.yml", "zabbix.conf",
                 "ratesd-metrics.service", "ratesd-metrics.cron"):
        found = commands(name)
        assert found, name
        for words in found:
            if words[0] == "ratesctl" and len(words) > 1:
                check_command(words)


def test_the_metrics_units_write_their_file(case):
    begin(case)
    text = (EXAMPLES / "ratesd-metrics.service").read_text()
    lines = re.findall(r"^ExecStart=(.*)$", text, re.M)
    cron = (EXAMPLES / "ratesd-metrics.cron").read_text().splitlines()[-1]
    lines.append(cron.split(" root ")[1])
    for line in lines:
        contains(line, PROM)
        path = case.directory / "ratesd.prom"
        told = shell(case, line.replace(PROM, str(path)))
        equal((told.returncode, told.stdout, told.stderr), (0, "", ""), line)
        equal(read(path.read_text(), case.instance)["ratesd_up"].get(), 1)
        path.unlink()
    contains(text, "ReadWritePaths=" + PROM.rpartition("/")[0])
    timer = (EXAMPLES / "ratesd-metrics.timer").read_text()
    units = configparser.ConfigParser(strict=False, interpolation=None)
    units.read_string(timer)
    assert "OnUnitActiveSec" in units["Timer"], timer


def test_nagios_commands_run(case):
    begin(case)
    text = (EXAMPLES / "nagios.cfg").read_text()
    line = re.search(r"command_line +(.*)", text)[1]
    services = re.findall(r"check_command +check_rates!(\S.*)", text)
    equal(len(services), 5)
    for service in services:
        first, _, second = service.partition("!")
        told = shell(case, line.replace("$USER1$/", "").replace(
            "$ARG1$", first).replace("$ARG2$", second))
        out = Output(told)
        # What the stub has is years old.
        equal(out.status, 2 if "published" in second else 0, service)
    told = shell(case, re.search(
        r"command\[check_rates\]=.*/(check_rates.*)", text)[1])
    equal(Output(told).status, 0)
    equal(text.count("{"), text.count("}"))


def test_icinga_arguments_run(case):
    begin(case)
    text = re.sub(r"/\*.*?\*/", "", (EXAMPLES / "icinga2.conf").read_text(),
                  flags=re.S)
    for pair in ("{}", "[]", "()"):
        equal(text.count(pair[0]), text.count(pair[1]), pair)
    equal(text.count('"') % 2, 0)
    known = options_of("check")
    options = dict(re.findall(r'"(--[\w-]+)" = "\$(\w+)\$"', text))
    for option in [*options, *re.findall(r'"(--[\w-]+)" = \{', text)]:
        assert option in known, option
    names = {name: option for option, name in options.items()}
    services = re.findall(r'vars\.rates\["[^"]*"\] = \{ (.*) \}', text)
    equal(len(services), 5)
    for service in services:
        words = ["check_rates"]
        for name, value in re.findall(r'(rates_\w+) = "([^"]*)"', service):
            words += [names[name], f"'{value}'"]
        out = Output(shell(case, " ".join(words)))
        equal(out.status, 2 if "published" in service else 0, service)


def paths_in(text, master):
    """The members that a JSONPath of a comment in zabbix.conf goes to."""
    return re.findall(rf"\$\.{master}\[\?\(@\.(\w+)==.*?\)\]\.(\w+)", text)


def test_zabbix_parameters_and_paths(case):
    begin(case)
    text = (EXAMPLES / "zabbix.conf").read_text()
    rows = re.findall(r"^UserParameter=([\w.]+)(?:\[\*\])?,(.*)$", text, re.M)
    values = {}
    for key, line in rows:
        given = {"ratesd.check": ("age", "-w 26h", "-c 74h"),
                 "ratesd.rate": ("EUR", "USD")}.get(key, ())
        for i, value in enumerate(given, 1):
            line = line.replace(f"${i}", value)
        told = shell(case, line)
        equal((told.returncode, told.stderr), (0, ""), line)
        values[key] = told.stdout
    float(values["ratesd.rate"])
    contains(values["ratesd.check"], "RATES OK - ")
    members = {"sources": json.loads(values["ratesd.sources"])["sources"],
               "rows": json.loads(values["ratesd.rows"])["rows"],
               "workers": json.loads(values["ratesd.status"])["workers"]}
    for master, entries in members.items():
        found = paths_in(text, master)
        assert found, master
        for identity, member in found:
            assert identity in entries[0] and member in entries[0], member
    for key, master, macro in re.findall(
            r"#   (ratesd\.\w+) +JSONPath \$\.(\w+) +\{#\w+\} +\$\.(\w+)",
            text):
        assert macro in json.loads(values[key])[master][0], macro
    status = json.loads(values["ratesd.status"])
    for path in re.findall(r"\$\.((?:running|rows|counters|queue)[\w.]*)\b(?!\[)",
                           text.partition("without a discovery")[2]):
        at = status
        for word in path.split("."):
            at = at[word]


# --- the manual --------------------------------------------------------------


def test_the_manual_has_the_table_of_metrics(case):
    found = re.findall(r"^\.It Cm (ratesd_\w+) No \((\w+)(?:; ([\w, ]+))?\)\n"
                       r"(.*)\.$", MANUAL, re.M)
    told = {name: (kind, labels.split(", ") if labels else [], text)
            for name, kind, labels, text in found}
    equal(list(told.items()), list(table().items()))


def test_the_manual_has_modes_and_options(case):
    text = (SOURCE / "src/tools/check.h").read_text()
    modes = re.findall(r"^\tX\((\w+), (?:true|false), ", text, re.M)
    equal(set(re.findall(r"^\.It Fl -mode Cm (\w+)$", MANUAL, re.M)),
          set(modes))
    for word in ("check", "metrics"):
        for option in options_of(word):
            name = option.removeprefix("-")
            assert re.search(rf"\bFl {re.escape(name)}\b", MANUAL), option
    contains(subprocess.run(
        [BUILD / "ratesctl", "help", "check"], capture_output=True, text=True,
        check=True).stdout, ", ".join(sorted(modes)[:-2]))


run(globals())
