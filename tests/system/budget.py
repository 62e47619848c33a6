"""What a source is asked altogether, whichever way."""

from harness import contains, equal, run, wait_until
from scripted import BOOK, SHORT, Server


def test_mirrors_count(case):
    with Server(BOOK, default=lambda exchange: exchange.reply(
            status="500 Internal Server Error", body=b"")) as server:
        mirrors = ", ".join(f'"{server.url(path + "?base={base}")}"'
                            for path in ("/one", "/two"))
        case.stub = server
        case.write_conf(["EUR", "USD"], **SHORT,
                        source=f"mirrors = {{{mirrors}}} quota = 11")
        case.start(wait=False)
        wait_until("the daemon feeds the board", case.feeds)
        wait_until("the quota is used up", lambda: "quota" in str(
            case.rows()["EUR"]["error"]))
        contains(case.rows()["EUR"]["error"], "11 requests")
        equal(len(server.requests), 11, "requests")


def test_a_rate_limit_is_no_failure_of_the_source(case):
    with Server(BOOK) as server:
        case.stub = server
        case.write_conf(["EUR", "USD"], **SHORT,
                        source='base = "EUR" rate-limit = "3/d"')
        case.start(wait=False)
        wait_until("the daemon feeds the board", case.feeds)
        wait_until("a second one is not granted",
                   lambda: case.rows()["EUR"]["error"])
        contains(case.rows()["EUR"]["error"], "its rate-limit allows")
        equal(case.rows()["EUR"]["version"], 1, "version")
        equal(len(server.requests), 1, "requests")


run(globals())
