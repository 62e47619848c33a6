#!/bin/sh
#
# A daemon of four workers on the ECB's rates of 2026-04-13, from its start to
# its last trace, with a worker killed on the way.  Offline, as any user, in a
# scratch directory.
#
# Environment (make demo sets it): RATESD, RATESCTL, STUB: the programs;
# DATA: the published rates.

set -eu

: "${RATESD:?}" "${RATESCTL:?}" "${STUB:?}" "${DATA:?}"

instance=demo$$
dir=$(mktemp -d)
stub_pid=
ratesd_pid=
reader_pid=
bold=
plain=
if test -t 1; then
	bold=$(printf '\033[1m')
	plain=$(printf '\033[0m')
fi

# One line that says what comes next.
explain()
{
	printf '\n%s# %s%s\n' "$bold" "$*" "$plain"
}

die()
{
	printf 'demo: %s\n' "$*" >&2
	if test -s "$dir/ratesd.log"; then
		tail -n 20 "$dir/ratesd.log" >&2
	fi
	exit 1
}

ctl()
{
	"$RATESCTL" -i "$instance" "$@"
}

# The same, shown as one would type it.
type_ctl()
{
	printf '$ ratesctl -i %s %s\n' "$instance" "$*"
	ctl "$@"
}

# Turns this process into ratesd.
become_ratesd()
{
	exec "$RATESD" -i "$instance" -c "$dir/ratesd.conf" \
	    --runtime-dir "$dir/run" --state-dir "$dir/state" "$@"
}

# A child that ended stays a zombie until it is waited for.
gone()
{
	! test -e "/proc/$1/stat" || grep -q ') Z ' "/proc/$1/stat" 2>/dev/null
}

# within SECONDS COMMAND...: true once the command is.
within()
{
	tries=$(($1 * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		test "$tries" -gt 0 || return 1
		sleep 0.05
	done
}

# Ends a child, in the end by force: its exit status.
stop()
{
	kill -TERM "$1" 2>/dev/null || true
	within 10 gone "$1" || kill -KILL "$1"
	wait "$1"
}

cleanup()
{
	trap - EXIT
	set +e
	for pid in $reader_pid $ratesd_pid $stub_pid; do
		stop "$pid"
	done
	(become_ratesd --purge) 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The pid of the worker that has done most.
busiest()
{
	ctl status --format json | jq '.workers | max_by(.done).pid'
}

# True once four workers wait for jobs or have some, and none of them is $1.
replaced()
{
	ctl status --format json | jq -e --argjson dead "$1" '[.workers[] |
	    select(.pid != $dead and (.state == "idle" or .state == "busy"))] |
	    length == 4' >/dev/null
}

# Reads one number again and again until told that it is enough.
read_on()
{
	reads=0
	failures=0
	until test -e "$dir/enough"; do
		reads=$((reads + 1))
		ctl get EUR USD >/dev/null 2>&1 || failures=$((failures + 1))
	done
	echo "$reads $failures" >"$dir/tally"
}

board_exists()
{
	test -e "/dev/shm/ratesd.$instance"
}

# The queue's file system is often not mounted, so ask the kernel.
queue_exists()
{
	python3 -c 'import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
queue = libc.mq_open(sys.argv[1].encode(), 0)
sys.exit(queue == -1 and ctypes.get_errno() == errno.ENOENT)' "/ratesd.$instance"
}

# Processes carry their instance in their title.
process_exists()
{
	# The "[[]" keeps grep from finding itself.
	grep -q "[[]$instance]" /proc/[0-9]*/cmdline 2>/dev/null
}

explain "A source of rates, here on this machine: what the ECB published on" \
    "2026-04-13, each answer after 50 ms"
"$STUB" --data "$DATA" --date 2026-04-13 --latency 50 --for 120 \
    --port-file "$dir/port" &
stub_pid=$!
within 5 test -s "$dir/port" || die "the source does not start"
cat >"$dir/ratesd.conf" <<END
currencies = {"EUR", "USD", "PLN", "NOK", "CZK", "GBP", "JPY", "CHF"}
workers    = 4
sources    = {"ecb"}
source "ecb" {
    url = "http://127.0.0.1:$(cat "$dir/port")/rates?base={base}"
}
END
cat "$dir/ratesd.conf"

explain "A daemon on it: a supervisor and four workers"
mkdir "$dir/run" "$dir/state"
echo "\$ ratesd -f -i $instance -c ratesd.conf &"
become_ratesd -f 2>"$dir/ratesd.log" &
ratesd_pid=$!
within 5 board_exists || die "no board appears"

explain "Every row is fresh as soon as this returns"
type_ctl wait --timeout 10s || die "the rows do not become fresh"

explain "The matrix, straight from shared memory"
type_ctl show
explain "A part of it, as lines"
type_ctl show USD EUR PLN NOK CZK --symbols USD,EUR,PLN,NOK,CZK --format lines

explain "Who does the work"
type_ctl status

explain "Now the busiest one is killed, while someone reads without a pause"
read_on &
reader_pid=$!
victim=$(busiest)
echo "\$ kill -KILL $victim"
kill -KILL "$victim"
within 5 replaced "$victim" || die "worker $victim is not replaced"

explain "Another one has its place, and the rest never noticed"
type_ctl status

explain "Nor did the reader"
sleep 0.3
: >"$dir/enough"
wait "$reader_pid"
reader_pid=
read -r reads failures <"$dir/tally"
echo "$reads reads since before the kill, $failures failed"
test "$failures" -eq 0 || die "the board went away"
test "$reads" -ge 5 || die "the reader came to nothing"

explain "The daemon is told to stop; its board stays, and says so"
echo "\$ kill -TERM $ratesd_pid"
stop "$ratesd_pid" || die "ratesd ended with status $?"
ratesd_pid=
type_ctl show EUR --symbols EUR,USD,PLN
if ctl status >/dev/null 2>&1; then
	die "status does not tell that nobody feeds the board"
fi
stop "$stub_pid" || die "the source ended with status $?"
stub_pid=
board_exists || die "the board is gone too soon"
queue_exists || die "the queue is gone too soon"

explain "Everything is removed"
echo "\$ ratesd -i $instance --purge"
(become_ratesd --purge) || die "--purge failed"
rm -rf "$dir"
if process_exists; then die "a process is left"; fi
if board_exists; then die "the board is left"; fi
if queue_exists; then die "the queue is left"; fi
if test -e "$dir"; then die "$dir is left"; fi
trap - EXIT
echo "Left: no process, no shared memory, no queue, no file."
