# Completion of ratesctl for fish 3.

# The words so far, without the program and without those of options.
function __ratesctl_words
    set -l pending
    set -l valued $__ratesctl_valued $__ratesd_valued
    for word in (commandline -opc)[2..-1]
        if set -q pending[1]
            set -e pending
        else if contains -- $word $valued
            set pending yes
        else if string match -qr '^-[A-Za-z]{2,}$' -- $word
            # A cluster: only its last letter's value may be the next word.
            set -l letters (string split '' -- (string sub -s 2 -- $word))
            if contains -- -$letters[-1] $valued
                set pending yes
            end
            for letter in $letters[1..-2]
                if contains -- -$letter $valued
                    set -e pending
                end
            end
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

# True in the command that is named, or without one before any.
function __ratesctl_in
    set -l words (__ratesctl_words)
    test "$words[1]" = "$argv[1]"
end

# The instance of the command line, if one is named.
function __ratesctl_instance
    set -l words (commandline -opc)
    for i in (seq (count $words))
        switch $words[$i]
            case --instance
                echo $words[(math $i + 1)]
            case '--instance=*'
                string replace -- --instance= '' $words[$i]
            case '--*'
            case '-*'
                # -i NAME, -qi NAME, -iNAME
                if string match -qr "^-[$__ratesctl_flags]*i\$" -- $words[$i]
                    echo $words[(math $i + 1)]
                else
                    string replace -rf "^-[$__ratesctl_flags]*i" '' -- $words[$i]
                end
        end
    end
end

# ratesctl itself, of the instance on the command line; silent.
function __ratesctl_ask
    set -l program (string replace -r '^(.*/)?check_rates$' ratesctl -- \
        (commandline -opc)[1])
    set -l instance (__ratesctl_instance)
    if set -q instance[1]; and test -n "$instance[1]"
        set instance -i $instance[1]
    end
    eval (string escape -- (string replace -r '^~/' "$HOME/" -- $program)) -q \
        (string escape -- $instance $argv) 2>/dev/null
end

# The words of one kind, one a line.
function __ratesctl_offer
    for kind in $argv
        switch $kind
            case instance
                for board in /dev/shm/ratesd.*
                    if test -r $board
                        string replace /dev/shm/ratesd. '' $board |
                            string match -r '^[A-Za-z0-9_-]+$'
                    end
                end
            case code
                # The head of the table: codes have no small letter.
                __ratesctl_ask show --format csv | head -n 1 |
                    string split , | string match -r '^[A-Z0-9]+$'
            case codes
                # What is before the last comma stays.
                set -l before (commandline -ct |
                    string replace -r '^--?[a-z-]+=' '' |
                    string replace -rf '^(.*,).*' '$1')
                set -l used (string split -- , "$before")
                for code in (__ratesctl_offer code)
                    if not contains -- $code $used
                        echo $before$code
                    end
                end
            case pair
                # Without a "/" it is a code.
                for base in (commandline -ct | string replace -rf '^(.*/).*' '$1')
                    string join \n -- $base(__ratesctl_offer code)
                end
            case pairs
                set -l before (commandline -ct |
                    string replace -r '^--?[a-z-]+=' '' |
                    string replace -r '[^,/]*$' '')
                set -l after /
                if string match -q '*/' -- "$before"
                    set after
                end
                for code in (__ratesctl_offer code)
                    echo "$before$code$after"
                end
            case source
                if contains -- --presets (commandline -opc)
                    __ratesctl_ask sources --presets | tail -n +2 |
                        string replace -r ' .*' ''
                else
                    __ratesctl_ask sources --format csv | tail -n +2 |
                        string replace -r ',.*' '' |
                        string match -r '^[A-Za-z0-9_.-]+$'
                end
            case preset
                if contains -- --sources (commandline -opc)
                    set -l program (commandline -opc)[1]
                    eval (string escape -- (string replace -r '^~/' "$HOME/" \
                        -- $program)) --sources 2>/dev/null | tail -n +2 |
                        string replace -r ' .*' ''
                end
            case command
                string split ' ' -- $__ratesctl_commands
            case directory
                __fish_complete_directories (commandline -ct)
        end
    end
end

# KIND... [+ KIND...]... [...]: the words of the place that the cursor is at;
# "+" is before the next place, and "..." after the last if that may repeat.
function __ratesctl_argument
    set -l words (__ratesctl_words)
    set -l place (count $words)
    # The command itself is no argument.
    if not string match -qr '(^|/)(ratesd|check_rates)$' -- (commandline -opc)[1]
        set place (math $place - 1)
    end
    set -l kinds
    for word in $argv
        if test $word = +
            if test $place -eq 0
                break
            end
            set place (math $place - 1)
            set kinds
        else if test $word = ...
            set place 0
        else
            set -a kinds $word
        end
    end
    if test $place -eq 0
        __ratesctl_offer $kinds
    end
end

# --- words: begin (made from the programs' tables: make words) ---
complete -c ratesctl -f
set -g __ratesctl_commands show get convert explain status sources check metrics watch wait refresh accept probe help
set -g __ratesctl_valued --symbols -t --timeout --mode -w --warning -c --critical --clock -f --format --digits --round -n --count --max-age --rates --textfile -i --instance --color
set -g __ratesctl_flags vqhV
complete -c ratesctl -n __ratesctl_in -l symbols -x -a '(__ratesctl_offer codes)' -d 'only these quotes: EUR,USD,...'
complete -c ratesctl -n __ratesctl_in -l wait -d 'return once each row has been tried'
complete -c ratesctl -n __ratesctl_in -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c ratesctl -n __ratesctl_in -l mode -x -a 'age coverage frozen source workers' -d 'age, coverage, frozen, source or workers'
complete -c ratesctl -n __ratesctl_in -s w -l warning -x -d 'warn outside it: 26h, 3:, ~:10'
complete -c ratesctl -n __ratesctl_in -s c -l critical -x -d 'the same, critical'
complete -c ratesctl -n __ratesctl_in -l clock -x -a 'fetched published' -d 'age since: fetched or published'
complete -c ratesctl -n __ratesctl_in -s f -l format -x -a 'table lines json csv keyvalue' -d 'how to print'
complete -c ratesctl -n __ratesctl_in -s v -l verbose -d 'print more'
complete -c ratesctl -n __ratesctl_in -l presets -d 'those that come with ratesd'
complete -c ratesctl -n __ratesctl_in -l raw -d 'don\'t round'
complete -c ratesctl -n __ratesctl_in -l digits -x -d 'round to N decimals'
complete -c ratesctl -n __ratesctl_in -l round -x -a 'half-even half-up half-down up down ceiling floor' -d 'half-{even,up,down}, up, down, ceiling, floor'
complete -c ratesctl -n __ratesctl_in -l wide -d 'all columns, however wide the terminal is'
complete -c ratesctl -n __ratesctl_in -s n -l count -x -d 'end after COUNT events of rows'
complete -c ratesctl -n __ratesctl_in -l top -d 'a live board on the whole screen'
complete -c ratesctl -n __ratesctl_in -l max-age -x -d 'exit 5 if older, such as 90s or 26h'
complete -c ratesctl -n __ratesctl_in -l rates -x -a '(__ratesctl_offer pairs)' -d 'with these rates: EUR/USD,EUR/PLN,...'
complete -c ratesctl -n __ratesctl_in -l textfile -r -F -d 'replace a file, print nothing'
complete -c ratesctl -n __ratesctl_in -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n __ratesctl_in -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n __ratesctl_in -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n __ratesctl_in -s h -l help -d 'show this help'
complete -c ratesctl -n __ratesctl_in -s V -l version -d 'show the version'
complete -c ratesctl -n __ratesctl_in -f -a show -d 'print the matrix of rates'
complete -c ratesctl -n '__ratesctl_in show' -l symbols -x -a '(__ratesctl_offer codes)' -d 'only these quotes: EUR,USD,...'
complete -c ratesctl -n '__ratesctl_in show' -s f -l format -x -a 'table lines json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in show' -l wide -d 'all columns, however wide the terminal is'
complete -c ratesctl -n '__ratesctl_in show' -l max-age -x -d 'exit 5 if older, such as 90s or 26h'
complete -c ratesctl -n '__ratesctl_in show' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in show' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in show' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in show' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in show' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in show' -f -a '(__ratesctl_argument code ...)'
complete -c ratesctl -n __ratesctl_in -f -a get -d 'print one rate'
complete -c ratesctl -n '__ratesctl_in get' -s f -l format -x -a 'table json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in get' -l max-age -x -d 'exit 5 if older, such as 90s or 26h'
complete -c ratesctl -n '__ratesctl_in get' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in get' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in get' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in get' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in get' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in get' -f -a '(__ratesctl_argument code + code)'
complete -c ratesctl -n __ratesctl_in -f -a convert -d 'convert an amount, rounded for money'
complete -c ratesctl -n '__ratesctl_in convert' -s f -l format -x -a 'table json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in convert' -l raw -d 'don\'t round'
complete -c ratesctl -n '__ratesctl_in convert' -l digits -x -d 'round to N decimals'
complete -c ratesctl -n '__ratesctl_in convert' -l round -x -a 'half-even half-up half-down up down ceiling floor' -d 'half-{even,up,down}, up, down, ceiling, floor'
complete -c ratesctl -n '__ratesctl_in convert' -l max-age -x -d 'exit 5 if older, such as 90s or 26h'
complete -c ratesctl -n '__ratesctl_in convert' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in convert' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in convert' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in convert' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in convert' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in convert' -f -a '(__ratesctl_argument nothing + code + code)'
complete -c ratesctl -n __ratesctl_in -f -a explain -d 'print where one rate comes from'
complete -c ratesctl -n '__ratesctl_in explain' -s f -l format -x -a 'table json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in explain' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in explain' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in explain' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in explain' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in explain' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in explain' -f -a '(__ratesctl_argument code + code)'
complete -c ratesctl -n __ratesctl_in -f -a status -d 'print what the daemon does'
complete -c ratesctl -n '__ratesctl_in status' -s f -l format -x -a 'table json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in status' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in status' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in status' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in status' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in status' -s V -l version -d 'show the version'
complete -c ratesctl -n __ratesctl_in -f -a sources -d 'print what is known of the sources'
complete -c ratesctl -n '__ratesctl_in sources' -s f -l format -x -a 'table json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in sources' -s v -l verbose -d 'print more'
complete -c ratesctl -n '__ratesctl_in sources' -l presets -d 'those that come with ratesd'
complete -c ratesctl -n '__ratesctl_in sources' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in sources' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in sources' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in sources' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in sources' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in sources' -f -a '(__ratesctl_argument source ...)'
complete -c ratesctl -n __ratesctl_in -f -a check -d 'judge as a monitoring plugin'
complete -c ratesctl -n '__ratesctl_in check' -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c ratesctl -n '__ratesctl_in check' -l mode -x -a 'age coverage frozen source workers' -d 'age, coverage, frozen, source or workers'
complete -c ratesctl -n '__ratesctl_in check' -s w -l warning -x -d 'warn outside it: 26h, 3:, ~:10'
complete -c ratesctl -n '__ratesctl_in check' -s c -l critical -x -d 'the same, critical'
complete -c ratesctl -n '__ratesctl_in check' -l clock -x -a 'fetched published' -d 'age since: fetched or published'
complete -c ratesctl -n '__ratesctl_in check' -s v -l verbose -d 'print more'
complete -c ratesctl -n '__ratesctl_in check' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in check' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in check' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in check' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in check' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in check' -f -a '(__ratesctl_argument code pair source ...)'
complete -c ratesctl -n __ratesctl_in -f -a metrics -d 'print metrics for Prometheus'
complete -c ratesctl -n '__ratesctl_in metrics' -l rates -x -a '(__ratesctl_offer pairs)' -d 'with these rates: EUR/USD,EUR/PLN,...'
complete -c ratesctl -n '__ratesctl_in metrics' -l textfile -r -F -d 'replace a file, print nothing'
complete -c ratesctl -n '__ratesctl_in metrics' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in metrics' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in metrics' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in metrics' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in metrics' -s V -l version -d 'show the version'
complete -c ratesctl -n __ratesctl_in -f -a watch -d 'print each change as it happens'
complete -c ratesctl -n '__ratesctl_in watch' -l symbols -x -a '(__ratesctl_offer codes)' -d 'only these quotes: EUR,USD,...'
complete -c ratesctl -n '__ratesctl_in watch' -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c ratesctl -n '__ratesctl_in watch' -s f -l format -x -a 'table json csv keyvalue' -d 'how to print'
complete -c ratesctl -n '__ratesctl_in watch' -s v -l verbose -d 'print more'
complete -c ratesctl -n '__ratesctl_in watch' -s n -l count -x -d 'end after COUNT events of rows'
complete -c ratesctl -n '__ratesctl_in watch' -l top -d 'a live board on the whole screen'
complete -c ratesctl -n '__ratesctl_in watch' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in watch' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in watch' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in watch' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in watch' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in watch' -f -a '(__ratesctl_argument code ...)'
complete -c ratesctl -n __ratesctl_in -f -a wait -d 'return once no row is empty or stale'
complete -c ratesctl -n '__ratesctl_in wait' -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c ratesctl -n '__ratesctl_in wait' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in wait' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in wait' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in wait' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in wait' -s V -l version -d 'show the version'
complete -c ratesctl -n __ratesctl_in -f -a refresh -d 'ask for rows now'
complete -c ratesctl -n '__ratesctl_in refresh' -l wait -d 'return once each row has been tried'
complete -c ratesctl -n '__ratesctl_in refresh' -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c ratesctl -n '__ratesctl_in refresh' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in refresh' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in refresh' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in refresh' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in refresh' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in refresh' -f -a '(__ratesctl_argument code ...)'
complete -c ratesctl -n __ratesctl_in -f -a accept -d 'take what these rows hold for right'
complete -c ratesctl -n '__ratesctl_in accept' -l wait -d 'return once each row has been tried'
complete -c ratesctl -n '__ratesctl_in accept' -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c ratesctl -n '__ratesctl_in accept' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in accept' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in accept' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in accept' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in accept' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in accept' -f -a '(__ratesctl_argument code ...)'
complete -c ratesctl -n __ratesctl_in -f -a probe -d 'guess a source\'s section'
complete -c ratesctl -n '__ratesctl_in probe' -l base -x -a '(__ratesctl_offer code)' -d 'the base, if the answer doesn\'t name it'
complete -c ratesctl -n '__ratesctl_in probe' -l file -r -F -d 'look at this file; URL is not asked'
complete -c ratesctl -n '__ratesctl_in probe' -l name -x -d 'of the section'
complete -c ratesctl -n '__ratesctl_in probe' -s V -l version -d 'print the version and exit'
complete -c ratesctl -n '__ratesctl_in probe' -s h -l help -d 'print this help and exit'
complete -c ratesctl -n __ratesctl_in -f -a help -d 'explain a command'
complete -c ratesctl -n '__ratesctl_in help' -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c ratesctl -n '__ratesctl_in help' -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c ratesctl -n '__ratesctl_in help' -s q -l quiet -d 'no notes; the exit status says it'
complete -c ratesctl -n '__ratesctl_in help' -s h -l help -d 'show this help'
complete -c ratesctl -n '__ratesctl_in help' -s V -l version -d 'show the version'
complete -c ratesctl -n '__ratesctl_in help' -f -a '(__ratesctl_argument command)'
# --- words: end ---
