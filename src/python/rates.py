"""Exchange rates from the board of a running ratesd(8), over librates.

    from rates import Board

    with Board() as board:
        board.get("EUR", "USD", max_age=26 * 3600)     # 1.1684
        board.decimal("EUR", "USD")                    # Decimal('1.1684')
        board.row("EUR").published                     # datetime.date(...)
        for base in board.changes():
            print(base, board.row(base).rates)

A number is how many units of the quote one unit of the base is.  Nothing here
asks a network or waits for the daemon, but for what is named wait or changes.

What can't be answered raises a RatesError: a class of its own for each reason,
which is also in .result.  A number is never made up, and never silently older
than max_age; without a max_age it may be of any age, for a board outlives its
daemon.  Row.age and Board.feed() tell.

A Board may be used by any threads at once, in signal handlers, and on both
sides of a fork: each call has a handle of librates for itself.  When the
daemon replaces its board (a restart, other currencies) a Board follows by
itself.  If it was killed and its board removed, then get() and decimal()
without a max_age find the next daemon's only after any other call has.

As with every mapped file, reading raises SIGBUS if the board's owner truncates
it, which ratesd never does.

Needs the Python standard library and librates.so.0, which is looked for where
the system's libraries are (ldconfig(8)), then below the prefix that this
module is installed in; RATESD_LIBRATES or Board(library=...) name another.
"""

from __future__ import annotations

import ctypes
import enum
import errno
import functools
import itertools
import math
import os
import pathlib
import re
import sys
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import (Any, Callable, Dict, Iterator, NamedTuple, NoReturn,
                    Optional, Sequence, Tuple, TypeVar, Union, overload)

__all__ = ["Attempt", "BadBoard", "BadName", "Board", "Busy", "Changed",
           "Denied", "Feed", "Mark", "NoBoard", "NoCurrency", "NoNumber",
           "NotFed", "RatesError", "Result", "Row", "SystemFailure", "Timeout",
           "TooOld"]

SONAME = "librates.so.0"
LIBRARY_VARIABLE = "RATESD_LIBRATES"

Seconds = Union[int, float, timedelta]
Answer = TypeVar("Answer")

# A new board, or a row that is written all the time: worth another look.
_TRIES = 8
# A signal that comes just before the sleep begins is seen after this.
_SLICE = 250_000_000
_SECOND = 1_000_000_000
_DAY = 86400 * _SECOND
_INT64_MAX = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


# --- reasons -----------------------------------------------------------------

class Result(enum.IntEnum):
    """RATES_RESULTS of rates.h."""
    OK = 0
    NO_BOARD = 1
    BAD_BOARD = 2
    BAD_NAME = 3
    DENIED = 4
    NO_CURRENCY = 5
    NO_NUMBER = 6
    TOO_OLD = 7
    CHANGED = 8
    NOT_FED = 9
    BUSY = 10
    TIMEOUT = 11
    SYSTEM = 12


class RatesError(Exception):
    """Why there is no answer; .result is the reason."""
    result: Result = Result.SYSTEM
    _classes: Dict[int, type] = {}

    def __init_subclass__(cls, result: Optional[Result] = None,
                          **more: Any) -> None:
        super().__init_subclass__(**more)
        if result is not None:
            cls.result = result
            cls._classes[result] = cls


class NoBoard(RatesError, result=Result.NO_BOARD):
    """ratesd does not run, and never ran, under this name."""


class BadBoard(RatesError, result=Result.BAD_BOARD):
    """There is something of the board's name that can't be read."""


class BadName(RatesError, ValueError, result=Result.BAD_NAME):
    """Not an instance's name."""


class Denied(RatesError, result=Result.DENIED):
    """No permission to read the board."""


class NoCurrency(RatesError, LookupError, result=Result.NO_CURRENCY):
    """No such currency on the board."""


class NoNumber(RatesError, result=Result.NO_NUMBER):
    """The row was never fetched, or its source has no number for the pair."""


class TooOld(RatesError, result=Result.TOO_OLD):
    """The number was fetched longer ago than max_age."""


class Changed(RatesError, result=Result.CHANGED):
    """The board's currencies changed each time that it was read."""


class NotFed(RatesError, result=Result.NOT_FED):
    """No daemon feeds the board; what is on it can still be read."""


class Busy(RatesError, result=Result.BUSY):
    """Rows were written each time that they were read."""


class Timeout(RatesError, TimeoutError, result=Result.TIMEOUT):
    """No change in time."""


class SystemFailure(RatesError, OSError, result=Result.SYSTEM):
    """A system call failed; .errno says how."""


# --- the library -------------------------------------------------------------

class _CRow(ctypes.Structure):
    """struct rates_row"""
    _fields_ = [
        ("seq", ctypes.c_uint64),
        ("version", ctypes.c_uint64),
        ("published_form", ctypes.c_int),
        ("published", ctypes.c_int64),
        ("fetched", ctypes.c_int64),
        ("changed", ctypes.c_int64),
        ("age", ctypes.c_int64),
        ("present", ctypes.c_uint),
        ("source", ctypes.c_char * 32),
        ("attempts", ctypes.c_uint64),
        ("failures", ctypes.c_uint64),
        ("attempted", ctypes.c_int64),
        ("attempt_age", ctypes.c_int64),
        ("attempt", ctypes.c_char_p),
        ("http_status", ctypes.c_uint),
        ("attempt_source", ctypes.c_char * 32),
        ("error", ctypes.c_char * 128),
    ]


class _CFeed(ctypes.Structure):
    """struct rates_feed"""
    _fields_ = [
        ("fed", ctypes.c_int),
        ("state", ctypes.c_char_p),
        ("supervisor", ctypes.c_int64),
        ("since", ctypes.c_int64),
        ("heartbeat_age", ctypes.c_int64),
        ("stale_after", ctypes.c_int64),
        ("generation", ctypes.c_uint64),
    ]


_CODE_MAX = 9
_PUBLISHED_DAY, _PUBLISHED_TIME = 1, 2

_void, _text, _int, _unsigned, _int64 = (
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint,
    ctypes.c_int64)

# What each function gives and takes; pointers that are not followed by ctypes
# are void ones.
_CALLS: Dict[str, Tuple[Any, ...]] = {
    "strerror": (_text, _int),
    "open": (_int, _text, _void),
    "close": (None, _void),
    "fault": (_text,),
    "count": (_unsigned, _void),
    "code": (_int, _void, _unsigned, _void),
    "resync": (None, _void),
    "get": (_int, _void, _unsigned, _unsigned, _void),
    "get_fresh": (_int, _void, _unsigned, _unsigned, _int64, _void),
    "row": (_int, _void, _unsigned, _void, _void),
    "snapshot": (_int, _void, _unsigned, _void, _void),
    "feed": (_int, _void, _void),
    "wait_any": (_int, _void, _void, _int64),
}
# These may take a while, so other threads run meanwhile.  The rest is over
# sooner than the interpreter's lock is given away and had back.
_LONG_CALLS = {"open", "snapshot", "wait_any"}


class _Library:
    """librates, its functions without their prefix."""

    def __init__(self, path: str) -> None:
        long_calls = ctypes.CDLL(path, use_errno=True)
        short_calls = ctypes.PyDLL(path)
        for name, (restype, *argtypes) in _CALLS.items():
            home = long_calls if name in _LONG_CALLS else short_calls
            function = getattr(home, "rates_" + name)
            function.restype = restype
            function.argtypes = argtypes
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise AttributeError(name)  # here to say what type the others have


def _places() -> Iterator[str]:
    named = os.environ.get(LIBRARY_VARIABLE)
    if named:
        yield named
        return
    yield SONAME
    here = pathlib.Path(__file__).resolve()
    if here.parent.name in ("dist-packages", "site-packages"):
        yield str(here.parents[2] / SONAME)


@functools.lru_cache(maxsize=None)
def _load(path: str) -> _Library:
    try:
        return _Library(path)
    except AttributeError as why:
        raise OSError(f"{path} is no librates that this module knows: "
                      f"{why}") from None


def _library(path: Union[str, "os.PathLike[str]", None]) -> _Library:
    complaints = []
    for place in [os.fspath(path)] if path is not None else _places():
        try:
            return _load(place)
        except OSError as why:
            complaints.append(str(why))
    raise OSError(
        "librates can't be loaded: " + "; ".join(complaints) + ".  It is "
        f"installed with ratesd (then run ldconfig), or {LIBRARY_VARIABLE} "
        "names the file")


def _fail(library: _Library, result: int, what: str, number: int = 0
          ) -> NoReturn:
    text = f"{what}: {library.strerror(result).decode()}"
    if result == Result.BAD_BOARD:
        text += f": {library.fault().decode()}"
    if result == Result.SYSTEM:
        raise SystemFailure(number, f"{what}: {os.strerror(number)}")
    raise RatesError._classes.get(result, RatesError)(text)


# --- what is read ------------------------------------------------------------

@dataclass(frozen=True)
class Attempt:
    """The last attempt to fetch a row, good or not."""
    outcome: str                # "none" before the first, "ok", or an error's
    attempted: Optional[datetime]
    age: Optional[timedelta]
    source: Optional[str]
    http_status: Optional[int]
    error: Optional[str]        # its text, if it was not good
    failures: int               # in a row; 0 after a good one
    attempts: int               # ever

    @property
    def failed(self) -> bool:
        """Whether it was made, and was not good."""
        return self.outcome not in ("none", "ok")


@dataclass(frozen=True)
class Row:
    """All about one base, from one moment.  Times are aware, in UTC."""
    base: str
    source: Optional[str]
    # A date if the source gives but a day.
    published: Union[date, datetime, None]
    fetched: Optional[datetime]     # None: never, and there are no numbers
    changed: Optional[datetime]     # when a number last was another one
    age: Optional[timedelta]        # since fetched, suspended time included
    version: int                    # raised by each good answer
    attempt: Attempt
    rates: Dict[str, float]         # by quote; absent numbers are left out
    seq: int = field(repr=False)

    @property
    def _state(self) -> Tuple[int, int]:
        """Another one after each change, on whichever board."""
        return self.version, self.attempt.attempts


@dataclass(frozen=True)
class Feed:
    """Who feeds the board."""
    fed: bool
    state: str                      # of the board: "ready", ...
    supervisor: int                 # pid, in its own PID namespace
    since: Optional[datetime]
    heartbeat_age: Optional[timedelta]  # None: it beats no more
    stale_after: timedelta
    generation: int


class Mark(NamedTuple):
    """What wait() has seen of the board."""
    handle: int
    word: int


class _Known(NamedTuple):
    codes: Tuple[str, ...]
    index: Dict[str, int]


def _seen(text: bytes) -> str:
    """Text as it may be shown, for others may have written it."""
    return "".join(c if c.isprintable() else "?"
                   for c in text.decode("utf-8", "replace"))


def _moment(ns: int) -> Optional[datetime]:
    return _EPOCH + timedelta(microseconds=ns // 1000) if ns else None


def _span(ns: int) -> timedelta:
    return timedelta(microseconds=ns // 1000)


def _published(row: _CRow) -> Union[date, datetime, None]:
    if row.version and row.published_form == _PUBLISHED_DAY:
        return _EPOCH.date() + timedelta(days=row.published // _DAY)
    if row.version and row.published_form == _PUBLISHED_TIME:
        return _EPOCH + timedelta(microseconds=row.published // 1000)
    return None


def _attempt(row: _CRow) -> Attempt:
    made = row.attempts != 0
    return Attempt(
        outcome=_seen(row.attempt), attempted=_moment(row.attempted),
        age=_span(row.attempt_age) if made else None,
        source=_seen(row.attempt_source) or None,
        http_status=row.http_status or None, error=_seen(row.error) or None,
        failures=row.failures, attempts=row.attempts)


def _numbers(codes: Sequence[str], numbers: Sequence[float]
             ) -> Dict[str, float]:
    """Those that can be rates, as rates.h has it."""
    end = math.inf
    return {code: number for code, number in zip(codes, numbers)
            if 0 < number < end}


def _row(base: str, row: _CRow, rates: Dict[str, float]) -> Row:
    filled = row.version != 0
    return Row(
        base=base, source=_seen(row.source) or None,
        published=_published(row),
        fetched=_moment(row.fetched) if filled else None,
        changed=_moment(row.changed) if filled else None,
        age=_span(row.age) if filled else None, version=row.version,
        attempt=_attempt(row), rates=rates, seq=row.seq)


def _nanoseconds(value: Seconds) -> int:
    seconds = (value.total_seconds() if isinstance(value, timedelta)
               else float(value))
    if not seconds >= 0:
        raise ValueError(f"not a time of 0 seconds or more: {value!r}")
    return (_INT64_MAX if seconds >= _INT64_MAX / _SECOND
            else min(int(seconds * _SECOND), _INT64_MAX))


# --- a handle ----------------------------------------------------------------

class _Handle:
    """A struct rates, for one call at a time."""
    _serials = itertools.count(1)

    def __init__(self, library: _Library, instance: str) -> None:
        self.pointer = None
        self.library = library
        self.instance = instance
        self.serial = next(self._serials)
        self.known: Optional[_Known] = None
        name = instance.encode("utf-8", "replace")
        pointer = ctypes.c_void_p()
        # ctypes would end it at the NUL.
        result = (Result.BAD_NAME if b"\0" in name
                  else library.open(name, ctypes.byref(pointer)))
        if result:
            _fail(library, result, f"instance {instance}",
                  ctypes.get_errno())
        self.pointer = pointer.value

    def __del__(self) -> None:
        if self.pointer is not None:
            self.library.close(self.pointer)

    def fail(self, result: int, what: str) -> NoReturn:
        """Raises what a result stands for."""
        _fail(self.library, result, what, ctypes.get_errno())

    def code(self, index: int) -> str:
        """The code of an index."""
        text = ctypes.create_string_buffer(_CODE_MAX)
        result = self.library.code(self.pointer, index, text)
        if result:
            self.fail(result, f"currency {index}")
        return text.value.decode("ascii", "replace")

    def sync(self) -> _Known:
        """Accepts the present currencies."""
        # Who is interrupted from here on has left no index of another board.
        self.known = None
        self.library.resync(self.pointer)
        codes = tuple(self.code(i)
                      for i in range(self.library.count(self.pointer)))
        self.known = _Known(codes, {code: i for i, code in enumerate(codes)})
        return self.known

    def indexes(self, known: _Known, codes: Tuple[str, ...]) -> Any:
        """Those of codes, or None if they are on the board by now."""
        try:
            return [known.index[code] for code in codes]
        except KeyError:
            known = self.sync()
        for code in codes:
            if code not in known.index:
                raise NoCurrency(f"no such currency on the board: {code!r}")
        return None

    def call(self, what: str, codes: Tuple[str, ...],
             function: Callable[..., int]) -> _Known:
        """function(currencies, *indexes of codes), once they stay the same."""
        result = int(Result.CHANGED)
        for _ in range(_TRIES):
            known = self.known or self.sync()
            indexes = self.indexes(known, codes)
            if indexes is None:
                continue
            result = function(known, *indexes)
            if result == Result.OK:
                return known
            if result == Result.CHANGED:
                self.sync()
            elif result != Result.BUSY:
                break
        self.fail(result, what)

    def get(self, base: str, quote: str, limit: Optional[int]) -> float:
        """Board.get()"""
        rate = ctypes.c_double()
        out = ctypes.byref(rate)

        def look(_: Optional[_Known], b: int, q: int) -> int:
            if limit is None:
                return self.library.get(self.pointer, b, q, out)
            return self.library.get_fresh(self.pointer, b, q, limit, out)

        # Nearly always that is all.
        known = self.known
        if known and base in known.index and quote in known.index and \
                not look(known, known.index[base], known.index[quote]):
            return rate.value
        self.call(f"{base}/{quote}", (base, quote), look)
        return rate.value

    def row(self, base: str) -> Row:
        """Board.row()"""
        row = _CRow()
        numbers: Any = None

        def look(known: _Known, index: int) -> int:
            nonlocal numbers
            numbers = (ctypes.c_double * len(known.codes))()
            return self.library.row(
                self.pointer, index, ctypes.byref(row), numbers)

        known = self.call(base, (base,), look)
        return _row(base, row, _numbers(known.codes, numbers))

    def all(self) -> Tuple[_Known, Any, Any]:
        """All rows and numbers of one moment."""
        rows: Any = None
        numbers: Any = None

        def look(known: _Known) -> int:
            nonlocal rows, numbers
            count = len(known.codes)
            rows = (_CRow * count)()
            numbers = (ctypes.c_double * (count * count))()
            return self.library.snapshot(self.pointer, count, rows, numbers)

        return self.call("snapshot", (), look), rows, numbers

    def rows(self) -> Dict[str, Row]:
        """Board.rows()"""
        (codes, _), rows, numbers = self.all()
        count = len(codes)
        return {base: _row(base, rows[i], _numbers(
                    codes, numbers[i * count:(i + 1) * count]))
                for i, base in enumerate(codes)}

    def snapshot(self, limit: Optional[int]) -> Dict[str, Dict[str, float]]:
        """Board.snapshot()"""
        (codes, _), rows, numbers = self.all()
        count = len(codes)
        return {base: _numbers(codes, numbers[i * count:(i + 1) * count])
                if limit is None or rows[i].age <= limit else {}
                for i, base in enumerate(codes)}

    def states(self) -> Dict[str, Tuple[int, int]]:
        """Row._state of each base."""
        row = _CRow()
        states: Dict[str, Tuple[int, int]] = {}

        def look(known: _Known) -> int:
            states.clear()
            for i, base in enumerate(known.codes):
                result = self.library.row(
                    self.pointer, i, ctypes.byref(row), None)
                if result:
                    return result
                states[base] = row.version, row.attempts
            return Result.OK

        self.call("rows", (), look)
        return states

    def currencies(self) -> Tuple[str, ...]:
        """Board.currencies"""
        row = _CRow()
        return self.call("currencies", (), lambda known: self.library.row(
            self.pointer, 0, ctypes.byref(row), None)).codes

    def feed(self) -> Feed:
        """Board.feed()"""
        feed = _CFeed()
        result = self.library.feed(self.pointer, ctypes.byref(feed))
        if result not in (Result.OK, Result.NOT_FED):
            self.fail(result, f"instance {self.instance}")
        return Feed(
            fed=bool(feed.fed), state=_seen(feed.state),
            supervisor=feed.supervisor, since=_moment(feed.since),
            heartbeat_age=(None if feed.heartbeat_age < 0
                           else _span(feed.heartbeat_age)),
            stale_after=_span(feed.stale_after), generation=feed.generation)

    def wait(self, mark: Mark, timeout: int) -> Optional[Mark]:
        """A newer mark; or None after timeout ns, or a signal."""
        word = ctypes.c_uint64(mark.word if mark.handle == self.serial else 0)
        result = self.library.wait_any(
            self.pointer, ctypes.byref(word), timeout)
        number = ctypes.get_errno()
        if result == Result.TIMEOUT or (
                result == Result.SYSTEM and number == errno.EINTR):
            return None
        if result == Result.CHANGED:
            self.sync()
            return self.wait(Mark(self.serial, 0), 0)
        if result:
            _fail(self.library, result, "wait", number)
        return Mark(self.serial, word.value)


# --- the board ---------------------------------------------------------------

def _usual() -> str:
    """The instance that nobody names: an empty variable is none."""
    return os.environ.get("RATESD_INSTANCE") or "default"


class Board:
    """The board of an instance of ratesd.

    Without a name it is the one that RATESD_INSTANCE names in the environment,
    or else "default", as for ratesctl.

    max_age, in seconds or as a timedelta, is what get(), decimal() and
    snapshot() take unless they are given one (math.inf: any age); None is any
    age.  library is the librates to load.  Raises NoBoard, BadBoard, BadName,
    Denied, or OSError if there is no librates.
    """

    def __init__(self, instance: Optional[str] = None, *,
                 max_age: Optional[Seconds] = None,
                 library: Union[str, "os.PathLike[str]", None] = None) -> None:
        self._idle: Optional[Dict[int, _Handle]] = None
        self._instance = instance = _usual() if instance is None else instance
        self._max_age = None if max_age is None else _nanoseconds(max_age)
        self._library = _library(library)
        handle = _Handle(self._library, instance)
        self._idle = {handle.serial: handle}

    def __enter__(self) -> "Board":
        self._handles()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        closed = ", closed" if self._idle is None else ""
        return f"<rates.Board {self._instance!r}{closed}>"

    def close(self) -> None:
        """Unmaps the board, once calls of other threads are done.

        Any further call raises ValueError, and so do waits at their next look.
        """
        self._idle = None

    def _handles(self) -> Dict[int, _Handle]:
        idle = self._idle
        if idle is None:
            raise ValueError("the board is closed")
        return idle

    def _use(self, function: Callable[..., Answer], *args: Any,
             serial: int = 0) -> Answer:
        """function(handle, *args), with a handle of nobody else's.

        That of the serial if it is free.
        """
        # No lock: taking out of a dict and putting in are each one step.
        idle = self._handles()
        handle = idle.pop(serial, None)
        if handle is None:
            try:
                handle = idle.popitem()[1]
            except KeyError:
                handle = _Handle(self._library, self._instance)
        try:
            return function(handle, *args)
        finally:
            idle[handle.serial] = handle

    def _limit(self, max_age: Optional[Seconds]) -> Optional[int]:
        return self._max_age if max_age is None else _nanoseconds(max_age)

    def get(self, base: str, quote: str,
            max_age: Optional[Seconds] = None) -> float:
        """How many units of quote one unit of base is.

        Raises NoCurrency, NoNumber, and TooOld if the row was fetched more
        than max_age ago.
        """
        return self._use(_Handle.get, base, quote, self._limit(max_age))

    def decimal(self, base: str, quote: str,
                max_age: Optional[Seconds] = None) -> Decimal:
        """The same by its shortest text: as published, up to 15 digits."""
        return Decimal(repr(self.get(base, quote, max_age)))

    @property
    def currencies(self) -> Tuple[str, ...]:
        """The codes on the board, in its order."""
        return self._use(_Handle.currencies)

    def row(self, base: str) -> Row:
        """All about a base, however old.  Raises NoCurrency."""
        return self._use(_Handle.row, base)

    def rows(self) -> Dict[str, Row]:
        """All rows from one moment, however old, by base.

        Raises Busy if writers are always faster.
        """
        return self._use(_Handle.rows)

    def snapshot(self, max_age: Optional[Seconds] = None
                 ) -> Dict[str, Dict[str, float]]:
        """All numbers from one moment: {base: {quote: number}}.

        Absent ones are left out, as are all of a row that was fetched more
        than max_age ago.  Raises Busy if writers are always faster.
        """
        return self._use(_Handle.snapshot, self._limit(max_age))

    def feed(self, check: bool = False) -> Feed:
        """Who feeds the board; with check, raises NotFed if nobody does."""
        feed = self._use(_Handle.feed)
        if check and not feed.fed:
            raise NotFed(f"instance {self._instance}: nobody feeds the board")
        return feed

    def mark(self) -> Mark:
        """The present moment, for wait(since=...)."""
        return self._wait(Mark(0, 0), None)

    @overload
    def wait(self, base: None = None, timeout: Optional[Seconds] = None,
             since: Optional[Mark] = None) -> Mark: ...

    @overload
    def wait(self, base: str, timeout: Optional[Seconds] = None,
             since: Optional[Row] = None) -> Row: ...

    def wait(self, base: Optional[str] = None,
             timeout: Optional[Seconds] = None,
             since: Union[Row, Mark, None] = None) -> Union[Row, Mark]:
        """Sleeps until there is an attempt, good or not, to be seen on a row.

        With a base: on its row; returns the new Row.  Without: on any, or
        another board; returns a Mark, and may return early.  It looks for what
        came after this call, or after since: what an earlier wait(), or row()
        or mark(), returned.  So no change is missed by

            row = board.row("EUR")
            while True:
                use(row)
                row = board.wait("EUR", since=row)

        and with mark() and snapshot() in the same way.  Raises Timeout after
        timeout (seconds or timedelta; None: never).  Signal handlers run
        meanwhile, so that Ctrl-C ends it.
        """
        end = self._end(timeout)
        if base is None:
            if isinstance(since, Row):
                raise TypeError("since a row, but not told for which base")
            return self._wait(since or self.mark(), end)
        if since is None:
            since = self.row(base)
        if not isinstance(since, Row) or since.base != base:
            raise TypeError(f"since is no row of {base}")
        return self._wait_row(since, end)

    @staticmethod
    def _end(timeout: Optional[Seconds]) -> Optional[int]:
        return (None if timeout is None
                else time.monotonic_ns() + _nanoseconds(timeout))

    def _wait_row(self, old: Row, end: Optional[int]) -> Row:
        while True:
            mark = self.mark()
            row = self.row(old.base)
            if row._state != old._state:
                return row
            self._wait(mark, end)

    def _wait(self, mark: Mark, end: Optional[int]) -> Mark:
        while True:
            left = (_INT64_MAX if end is None
                    else max(end - time.monotonic_ns(), 0))
            newer = self._use(_Handle.wait, mark, min(left, _SLICE),
                              serial=mark.handle)
            if newer is not None:
                return newer
            if left == 0:
                raise Timeout(f"instance {self._instance}: no change in time")

    def changes(self, timeout: Optional[Seconds] = None) -> Iterator[str]:
        """The base of each row with a new attempt, from this call on.

        A row that changes often between two looks comes once; a currency that
        is new on the board comes too.  Ends when timeout passes without any.
        """
        mark = self.mark()
        return self._changes(mark, self._use(_Handle.states), timeout)

    def _changes(self, mark: Mark, old: Dict[str, Tuple[int, int]],
                 timeout: Optional[Seconds]) -> Iterator[str]:
        end = self._end(timeout)
        while True:
            try:
                mark = self._wait(mark, end)
            except Timeout:
                return
            new = self._use(_Handle.states)
            changed = [base for base in new if new[base] != old.get(base)]
            old = new
            yield from changed
            if changed:
                end = self._end(timeout)


# --- python3 -m rates --------------------------------------------------------

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
# Those of ratesctl(1).
_STATUSES = {Result.NO_BOARD: 3, Result.NO_CURRENCY: 4, Result.NO_NUMBER: 4,
             Result.TOO_OLD: 5}


def _age(text: str) -> float:
    match = re.fullmatch(r"([0-9]{1,9})(ms|s|m|h|d)", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]


def _print(text: str) -> None:
    """Raises OSError unless all of it is written."""
    if sys.stdout is None:  # it was closed before we were started
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = None  # type: ignore  # at exit it would be tried again
        raise


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Prints one number; returns ratesctl's exit status."""
    import argparse  # not for those who import this module
    parser = argparse.ArgumentParser(
        prog="python3 -m rates",
        description="Print how many units of QUOTE one unit of BASE is.")
    parser.add_argument("-i", "--instance", metavar="NAME",
                        help="else $RATESD_INSTANCE, else default")
    parser.add_argument("--max-age", metavar="AGE", type=_age,
                        help="a whole number and ms, s, m, h or d")
    parser.add_argument("base", metavar="BASE")
    parser.add_argument("quote", metavar="QUOTE")
    given = parser.parse_args(arguments)
    try:
        with Board(given.instance, max_age=given.max_age) as board:
            _print(repr(board.get(given.base, given.quote)).removesuffix(".0"))
    except (RatesError, OSError) as why:
        print(f"rates: {why}", file=sys.stderr)
        return _STATUSES.get(getattr(why, "result", Result.SYSTEM), 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
