/* SPDX-License-Identifier: Apache-2.0
 * Which database schemas this program can work with, and which programs a schema lets in (design §12).
 *
 * schema_version.version is the number of the last migration that was applied. schema_version.min_program is raised by
 * the migration that takes away what older programs still use. */
#ifndef ORDO_STORE_SCHEMA_H
#define ORDO_STORE_SCHEMA_H

enum {
    /* Raised with every release that stops using something of the schema. */
    PROGRAM_LEVEL = 1,

    /* So many of the last migrations only take away what this program no longer uses: it starts without them too, so
     * that nodes can be upgraded one by one before they are applied. */
    SCHEMA_CONTRACTIONS = 0,
};

#endif
