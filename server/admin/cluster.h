/* SPDX-License-Identifier: Apache-2.0
 * The private PostgreSQL cluster under data_dir: reached by a socket that only its account and root can reach. */
#ifndef ORDO_ADMIN_CLUSTER_H
#define ORDO_ADMIN_CLUSTER_H

#include "server/admin/program.h"

struct cluster {
    char data[256];         /* data_dir/cluster */
    char socket_dir[256];   /* data_dir/run */
    char log[256];          /* data_dir/postgresql.log */
    struct account account; /* who runs it: never root */
};

/* Of an existing data_dir; the account is the owner of its cluster. FILE_ERROR when there is none. */
enum od_status cluster_open(const char *data_dir, struct cluster *ret_cluster, struct od_err *err);

/* The paths for a new one; refuses paths that no socket fits in. */
enum od_status cluster_paths(const char *data_dir, const struct account *account, struct cluster *ret_cluster,
                             struct od_err *err);

bool cluster_exists(const struct cluster *c);
bool cluster_running(const struct cluster *c);
enum od_status cluster_make(const struct cluster *c, struct od_err *err);  /* initdb and our settings */
enum od_status cluster_start(const struct cluster *c, struct od_err *err); /* waits until it answers */
enum od_status cluster_stop(const struct cluster *c, struct od_err *err);

/* Roles ordo_owner and ordo_app and the database ordo, where they are missing. */
enum od_status cluster_fill(const struct cluster *c, struct od_err *err);

#endif
