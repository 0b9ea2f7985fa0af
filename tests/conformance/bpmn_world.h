/* SPDX-License-Identifier: Apache-2.0
 * A world of one model: its definitions, instances of them, a clock that is turned by hand. Signals, messages and calls go from
 * one instance to the other; what else the instances ask for is the caller's. */
#ifndef TESTS_BPMN_WORLD_H
#define TESTS_BPMN_WORLD_H

#include "server/domain/process/step.h"
#include "tests/conformance/bpmn_case.h"

enum { WORLD_DEFS_MAX = 32, WORLD_INSTANCES_MAX = 64, WORLD_WAITS_MAX = 1024 };

struct world_instance {
    const struct def *d;
    const struct xml_node *source; /* process or global task */
    struct state s;
    uint32_t caller;               /* instance, UINT32_MAX = none */
    uint64_t caller_key;
    bool ended;
};

struct world {
    const struct model *m;
    const struct def *defs[WORLD_DEFS_MAX];
    const struct xml_node *sources[WORLD_DEFS_MAX];
    unsigned n_defs;
    struct world_instance instances[WORLD_INSTANCES_MAX];
    unsigned n_instances;
    struct od_arena scratch, effects_arena;
    struct process_env env;
    int64_t now_us;
    /* Told of every effect in its order, after the world has done its own part. */
    void (*on_effect)(struct world *w, uint32_t instance, const struct process_effect *e);
    void *ctx;
    bool failed;                   /* a step returned an error */
};

bool world_init(struct world *w, const struct model *m, enum def_profile profile, struct od_arena *arena, struct lint_report *report);
void world_done(struct world *w);

unsigned world_def_by_id(const struct world *w, struct od_str id); /* UINT_MAX */
/* A new instance by its start event (DEF_NONE: without trigger); UINT32_MAX if there is no room. */
uint32_t world_start(struct world *w, unsigned def, uint32_t node, const struct process_var *vars, size_t n);
/* One event to one instance, and all that follows from it. */
void world_step(struct world *w, uint32_t instance, const struct process_event *e);
void world_signal(struct world *w, struct od_str name, uint32_t but);
bool world_message(struct world *w, struct od_str name, struct od_str correlation);

#endif
