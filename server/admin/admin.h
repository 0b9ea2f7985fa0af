/* SPDX-License-Identifier: Apache-2.0
 * The operator's commands, one function each. They speak to stdout in plain sentences and say what to do next. */
#ifndef ORDO_ADMIN_ADMIN_H
#define ORDO_ADMIN_ADMIN_H

#include "server/conf/conf.h"

/* What the command line gave besides settings. */
struct admin_options {
    const char *config;   /* the file of settings, read or to be written */
    const char *data_dir; /* as given; NULL for the setting's */
    const char *user;     /* init by root: who owns the data; NULL for "ordo" */
    bool development;     /* init: a database in which business time may run faster */
};

/* Makes the settings of what lies under the data's directory follow it. */
enum od_status admin_data_dir(const char *data_dir, struct conf *c, struct od_err *err);

/* Private cluster, roles, database, certificates, file of settings: makes what is missing. */
enum od_status admin_init(const struct admin_options *o, struct conf *c, struct od_err *err);

enum od_status admin_start_db(const struct admin_options *o, struct conf *c, struct od_err *err);
enum od_status admin_stop_db(const struct admin_options *o, struct conf *c, struct od_err *err);
enum od_status admin_migrate(const struct admin_options *o, struct conf *c, struct od_err *err);

/* Prints a one-time code for the first administrator. The database keeps its SHA-256: of the code as it is printed. */
enum od_status admin_setup_code(const struct admin_options *o, struct conf *c, struct od_err *err);

/* Due timers that were tried too often: lists them; lets them be tried again, by any node, at once. */
enum od_status admin_timers(const struct admin_options *o, struct conf *c, struct od_err *err);
enum od_status admin_release_timers(const struct admin_options *o, struct conf *c, struct od_err *err);

/* Asks the running server's health page. UNAVAILABLE when it does not answer or is not well. */
enum od_status admin_status(const struct admin_options *o, struct conf *c, struct od_err *err);

#endif
