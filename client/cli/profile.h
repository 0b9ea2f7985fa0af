/* SPDX-License-Identifier: Apache-2.0
 * A profile: how one reaches one service and as whom. Files in $ORDO_HOME, else $XDG_CONFIG_HOME/ordo, else ~/.config/ordo:
 *   NAME.conf     key = value, by hand or by `ordo login`
 *   NAME.session  the session's token, mode 0600
 *   NAME.journal  keys of changing calls, the SDK's
 *   NAME.watch.*  how far `ordo watch` came
 * Knows files only, no service. */
#ifndef ORDO_CLI_PROFILE_H
#define ORDO_CLI_PROFILE_H

#include "client/cli/error.h"
#include "common/base/buf.h"

/* What main() found in the environment; NULL where there is nothing. */
struct env {
    const char *home, *xdg_config_home;
    const char *ordo_home, *profile, *host, *password, *api_key_file;
};

struct profile {
    char *name;
    char *dir;
    /* keys of the file; NULL: not set */
    char *hosts, *ca, *server_name, *login, *branch, *zone, *format, *journal, *api_key_file, *cert, *key;
};

enum { SESSION_BYTES = 32 };

struct session {
    unsigned char token[SESSION_BYTES];
    int64_t expires_us;
    char hosts[512]; /* a token is for the service that gave it */
};

/* Reads the profile; one without a file is empty. An unknown key is refused with its line. */
enum ordo_status profile_load(const struct env *env, const char *name, struct profile *ret_profile, ordo_error *error);
void profile_done(struct profile *p);
/* Sets one key, for profile_save(); value is copied. */
void profile_set(char **key, const char *value);
enum ordo_status profile_save(const struct profile *p, ordo_error *error);

/* DIR/NAME.suffix into out. */
enum ordo_status profile_path(const struct profile *p, const char *suffix, char *out, size_t size, ordo_error *error);

/* false: there is none, it has ended, or it is for other hosts. */
bool session_load(const struct profile *p, const char *hosts, int64_t now_us, struct session *ret_session);
enum ordo_status session_save(const struct profile *p, const struct session *session, ordo_error *error);
void session_forget(const struct profile *p);

/* A whole file into *b (at most its maximum). */
enum ordo_status file_read(const char *path, struct od_buf *b, ordo_error *error);
/* Writes a file so that it is either the old or the new one, with this mode. */
enum ordo_status file_replace(const char *path, struct od_str contents, unsigned mode, ordo_error *error);

#endif
