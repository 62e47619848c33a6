"""A program on a terminal of its own, and what stands on that terminal.

Run as a program it is the leader of that terminal's session, which a stop by
SIGTSTP needs: terminal.py REPORT-FD COMMAND... starts the command in the
foreground, in a process group of its own, and reports its pid and how it
ended.
"""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios

from harness import alive, clean_environment, state, wait_until

TOKEN = re.compile(
    rb"\x1b\[([?0-9;]*)([@-~])|([\x00-\x1f\x7f])|([^\x00-\x1f\x7f]+)", re.S)


class Screen:
    """What the sequences that ratesctl uses leave on a terminal."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.main, self.other = {}, {}
        self.alternate, self.cursor, self.wraps = False, True, True
        self.row = self.column = 0
        self.saved = (0, 0)
        self.colours = set()
        self.style = ""
        self.rest = b""

    @property
    def cells(self):
        return self.other if self.alternate else self.main

    def feed(self, data):
        data = self.rest + data
        # A sequence or a character may be cut by the end of what was read.
        cut = re.search(rb"(\x1b(\[[?0-9;]*)?|[\xc2-\xef][\x80-\xbf]?)$", data)
        if cut and not re.search(rb"^[\xe0-\xef][\x80-\xbf]{2}", cut[0]) \
                and not re.search(rb"^[\xc2-\xdf][\x80-\xbf]", cut[0]):
            data, self.rest = data[:cut.start()], data[cut.start():]
        else:
            self.rest = b""
        for parameters, final, control, text in TOKEN.findall(data):
            if final:
                self.sequence(parameters.decode(), final.decode())
            elif control:
                self.control(control)
            else:
                for character in text.decode(errors="replace"):
                    self.put(character)

    def sequence(self, parameters, final):
        if final in "hl" and parameters.startswith("?"):
            self.mode(parameters, final == "h")
        elif final == "H":
            row, _, column = parameters.partition(";")
            self.row, self.column = int(row or 1) - 1, int(column or 1) - 1
        elif final == "J":
            self.cells.clear()
        elif final == "K":
            for column in range(self.columns):
                self.cells.pop((self.row, column), None)
        elif final == "m":
            self.style = "" if parameters in ("", "0") else parameters
            self.colours.add(parameters)

    def mode(self, parameters, on):
        if parameters == "?1049" and on != self.alternate:
            if on:
                self.saved = (self.row, self.column)
                self.other.clear()
            else:
                self.row, self.column = self.saved
            self.alternate = on
        elif parameters == "?25":
            self.cursor = on
        elif parameters == "?7":
            self.wraps = on

    def control(self, byte):
        if byte == b"\r":
            self.column = 0
        elif byte == b"\n":
            self.row += 1

    def put(self, character):
        if self.column >= self.columns:
            if self.wraps:
                self.row, self.column = self.row + 1, 0
            else:
                self.column = self.columns - 1
        self.cells[self.row, self.column] = character
        self.column += 1

    def lines(self):
        last = max((row for row, _ in self.cells), default=-1)
        return ["".join(self.cells.get((row, column), " ")
                        for column in range(self.columns)).rstrip()
                for row in range(last + 1)]

    def text(self):
        return "\n".join(self.lines())

    def usual(self):
        """Nothing is left of a full-screen program."""
        return (self.alternate, self.cursor, self.wraps) == (False, True, True)


class Terminal:
    """A command on a terminal; ended by the case at the latest."""

    def __init__(self, case, arguments, columns=80, rows=24, **environment):
        self.master, self.slave = os.openpty()
        self.screen = Screen(columns, rows)
        self.size(columns, rows, tell=False)
        self.before = termios.tcgetattr(self.slave)
        report, told = os.pipe()
        self.report = os.fdopen(report)
        self.leader = subprocess.Popen(
            [sys.executable, __file__, str(told), *map(str, arguments)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave,
            pass_fds=[told], start_new_session=True,
            env={**clean_environment(TERM="xterm"), **environment})
        os.close(told)
        case.started.append(self.leader)
        self.pid = int(self.report.readline())
        self.raw = b""

    def size(self, columns, rows, tell=True):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.screen.columns, self.screen.rows = columns, rows

    def read(self, seconds=0.0):
        """Takes in what the command wrote."""
        while select.select([self.master], [], [], seconds)[0]:
            data = os.read(self.master, 65536)
            self.raw += data
            self.screen.feed(data)
            seconds = 0.0

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, what, condition):
        def seen():
            self.read(0.02)
            return condition()
        return wait_until(f"{what}; the screen:\n{self.screen.text()}", seen)

    def shows(self, text):
        self.until(f"{text!r} is shown", lambda: text in self.screen.text())

    def kill(self, number):
        os.kill(self.pid, number)

    def state(self):
        return state(self.pid)

    def taken(self):
        return termios.tcgetattr(self.slave)[3] & termios.ICANON == 0

    def restored(self):
        return (self.screen.usual() and
                termios.tcgetattr(self.slave) == self.before)

    def end(self):
        """How the command ended: a status, or minus a signal."""
        self.until("the command ends", lambda: not alive(self.pid))
        status = int(self.report.readline())
        self.drain()
        return status

    def drain(self):
        """Takes in all that was written: a NUL, which shows nothing, last."""
        os.write(self.slave, b"\0")
        wait_until("the terminal hands on what was written", lambda: (
            self.read(0.02), self.raw.endswith(b"\0"))[1])
        self.raw = self.raw[:-1]

    def close(self):
        os.close(self.master)
        self.master = -1


def lead(report, command):
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # The group of the command has the terminal, and this one asks for it.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        os.close(report)
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execv(command[0], command)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGKILL))
    os.write(report, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    lead(int(sys.argv[1]), sys.argv[2:])
