#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line's output, held against tests/golden/cli/*.txt: each line that begins with "$ ordo" is run, and what follows up
# to the next one is what it must print (both outputs, then "exit N" where N is not 0). No server is needed for these; those in
# tests/golden/cli/server are run when ORDO_HOST names one (fresh, with ORDO_CA, ORDO_LOGIN and ORDO_PASSWORD of an administrator).
# usage: cli_golden_test.sh [--update]        ORDO: the program
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
ordo=$(realpath "${ORDO:-$here/build/release/ordo}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
count=0

# Numbers that differ from run to run.
steady() { sed -E 's/[0-9]+\.[0-9]+ s, [0-9]+ events\/s/N.NN s, N events\/s/'; }

# run_file FILE: the file again, with what the commands print now
run_file() {
    grep '^\$ ordo' "$1" | while IFS= read -r line; do
        printf '%s\n' "$line"
        (cd "$here" && eval "set -- ${line#\$ ordo}" && "$ordo" "$@") >"$work/out" 2>&1 </dev/null
        code=$?
        steady <"$work/out"
        [ "$code" = 0 ] || printf 'exit %d\n' "$code"
    done
}

check() {
    for file in "$@"; do
        [ -e "$file" ] || continue
        count=$((count + 1))
        { sed '/^\$ ordo/,$d' "$file" && run_file "$file"; } >"$work/now"
        if [ "${update:-0}" = 1 ]; then
            cp "$work/now" "$file"
        elif ! diff -u "$file" "$work/now"; then
            failed=$((failed + 1))
        fi
    done
}

[ "${1:-}" = --update ] && update=1
unset ORDO_PROFILE ORDO_API_KEY_FILE XDG_CONFIG_HOME
host=${ORDO_HOST:-}
unset ORDO_HOST
export ORDO_HOME="$work/home" NO_COLOR=1 TZ=UTC LC_ALL=C.UTF-8
check "$here"/tests/golden/cli/*.txt
if [ -n "$host" ]; then
    "$ordo" login --quiet "${ORDO_LOGIN:?}" --host "$host" --ca "${ORDO_CA:?}" || exit 1
    "$ordo" admin branch create --quiet 'Small log' --branch-zone Europe/Paris >/dev/null || exit 1
    check "$here"/tests/golden/cli/server/*.txt
fi
echo "cli_golden: $count files, $failed differ"
[ "$failed" = 0 ]
