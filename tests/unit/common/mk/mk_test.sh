#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The build's own scripts by rows: what sqlgen, embed, layers, proto-rules and requirements accept, make and refuse.
# shellcheck disable=SC2016
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0

# row NAME EXPECTED-EXIT EXPECTED-TEXT COMMAND...: the text is part of what the command says; stdin is in.sql.
row() {
    name=$1 code=$2 text=$3
    shift 3
    cat >"$dir/in.sql"
    got=0
    said=$("$@" 2>&1) || got=$?
    case $said in
    *"$text"*) ;;
    *) got="$got, without the text" ;;
    esac
    if [ "$got" != "$code" ]; then
        printf '[  FAILED  ] %s: exit %s, wanted %s with "%s", said:\n%s\n' "$name" "$got" "$code" "$text" "$said" >&2
        exit 1
    fi
    passed=$((passed + 1))
}
made() { common/mk/sqlgen c "$dir" "$dir/in.sql" && cat "$dir/statements.c" "$dir/statements.h"; }
silent() { [ -z "$("$@")" ] && echo nothing; }
embedded() { cp "$dir/in.sql" "$dir/$1" && common/mk/embed "$dir/migrations.c" "$dir/$1" && cat "$dir/migrations.c"; }

row "a statement becomes a row with its parameters" 0 '"SELECT a FROM t WHERE b = $2 AND c = $1",' made <<'END'
-- name: one
SELECT a -- why
  FROM t WHERE b = $2 /* and
  why */ AND c = $1;
END
row "the number of parameters is the highest" 0 '     2},' made <<'END'
-- name: one
SELECT $1, $2, $1
END
row "names become the enum" 0 'STMT_two' made <<'END'
-- name: one
SELECT 1;
-- name: two
SELECT 2;
END
row "text in quotes stays as it is" 0 "'a--b;  c', \\\"x  y\\\", \$q\$ -- \$1 \$q\$" made <<'END'
-- name: one
SELECT 'a--b;  c', "x  y", $q$ -- $1 $q$;
END
row "a part stands where it is named, with its parameters" 0 '"SELECT a, b::int FROM t WHERE c = $1 AND d = $2",' made <<'END'
-- part: columns
a, b::int -- both
-- part: wanted
d = $2
-- name: one
SELECT :columns FROM t WHERE c = $1 AND :wanted;
END
row "a part stands before what names it" 1 'in.sql:1: one: there is no part columns before it' made <<'END'
-- name: one
SELECT :columns FROM t
-- part: columns
a, b
END
row "a name comes once" 1 'in.sql:3: one is there already, at' made <<'END'
-- name: one
SELECT 1;
-- name: one
SELECT 2;
END
row "a name has a statement" 1 'in.sql:1: one: no statement follows' made <<'END'
-- name: one
-- nothing
END
row "a file has a statement" 1 'in.sql:1: no statement in this file' made <<'END'
-- nothing
END
row "a statement has a name" 1 'in.sql:1: a statement without a' made <<'END'
SELECT 1;
END
row "one statement to a name" 1 'in.sql:1: one: something follows' made <<'END'
-- name: one
SELECT 1; SELECT 2;
END
row "no parameter is left out" 1 'one: $1 is not used' made <<'END'
-- name: one
SELECT $2;
END
row "an open quote is refused" 1 'one: a quote is not closed' made <<'END'
-- name: one
SELECT 'x;
END
row "every statement is planned" 0 "other	1	-	SELECT" common/mk/sqlgen plans "$dir/in.sql" <<'END'
-- name: other
SELECT $1;
END
row "with the indexes that it must use" 0 "other	1	by_name,by_place	SELECT" common/mk/sqlgen plans "$dir/in.sql" <<'END'
-- name: other
-- uses: by_name
-- uses: by_place
SELECT $1;
END
row "unless it says why it scans" 0 "nothing" silent common/mk/sqlgen plans "$dir/in.sql" <<'END'
-- name: other
-- scans: it counts everything
SELECT 1;
END

row "a migration becomes a row" 0 '{1, "first",' embedded 0001-first.sql <<'END'
CREATE TABLE "é" ();
END
row "bytes survive" 0 '"CREATE TABLE \"\303\251\" ();\n"' embedded 0001-first.sql <<'END'
CREATE TABLE "é" ();
END
rm "$dir/0001-first.sql"
row "numbers have no gap" 1 'the next number is 0001' embedded 0002-second.sql <<'END'
SELECT 1;
END
row "a migration handles no transaction" 1 'take BEGIN and COMMIT out' embedded 0001-first.sql <<'END'
SELECT 1;
COMMIT;
END

row "a recursive message is refused" 1 'A -> B -> A' common/mk/proto-rules "$dir/in.sql" <<'END'
message A { optional B b = 1; }
message B { repeated A a = 1; }
END
row "required is refused" 1 'in.sql:1: A.x is required' common/mk/proto-rules "$dir/in.sql" <<'END'
message A { required int32 x = 1; }
END
row "a number comes once" 1 'A.y uses number 1 again, after x' common/mk/proto-rules "$dir/in.sql" <<'END'
message A { optional int32 x = 1; optional int32 y = 1; }
END

mkdir -p "$dir/server/domain" "$dir/server/handlers"
root=$PWD
layered() { cp "$dir/in.sql" "$dir/$1" && (cd "$dir" && "$root/common/mk/layers" "$1"); }
row "the domain is pure" 1 'the domain is pure, it may not include time.h' layered server/domain/a.c <<'END'
#include <time.h>
END
row "the domain knows no store" 1 'server/domain may not include server/store/txn.h' layered server/domain/a.c <<'END'
#include "server/store/txn.h"
END
row "libpq is the store's" 1 'server/handlers may not include <libpq-fe.h>' layered server/handlers/a.c <<'END'
#include <libpq-fe.h>
END
row "along the arrows all is well" 0 '' layered server/handlers/a.c <<'END'
#include "server/store/txn.h"
#include "server/domain/request/request.h"
END

mkdir -p "$dir/tests/it"
r=R0 # apart from the numbers, or this file would cite them
printf -- "- **$r.1** The first.\n- **$r.2** The second.\n" >"$dir/wanted.md"
compared() { cp "$dir/in.sql" "$dir/tests/it/a_test.c" && (cd "$dir" && "$root/common/mk/requirements" "$@"); }
row "a cited sentence is counted" 0 'requirements: 1 of 2 are cited' compared wanted.md <<END
/* $r.2: seen. */
END
row "what is not cited is listed" 0 "$r.1   The first." compared wanted.md -v <<END
/* $r.2: seen. */
END
row "a number without a sentence is refused" 1 "$r.3 is cited in tests/it/a_test.c" compared wanted.md <<END
/* $r.3: seen. */
END
row "without the sentences it says so" 0 'nowhere.md is not here: skipped' compared nowhere.md </dev/null

echo "[==========] mk: $passed row(s) run."
echo "[  PASSED  ] $passed row(s)."
