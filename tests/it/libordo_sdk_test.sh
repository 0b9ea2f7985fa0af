#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The SDK as it is installed: the header stands alone in C and C++, every public name in it is documented, the shared
# library exports what the header promises and nothing else.
set -eu
build=$(dirname "${ORDOD:-build/release/ordod}")
sdk=$build/sdk
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
flags=$(PKG_CONFIG_PATH=$sdk/lib/pkgconfig pkg-config --cflags ordo)
libs=$(PKG_CONFIG_PATH=$sdk/lib/pkgconfig pkg-config --libs ordo)

cat > "$work/alone.c" <<'END'
#include <ordo/ordo.h>
int main(void)
{
    ordo_options options = {.struct_size = sizeof(ordo_options), .hosts = ""};
    ordo_client *client;
    return ordo_client_new(&options, &client, NULL) != ORDO_USAGE;
}
END
cat > "$work/alone.cc" <<'END'
#include <ordo/ordo.h>
static void taken(ordo_call *, const Ordo__RequestTakeRep *, const ordo_error *, void *) {}
int main()
{
    ordo_options options = ordo_options();
    options.struct_size = sizeof options;
    options.hosts = "";
    ordo_client *client;
    ordo_request_take_cb callback = taken;
    return callback && ordo_client_new(&options, &client, nullptr) != ORDO_USAGE;
}
END
# shellcheck disable=SC2086 # the flags are several words
for std in c11 gnu17; do
    gcc -std=$std -fsyntax-only -Wall -Wextra -Wpedantic -Werror $flags "$work/alone.c" || fail "the header in $std"
done
# shellcheck disable=SC2086
for std in c++11 c++20; do
    g++ -std=$std -fsyntax-only -Wall -Wextra -Wpedantic -Werror $flags "$work/alone.cc" || fail "the header in $std"
done
if ! nm -D "$sdk/lib/libordo.so" | grep -qE '__(asan|tsan)_'; then
    # shellcheck disable=SC2086
    gcc $flags -o "$work/alone" "$work/alone.c" $libs -Wl,-rpath,"$sdk/lib" && "$work/alone" || fail "the shared library"
    # shellcheck disable=SC2086
    g++ $flags -o "$work/alone++" "$work/alone.cc" $libs -Wl,-rpath,"$sdk/lib" && "$work/alone++" || fail "from C++"
fi
echo "ok: the header stands alone in C and C++"

awk '
    /^(ORDO_API|typedef|enum ordo_|#define ORDO_(API|CHECK|DECLARE_(UNARY|LIST)))/ && !/^typedef struct .*;$/ || /^typedef struct [a-z_]+ [a-z_]+;$/ {
        if (previous !~ /\*\/$/) { print FILENAME ":" FNR ": " $0; bad = 1 }
    }
    { previous = $0 }
    END { exit bad }' "$sdk/include/ordo/ordo.h" || fail "a public name without a comment before it"
echo "ok: every public name is documented"

nm -D --defined-only "$sdk/lib/libordo.so" | awk '$2 ~ /[A-Z]/ && $2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u > "$work/exported"
if grep -vE '^ordo_' "$work/exported" | grep -vE '^(__|_fini|_init|_edata|_end)'; then fail "exported and not ordo_*"; fi
sed -n '/^ORDO_API/,/;/p' "$sdk/include/ordo/ordo.h" | grep -oE '\bordo_[a-z_0-9]+\(' | tr -d '(' | sort -u > "$work/promised"
sed -nE 's/^M\( *[0-9]+, *([a-z_]+),.*/ordo_\1\nordo_\1_start/p' "$sdk/include/ordo/methods.def" >> "$work/promised"
[ "$(wc -l < "$work/promised")" -gt 100 ] || fail "the list of promised functions is too short to be true"
sort -u "$work/promised" | while read -r name; do
    grep -qx "$name" "$work/exported" || { echo "$name"; exit 1; }
done || fail "promised and not exported"
readelf -d "$sdk/lib/libordo.so" | grep -q 'SONAME.*\[libordo.so.0\]' || fail "soname"
echo "ok: libordo.so.0 exports what ordo.h promises"

# The first program of docs/sdk.md is one.
awk '/^```c$/ { code = 1; next } /^```$/ { if (code) exit; next } code' docs/sdk.md > "$work/first.c"
grep -q ordo_whoami "$work/first.c" || fail "docs/sdk.md does not begin with a program"
# shellcheck disable=SC2086
gcc -std=c11 -fsyntax-only -Wall -Wextra -Wpedantic -Werror $flags "$work/first.c" || fail "the program of docs/sdk.md"
echo "ok: the first program of docs/sdk.md compiles"
