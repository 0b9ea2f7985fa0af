/* SPDX-License-Identifier: Apache-2.0
 * The settings of ordod: read once at start, immutable afterwards. conf.def has the rows.
 *
 * A later source wins: the defaults, the file, the environment (ORDOD_<KEY>), the command line (--set key=value). What
 * is not known or does not fit is refused, never skipped. */
#ifndef ORDO_CONF_CONF_H
#define ORDO_CONF_CONF_H

#include <stdio.h>

#include "common/base/base.h"
#include "common/base/log.h"

enum { CONF_FILE_BYTES_MAX = 64 * 1024, CONF_LIST_MAX = 32 };

struct conf_list {
    size_t n;
    char *items[CONF_LIST_MAX];
};

#define CONF_STRING char *
#define CONF_PATH char *
#define CONF_LIST struct conf_list
#define CONF_INT unsigned
#define CONF_DURATION unsigned
#define CONF_BOOL bool
#define CONF_LEVEL enum od_log_level

/* Texts are never NULL; "" where the setting is empty. */
struct conf {
#define C(key, kind, min, max, default_, help) CONF_##kind key;
#include "server/conf/conf.def"
#undef C
};

#undef CONF_STRING
#undef CONF_PATH
#undef CONF_LIST
#undef CONF_INT
#undef CONF_DURATION
#undef CONF_BOOL
#undef CONF_LEVEL

void conf_init(struct conf *c); /* the defaults */
void conf_done(struct conf *c);

/* CONFIG_KEY or CONFIG_VALUE with path and line; FILE_ERROR when it cannot be read. */
enum od_status conf_read(struct conf *c, const char *path, struct od_err *err);

/* Takes ORDOD_<KEY>=value out of a list like environ; an ORDOD_ name that is no key is refused too. */
enum od_status conf_environment(struct conf *c, char *const *environment, struct od_err *err);

/* key=value of the command line. */
enum od_status conf_set(struct conf *c, const char *assignment, struct od_err *err);

/* Writes the settings that differ from the defaults, as a file. */
void conf_write(const struct conf *c, FILE *out);

/* Renderings of the rows. The last three are kept in deploy/ordod.conf.sample, docs/configuration.md and
 * deploy/man/ordod.conf.5; a test compares them. */
void conf_help(FILE *out);
void conf_sample(FILE *out);
void conf_markdown(FILE *out);
void conf_mdoc(FILE *out);

#endif
