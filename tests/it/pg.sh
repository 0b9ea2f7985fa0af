#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A throw-away PostgreSQL for tests, on a Unix socket alone.
#
#   eval "$(tests/it/pg.sh start [--until PID])"    makes and starts one; sets and exports what is listed below
#   tests/it/pg.sh stop DIR                         stops it and removes its directory
#   tests/it/pg.sh kill DIR | restart DIR           a crash (no shutdown checkpoint), and coming back
#
#   ORDO_TEST_PG        its directory, which is also the socket's: host=$ORDO_TEST_PG
#   ORDO_TEST_PG_ADMIN  connection string of the superuser
#
# With --until the cluster goes away by itself when that process is gone. Started by root it runs as user `postgres`.
# It differs from a real cluster in nothing that tests could notice: fsync, synchronous_commit and full_page_writes are on.
set -eu

fail() { echo "pg.sh: $*" >&2; exit 1; }

# The newest of Debian's versions, or whatever lies in PATH.
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -n | tail -n 1)
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || fail "PostgreSQL is missing: run make deps")")

as_server() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups env -u ORDO_TEST_PG "$@")
    else
        "$@"
    fi
}

check_dir() { [ -f "$1/.ordo-test" ] || fail "$1 is no test cluster"; }

up() { as_server "$bin/pg_ctl" -D "$1/data" -l "$1/log" -w -t 60 start >/dev/null 2>&1 || { tail -n 20 "$1/log" >&2; fail "no start, see above"; }; }

down() {
    check_dir "$1"
    as_server "$bin/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$1"
}

start() {
    dir=$(mktemp -d "${ORDO_TEST_TMP:-/tmp}/ordo-pg.XXXXXX")
    [ ${#dir} -le 80 ] || fail "$dir is too long for a socket; set ORDO_TEST_TMP to a shorter one"
    touch "$dir/.ordo-test"
    [ "$(id -u)" != 0 ] || chown -R postgres "$dir"
    as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust --no-sync --data-checksums \
        -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
    cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$dir'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
max_wal_size = 512MB
log_min_messages = warning
timezone = 'UTC'
END
    up "$dir"
    psql -qX -v ON_ERROR_STOP=1 "host=$dir user=postgres dbname=postgres" >/dev/null <<END || fail "roles could not be made"
CREATE ROLE ordo_owner LOGIN;
CREATE ROLE ordo_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
END
    if [ -n "$1" ]; then
        # shellcheck disable=SC2016
        # Its own session, so that the interrupt key does not end it before the tests.
        setsid sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; [ ! -d "$3" ] || "$2" stop "$3"' \
            sh "$1" "$(realpath "$0")" "$dir" </dev/null >/dev/null 2>&1 &
    fi
    echo "ORDO_TEST_PG='$dir'; ORDO_TEST_PG_ADMIN='host=$dir user=postgres dbname=postgres'; export ORDO_TEST_PG ORDO_TEST_PG_ADMIN"
}

case "${1:-} ${2:-}" in
"start ") start "" ;;
"start --until") start "${3:?a process id}" ;;
"stop "?*) down "$2" ;;
"kill "?*) check_dir "$2" && as_server "$bin/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null ;;
"restart "?*) check_dir "$2" && up "$2" ;;
*) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
