/* SPDX-License-Identifier: Apache-2.0
 * `ordod init`, `start-db`, `stop-db`: a private database on this machine. Every step says what it did or found. */
#include "server/admin/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/str.h"
#include "server/admin/certs.h"
#include "server/admin/cluster.h"
#include "server/admin/migrate.h"

enum { PATH_BYTES = 320 };

static void say(const char *what, const char *path, const char *done) { printf("%-12s %s: %s\n", what, path, done); }

static enum od_status file_error(struct od_err *err, const char *path, const char *hint)
{
    return od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=%s%s", path, strerror(errno), hint);
}

/* Who owns the data: root gives it to an unprivileged user, since PostgreSQL refuses to run as root. */
static enum od_status owner_choose(const struct admin_options *o, const char *data_dir, struct account *ret_owner,
                                   struct od_err *err)
{
    account_self(ret_owner);
    if (ret_owner->uid != 0) {
        if (o->user && strcmp(o->user, ret_owner->name) != 0)
            return od_fail(err, OD_R_USAGE_WRONG, "why=only root can take another --user");
        return OD_OK;
    }
    const char *name = o->user ? o->user : "ordo";
    if (account_find(name, ret_owner)) {
        if (ret_owner->uid == 0)
            return od_fail(err, OD_R_USAGE_WRONG, "why=PostgreSQL refuses to run as root: take another --user");
        say("user", name, "exists");
        return OD_OK;
    }
    OD_TRY(program_run((const char *[]){"useradd", "--system", "--user-group", "--no-create-home", "--home-dir",
                                        data_dir, "--shell", "/usr/sbin/nologin", name, NULL},
                       NULL, err));
    say("user", name, "made");
    return account_find(name, ret_owner)
               ? OD_OK
               : od_fail(err, OD_R_PROGRAM_FAILED, "program=useradd" OD_AND "why=no user came of it");
}

/* The directory and those above it; only a new one gets owner and mode. */
static enum od_status directory_make(const char *path, const struct account *owner, mode_t mode, struct od_err *err)
{
    char part[PATH_BYTES];
    struct stat st;
    snprintf(part, sizeof part, "%s", path);
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? OD_OK
                                   : od_fail(err, OD_R_FILE_ERROR, "path=%s" OD_AND "why=is no directory", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return file_error(err, part, "; another --data-dir may help");
        *slash = '/';
    }
    if (mkdir(path, mode) != 0 || (owner->uid != geteuid() && chown(path, owner->uid, owner->gid) != 0))
        return file_error(err, path, "; another --data-dir may help");
    return OD_OK;
}

static enum od_status database_make(const struct cluster *cluster, struct od_err *err)
{
    if (cluster_exists(cluster)) {
        say("database", cluster->data, "exists already");
    } else {
        OD_TRY(cluster_make(cluster, err));
        say("database", cluster->data, "made");
    }
    if (cluster_running(cluster)) {
        say("PostgreSQL", cluster->socket_dir, "runs already");
    } else {
        OD_TRY(cluster_start(cluster, err));
        say("PostgreSQL", cluster->socket_dir, "started");
    }
    return cluster_fill(cluster, err);
}

static enum od_status certificates_make(const char *dir, const struct conf *c, const struct account *owner,
                                        struct od_err *err)
{
    static const char *const files[] = {"ca.crt", "ca.key", "server.crt", "server.key"};
    static const char *const words[] = {
        [CERTS_KEPT] = "exist already", [CERTS_MADE] = "made", [CERTS_RENEWED] = "renewed"};
    enum certs_done done;
    OD_TRY(directory_make(dir, owner, 0750, err));
    OD_TRY(certs_make(dir, &c->hosts, &done, err));
    for (size_t i = 0; geteuid() == 0 && done != CERTS_KEPT && i < OD_LEN(files); i++) {
        char path[PATH_BYTES + 16];
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        if (lchown(path, owner->uid, owner->gid) != 0)
            return file_error(err, path, "");
    }
    say("certificates", dir, words[done]);
    return OD_OK;
}

/* A file that exists is kept: it may say more than init knows. */
static enum od_status settings_write(const struct admin_options *o, const struct conf *c, const struct account *owner,
                                     struct od_err *err)
{
    char dir[PATH_BYTES];
    if (!access(o->config, F_OK)) {
        say("settings", o->config, "exist already, kept");
        return OD_OK;
    }
    snprintf(dir, sizeof dir, "%s", o->config);
    OD_TRY(directory_make(dirname(dir), owner, 0755, err));
    int fd = open(o->config, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        return file_error(err, o->config, "");
    fprintf(f, "# Settings of ordod where they differ from the defaults; `ordod --help-config` explains them all.\n");
    conf_write(c, f);
    bool good = !ferror(f) && (geteuid() != 0 || !fchown(fd, 0, owner->gid));
    if (fclose(f) != 0 || !good)
        return file_error(err, o->config, "");
    say("settings", o->config, "written");
    return OD_OK;
}

static enum od_status set(struct conf *c, struct od_err *err, const char *fmt, ...) od_printf(3, 4);

static enum od_status set(struct conf *c, struct od_err *err, const char *fmt, ...)
{
    char assignment[PATH_BYTES + 64];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(assignment, sizeof assignment, fmt, ap);
    va_end(ap);
    return conf_set(c, assignment, err);
}

enum od_status admin_data_dir(const char *data_dir, struct conf *c, struct od_err *err)
{
    OD_TRY(set(c, err, "data_dir=%s", data_dir));
    OD_TRY(set(c, err, "unix_socket=%s/ordod.sock", data_dir));
    OD_TRY(set(c, err, "tls_cert=%s/tls/server.crt", data_dir));
    OD_TRY(set(c, err, "tls_key=%s/tls/server.key", data_dir));
    OD_TRY(set(c, err, "database=host=%s/run user=ordo_app dbname=ordo", data_dir));
    return set(c, err, "database_owner=host=%s/run user=ordo_owner dbname=ordo", data_dir);
}

/* Marks the database before anything lives in it: accelerated business time and real data do not mix. */
static enum od_status develop(const struct conf *c, struct od_err *err)
{
    od_cleanup(pg_closep) PGconn *conn = NULL;
    od_cleanup(pg_clearp) PGresult *r = NULL, *people = NULL;
    OD_TRY(migrate_run(c->database_owner, stdout, err));
    OD_TRY(pg_open(c->database_owner, &conn, err));
    OD_TRY(pg_query(conn, STMT_environment_marked, NULL, &r, err));
    if (*PQgetvalue(r, 0, 0) == 't')
        return OD_OK;
    OD_TRY(pg_query(conn, STMT_administrator_exists, NULL, &people, err));
    if (*PQgetvalue(people, 0, 0) == 't')
        return od_fail(err, OD_R_DATABASE_UNFIT,
                       "why=it has users and is no development database; --development needs a new one");
    PQclear(od_take(r));
    OD_TRY(pg_query(conn, STMT_environment_develop, NULL, &r, err));
    printf("%-12s business time may run faster than real time here\n", "development");
    return OD_OK;
}

enum od_status admin_init(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    struct account owner;
    struct cluster cluster;
    char tls[PATH_BYTES];

    OD_TRY(owner_choose(o, c->data_dir, &owner, err));
    OD_TRY(cluster_paths(c->data_dir, &owner, &cluster, err));
    OD_TRY(directory_make(c->data_dir, &owner, 0750, err));
    OD_TRY(directory_make(cluster.socket_dir, &owner, 0700, err));
    if (cluster_exists(&cluster))
        OD_TRY(cluster_open(c->data_dir, &cluster, err)); /* its owner stays who he is */
    OD_TRY(database_make(&cluster, err));
    snprintf(tls, sizeof tls, "%s/tls", c->data_dir);
    OD_TRY(certificates_make(tls, c, &cluster.account, err));
    OD_TRY(settings_write(o, c, &cluster.account, err));
    if (o->development)
        OD_TRY(develop(c, err));

    printf("\nNext:\n");
    if (!o->development)
        printf("  ordod --config %s migrate      make the tables\n", o->config);
    printf("  ordod --config %s setup-code   get a one-time code for the first administrator\n", o->config);
    printf("  ordod --config %s serve        run the server\n", o->config);
    printf("Clients trust %s/ca.crt.\n", tls);
    return OD_OK;
}

enum od_status admin_start_db(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    struct cluster cluster;
    (void)o;
    OD_TRY(cluster_open(c->data_dir, &cluster, err));
    if (cluster_running(&cluster)) {
        say("PostgreSQL", cluster.socket_dir, "runs already");
        return OD_OK;
    }
    OD_TRY(cluster_start(&cluster, err));
    say("PostgreSQL", cluster.socket_dir, "started");
    return OD_OK;
}

enum od_status admin_stop_db(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    struct cluster cluster;
    (void)o;
    OD_TRY(cluster_open(c->data_dir, &cluster, err));
    if (!cluster_running(&cluster)) {
        say("PostgreSQL", cluster.socket_dir, "does not run");
        return OD_OK;
    }
    OD_TRY(cluster_stop(&cluster, err));
    say("PostgreSQL", cluster.socket_dir, "stopped");
    return OD_OK;
}

enum od_status admin_migrate(const struct admin_options *o, struct conf *c, struct od_err *err)
{
    (void)o;
    return migrate_run(c->database_owner, stdout, err);
}
