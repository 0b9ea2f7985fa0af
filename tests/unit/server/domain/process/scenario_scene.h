/* SPDX-License-Identifier: Apache-2.0
 * One scenario as it runs: the instance, what the outside was told, and a step with all that must hold after it. */
#ifndef TESTS_PROCESS_SCENARIO_SCENE_H
#define TESTS_PROCESS_SCENARIO_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/limits.h"
#include "server/domain/feel/feel_json.h"
#include "server/domain/process/step.h"
#include "tests/unit/server/domain/process/outside.h"
#include "tests/unit/server/domain/process/scenario_host.h"

enum { TIMERS_MAX = 64, ENTERED_MAX = 256, VARS_MAX = 16, ASKED_MAX = 256 };

static const char head[] = "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "
                           "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\" "
                           "xmlns:camunda=\"http://camunda.org/schema/1.0/bpmn\" xmlns:ordo=\"urn:ordo:bpmn:1\" targetNamespace=\"urn:test\">";
static const char tail[] = "</definitions>";

struct timer {
    uint64_t key;
    int64_t due_us;
};

struct scene {
    const char *file;
    unsigned line;
    struct od_arena arena, scratch;
    const struct def *d;
    struct lint_report report;
    struct state s;
    struct outside outside;
    int64_t now_us;
    struct timer timers[TIMERS_MAX];
    unsigned n_timers;
    uint32_t entered[ENTERED_MAX];
    unsigned n_entered;
    struct od_str ended, uncaught, incident_text;
    struct process_effect sent; /* last */
    uint32_t incident_node;
    enum od_status last;
    unsigned n_continues;
    struct process_effect asked[ASKED_MAX];
    unsigned n_asked;
    struct od_str decision, decides; /* name and FEEL; no name: the host makes none at once */
};

static void complain(const struct scene *c, const char *what, struct od_str detail)
{
    print_error("%s:%u: %s " OD_STR_FMT "\n", c->file, c->line, what, OD_STR_ARG(detail));
    fail();
}

static void must(const struct scene *c, bool ok, const char *what, struct od_str detail)
{
    if (!ok)
        complain(c, what, detail);
}

static struct od_str word(struct od_str *rest)
{
    *rest = od_str_trim(*rest);
    return od_str_cut(rest, ' ');
}

static uint32_t node_named(const struct scene *c, struct od_str id)
{
    uint32_t n = def_node_by_id(c->d, id);
    must(c, n != DEF_NONE, "no node", id);
    return n;
}

/* --- the host ------------------------------------------------------------------------------------------------------------- */

struct given {
    const struct process_var *vars;
    size_t n;
    struct od_arena *arena;
};

static bool given_look_up(void *opaque, struct od_str name, struct feel_value *ret)
{
    const struct given *g = opaque;
    struct od_err err;
    for (size_t i = 0; i < g->n; i++)
        if (od_str_eq(g->vars[i].name, name))
            return feel_json_decode(g->vars[i].value, g->arena, ret, &err) == OD_OK;
    return false;
}

/* A decision is an expression over the variables that it is given. */
static enum od_status decide(void *ctx, struct od_str decision, const struct process_var *vars, size_t n_vars, struct od_arena *arena,
                             struct od_str *ret_value, struct od_err *err)
{
    const struct scene *c = ctx;
    struct given given = {vars, n_vars, arena};
    const struct feel_env env = {.lookup = given_look_up, .opaque = &given};
    const struct feel_program *p;
    struct feel_value v;
    struct od_buf b;
    if (!od_str_eq(decision, c->decision))
        return od_fail(err, OD_R_NO_SUCH, "kind=decision" OD_AND "id=" OD_STR_FMT, OD_STR_ARG(decision));
    OD_TRY(feel_parse(c->decides, FEEL_EXPRESSION, &(struct feel_scope){0}, arena, &p, err));
    OD_TRY(feel_eval(p, &env, arena, &v, err));
    od_buf_init(&b, 1 << 16);
    feel_json_encode(&v, &b);
    *ret_value = od_arena_copy(arena, od_buf_view(&b));
    od_buf_done(&b);
    return OD_OK;
}

/* --- FEEL in the lines of a scenario ------------------------------------------------------------------------------------ */

static bool look_up(void *opaque, struct od_str name, struct feel_value *ret)
{
    struct scene *c = opaque;
    struct od_err err;
    const struct var *v = c->s.root == SLOT_NONE ? NULL : var_get(&c->s, c->s.root, name);
    return v && feel_json_decode(v->value, &c->arena, ret, &err) == OD_OK;
}

static struct feel_value eval(struct scene *c, struct od_str text)
{
    const struct feel_program *p;
    struct feel_value v = FEEL_NULL_VALUE;
    struct od_err err;
    struct feel_scope scope = {0};
    struct feel_env env = {.lookup = look_up, .opaque = c, .now_us = c->now_us};
    must(c, feel_parse(text, FEEL_EXPRESSION, &scope, &c->arena, &p, &err) == OD_OK, "not FEEL:", text);
    must(c, feel_eval(p, &env, &c->arena, &v, &err) == OD_OK, "cannot be evaluated:", text);
    return v;
}

static struct od_str json_of(struct scene *c, struct od_str text)
{
    struct feel_value v = eval(c, text);
    struct od_buf b;
    od_buf_init(&b, 1 << 20);
    feel_json_encode(&v, &b);
    struct od_str s = od_arena_copy(&c->arena, od_buf_view(&b));
    od_buf_done(&b);
    return s;
}

/* NAME=FEEL, separated by blanks: there are none inside. */
static size_t assignments(struct scene *c, struct od_str rest, struct process_var *out)
{
    size_t n = 0;
    while (od_str_trim(rest).n && n < VARS_MAX) {
        struct od_str value = word(&rest), name = od_str_cut(&value, '=');
        out[n++] = (struct process_var){name, json_of(c, value)};
    }
    return n;
}

/* --- steps -------------------------------------------------------------------------------------------------------------- */

static void forget_timer(struct scene *c, uint64_t key)
{
    for (unsigned i = 0; i < c->n_timers; i++)
        if (c->timers[i].key == key) {
            memmove(&c->timers[i], &c->timers[i + 1], (--c->n_timers - i) * sizeof *c->timers);
            return;
        }
}

static void take(struct scene *c, const struct process_effect *e)
{
    if (e->kind <= PROCESS_FX_CALL && c->n_asked < ASKED_MAX)
        c->asked[c->n_asked++] = *e;
    if (e->kind == PROCESS_FX_TIMER) {
        forget_timer(c, e->key);
        must(c, c->n_timers < TIMERS_MAX, "too many timers", e->name);
        c->timers[c->n_timers++] = (struct timer){e->key, e->due_us};
    } else if (e->kind == PROCESS_FX_CLOSE) {
        forget_timer(c, e->key);
    } else if (e->kind == PROCESS_FX_ENTERED && e->node && c->n_entered < ENTERED_MAX) {
        c->entered[c->n_entered++] = e->node;
    } else if (e->kind == PROCESS_FX_ENDED) {
        c->ended = e->text;
    } else if (e->kind == PROCESS_FX_SEND || e->kind == PROCESS_FX_BROADCAST) {
        c->sent = *e;
    } else if (e->kind == PROCESS_FX_UNCAUGHT) {
        c->uncaught = e->name;
    } else if (e->kind == PROCESS_FX_INCIDENT) {
        c->incident_node = e->node;
        c->incident_text = e->text;
    } else if (e->kind == PROCESS_FX_RESOLVED) {
        c->incident_node = DEF_NONE;
    }
}

static bool passes(void *ctx, uint32_t node)
{
    (void)ctx, (void)node;
    return false;
}

static enum od_status run(struct scene *c, struct state *s, const struct process_event *e, struct process_effects *fx)
{
    struct process_env env = {.now_us = c->now_us, .scratch = &c->scratch, .history = true, .waits = passes, .host = &host, .ctx = c,
                              .decide = c->decision.n ? decide : NULL};
    struct od_err err;
    enum od_status status = process_step(c->d, s, e, &env, fx, &err);
    char text[256];
    if (status != OD_OK && status != OD_NOT_FOUND && status != OD_TOO_LARGE)
        complain(c, "the step failed:", od_str_c(od_err_text(&err, text, sizeof text)));
    return status;
}

static void step(struct scene *c, const struct process_event *e)
{
    struct process_effects fx, again;
    struct od_buf before, after, twice;
    struct od_err err;
    struct state copy;
    process_effects_init(&fx, &c->arena);
    process_effects_init(&again, &c->arena);
    od_buf_init(&before, OD_PROCESS_STATE_BYTES_MAX);
    od_buf_init(&after, OD_PROCESS_STATE_BYTES_MAX);
    od_buf_init(&twice, OD_PROCESS_STATE_BYTES_MAX);
    state_encode(&c->s, &before);
    must(c, state_decode(od_buf_view(&before), c->d, &copy, &err) == OD_OK, "the state's bytes cannot be read", od_str_c(err.args));
    c->last = run(c, &c->s, e, &fx);
    enum od_status second = run(c, &copy, e, &again);
    must(c, c->last == second, "the same step gave another status", od_str_c(""));
    if (c->last == OD_OK) {
        const char *rule = state_check(&c->s, c->d);
        must(c, !rule, "broken invariant:", od_str_c(rule ? rule : ""));
        rule = outside_take(&c->outside, e, &fx, &c->s);
        must(c, !rule, "broken promise to the outside:", od_str_c(rule ? rule : ""));
        state_encode(&c->s, &after);
        state_encode(&copy, &twice);
        must(c, od_str_eq(od_buf_view(&after), od_buf_view(&twice)) && fx.n == again.n, "the same input gave other bytes", od_str_c(""));
        bool more = false;
        for (size_t i = 0; i < fx.n; i++) {
            take(c, &fx.list[i]);
            more = more || fx.list[i].kind == PROCESS_FX_CONTINUE;
        }
        if (more) {
            c->n_continues++;
            step(c, &(struct process_event){.kind = PROCESS_CONTINUE});
        }
    }
    state_done(&copy);
    od_buf_done(&before);
    od_buf_done(&after);
    od_buf_done(&twice);
    process_effects_done(&fx);
    process_effects_done(&again);
}

#endif
