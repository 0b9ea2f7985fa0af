/* SPDX-License-Identifier: Apache-2.0
 * Runs the table of rules over a model, keeps and writes the findings. */
#include "server/domain/process/lint.h"

#include "common/base/limits.h"

static const struct lint_rule rules[] = {
#define L(id, profile, severity, class_, fn, text) {id, LINT_##profile, LINT_##severity, BPMN_##class_, fn, text},
#include "server/domain/process/rules.def"
#undef L
};

void lint_report_init(struct lint_report *r, enum lint_profile profile, struct od_arena *arena)
{
    *r = (struct lint_report){.arena = arena, .profile = profile};
    r->findings = OD_ARENA_ARRAY(arena, OD_MODEL_FINDINGS_MAX, struct lint_finding);
}

bool lint_profile_from_name(const char *name, enum lint_profile *ret_profile)
{
    static const char *const names[] = {[LINT_DEPLOY] = "deploy", [LINT_OMG] = "omg", [LINT_MODELING] = "modeling"};
    for (size_t i = 0; i < OD_LEN(names); i++)
        if (!strcmp(name, names[i])) {
            *ret_profile = (enum lint_profile)i;
            return true;
        }
    return false;
}

/* Makes room for what refuses the model: the last warning goes. */
static bool drop_warning(struct lint_report *r)
{
    unsigned i = r->n;
    while (i > 0 && r->findings[i - 1].severity != LINT_WARNING)
        i--;
    if (!i)
        return false;
    memmove(&r->findings[i - 1], &r->findings[i], (r->n - i) * sizeof *r->findings);
    r->n--;
    return true;
}

static struct lint_finding *add(struct lint_report *r, enum lint_severity severity, const char *rule)
{
    if (severity == LINT_ERROR)
        r->n_errors++;
    else
        r->n_warnings++;
    if (!r->findings || (r->n == OD_MODEL_FINDINGS_MAX && !(severity == LINT_ERROR && drop_warning(r))))
        return NULL;
    struct lint_finding *f = &r->findings[r->n++];
    *f = (struct lint_finding){.severity = severity, .rule = rule, .text = ""};
    return f;
}

static void place(struct lint_finding *f, const struct xml_node *at)
{
    f->element_name = at->name;
    f->line = at->line;
    for (const struct xml_node *n = at; n && !f->element_id.n && n->kind != BPMN_DEFINITIONS; n = n->parent)
        f->element_id = model_id_of(n);
}

static struct lint_finding *add_text(struct lint_report *r, enum lint_severity severity, const char *rule, const struct xml_node *at,
                                     const char *fmt, va_list ap)
{
    struct lint_finding *f = add(r, severity, rule);
    if (!f)
        return NULL;
    char text[512];
    int n = vsnprintf(text, sizeof text, fmt, ap);
    const char *copy = n >= 0 ? od_arena_strn(r->arena, text, strlen(text)) : NULL;
    f->text = copy ? copy : "";
    if (at)
        place(f, at);
    return f;
}

struct lint_finding *lint_add(struct lint_report *r, enum lint_severity severity, const char *rule, const struct xml_node *at,
                              const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct lint_finding *f = add_text(r, severity, rule, at, fmt, ap);
    va_end(ap);
    return f;
}

bool lint_has(const struct lint_report *r, const char *rule, const struct xml_node *at)
{
    struct lint_finding like = {.rule = rule};
    place(&like, at);
    for (unsigned i = 0; i < r->n; i++) {
        const struct lint_finding *f = &r->findings[i];
        if (f->line == like.line && !strcmp(f->rule, rule) && od_str_eq(f->element_id, like.element_id) &&
            od_str_eq(f->element_name, like.element_name))
            return true;
    }
    return false;
}

/* The modeling profile judges drawings under work: what the standard or the engine ask for besides is told, not refused. */
static enum lint_severity severity_of(const struct lint_ctx *c)
{
    bool engine = !strncmp(c->rule->id, "ordo:", 5) && c->rule->check != lint_not_bpmn && c->rule->check != lint_unsupported;
    return c->r->profile == LINT_MODELING && (c->rule->profile == LINT_OMG || engine) ? LINT_WARNING : c->rule->severity;
}

void lint_hit(struct lint_ctx *c, const struct xml_node *at)
{
    struct lint_finding *f = add(c->r, severity_of(c), c->rule->id);
    if (!f)
        return;
    f->text = c->rule->text;
    place(f, at);
}

void lint_tell(struct lint_ctx *c, const struct xml_node *at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    add_text(c->r, severity_of(c), c->rule->id, at, fmt, ap);
    va_end(ap);
}

/* An argument of the error's text, where the reader put it. */
static struct od_str argument(const struct od_err *err, const char *name)
{
    struct od_str args = od_str_c(err->args);
    while (args.n) {
        struct od_str value = od_str_cut(&args, OD_AND[0]);
        if (od_str_eq_c(od_str_cut(&value, '='), name))
            return value;
    }
    return (struct od_str){NULL, 0};
}

void lint_unreadable(struct lint_report *r, const struct od_err *err)
{
    char whole[OD_ERR_ARGS_MAX + 128];
    struct od_str line = argument(err, "line"), text = od_str_c(od_err_text(err, whole, sizeof whole));
    bool malformed = err->reason == OD_R_MODEL_MALFORMED;
    if (malformed) /* without its line, which a finding has */
        text = argument(err, "why");
    struct lint_finding *f =
        lint_add(r, LINT_ERROR, malformed ? "XML_WELLFORMED" : "ordo:limit", NULL, OD_STR_FMT, OD_STR_ARG(text));
    int64_t n;
    if (f && od_str_int(line, 0, UINT32_MAX, &n))
        f->line = (unsigned)n;
}

void lint_model(const struct model *m, struct lint_report *r)
{
    struct lint_ctx c = {.m = m, .r = r};
    struct od_err err;
    if (!lint_index(&c)) {
        (void)od_fail(&err, OD_R_MEMORY_LIMIT, "max=%zu", r->arena->cap_bytes);
        lint_unreadable(r, &err);
        return;
    }
    for (unsigned i = 0; i < m->file.n_elements; i++)
        for (size_t k = 0; k < OD_LEN(rules); k++) {
            if (rules[k].profile > r->profile || !bpmn_is(m->file.elements[i], rules[k].class_))
                continue;
            c.rule = &rules[k];
            rules[k].check(&c, m->file.elements[i]);
        }
    if (!m->file.n_elements) /* no rule saw anything */
        lint_add(r, LINT_ERROR, "ordo:not-bpmn", m->file.doc.root, "the file is not a BPMN 2.0 model");
}

bool lint_deploys(const struct lint_ctx *c, const struct xml_node *n)
{
    return c->r->profile == LINT_DEPLOY && model_is_executable(n);
}

unsigned lint_definitions(const struct lint_ctx *c, const struct xml_node *event)
{
    return model_event_definitions(c->m, event, NULL, 0);
}

bool lint_defines_only(const struct lint_ctx *c, const struct xml_node *event, const enum bpmn_kind *allowed, unsigned n)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n_defs = model_event_definitions(c->m, event, defs, MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n_defs && i < MODEL_DEFINITIONS_MAX; i++) {
        bool ok = false;
        for (unsigned k = 0; k < n && !ok; k++)
            ok = defs[i]->kind == allowed[k];
        if (!ok)
            return false;
    }
    return true;
}

bool lint_defines(const struct lint_ctx *c, const struct xml_node *event, enum bpmn_kind definition)
{
    struct xml_node *defs[MODEL_DEFINITIONS_MAX];
    unsigned n = model_event_definitions(c->m, event, defs, MODEL_DEFINITIONS_MAX);
    for (unsigned i = 0; i < n && i < MODEL_DEFINITIONS_MAX; i++)
        if (defs[i]->kind == definition)
            return true;
    return false;
}

static const char *severity_name(enum lint_severity s) { return s == LINT_ERROR ? "error" : "warning"; }

void lint_write_text(const struct lint_report *r, const char *file, struct od_buf *out)
{
    for (unsigned i = 0; i < r->n; i++) {
        const struct lint_finding *f = &r->findings[i];
        od_buf_printf(out, "%s:%u: %s: [%s] ", file, f->line, severity_name(f->severity), f->rule);
        if (f->element_name.n)
            od_buf_printf(out, OD_STR_FMT "%s" OD_STR_FMT ": ", OD_STR_ARG(f->element_name), f->element_id.n ? " " : "",
                          OD_STR_ARG(f->element_id));
        od_buf_printf(out, "%s\n", f->text);
    }
}

static void json_string(struct od_buf *out, struct od_str s)
{
    od_buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        if (ch == '"' || ch == '\\')
            od_buf_printf(out, "\\%c", ch);
        else if (ch < 0x20)
            od_buf_printf(out, "\\u%04x", (unsigned)ch);
        else
            od_buf_char(out, (char)ch);
    }
    od_buf_char(out, '"');
}

void lint_write_json(const struct lint_report *r, const char *file, struct od_buf *out)
{
    od_buf_c(out, "{\"file\":");
    json_string(out, od_str_c(file));
    od_buf_printf(out, ",\"errors\":%u,\"warnings\":%u,\"findings\":[", r->n_errors, r->n_warnings);
    for (unsigned i = 0; i < r->n; i++) {
        const struct lint_finding *f = &r->findings[i];
        od_buf_printf(out, "%s{\"severity\":\"%s\",\"rule\":\"%s\",\"line\":%u,\"element\":", i ? "," : "",
                      severity_name(f->severity), f->rule, f->line);
        json_string(out, f->element_name);
        od_buf_c(out, ",\"id\":");
        json_string(out, f->element_id);
        od_buf_c(out, ",\"text\":");
        json_string(out, od_str_c(f->text));
        od_buf_char(out, '}');
    }
    od_buf_c(out, "]}");
}
