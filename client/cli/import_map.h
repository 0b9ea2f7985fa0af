/* SPDX-License-Identifier: Apache-2.0
 * What another desk's log means here: a small text of `key = value` lines, described in docs/import.md. */
#ifndef ORDO_CLI_IMPORT_MAP_H
#define ORDO_CLI_IMPORT_MAP_H

#include "client/cli/error.h"
#include "common/base/buf.h"
#include "common/base/zone.h"

enum { MAP_ACTIVITIES_MAX = 256, MAP_LEVELS_MAX = 16 };

/* A column of the log, or one value for all. */
struct map_source {
    char *column;
    char *fixed;
};

struct map_activity {
    char *name;
    Ordo__RequestState state;
    bool has_state;
    Ordo__ImportMark mark;
    bool assigns;
    size_t line; /* where it was first named */
};

struct map_level {
    char *name;
    uint32_t response_s, resolution_s;
};

struct import_map {
    char *name, *branch, *zone_name, *time_format, *week, *holidays;
    char separator;
    const struct od_zone *zone;
    char *request, *activity, *actor, *time; /* columns of each row */
    struct map_source customer, department, level; /* of a request's first event */
    Ordo__RequestState other_state;
    bool has_other_state;
    struct map_activity activities[MAP_ACTIVITIES_MAX];
    size_t n_activities;
    struct map_level levels[MAP_LEVELS_MAX];
    size_t n_levels;
};

/* Reads and checks the text. path is for messages. */
enum ordo_status import_map_read(struct import_map *ret_map, const char *path, struct od_str text, ordo_error *error);
void import_map_done(struct import_map *m);

/* What is said of an activity; one that is not named gives NULL. */
const struct map_activity *import_map_activity(const struct import_map *m, struct od_str name);
const struct map_level *import_map_level(const struct import_map *m, struct od_str name);

#endif
