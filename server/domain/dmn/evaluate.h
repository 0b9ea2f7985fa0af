/* SPDX-License-Identifier: Apache-2.0
 * One evaluation of a model: what its elements gave so far, its trace. Internal. */
#ifndef OD_DMN_EVALUATE_H
#define OD_DMN_EVALUATE_H

#include "server/domain/dmn/model.h"

struct evaluation {
    struct feel_run run;
    const struct dmn_trace *first;
    struct dmn_trace *last;
};

enum slot_state { SLOT_OPEN, SLOT_BUSY, SLOT_DONE };

struct slot {
    enum slot_state state;
    struct feel_value value;
};

/* A model with its input data. An imported model's input data lies in the entry of the import's name, or in entries with
 * qualified names ("import.input"), or among the importing model's own. */
struct instance {
    struct evaluation *e;
    const struct dmn_model *m;
    const struct feel_context *vars;
    struct od_str import; /* by which vars may qualify it: "a.b" for what a imports as b; empty where vars are its own */
    struct slot *slots;
    struct instance **imports;
    const struct element *at; /* whose logic is under way: for the trace */
};

struct instance *instance_new(struct evaluation *e, const struct dmn_model *m, const struct feel_context *vars);
struct feel_value element_value(struct instance *i, struct element_ref r);

struct feel_value logic_value(struct instance *i, const struct logic *l, const struct feel_frame *f);
struct feel_value table_value(struct instance *i, const struct table *t, const struct feel_frame *f);

/* A frame in the arena, since functions may keep it. NULL: the run is over. */
struct feel_frame *frame_new(struct evaluation *e, const struct feel_frame *outer, size_t n);

#endif
