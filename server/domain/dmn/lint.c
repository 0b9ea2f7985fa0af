/* SPDX-License-Identifier: Apache-2.0
 * A model's findings without a model: what ordo-lint prints about a .dmn file. Imports cannot be followed from one text, so
 * what refers to them is not judged. */
#include "server/domain/dmn/compile.h"

struct counting {
    dmn_report_fn report;
    void *opaque;
    struct od_err *err;
    enum od_status status;
};

static void count(void *opaque, const struct dmn_finding *f)
{
    struct counting *c = opaque;
    if (!f->warning && c->status == OD_OK)
        c->status = dmn_refusal(f, c->err);
    if (c->report)
        c->report(c->opaque, f);
}

enum od_status dmn_lint(struct od_str xml, dmn_report_fn report, void *opaque, struct od_err *err)
{
    struct counting c = {.report = report, .opaque = opaque, .err = err};
    struct dmn_model *m = NULL;
    static const struct dmn_options alone = {.alone = true};
    OD_TRY(dmn_model_compile(xml, &alone, count, &c, &m, err));
    dmn_model_free(m);
    return c.status;
}
