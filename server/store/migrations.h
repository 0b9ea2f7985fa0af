/* SPDX-License-Identifier: Apache-2.0
 * The migrations that this program brings along, made at build time from migrations/NNNN-what.sql. */
#ifndef ORDO_STORE_MIGRATIONS_H
#define ORDO_STORE_MIGRATIONS_H

struct migration {
    unsigned number;          /* 1, 2, 3, ... without a gap */
    const char *name;         /* "what" of the file's name */
    const char *sql;          /* the file; run in one transaction */
    unsigned char sha256[32]; /* of the file */
};

extern const struct migration MIGRATIONS[]; /* ascending; behind MIGRATIONS_COUNT rows lies one with number 0 */
extern const unsigned MIGRATIONS_COUNT;

#endif
