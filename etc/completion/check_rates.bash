# Completion of check_rates for bash: it is in one file with that of ratesctl.
# shellcheck shell=bash

. "${BASH_SOURCE[0]%/*}/ratesctl.bash"
