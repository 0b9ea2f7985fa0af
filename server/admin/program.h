/* SPDX-License-Identifier: Apache-2.0
 * Other programs, run without a shell and, when root is at work, as somebody else. */
#ifndef ORDO_ADMIN_PROGRAM_H
#define ORDO_ADMIN_PROGRAM_H

#include <sys/types.h>

#include "common/base/base.h"

struct account {
    char name[64];
    uid_t uid;
    gid_t gid;
};

void account_self(struct account *ret_account);
bool account_find(const char *name, struct account *ret_account);
bool account_of(const char *path, struct account *ret_account); /* the owner of a file */

/* For good: this process goes on as that account. Only root may. */
enum od_status account_become(const struct account *account, struct od_err *err);

/* Runs argv (NULL at the end, argv[0] a path or a name for PATH) with a small environment of its own and waits for it.
 * account: NULL or oneself for no change. What it says is kept for the error alone: PROGRAM_FAILED with the last line.
 */
enum od_status program_run(const char *const *argv, const struct account *account, struct od_err *err);

#endif
