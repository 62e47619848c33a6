# Completion of check_rates for fish 3; what it asks with is in ratesctl's.

source (status dirname)/ratesctl.fish

# --- words: begin (made from the programs' tables: make words) ---
complete -c check_rates -f
set -g __check_rates_commands
set -g __check_rates_valued -t --timeout --mode -w --warning -c --critical --clock -i --instance --color
set -g __check_rates_flags vqhV
complete -c check_rates -s t -l timeout -x -d 'give up after that: 500ms, 2m'
complete -c check_rates -l mode -x -a 'age coverage frozen source workers' -d 'age, coverage, frozen, source or workers'
complete -c check_rates -s w -l warning -x -d 'warn outside it: 26h, 3:, ~:10'
complete -c check_rates -s c -l critical -x -d 'the same, critical'
complete -c check_rates -l clock -x -a 'fetched published' -d 'age since: fetched or published'
complete -c check_rates -s v -l verbose -d 'print more'
complete -c check_rates -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'which ratesd; else $RATESD_INSTANCE, else default'
complete -c check_rates -l color -x -a 'auto always never' -d 'auto, always or never'
complete -c check_rates -s q -l quiet -d 'no notes; the exit status says it'
complete -c check_rates -s h -l help -d 'show this help'
complete -c check_rates -s V -l version -d 'show the version'
complete -c check_rates -f -a '(__ratesctl_argument code pair source ...)'
# --- words: end ---
