# Completion of ratesctl and those that go with it for bash 4 and newer, with the
# functions of the bash-completion package or without.
# shellcheck shell=bash

# --- words: begin (made from the programs' tables: make words) ---
_ratesctl_commands='show get convert explain status sources check metrics watch wait refresh accept probe help'

# PROGRAM[/COMMAND]: sets options and arguments.
_ratesctl_words()
{
	case $1 in
	ratesctl)
		options='--symbols=@codes
		    --wait
		    -t=
		    --timeout=
		    --mode=age,coverage,frozen,source,workers
		    -w=
		    --warning=
		    -c=
		    --critical=
		    --clock=fetched,published
		    -f=table,lines,json,csv,keyvalue
		    --format=table,lines,json,csv,keyvalue
		    -v
		    --verbose
		    --presets
		    --raw
		    --digits=
		    --round=half-even,half-up,half-down,up,down,ceiling,floor
		    --wide
		    -n=
		    --count=
		    --top
		    --max-age=
		    --rates=@pairs
		    --textfile=@file
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@command' ;;
	ratesctl/show)
		options='--symbols=@codes
		    -f=table,lines,json,csv,keyvalue
		    --format=table,lines,json,csv,keyvalue
		    --wide
		    --max-age=
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code...' ;;
	ratesctl/get)
		options='-f=table,json,csv,keyvalue
		    --format=table,json,csv,keyvalue
		    --max-age=
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code @code' ;;
	ratesctl/convert)
		options='-f=table,json,csv,keyvalue
		    --format=table,json,csv,keyvalue
		    --raw
		    --digits=
		    --round=half-even,half-up,half-down,up,down,ceiling,floor
		    --max-age=
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='- @code @code' ;;
	ratesctl/explain)
		options='-f=table,json,csv,keyvalue
		    --format=table,json,csv,keyvalue
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code @code' ;;
	ratesctl/status)
		options='-f=table,json,csv,keyvalue
		    --format=table,json,csv,keyvalue
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='' ;;
	ratesctl/sources)
		options='-f=table,json,csv,keyvalue
		    --format=table,json,csv,keyvalue
		    -v
		    --verbose
		    --presets
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@source...' ;;
	ratesctl/check)
		options='-t=
		    --timeout=
		    --mode=age,coverage,frozen,source,workers
		    -w=
		    --warning=
		    -c=
		    --critical=
		    --clock=fetched,published
		    -v
		    --verbose
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code,@pair,@source...' ;;
	ratesctl/metrics)
		options='--rates=@pairs
		    --textfile=@file
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='' ;;
	ratesctl/watch)
		options='--symbols=@codes
		    -t=
		    --timeout=
		    -f=table,json,csv,keyvalue
		    --format=table,json,csv,keyvalue
		    -v
		    --verbose
		    -n=
		    --count=
		    --top
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code...' ;;
	ratesctl/wait)
		options='-t=
		    --timeout=
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='' ;;
	ratesctl/refresh)
		options='--wait
		    -t=
		    --timeout=
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code...' ;;
	ratesctl/accept)
		options='--wait
		    -t=
		    --timeout=
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code...' ;;
	ratesctl/probe)
		options='--base=@code
		    --file=@file
		    --name=
		    -V
		    --version
		    -h
		    --help'
		arguments='-' ;;
	ratesctl/help)
		options='-i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@command' ;;
	ratesd)
		options='-f
		    --foreground
		    -t
		    --test
		    -c=@file
		    --config=@file
		    -i=@instance
		    --instance=@instance
		    --runtime-dir=@directory
		    --state-dir=@directory
		    --source-dir=@directory
		    --log-level=error,warning,info,debug
		    --purge
		    --sources
		    -V
		    --version
		    -h
		    --help'
		arguments='@preset' ;;
	ratesfetch)
		options='-m=sync,threads,pool,procs,async,executor
		    --model=sync,threads,pool,procs,async,executor
		    -j=
		    --jobs=
		    -b=@codes
		    --bases=@codes
		    -s=@codes
		    --symbols=@codes
		    --source=@preset
		    --source-dir=@directory
		    -u=
		    --url=
		    --throttle=
		    -t=
		    --timeout=
		    -f=lines,table,json,csv
		    --format=lines,table,json,csv
		    -c
		    --compare
		    -k=
		    --repeat=
		    --svg=@file
		    -q
		    --quiet
		    -V
		    --version
		    -h
		    --help'
		arguments='' ;;
	check_rates)
		options='-t=
		    --timeout=
		    --mode=age,coverage,frozen,source,workers
		    -w=
		    --warning=
		    -c=
		    --critical=
		    --clock=fetched,published
		    -v
		    --verbose
		    -i=@instance
		    --instance=@instance
		    --color=auto,always,never
		    -q
		    --quiet
		    -h
		    --help
		    -V
		    --version'
		arguments='@code,@pair,@source...' ;;
	*)
		return 1 ;;
	esac
}
# --- words: end ---

# Prints the instances whose boards this user may read, one a line.
_ratesctl_instances()
{
	local board

	while IFS= read -r board; do
		board=${board#/dev/shm/ratesd.}
		if [[ $board =~ ^[A-Za-z0-9_-]+$ &&
		    -r /dev/shm/ratesd.$board ]]; then
			printf '%s\n' "$board"
		fi
	done < <(compgen -G '/dev/shm/ratesd.*')
}

# ratesctl itself, of the instance on the command line; silent.
_ratesctl_ask()
{
	if [[ $_ratesctl_instance ]]; then
		set -- -i "$_ratesctl_instance" "$@"
	fi
	"$_ratesctl_program" -q "$@" 2>/dev/null </dev/null
}

# Prints the words of one kind, one a line.
_ratesctl_kind()
{
	local line

	case $1 in
	@command)
		compgen -W "$_ratesctl_commands" ;;
	@instance)
		_ratesctl_instances ;;
	@code | @codes)
		# The head of the table: codes are what has no small letter.
		IFS= read -r line < <(_ratesctl_ask show --format csv)
		tr , '\n' <<<"${line-}" | LC_ALL=C grep -x '[A-Z0-9]*' ;;
	@source)
		if [[ $_ratesctl_presets ]]; then
			_ratesctl_ask sources --presets
		else
			_ratesctl_ask sources --format csv
		fi | sed -n '2,$s/[ ,].*//p' |
		    # Others can make a board, and a name is no command.
		    LC_ALL=C grep -x '[A-Za-z0-9_.-]*' ;;
	@preset)
		if [[ $_ratesctl_presets ]]; then
			"$_ratesctl_program" --sources 2>/dev/null </dev/null |
			    sed -n '2,$s/ .*//p'
		fi ;;
	- | @pair) ;;
	*)
		printf '%s\n' "$1" ;;
	esac
}

# KINDS WORD: puts into COMPREPLY what begins like WORD and is of the kinds,
# between which there are commas.
_ratesctl_offer()
{
	local kinds=$1 kind before='' after='' word=$2 IFS=$' \t\n'

	case $kinds in
	@file)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	@directory)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return ;;
	@codes)
		compopt -o nospace 2>/dev/null
		if [[ $word == *,* ]]; then
			before=${word%,*},
			word=${word##*,}
		fi ;;
	@pairs)
		compopt -o nospace 2>/dev/null
		if [[ $word == *,* ]]; then
			before=${word%,*},
			word=${word##*,}
		fi
		kinds=@code,@pair
		if [[ $word != */* ]]; then
			after=/
		fi ;;
	esac
	# The quote of a pair, whatever else might stand here.
	if [[ ,$kinds, == *,@pair,* && $word == */* ]]; then
		before+=${word%%/*}/
		word=${word#*/}
		kinds=@code
	fi
	mapfile -t COMPREPLY < <(
		for kind in ${kinds//,/ }; do
			_ratesctl_kind "$kind"
		done | while IFS= read -r kind; do
			if [[ $kind && $kind == "$word"* &&
			    ,$before != *",$kind,"* ]]; then
				printf '%s\n' "$before$kind$after"
			fi
		done)
}

# OPTION: what its value can be, in kind; false if it takes none.
_ratesctl_value()
{
	local each

	for each in $options; do
		if [[ $each == "$1="* ]]; then
			kind=${each#*=}
			return 0
		fi
	done
	return 1
}

# OPTION VALUE: remembers what is needed to ask.
_ratesctl_given()
{
	case $1 in
	-i | --instance)
		_ratesctl_instance=$2 ;;
	--presets | --sources)
		_ratesctl_presets=yes ;;
	esac
}

# The options of a cluster like -qi; the last one's value may be the next word.
_ratesctl_letters()
{
	local letters=${1#-}

	while [[ $letters ]]; do
		if _ratesctl_value "-${letters:0:1}"; then
			if [[ ${#letters} == 1 ]]; then
				pending=-$letters
			else
				_ratesctl_given "-${letters:0:1}" \
				    "${letters:1}"
			fi
			return
		fi
		letters=${letters:1}
	done
}

# One word before the cursor.  A "=" may be a word of its own.
_ratesctl_word()
{
	if [[ $pending ]]; then
		if [[ $1 != = || $pending != --* || $equals ]]; then
			_ratesctl_given "$pending" "$1"
			pending=
		fi
		equals=yes
		return
	fi
	equals=
	case $1 in
	--?*=*)
		_ratesctl_given "${1%%=*}" "${1#*=}" ;;
	--?*)
		_ratesctl_given "$1" ''
		if _ratesctl_value "$1"; then
			pending=$1
		fi ;;
	-?*)
		_ratesctl_letters "$1" ;;
	*)
		if [[ $scope == ratesctl ]]; then
			scope=ratesctl/$1
			_ratesctl_words "$scope" || options='' arguments=''
		else
			((place += 1))
		fi ;;
	esac
}

# The kinds of the argument that is at place (from 0), in kind.
_ratesctl_place()
{
	local -a places

	read -r -a places <<<"$arguments"
	kind=-
	if ((${#places[@]} == 0)); then
		return
	fi
	if ((place < ${#places[@]})); then
		kind=${places[place]}
	elif [[ ${places[${#places[@]} - 1]} == *... ]]; then
		kind=${places[${#places[@]} - 1]}
	fi
	kind=${kind%...}
}

# PROGRAM AS-TYPED
_ratesctl_complete()
{
	local scope=$1 place=0 pending='' equals='' kind='' options='' arguments=''
	local _ratesctl_instance='' _ratesctl_presets='' _ratesctl_program=$2
	local cur=${COMP_WORDS[COMP_CWORD]-} each IFS=$' \t\n'
	local -i i

	COMPREPLY=()
	_ratesctl_program=${_ratesctl_program/#\~\//"${HOME-}"/}
	if [[ $scope == check_rates ]]; then
		_ratesctl_program=ratesctl
	fi
	_ratesctl_words "$scope"
	for ((i = 1; i < COMP_CWORD; i++)); do
		_ratesctl_word "${COMP_WORDS[i]}"
	done
	if [[ $pending == --* && $cur == = ]]; then
		cur=
	fi
	if [[ $pending ]]; then
		_ratesctl_value "$pending"
		_ratesctl_offer "$kind" "$cur"
	elif [[ $cur == --?*=* ]]; then
		if _ratesctl_value "${cur%%=*}"; then
			_ratesctl_offer "$kind" "${cur#*=}"
			COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]/#/${cur%%=*}=}"})
		fi
	elif [[ $cur == -* ]]; then
		for each in $options; do
			if [[ ${each%%=*} == "$cur"* ]]; then
				COMPREPLY+=("${each%%=*}")
			fi
		done
	else
		_ratesctl_place
		_ratesctl_offer "$kind" "$cur"
	fi
}

_ratesctl()
{
	_ratesctl_complete ratesctl "${1-ratesctl}"
}

_ratesd()
{
	_ratesctl_complete ratesd "${1-ratesd}"
}

_ratesfetch()
{
	_ratesctl_complete ratesfetch "${1-ratesfetch}"
}

_check_rates()
{
	_ratesctl_complete check_rates "${1-check_rates}"
}

complete -F _check_rates check_rates
complete -F _ratesctl ratesctl
complete -F _ratesd ratesd
complete -F _ratesfetch ratesfetch
