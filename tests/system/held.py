"""What is held back, and what it takes to let it go."""

import contextlib
import struct
import time

from harness import BOOK, contains, equal, run, wait_until
from scripted import WORTH, Publication, Server, kept, published, reload
from sender import Queue, job
from words import Words

JUMPED = (f"held: USD: 1.17 jumped to {WORTH['USD'] * 82!r} (x82): "
          "held until confirmed")


def later(publication, day, jump=None):
    """Another day's publication, with a jump or none."""
    publication.day = day
    publication.jumps = {("EUR", "USD"): jump} if jump else {}


@contextlib.contextmanager
def started(case, day="2024-04-15", conf="", **keys):
    """A daemon with a source, and what that source says."""
    publication = Publication(day)
    with Server(BOOK, default=publication) as server:
        case.stub = server
        case.write_conf(extra=conf, **{"refresh": "1h", **keys})
        case.start()
        yield server, publication


@contextlib.contextmanager
def chain(case, day="2024-04-15"):
    """The same with a second source behind the first."""
    with Server(BOOK, default=Publication(day)) as second, \
            started(case, day) as (_, publication):
        text = case.conf.read_text().replace(
            'sources = {"stub"}', 'sources = {"stub", "second"}')
        case.conf.write_text(
            text + f'source "second" {{ url = "{second.url()}" }}\n')
        case.stop()
        case.start()
        yield publication, second.default, second


def refreshed(case, publication, base="EUR"):
    equal(case.ctl("refresh", base, "--wait").returncode, 0, "refresh")
    published(case, publication, base)


def held(case, base="EUR"):
    """Since when what is held waits, and from whom; (0, "") if nothing."""
    row = Words(case).row(base)
    since = row["held_wall"]
    return (since, row["held_source"]) if since else (0, "")


def hold(case, publication, before, day="2024-04-16", jump=82):
    """A jump, which is held."""
    later(publication, day, jump)
    kept(case, "EUR", before, JUMPED)
    since, source = held(case)
    assert since > 0, "nothing is held"
    equal(source, "stub")
    return since


def take_for_right(case, base, since):
    queue = Queue(case)
    queue.send(job(kind=2, base=base.encode(),
                   reserved=struct.pack("=q", since)))
    queue.close()


# --- a jump ------------------------------------------------------------------


def test_a_jump_is_held_in_its_row_alone(case):
    with started(case) as (_, publication):
        before = case.rows()
        hold(case, publication, before["EUR"])
        row = Words(case).row("EUR")
        equal(row["held_text"], JUMPED.removeprefix("held: "))
        contains(row["refused_text"], "held until confirmed")
        equal(row["refused_source"], "stub")
        # Who reads has the good numbers on, and other rows go on.
        equal(case.ctl("get", "EUR", "USD").stdout, "1.17\n")
        refreshed(case, publication, "PLN")
        equal(held(case, "PLN"), (0, ""))
        equal(case.rows()["EUR"]["state"], "fresh")


def test_the_same_publication_again_is_no_confirmation(case):
    with started(case) as (server, publication):
        before = case.rows()["EUR"]
        since = hold(case, publication, before)
        for note in (None, "a clock", "another"):
            publication.note = note
            asked = len(server.asked("EUR"))
            kept(case, "EUR", before, JUMPED)
            assert len(server.asked("EUR")) > asked, "it was not asked"
            equal(held(case)[0], since, "since when it waits")


def test_the_same_numbers_without_a_date_are_no_confirmation(case):
    with started(case, day=None) as (_, publication):
        before = case.rows()["EUR"]
        since = hold(case, publication, before, day=None)
        for note in (None, "a clock", "another"):
            publication.note = note
            kept(case, "EUR", before, JUMPED)
            equal(held(case)[0], since, "since when it waits")
        # Other numbers near it are another publication.
        later(publication, None, 81)
        refreshed(case, publication)
        equal(held(case), (0, ""))


def test_a_later_publication_confirms_a_jump(case):
    with started(case) as (_, publication):
        hold(case, publication, case.rows()["EUR"])
        later(publication, "2024-04-17", 83)
        refreshed(case, publication)
        equal(held(case), (0, ""))
        # From there on that is what it is.
        later(publication, "2024-04-18", 84)
        refreshed(case, publication)


def test_another_jump_confirms_none(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        first = hold(case, publication, before)
        later(publication, "2024-04-17", 0.01)
        kept(case, "EUR", before, "held: USD: 1.17 jumped to 0.0117 (/100)")
        assert held(case)[0] > first, "the later one is what is held"
        later(publication, "2024-04-18", 0.011)
        refreshed(case, publication)


def test_a_jump_that_goes_back_passes_at_once(case):
    with started(case) as (_, publication):
        hold(case, publication, case.rows()["EUR"])
        later(publication, "2024-04-17")
        refreshed(case, publication)
        equal(held(case), (0, ""), "held")
        # Nobody remembers it: the next one is held again.
        hold(case, publication, case.rows()["EUR"], "2024-04-18")
        # Also if the day's own publication is mended.
        later(publication, "2024-04-18", 1.01)
        refreshed(case, publication)
        equal(held(case), (0, ""), "held")


def test_what_is_no_fault_is_asked_for_at_the_usual_time(case):
    with started(case) as (server, publication):
        before = case.rows()
        hold(case, publication, before["EUR"])
        server.bad["USD"] = Publication("2024-04-12")
        kept(case, "USD", before["USD"], "date: published 2024-04-12, before")
        count = len(server.requests)
        time.sleep(2.5)  # a fault is tried again within two seconds
        equal(len(server.requests), count, "requests")


# --- a second source ---------------------------------------------------------


def test_a_second_source_confirms_a_jump(case):
    with chain(case) as (first, second, _):
        later(first, "2024-04-16", 82)
        later(second, "2024-04-16", 80)
        refreshed(case, second)
        equal(case.rows()["EUR"]["source"], "second")
        equal(held(case), (0, ""))
        # And the first one is good again.
        refreshed(case, first)
        equal(case.rows()["EUR"]["source"], "stub")


def test_a_second_source_that_knows_of_no_jump_steps_in(case):
    with chain(case) as (first, second, _):
        later(first, "2024-04-16", 82)
        later(second, "2024-04-16", 1.01)
        refreshed(case, second)
        row = Words(case).row("EUR")
        equal((row["source"], row["refused_source"]), ("second", "stub"))
        contains(row["refused_text"], JUMPED.removeprefix("held: "))
        # Asked again, neither has confirmed the other.
        refreshed(case, second)


def test_a_copy_of_the_same_bytes_confirms_nothing(case):
    with chain(case) as (first, _, server):
        before = case.rows()["EUR"]
        server.default = first
        since = hold(case, first, before)
        kept(case, "EUR", before, JUMPED.removeprefix("held: "))
        equal(held(case), (since, "stub"))


# --- an operator -------------------------------------------------------------


def test_an_operator_accepts_what_is_held(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        since = hold(case, publication, before)
        # Of what was held at another time nothing is known.
        take_for_right(case, "EUR", since - 1)
        take_for_right(case, "USD", since)
        kept(case, "EUR", before, JUMPED)
        take_for_right(case, "EUR", since)
        wait_until("it is there", lambda: not case.rows()["EUR"]["error"])
        published(case, publication)
        equal(held(case), (0, ""))
        assert case.logged("EUR: what is held from stub is accepted by an "
                           "operator")
        # For once.
        later(publication, "2024-04-17")
        kept(case, "EUR", case.rows()["EUR"], "(/82): held until confirmed")


def test_what_is_accepted_on_the_rows_own_day_waits_no_more(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        since = hold(case, publication, before, day=publication.day)
        take_for_right(case, "EUR", since)
        wait_until("it is there", lambda: not case.rows()["EUR"]["error"])
        published(case, publication)
        equal(held(case), (0, ""))
        # The next jump of that day is another one.
        later(publication, publication.day)
        kept(case, "EUR", case.rows()["EUR"], "(/82): held until confirmed")
        assert held(case)[0] > since


def test_what_came_after_it_was_accepted_is_held(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        since = hold(case, publication, before)
        later(publication, "2024-04-17", 0.01)
        take_for_right(case, "EUR", since)
        wait_until("it is held",
                   lambda: "(/100)" in case.rows()["EUR"]["error"])
        kept(case, "EUR", before, "(/100): held until confirmed")


# --- fewer numbers -----------------------------------------------------------


def test_fewer_numbers_are_held_until_the_next_publication(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        publication.missing = {("EUR", "PLN"), ("EUR", "CZK")}
        later(publication, "2024-04-16")
        for _ in range(2):
            kept(case, "EUR", before, "held: PLN is missing, the row has it, "
                 "and 1 more: held until confirmed")
        # Others that are missing confirm nothing.
        publication.missing = {("EUR", "PLN")}
        later(publication, "2024-04-17")
        kept(case, "EUR", before, "held: PLN is missing")
        later(publication, "2024-04-18")
        refreshed(case, publication)
        equal(case.rows()["EUR"]["rates"]["PLN"], None)
        equal(held(case), (0, ""))
        # One that comes back is welcome.
        publication.missing = set()
        refreshed(case, publication)


# --- rows that are derived ---------------------------------------------------


def test_derived_rows_are_held_and_let_go_together(case):
    with started(case, rows="derive") as (_, publication):
        before = case.rows()
        later(publication, "2024-04-16", 82)
        kept(case, "EUR", before["EUR"], JUMPED)
        equal(case.ctl("refresh", "--wait").returncode, 1)
        for base in BOOK:
            assert held(case, base)[0], base
            equal(case.rows()[base]["rates"], before[base]["rates"], base)
            contains(case.rows()[base]["error"], "held until confirmed")
        later(publication, "2024-04-17", 82)
        equal(case.ctl("refresh", "PLN", "--wait").returncode, 0)
        wait_until("the others too", lambda: not any(
            row["error"] for row in case.rows().values()))
        published(case, publication)
        for base, row in case.rows().items():
            equal((row["error"], held(case, base)), (None, (0, "")), base)
            equal(row["published"], "2024-04-17", base)


def test_one_answer_is_held_in_some_of_the_rows(case):
    with started(case, rows="derive") as (_, publication):
        before = case.rows()
        # By 19 % against the euro, by 38 % against the dollar.
        later(publication, "2024-04-16", 0.86)
        publication.jumps["EUR", "PLN"] = 1.19
        refreshed(case, publication, "EUR")
        equal(case.ctl("refresh", "--wait").returncode, 1)
        rows = case.rows()
        for base, other in (("USD", "PLN"), ("PLN", "USD")):
            equal(rows[base]["rates"], before[base]["rates"], base)
            contains(rows[base]["error"], f"held: {other}: ")
        for base in ("EUR", "NOK", "CZK"):
            equal(rows[base]["error"], None, base)
            equal(rows[base]["published"], "2024-04-16", base)


# --- over an end -------------------------------------------------------------


def test_a_restart_keeps_what_is_held(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        since = hold(case, publication, before)
        equal(case.stop(), 0)
        equal(held(case), (since, "stub"), "after the end")
        case.start(wait=False)
        wait_until("it feeds the board", case.feeds)
        equal(held(case), (since, "stub"), "after the start")
        kept(case, "EUR", before, JUMPED)
        equal(held(case), (since, "stub"))
        equal(case.stop(), 0)
        later(publication, "2024-04-17", 82)
        case.start(wait=False)
        wait_until("it feeds the board", case.feeds)
        refreshed(case, publication)


def test_a_reload_with_other_currencies_keeps_what_is_held(case):
    with started(case) as (server, publication):
        since = hold(case, publication, case.rows()["EUR"])
        case.write_conf([*BOOK[1:], "BGN", "EUR"], refresh="1h")
        reload(case)
        equal(held(case), (since, "stub"))
        later(publication, "2024-04-17", 82)
        refreshed(case, publication)


def test_a_boot_forgets_what_is_held_and_holds_it_again(case):
    with started(case) as (_, publication):
        before = case.rows()["EUR"]
        hold(case, publication, before)
        equal(case.stop(), 0)
        case.board_file().unlink()  # as a boot does
        case.start(wait=False)
        wait_until("it feeds the board", case.feeds)
        kept(case, "EUR", before, JUMPED)
        later(publication, "2024-04-17", 82)
        refreshed(case, publication)


run(globals())
