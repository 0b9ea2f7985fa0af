/* SPDX-License-Identifier: Apache-2.0
 * Kind `valid`: the linter's verdict on a model, by the case's profile. */
#include "server/domain/process/lint.h"
#include "tests/conformance/bpmn_case.h"
#include "tests/conformance/conform.h"

/* A file in an encoding or syntax that is XML's own fault is a verdict too; `unreadable` is for what we cannot judge. */
static json_t *verdict(const struct lint_report *r)
{
    json_t *rules = json_array(), *elements = json_array(), *lines = json_array(), *unsupported = json_array();
    bool only_unsupported = r->n_errors > 0;
    for (unsigned i = 0; i < r->n; i++) {
        const struct lint_finding *f = &r->findings[i];
        if (f->severity != LINT_ERROR)
            continue;
        json_array_append_new(rules, json_string(f->rule));
        json_array_append_new(lines, json_integer(f->line));
        if (f->element_id.n)
            json_array_append_new(elements, json_stringn(f->element_id.p, f->element_id.n));
        if (!strcmp(f->rule, "ordo:unsupported"))
            json_array_append_new(unsupported, json_stringn(f->element_name.p, f->element_name.n));
        else
            only_unsupported = false;
    }
    if (!only_unsupported)
        json_array_clear(unsupported);
    return json_pack("{s:b,s:o,s:o,s:o,s:o,s:b}", "accepted", r->n_errors == 0, "rules", rules, "elements", elements, "lines", lines,
                     "unsupported", unsupported, "unreadable", 0);
}

static json_t *answer(struct bpmn_case *c)
{
    enum lint_profile profile = LINT_OMG;
    struct lint_report report;
    struct model *m;
    const char *name = json_string_value(json_object_get(c->row, "profile"));
    if (name && !lint_profile_from_name(name, &profile))
        return json_pack("{s:s}", "error", "no such profile");
    lint_report_init(&report, profile, &c->arena);
    struct model_loader loader = bpmn_case_loader(c);
    lint_file(c->bytes, &loader, NULL, &report, &m);
    return verdict(&report);
}

enum od_status conform_valid(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    return bpmn_cases(cases, dir, "bpmn", answer, out, err);
}
