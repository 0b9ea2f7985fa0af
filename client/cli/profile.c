/* SPDX-License-Identifier: Apache-2.0
 * The profile's files. */
#include "client/cli/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cli/text.h"
#include "common/base/time.h"

enum { PATH_BYTES = 512, FILE_BYTES = 64 * 1024, KEYS_MAX = 16 };

struct profile_key {
    const char *name;
    size_t offset;
};

static const struct profile_key KEYS[] = {
    {"hosts", offsetof(struct profile, hosts)},
    {"ca", offsetof(struct profile, ca)},
    {"server_name", offsetof(struct profile, server_name)},
    {"login", offsetof(struct profile, login)},
    {"branch", offsetof(struct profile, branch)},
    {"zone", offsetof(struct profile, zone)},
    {"format", offsetof(struct profile, format)},
    {"journal", offsetof(struct profile, journal)},
    {"api_key_file", offsetof(struct profile, api_key_file)},
    {"cert", offsetof(struct profile, cert)},
    {"key", offsetof(struct profile, key)},
};

static char **key_place(const struct profile *p, const struct profile_key *key)
{
    return (char **)(void *)((char *)p + key->offset);
}

void profile_set(char **key, const char *value)
{
    char *copy = value ? od_xstrdup(value) : NULL;
    free(*key);
    *key = copy;
}

void profile_done(struct profile *p)
{
    for (size_t i = 0; i < OD_LEN(KEYS); i++)
        free(*key_place(p, &KEYS[i]));
    free(p->name);
    free(p->dir);
    memset(p, 0, sizeof *p);
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

enum ordo_status file_read(const char *path, struct od_buf *b, ordo_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_file(error, path);
    for (;;) {
        enum { STEP = 64 * 1024 };
        size_t room = b->max_bytes - b->n, step = room < STEP ? room : STEP;
        char *at = step ? od_buf_reserve(b, step) : NULL;
        if (!at) {
            close(fd);
            return cli_fail(error, ORDO_TOO_LARGE, "LIMIT_EXCEEDED", "%s is larger than %zu bytes", path, b->max_bytes);
        }
        ssize_t n = read(fd, at, step);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            cli_file(error, path);
            close(fd);
            return ORDO_IO;
        }
        b->n += (size_t)n;
        if (!n)
            break;
    }
    close(fd);
    return ORDO_OK;
}

enum ordo_status file_replace(const char *path, struct od_str contents, unsigned mode, ordo_error *error)
{
    char temporary[PATH_BYTES + 8];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    unlink(temporary); /* of a process that was killed, perhaps with other rights */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return cli_file(error, temporary);
    size_t done = 0;
    while (done < contents.n) {
        ssize_t n = write(fd, contents.p + done, contents.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        done += (size_t)n;
    }
    bool ok = done == contents.n && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (ok && rename(temporary, path) == 0)
        return ORDO_OK;
    cli_file(error, path);
    unlink(temporary);
    return ORDO_IO;
}

static enum ordo_status directory_make(const char *dir, ordo_error *error)
{
    char part[PATH_BYTES];
    snprintf(part, sizeof part, "%s", dir);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return cli_file(error, part);
        *slash = '/';
    }
    return mkdir(dir, 0700) == 0 || errno == EEXIST ? ORDO_OK : cli_file(error, dir);
}

enum ordo_status profile_path(const struct profile *p, const char *suffix, char *out, size_t size, ordo_error *error)
{
    int n = snprintf(out, size, "%s/%s.%s", p->dir, p->name, suffix);
    if (n < 0 || (size_t)n >= size)
        return cli_fail(error, ORDO_CONFIG, "CONFIG_VALUE_GIVEN", "the profile's directory has too long a name: %s", p->dir);
    return ORDO_OK;
}

/* --- the profile ------------------------------------------------------------------------------------------------------ */

static enum ordo_status line_read(struct profile *p, const char *path, size_t line, struct od_str text, ordo_error *error)
{
    const char *names[KEYS_MAX];
    struct od_str value = text;
    struct od_str name = od_str_trim(od_str_cut(&value, '='));
    value = od_str_trim(value);
    for (size_t i = 0; i < OD_LEN(KEYS); i++) {
        names[i] = KEYS[i].name;
        if (od_str_eq_c(name, KEYS[i].name)) {
            char *copy = strndup(value.p ? value.p : "", value.n);
            char **place = key_place(p, &KEYS[i]);
            free(*place);
            *place = copy && *copy ? copy : NULL;
            if (copy && !*copy)
                free(copy);
            return ORDO_OK;
        }
    }
    const char *near = text_nearest(name, names, OD_LEN(KEYS));
    return cli_fail(error, ORDO_CONFIG, "CONFIG_KEY", "%s, line %zu: the key " OD_STR_FMT " is not known%s%s%s", path, line,
                    OD_STR_ARG(name), near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static enum ordo_status directory_choose(const struct env *env, char *out, size_t size, ordo_error *error)
{
    int n = -1;
    if (env->ordo_home && *env->ordo_home)
        n = snprintf(out, size, "%s", env->ordo_home);
    else if (env->xdg_config_home && *env->xdg_config_home)
        n = snprintf(out, size, "%s/ordo", env->xdg_config_home);
    else if (env->home && *env->home)
        n = snprintf(out, size, "%s/.config/ordo", env->home);
    if (n > 0 && (size_t)n < size)
        return ORDO_OK;
    return cli_fail(error, ORDO_CONFIG, "CONFIG_VALUE_GIVEN", "no place for profiles: set ORDO_HOME to a directory");
}

static bool name_is_good(const char *name)
{
    size_t n = strlen(name);
    return n && n <= 64 && name[0] != '.' && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n;
}

enum ordo_status profile_load(const struct env *env, const char *name, struct profile *ret_profile, ordo_error *error)
{
    char dir[PATH_BYTES], path[PATH_BYTES];
    struct od_buf b;
    struct profile p = {0};
    name = name ? name : env->profile && *env->profile ? env->profile : "default";
    if (!name_is_good(name))
        return cli_usage(error, "a profile's name has letters, digits, - and _ only, not \"%s\"", name);
    enum ordo_status s = directory_choose(env, dir, sizeof dir, error);
    if (s != ORDO_OK)
        return s;
    profile_set(&p.name, name);
    profile_set(&p.dir, dir);
    s = profile_path(&p, "conf", path, sizeof path, error);
    od_buf_init(&b, FILE_BYTES);
    if (s == ORDO_OK && access(path, F_OK) == 0)
        s = file_read(path, &b, error);
    struct od_str rest = od_buf_view(&b);
    for (size_t line = 1; s == ORDO_OK && rest.n; line++) {
        struct od_str text = od_str_trim(od_str_cut(&rest, '\n'));
        if (text.n && text.p[0] != '#')
            s = line_read(&p, path, line, text, error);
    }
    od_buf_done(&b);
    if (s == ORDO_OK)
        *ret_profile = p;
    else
        profile_done(&p);
    return s;
}

enum ordo_status profile_save(const struct profile *p, ordo_error *error)
{
    char path[PATH_BYTES];
    struct od_buf b;
    enum ordo_status s = profile_path(p, "conf", path, sizeof path, error);
    if (s == ORDO_OK)
        s = directory_make(p->dir, error);
    if (s != ORDO_OK)
        return s;
    od_buf_init(&b, FILE_BYTES);
    od_buf_printf(&b, "# written by `ordo login`; `man ordo` has the keys\n");
    for (size_t i = 0; i < OD_LEN(KEYS); i++)
        if (*key_place(p, &KEYS[i]))
            od_buf_printf(&b, "%s = %s\n", KEYS[i].name, *key_place(p, &KEYS[i]));
    s = file_replace(path, od_buf_view(&b), 0600, error);
    od_buf_done(&b);
    return s;
}

/* --- the session ------------------------------------------------------------------------------------------------------ */

bool session_load(const struct profile *p, const char *hosts, int64_t now_us, struct session *ret_session)
{
    char path[PATH_BYTES];
    struct od_buf b;
    struct session s = {0};
    bool ok = false;
    od_buf_init(&b, FILE_BYTES);
    if (profile_path(p, "session", path, sizeof path, NULL) == ORDO_OK && access(path, R_OK) == 0 &&
        file_read(path, &b, NULL) == ORDO_OK) {
        struct od_str rest = od_buf_view(&b);
        struct od_str token = od_str_trim(od_str_cut(&rest, '\n'));
        struct od_str expires = od_str_trim(od_str_cut(&rest, '\n'));
        struct od_str whose = od_str_trim(od_str_cut(&rest, '\n'));
        ok = od_unhex(token, s.token, sizeof s.token) && od_str_int(expires, 0, INT64_MAX, &s.expires_us) &&
             s.expires_us > now_us && od_str_eq_c(whose, hosts);
    }
    if (b.p)
        explicit_bzero(b.p, b.n);
    od_buf_done(&b);
    if (ok) {
        snprintf(s.hosts, sizeof s.hosts, "%s", hosts);
        *ret_session = s;
    }
    return ok;
}

enum ordo_status session_save(const struct profile *p, const struct session *session, ordo_error *error)
{
    char path[PATH_BYTES], token[2 * SESSION_BYTES + 1], text[1024];
    enum ordo_status s = profile_path(p, "session", path, sizeof path, error);
    if (s == ORDO_OK)
        s = directory_make(p->dir, error);
    if (s != ORDO_OK)
        return s;
    od_hex(session->token, sizeof session->token, token);
    snprintf(text, sizeof text, "%s\n%lld\n%s\n", token, (long long)session->expires_us, session->hosts);
    s = file_replace(path, od_str_c(text), 0600, error);
    explicit_bzero(text, sizeof text);
    explicit_bzero(token, sizeof token);
    return s;
}

void session_forget(const struct profile *p)
{
    char path[PATH_BYTES];
    if (profile_path(p, "session", path, sizeof path, NULL) == ORDO_OK)
        unlink(path);
}
