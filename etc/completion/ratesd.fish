# Completion of ratesd for fish 3; what it asks with is in ratesctl's.

source (status dirname)/ratesctl.fish

# --- words: begin (made from the programs' tables: make words) ---
complete -c ratesd -f
set -g __ratesd_commands
set -g __ratesd_valued -c --config -i --instance --runtime-dir --state-dir --source-dir --log-level
set -g __ratesd_flags ftVh
complete -c ratesd -s f -l foreground -d 'stay in the foreground, log to stderr'
complete -c ratesd -s t -l test -d 'check the configuration and exit'
complete -c ratesd -s c -l config -r -F -d 'configuration file'
complete -c ratesd -s i -l instance -x -a '(__ratesctl_offer instance)' -d 'instance name (default: default)'
complete -c ratesd -l runtime-dir -x -a '(__ratesctl_offer directory)' -d 'where the lock and pid file is'
complete -c ratesd -l state-dir -x -a '(__ratesctl_offer directory)' -d 'where the saved board is'
complete -c ratesd -l source-dir -x -a '(__ratesctl_offer directory)' -d 'where presets are looked for first'
complete -c ratesd -l log-level -x -a 'error warning info debug' -d 'error, warning, info or debug'
complete -c ratesd -l purge -d 'remove what a stopped instance left, and exit'
complete -c ratesd -l sources -d 'list the presets (or print PRESET) and exit'
complete -c ratesd -s V -l version -d 'print the version and exit'
complete -c ratesd -s h -l help -d 'print this help and exit'
complete -c ratesd -f -a '(__ratesctl_argument preset)'
# --- words: end ---
