#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What pages and manuals say is so: places and make targets that they name are there, the manuals know every command and option
# that --help shows, maps and refusals of docs/import.md are those of the product, what is installed can be uninstalled.
set -eu
ordod=${ORDOD:-build/release/ordod} ordo=${ORDO:-build/release/ordo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() { # name, then a command that says what is wrong
    name=$1
    shift
    if "$@" >"$work/out" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $name"; cat "$work/out"; fi
}

# Links, and names in backquotes that look like a place in the tree.
places() {
    bad=0
    for page in README.md CONTRIBUTING.md docs/*.md; do
        for place in $(sed -n 's/](\([^)#]*\)[^)]*)/\n@\1\n/gp' "$page" | sed -n 's/^@//p' | grep -v '^http'); do
            [ -e "$(dirname "$page")/$place" ] || { echo "$page: there is no $place"; bad=1; }
        done
        for place in $(grep -oE '`(server|client|common|tests|deploy|proto|docs|migrations|\.ci)/[A-Za-z0-9_./-]+`' "$page" | tr -d '`' | grep -v NNNN); do
            [ -e "$place" ] || { echo "$page: there is no $place"; bad=1; }
        done
    done
    return $bad
}
targets() { # make targets that pages name
    bad=0
    for t in $(grep -ohE 'make (-s )?(BUILD=[a-z]+ )?[a-z][a-z-]+' README.md CONTRIBUTING.md docs/*.md tests/README.md | awk '{ print $NF }' | sort -u); do
        grep -qE "^([a-z-]+ )*$t( [a-z-]+)*:" Makefile || { echo "there is no make $t"; bad=1; }
    done
    return $bad
}
words() { # a manual's text: without its macros and escapes
    mandoc -Tutf8 "$1" 2>/dev/null | sed 's/.\x08//g' | tr -s ' \n' '\n' || true
}
manual() { # page, then the words that it must have
    words "$1" >"$work/words"
    page=$1 bad=0
    shift
    for word; do grep -qE "(^|[^a-z-])$word([^a-z-]|\$)" "$work/words" || { echo "$page does not know $word"; bad=1; }; done
    return $bad
}
options() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }
import_map() { # the map that the page shows is the one that is installed
    awk '/^```/ { if (map) exit } /^name +=/ { map = 1 } map && NF' docs/import.md >"$work/shown"
    grep -vE '^(#|$)' deploy/maps/helpdesk.map | diff "$work/shown" -
}
refusal() { # what the page shows after "$ ordo import log tests/data/bad_log.csv"
    sed -n '/^\$ ordo import log tests\/data\/bad_log/,/^```$/p' docs/import.md | sed '1d;$d' >"$work/shown"
    "$ordo" import log tests/data/bad_log.csv --map tests/data/small_log.map --dry-run 2>&1 </dev/null | diff "$work/shown" -
}

installed() { # what docs/operations.md installs lies where it says, and goes again
    target=$(basename "$(dirname "$ordod")")
    make -s BUILD="$target" DESTDIR="$work/root" PREFIX=/usr install
    bad=0
    for place in sbin/ordod bin/ordo bin/ordo-lint bin/ordo-feel bin/ordo-picture share/man/man1/ordo-picture.1 lib/libordo.so.0 lib/libordo.a include/ordo/ordo.h lib/pkgconfig/ordo.pc share/man/man1/ordo.1 \
        share/man/man8/ordod.8 share/man/man5/ordod.conf.5 lib/systemd/system/ordod.service lib/systemd/system/ordo-db.service \
        lib/sysusers.d/ordo.conf lib/tmpfiles.d/ordo.conf; do
        [ -e "$work/root/usr/$place" ] || { echo "make install does not place $place"; bad=1; }
    done
    ! grep -r '@PREFIX@' "$work/root/usr/lib/systemd" || bad=1
    make -s BUILD="$target" DESTDIR="$work/root" PREFIX=/usr uninstall
    find "$work/root" -type f -o -type l | grep . && bad=1
    return $bad
}

check "places that pages name" places
check "make targets that pages name" targets
# shellcheck disable=SC2046
check "ordo.1 and --help" manual deploy/man/ordo.1 $("$ordo" --help | sed -n '/^Commands/,/^Options/s/^  \([a-z]*\) .*/\1/p' | sort -u) \
    $("$ordo" --help | sed '/^Commands/,/^$/d' | options)
# shellcheck disable=SC2046
check "ordod.8 and --help" manual deploy/man/ordod.8 $("$ordod" --help | sed -n '/^commands/,/^options/s/^  \([a-z-]*\)  .*/\1/p') \
    $("$ordod" --help | options)
for tool in ordo-lint ordo-feel ordo-picture; do
    # shellcheck disable=SC2046
    check "$tool.1 and --help" manual "deploy/man/$tool.1" $("$(dirname "$ordod")/$tool" --help | options)
done
check "the map of docs/import.md" import_map
check "the refusal of docs/import.md" refusal
check "make install and uninstall" installed
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
