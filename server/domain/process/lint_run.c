/* SPDX-License-Identifier: Apache-2.0
 * Everything that can be said of a file, in one call. */
#include "server/domain/process/explore.h"

void lint_file(struct od_str input, const struct model_loader *loader, const struct feel_host *host, struct lint_report *r,
               struct model **ret_model)
{
    struct od_err err;
    struct model *m;
    *ret_model = NULL;
    if (model_read(input, loader, r->arena, &m, &err) != OD_OK) {
        lint_unreadable(r, &err);
        return;
    }
    *ret_model = m;
    lint_model(m, r);
    for (unsigned i = 0; i < m->file.n_elements; i++) {
        const struct xml_node *e = m->file.elements[i];
        const struct def *d;
        bool process = e->kind == BPMN_PROCESS && model_is_executable(e);
        if (!process && e->kind != BPMN_GLOBAL_SCRIPT_TASK)
            continue;
        if (def_compile(m, e, DEF_DEPLOY, host, r->arena, r, &d, &err) != OD_OK)
            lint_unreadable(r, &err);
        else if (process)
            explore_process(m, e, r->arena, r);
    }
}
