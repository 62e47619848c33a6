# Completion of ratesfetch for fish 3; what it asks with is in ratesctl's.

source (status dirname)/ratesctl.fish

# --- words: begin (made from the programs' tables: make words) ---
complete -c ratesfetch -f
set -g __ratesfetch_commands
set -g __ratesfetch_valued -m --model -j --jobs -b --bases -s --symbols --source --source-dir -u --url --throttle -t --timeout -f --format -k --repeat --svg
set -g __ratesfetch_flags cqVh
complete -c ratesfetch -s m -l model -x -a 'sync threads pool procs async executor' -d 'how to fetch (default: async)'
complete -c ratesfetch -s j -l jobs -x -d 'requests at once, 1 to 256 (16)'
complete -c ratesfetch -s b -l bases -x -a '(__ratesctl_offer codes)' -d 'rows, such as EUR,USD (the book\'s 5)'
complete -c ratesfetch -s s -l symbols -x -a '(__ratesctl_offer codes)' -d 'columns (as the rows)'
complete -c ratesfetch -l source -x -a '(__ratesctl_offer preset)' -d 'a preset of ratesd (vatcomply)'
complete -c ratesfetch -l source-dir -x -a '(__ratesctl_offer directory)' -d 'where presets are looked for first'
complete -c ratesfetch -s u -l url -x -d 'a URL with {base} in it instead'
complete -c ratesfetch -l throttle -x -d 'such as 10/s (the source\'s own)'
complete -c ratesfetch -s t -l timeout -x -d 'of one request (15s)'
complete -c ratesfetch -s f -l format -x -a 'lines table json csv' -d 'lines, table, json or csv'
complete -c ratesfetch -s c -l compare -d 'run every model, and compare them'
complete -c ratesfetch -s k -l repeat -x -d 'how often, with --compare (5)'
complete -c ratesfetch -l svg -r -F -d 'draw the comparison into FILE'
complete -c ratesfetch -s q -l quiet -d 'no progress on a terminal'
complete -c ratesfetch -s V -l version -d 'print the version and exit'
complete -c ratesfetch -s h -l help -d 'print this help and exit'
# --- words: end ---
