/* SPDX-License-Identifier: Apache-2.0
 * Makes, starts and stops the private PostgreSQL cluster with PostgreSQL's own programs. */
#include "server/admin/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/str.h"
#include "server/admin/pg.h"

enum { SOCKET_PATH_MAX = 107, PROGRAM_PATH_MAX = 256 };

/* What differs from PostgreSQL's defaults. The first three keep promise P1 and are checked again by every start of
 * ordod. */
static const char SETTINGS[] = "# Settings of Ordo's private cluster; read by postgresql.conf, yours to change.\n"
                               "fsync = on\n"
                               "synchronous_commit = on\n"
                               "full_page_writes = on\n"
                               "listen_addresses = ''\n"
                               "unix_socket_directories = '%s'\n"
                               "unix_socket_permissions = 0700\n"
                               "max_connections = 200\n"
                               "shared_buffers = %ldMB\n"
                               "max_wal_size = 2GB\n"
                               "wal_compression = on\n"
                               "jit = off\n"
                               "timezone = 'UTC'\n"
                               "log_timezone = 'UTC'\n"
                               "log_line_prefix = '%%m [%%p] %%u@%%d '\n";

static enum od_status file_error(struct od_err *err, const char *path)
{
    return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s", path, strerror(errno));
}

/* The programs of the cluster's own version, or of the newest one where there is no cluster yet. */
static const char *pg_program(const struct cluster *c, const char *name, char out[PROGRAM_PATH_MAX])
{
    char path[PROGRAM_PATH_MAX + 16], version[16] = "";
    snprintf(path, sizeof path, "%s/PG_VERSION", c->data);
    FILE *f = fopen(path, "re");
    if (f) {
        if (!fgets(version, sizeof version, f))
            version[0] = '\0';
        fclose(f);
    }
    struct od_str own = od_str_trim(od_str_c(version));
    if (own.n) {
        snprintf(out, PROGRAM_PATH_MAX, "/usr/lib/postgresql/" OD_STR_FMT "/bin/%s", OD_STR_ARG(own), name);
        if (!access(out, X_OK))
            return out;
    }
    glob_t found;
    int64_t best = 0;
    snprintf(out, PROGRAM_PATH_MAX, "%s", name); /* as a last resort: PATH */
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct od_str rest = od_str_c(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"));
            int64_t number;
            if (od_str_int(od_str_cut(&rest, '/'), best + 1, 10000, &number)) {
                best = number;
                snprintf(out, PROGRAM_PATH_MAX, "%s/%s", found.gl_pathv[i], name);
            }
        }
    }
    globfree(&found);
    return out;
}

enum od_status cluster_paths(const char *data_dir, const struct account *account, struct cluster *ret_cluster,
                             struct od_err *err)
{
    const size_t room = SOCKET_PATH_MAX - strlen("/run/.s.PGSQL.5432");
    if (strlen(data_dir) > room)
        return od_fail(err, OD_R_USAGE_WRONG,
                       "why=%s is too long for the database's socket: take a --data-dir of at most %zu bytes", data_dir,
                       room);
    snprintf(ret_cluster->data, sizeof ret_cluster->data, "%s/cluster", data_dir);
    snprintf(ret_cluster->socket_dir, sizeof ret_cluster->socket_dir, "%s/run", data_dir);
    snprintf(ret_cluster->log, sizeof ret_cluster->log, "%s/postgresql.log", data_dir);
    ret_cluster->account = *account;
    return OD_OK;
}

enum od_status cluster_open(const char *data_dir, struct cluster *ret_cluster, struct od_err *err)
{
    struct account nobody = {0};
    OD_TRY(cluster_paths(data_dir, &nobody, ret_cluster, err));
    if (!cluster_exists(ret_cluster) || !account_of(ret_cluster->data, &ret_cluster->account))
        return od_fail(err, OD_R_FILE_ERROR,
                       "path=%s" OD_AND "why=there is no private database cluster; `ordod init` makes one",
                       ret_cluster->data);
    return OD_OK;
}

bool cluster_exists(const struct cluster *c)
{
    char path[sizeof c->data + 16];
    snprintf(path, sizeof path, "%s/PG_VERSION", c->data);
    return !access(path, F_OK);
}

bool cluster_running(const struct cluster *c)
{
    char program[PROGRAM_PATH_MAX];
    struct od_err ignored; /* the exit status is the answer */
    return program_run((const char *[]){pg_program(c, "pg_ctl", program), "-D", c->data, "status", NULL}, &c->account,
                       &ignored) == OD_OK;
}

static enum od_status write_file(const struct cluster *c, const char *name, const char *mode, struct od_err *err,
                                 const char *fmt, ...) od_printf(5, 6);

static enum od_status write_file(const struct cluster *c, const char *name, const char *mode, struct od_err *err,
                                 const char *fmt, ...)
{
    char path[sizeof c->data + 32];
    snprintf(path, sizeof path, "%s/%s", c->data, name);
    FILE *f = fopen(path, mode);
    if (!f)
        return file_error(err, path);
    va_list ap;
    va_start(ap, fmt);
    bool good = vfprintf(f, fmt, ap) > 0;
    va_end(ap);
    good = !fchmod(fileno(f), 0600) && !(geteuid() == 0 && fchown(fileno(f), c->account.uid, c->account.gid)) && good;
    return fclose(f) == 0 && good ? OD_OK : file_error(err, path);
}

/* A quarter of the machine, within bounds that suit a small and a large one. */
static long shared_buffers_mb(void)
{
    long mb = (long)(sysconf(_SC_PHYS_PAGES) / 4 * (sysconf(_SC_PAGESIZE) / 1024) / 1024);
    return mb < 128 ? 128 : mb > 8192 ? 8192 : mb;
}

enum od_status cluster_make(const struct cluster *c, struct od_err *err)
{
    char program[PROGRAM_PATH_MAX];
    const char *user = c->account.name;
    OD_TRY(program_run((const char *[]){pg_program(c, "initdb", program), "-D", c->data, "-U", "postgres", "-E", "UTF8",
                                        "--locale=C.UTF-8", "--data-checksums", "--auth=peer", NULL},
                       &c->account, err));
    OD_TRY(write_file(c, "ordo.conf", "we", err, SETTINGS, c->socket_dir, shared_buffers_mb()));
    OD_TRY(write_file(c, "postgresql.conf", "ae", err, "\ninclude = 'ordo.conf'\n"));
    OD_TRY(write_file(c, "pg_hba.conf", "we", err,
                      "# Only over the socket, whose directory only %s and root can enter.\n"
                      "local all all peer map=ordo\n"
                      "local replication all peer map=ordo\n",
                      user));
    return write_file(c, "pg_ident.conf", "we", err,
                      "ordo %s ordo_app\nordo %s ordo_owner\nordo %s postgres\n"
                      "ordo root ordo_app\nordo root ordo_owner\nordo root postgres\n",
                      user, user, user);
}

enum od_status cluster_start(const struct cluster *c, struct od_err *err)
{
    char program[PROGRAM_PATH_MAX];
    if (program_run((const char *[]){pg_program(c, "pg_ctl", program), "-D", c->data, "-l", c->log, "-w", "-t", "120",
                                     "start", NULL},
                    &c->account, err) == OD_OK)
        return OD_OK;
    return od_fail(err, OD_R_PROGRAM_FAILED, "program=PostgreSQL" OD_AND "why=it did not start; %s says why", c->log);
}

enum od_status cluster_stop(const struct cluster *c, struct od_err *err)
{
    char program[PROGRAM_PATH_MAX];
    return program_run((const char *[]){pg_program(c, "pg_ctl", program), "-D", c->data, "-m", "fast", "-w", "-t",
                                        "120", "stop", NULL},
                       &c->account, err);
}

enum od_status cluster_fill(const struct cluster *c, struct od_err *err)
{
    /* Roles and databases cannot be named by parameters, and CREATE DATABASE knows no IF NOT EXISTS. */
    static const struct {
        enum stmt exists;
        const char *name, *create;
    } wanted[] = {
        {STMT_role_exists, "ordo_owner",
         "CREATE ROLE ordo_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"},
        {STMT_role_exists, "ordo_app", "CREATE ROLE ordo_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"},
        {STMT_database_exists, "ordo",
         "CREATE DATABASE ordo OWNER ordo_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"},
    };
    char conninfo[sizeof c->socket_dir + 64];
    od_cleanup(pg_closep) PGconn *conn = NULL;
    snprintf(conninfo, sizeof conninfo, "host=%s user=postgres dbname=postgres", c->socket_dir);
    OD_TRY(pg_open(conninfo, &conn, err));
    for (size_t i = 0; i < OD_LEN(wanted); i++) {
        od_cleanup(pg_clearp) PGresult *r = NULL;
        OD_TRY(pg_query(conn, wanted[i].exists, (const char *[]){wanted[i].name}, &r, err));
        if (*PQgetvalue(r, 0, 0) != 't')
            OD_TRY(pg_exec(conn, wanted[i].create, err));
    }
    return OD_OK;
}
