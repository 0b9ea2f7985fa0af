#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The replay of another desk's log: a small log of our own whose report is written beside it; the real one where it lies, also
# with client and server killed on the way.
set -eu
passed=0 failed=0 skipped=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

check() { # name, then a command
    local name=$1
    shift
    if "$@" >"$dir/out" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name"; tail -n 5 "$dir/out"; fi
}
small() {
    tests/replay/replay "$ORDOD" "$ORDO" tests/data/small_log.csv tests/data/small_log.map "$dir/small.json" &&
        python3 tests/replay/same.py tests/data/small_log.expected.json "$dir/small.json"
}
real() { # KILL
    KILL=$1 tests/replay/replay "$ORDOD" "$ORDO" ../shared/data/helpdesk/events.csv deploy/maps/helpdesk.map "$dir/real.json" &&
        python3 ../shared/tools/helpdesk.py compare ../shared/data/helpdesk/events.csv "$dir/real.json"
}

if [ -f tests/data/small_log.csv ]; then check "a small log" small; fi
if [ -f ../shared/data/helpdesk/events.csv ]; then
    check "the real log" real no
    check "the real log, client and server killed once each" real yes
else
    skipped=2
    echo "the real log is not here: skipped"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
