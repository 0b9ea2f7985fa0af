#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Backup and restore as docs/operations.md has them: the database is lost and comes back from the base, and once more from the dump.
set -eu
ordod=$(realpath "${ORDOD:-build/release/ordod}")
dir=$(mktemp -d /tmp/ordo-backup.XXXXXX)
chmod 755 "$dir"
data=$dir/data
finish() {
    status=$?
    trap - EXIT
    "$ordod" --data-dir "$data" stop-db >>"$dir/log" 2>&1 || true
    [ $status = 0 ] || tail -n 20 "$dir/log"
    rm -rf "$dir"
    exit $status
}
trap finish EXIT
run() { "$ordod" --data-dir "$data" "$@" >>"$dir/log" 2>&1; }
# Everything in a database as text; the dump names itself anew each time.
contents() { pg_dump -h "$data/run" -U postgres "$1" | grep -vE '^\\(un)?restrict'; }

run --development init
run setup-code
contents ordo >"$dir/before"
grep -A1 '^COPY ordo.setup_code' "$dir/before" | grep -q 'x' || { echo "FAILED: nothing to lose"; exit 1; }

# the commands of the page, at this place
shown() { sed -n "s|/var/lib/ordo|$data|g; s|/backup|$dir/backup|g; s|-\\\$(date +%F)||; s|base-\.\.\.|base|; /^[a-z0-9\/]*$1 /p" docs/operations.md; }
mkdir "$dir/backup"
for step in pg_basebackup pg_verifybackup; do
    line=$(shown $step)
    [ -n "$line" ] || { echo "FAILED: docs/operations.md does not show $step"; exit 1; }
    sh -c "$line" >>"$dir/log" 2>&1 || { echo "FAILED: $line"; exit 1; }
done
echo "ok: a base that verifies"

owner=$(stat -c %u:%g "$data/cluster")
run stop-db
rm -rf "$data/cluster"
mv "$dir/backup/base" "$data/cluster"
chown -R "$owner" "$data/cluster"
chmod 0700 "$data/cluster"
run start-db
contents ordo | diff "$dir/before" - >"$dir/diff" || { echo "FAILED: the restored database is another one"; head "$dir/diff"; exit 1; }
run migrate
echo "ok: what was lost is back from the base"

pg_dump -h "$data/run" -U postgres -Fc ordo >"$dir/ordo.dump"
psql -qX -h "$data/run" -U postgres postgres -c "CREATE DATABASE again OWNER ordo_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
pg_restore -h "$data/run" -U postgres -d again --exit-on-error "$dir/ordo.dump"
contents again | diff "$dir/before" - >"$dir/diff" || { echo "FAILED: the dump makes another database"; head "$dir/diff"; exit 1; }
echo "ok: and from the dump"
