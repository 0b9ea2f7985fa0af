/* SPDX-License-Identifier: Apache-2.0
 * Runs the scenarios of tests/scenario/process against the pure core with a clock that is turned by hand. After every step the
 * invariants are checked, inside and outside, the bytes are read back, and the step is done a second time: it must give the
 * same bytes.
 *
 *   scenario WORDS                 what is shown
 *   model ... end                  the inside of <definitions>
 *   start [NAME=FEEL ...]          an instance; start NODE: by that start event
 *   complete NODE [NAME=FEEL ...]  error|escalate NODE CODE [NAME=FEEL ...] · fail NODE WORDS · retry NODE
 *   message NAME [KEY]             signal NAME · trigger NODE · set NAME=FEEL ... · activate NODE · cancel
 *   tick 30m                       time passes; timers come due in their order
 *   decision NAME FEEL             the host makes this decision at once, from the variables that it is given
 *   expect entered NODE ...        since the last such line, in this order; waiting NODE ... · open NODE ... · ended HOW ·
 *                                  holds FEEL · incident NODE · calm · refused RULE · sent NAME [KEY | NAME=FEEL ...] · uncaught CODE · gone ·
 *                                  asked NODE task|job|decision|call [NAME=FEEL ...]: what the outside was told last · unasked NODE
 * Expressions know due(calendar, start, duration) in the calendar "office": Monday to Friday, 9 to 17, UTC. */
#include <dirent.h>
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

#define FOLDER "tests/scenario/process/"
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

/* --- commands ----------------------------------------------------------------------------------------------------------- */

static void do_start(struct scene *c, struct od_str rest)
{
    struct process_var vars[VARS_MAX];
    uint32_t node = DEF_NONE;
    struct od_str trimmed = od_str_trim(rest), first = word(&trimmed);
    must(c, c->d != NULL, "the model was refused:", c->report.n ? od_str_c(c->report.findings[0].text) : od_str_c(""));
    if (first.n && !memchr(first.p, '=', first.n)) {
        node = node_named(c, first);
        rest = trimmed;
    }
    size_t n = assignments(c, rest, vars);
    step(c, &(struct process_event){.kind = PROCESS_START, .node = node, .vars = vars, .n_vars = n});
}

static uint64_t open_key(const struct scene *c, struct od_str id)
{
    uint64_t key = process_open_at(&c->s, node_named(c, id));
    must(c, key != 0, "nothing is open at", id);
    return key;
}

static void do_open(struct scene *c, enum process_event_kind kind, struct od_str rest)
{
    struct process_var vars[VARS_MAX];
    uint64_t key = open_key(c, word(&rest));
    struct process_event e = {.kind = kind, .key = key};
    if (kind == PROCESS_FAIL)
        e.name = od_str_trim(rest);
    else if (kind != PROCESS_COMPLETE)
        e.name = word(&rest);
    if (kind != PROCESS_FAIL)
        e.n_vars = assignments(c, rest, vars), e.vars = vars;
    step(c, &e);
}

static void do_retry(struct scene *c, struct od_str rest)
{
    uint32_t node = node_named(c, word(&rest));
    for (uint32_t i = 0; i < c->s.n_items; i++)
        if (c->s.items[i].key && c->s.items[i].incident && c->s.items[i].node == node) {
            step(c, &(struct process_event){.kind = PROCESS_RETRY, .key = c->s.items[i].key});
            return;
        }
    complain(c, "no incident at", c->d->nodes[node].id);
}

static void do_message(struct scene *c, struct od_str rest)
{
    struct od_str name = word(&rest), key = od_str_trim(rest);
    step(c, &(struct process_event){.kind = PROCESS_MESSAGE, .name = name, .correlation = key.n ? json_of(c, key) : key});
}

static void do_set(struct scene *c, struct od_str rest)
{
    struct process_var vars[VARS_MAX];
    size_t n = assignments(c, rest, vars);
    step(c, &(struct process_event){.kind = PROCESS_VARIABLES, .vars = vars, .n_vars = n});
}

static void do_activate(struct scene *c, struct od_str rest)
{
    uint32_t node = node_named(c, word(&rest));
    for (uint32_t i = 0; i < c->s.n_items; i++)
        if (c->s.items[i].key && c->s.items[i].kind == ITEM_SCOPE && c->s.items[i].node == c->d->nodes[node].parent)
            step(c, &(struct process_event){.kind = PROCESS_ACTIVATE, .key = c->s.items[i].key, .node = node});
}

static void do_tick(struct scene *c, struct od_str rest)
{
    struct od_str s = od_str_trim(rest);
    int64_t n = 0;
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    must(c, s.n > 1 && od_str_int((struct od_str){s.p, s.n - 1}, 0, 100000, &n), "no time:", s);
    int64_t end = c->now_us;
    for (size_t i = 0; i < OD_LEN(units); i++)
        if (units[i].unit == s.p[s.n - 1])
            end += n * units[i].seconds * OD_US_PER_S;
    for (unsigned turns = 0; turns < 1000; turns++) {
        unsigned first = TIMERS_MAX;
        for (unsigned i = 0; i < c->n_timers; i++)
            if (c->timers[i].due_us <= end && (first == TIMERS_MAX || c->timers[i].due_us < c->timers[first].due_us))
                first = i;
        if (first == TIMERS_MAX)
            break;
        struct timer t = c->timers[first];
        c->now_us = t.due_us > c->now_us ? t.due_us : c->now_us;
        forget_timer(c, t.key);
        step(c, &(struct process_event){.kind = PROCESS_TIMER, .key = t.key});
    }
    c->now_us = end;
}

/* --- expectations -------------------------------------------------------------------------------------------------------- */

static void expect_entered(struct scene *c, struct od_str rest)
{
    unsigned i = 0;
    for (; od_str_trim(rest).n; i++) {
        struct od_str id = word(&rest);
        must(c, i < c->n_entered, "was not entered:", id);
        if (!od_str_eq(c->d->nodes[c->entered[i]].id, id)) {
            print_error("entered " OD_STR_FMT " where ", OD_STR_ARG(c->d->nodes[c->entered[i]].id));
            complain(c, "was expected:", id);
        }
    }
    must(c, i == c->n_entered, "was entered too:", i < c->n_entered ? c->d->nodes[c->entered[i]].id : od_str_c(""));
    c->n_entered = 0;
}

static void expect_values(struct scene *c, const struct process_effect *e, struct od_str rest)
{
    while (od_str_trim(rest).n) {
        struct od_str value = word(&rest), name = od_str_cut(&value, '='), wanted = json_of(c, value);
        bool found = false;
        for (size_t i = 0; i < e->n_values; i++)
            found = found || (od_str_eq(e->values[i].name, name) && od_str_eq(e->values[i].value, wanted));
        must(c, found, "the outside was not told", name);
    }
}

static void expect_asked(struct scene *c, struct od_str rest)
{
    static const char *const kinds[] = {[PROCESS_FX_TASK] = "task", [PROCESS_FX_JOB] = "job", [PROCESS_FX_DECIDE] = "decision",
                                        [PROCESS_FX_CALL] = "call"};
    struct od_str id = word(&rest), kind = word(&rest);
    const struct process_effect *e = NULL;
    for (unsigned i = 0; i < c->n_asked; i++)
        if (c->asked[i].node == node_named(c, id))
            e = &c->asked[i];
    must(c, e && od_str_eq_c(kind, kinds[e->kind]), "the outside was not asked for it:", id);
    if (e)
        expect_values(c, e, rest);
}

/* NAME, then what it was sent with: NAME=FEEL for its data, anything else for its key. */
static void expect_sent(struct scene *c, struct od_str rest)
{
    struct od_str name = word(&rest);
    must(c, od_str_eq(c->sent.name, name), "was not sent:", name);
    rest = od_str_trim(rest);
    if (rest.n && !memchr(rest.p, '=', rest.n))
        must(c, od_str_eq(c->sent.text, json_of(c, rest)), "was not sent with the key", rest);
    else
        expect_values(c, &c->sent, rest);
}

static void expect_unasked(const struct scene *c, struct od_str id)
{
    for (unsigned i = 0; i < c->n_asked; i++)
        must(c, c->asked[i].node != node_named(c, id), "the outside was asked for", id);
}

static void expect_refused(const struct scene *c, struct od_str rule)
{
    for (unsigned i = 0; i < c->report.n; i++)
        if (c->report.findings[i].severity == LINT_ERROR && od_str_eq_c(rule, c->report.findings[i].rule))
            return;
    complain(c, "the model was not refused by", rule);
}

static void do_expect(struct scene *c, struct od_str rest)
{
    struct od_str what = word(&rest), arg = od_str_trim(rest);
    if (od_str_eq_c(what, "entered")) {
        expect_entered(c, rest);
    } else if (od_str_eq_c(what, "waiting")) {
        while (od_str_trim(rest).n) {
            struct od_str id = word(&rest);
            must(c, process_waiting_for(&c->s, node_named(c, id)) != 0, "nothing waits for", id);
        }
    } else if (od_str_eq_c(what, "open")) {
        while (od_str_trim(rest).n)
            open_key(c, word(&rest));
    } else if (od_str_eq_c(what, "ended")) {
        must(c, od_str_eq(c->ended, arg), "the instance did not end as", arg);
    } else if (od_str_eq_c(what, "running")) {
        must(c, !c->ended.n, "the instance has ended:", c->ended);
    } else if (od_str_eq_c(what, "holds")) {
        struct feel_value v = eval(c, arg);
        must(c, feel_is_true(&v), "does not hold:", arg);
    } else if (od_str_eq_c(what, "incident")) {
        must(c, c->incident_node == node_named(c, arg), "no incident at", arg);
    } else if (od_str_eq_c(what, "calm")) {
        must(c, c->incident_node == DEF_NONE, "there is an incident:", c->incident_text);
    } else if (od_str_eq_c(what, "refused")) {
        expect_refused(c, arg);
    } else if (od_str_eq_c(what, "asked")) {
        expect_asked(c, rest);
    } else if (od_str_eq_c(what, "unasked")) {
        expect_unasked(c, arg);
    } else if (od_str_eq_c(what, "sent")) {
        expect_sent(c, arg);
    } else if (od_str_eq_c(what, "uncaught")) {
        must(c, od_str_eq(c->uncaught, arg), "was not uncaught:", arg);
    } else if (od_str_eq_c(what, "gone")) {
        must(c, c->last == OD_NOT_FOUND, "the event found something", arg);
    } else if (od_str_eq_c(what, "limit")) {
        must(c, c->last == OD_TOO_LARGE, "no bound was reached", arg);
    } else if (od_str_eq_c(what, "continued")) {
        must(c, c->n_continues > 0, "one step was enough", arg);
    } else {
        complain(c, "no such expectation:", what);
    }
}

/* --- a file --------------------------------------------------------------------------------------------------------------- */

static void load(struct scene *c, struct od_str xml)
{
    struct model *m;
    struct od_err err;
    struct od_str text = od_str_c(od_arena_printf(&c->arena, "%s" OD_STR_FMT "%s", head, OD_STR_ARG(xml), tail));
    lint_report_init(&c->report, LINT_DEPLOY, &c->arena);
    c->d = NULL;
    must(c, model_read(text, NULL, &c->arena, &m, &err) == OD_OK, "the model cannot be read:", od_str_c(err.args));
    lint_model(m, &c->report);
    const struct xml_node *p = model_first(m->file.doc.root, BPMN_PROCESS);
    p = p ? p : model_first(m->file.doc.root, BPMN_GLOBAL_SCRIPT_TASK);
    must(c, p != NULL, "no process", od_str_c(""));
    must(c, def_compile(m, p, DEF_DEPLOY, &host, &c->arena, &c->report, &c->d, &err) == OD_OK, "cannot be compiled", od_str_c(err.args));
    if (c->report.n_errors)
        c->d = NULL;
    if (!c->d)
        return;
    struct od_buf bytes; /* what runs is the definition as it comes back from its bytes */
    od_buf_init(&bytes, 1 << 24);
    def_encode(c->d, &bytes);
    must(c, def_decode(od_arena_copy(&c->arena, od_buf_view(&bytes)), &host, &c->arena, &c->d, &err) == OD_OK,
         "the definition's bytes cannot be read:", od_str_c(err.args));
    od_buf_done(&bytes);
}

static void begin(struct scene *c)
{
    state_done(&c->s);
    outside_done(&c->outside);
    c->n_timers = c->n_entered = c->n_continues = c->n_asked = 0;
    c->ended = c->uncaught = c->decision = od_str_c("");
    c->sent = (struct process_effect){.name = od_str_c("")};
    c->incident_node = DEF_NONE;
    c->now_us = INT64_C(1767225600) * OD_US_PER_S; /* 2026-01-01T00:00:00Z */
}

static void command(struct scene *c, struct od_str line)
{
    struct od_str rest = line, what = word(&rest);
    static const struct {
        const char *word;
        enum process_event_kind kind;
    } on_open[] = {{"complete", PROCESS_COMPLETE}, {"error", PROCESS_ERROR}, {"escalate", PROCESS_ESCALATE}, {"fail", PROCESS_FAIL}};
    for (size_t i = 0; i < OD_LEN(on_open); i++)
        if (od_str_eq_c(what, on_open[i].word)) {
            do_open(c, on_open[i].kind, rest);
            return;
        }
    if (od_str_eq_c(what, "start"))
        do_start(c, rest);
    else if (od_str_eq_c(what, "decision"))
        c->decision = word(&rest), c->decides = od_str_trim(rest);
    else if (od_str_eq_c(what, "retry"))
        do_retry(c, rest);
    else if (od_str_eq_c(what, "message"))
        do_message(c, rest);
    else if (od_str_eq_c(what, "signal"))
        step(c, &(struct process_event){.kind = PROCESS_SIGNAL, .name = od_str_trim(rest)});
    else if (od_str_eq_c(what, "trigger"))
        step(c, &(struct process_event){.kind = PROCESS_TRIGGER, .node = node_named(c, word(&rest))});
    else if (od_str_eq_c(what, "set"))
        do_set(c, rest);
    else if (od_str_eq_c(what, "activate"))
        do_activate(c, rest);
    else if (od_str_eq_c(what, "cancel"))
        step(c, &(struct process_event){.kind = PROCESS_CANCEL});
    else if (od_str_eq_c(what, "tick"))
        do_tick(c, rest);
    else if (od_str_eq_c(what, "expect"))
        do_expect(c, rest);
    else
        complain(c, "no such command:", what);
}

static void run_file(const char *path)
{
    static char text[1 << 18];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    struct scene c = {.file = path};
    od_arena_init(&c.arena, (size_t)256 << 20);
    od_arena_init(&c.scratch, OD_PROCESS_EVAL_BYTES_MAX);
    state_init(&c.s);
    struct od_str rest = {text, n};
    const char *model = NULL;
    while (rest.n) {
        struct od_str raw = od_str_cut(&rest, '\n'), line = od_str_trim(raw), arg = line;
        c.line++;
        if (od_str_eq_c(line, "end") && model) {
            load(&c, (struct od_str){model, (size_t)(raw.p - model)});
            model = NULL;
        } else if (model || !line.n || line.p[0] == '#') {
            continue;
        } else if (od_str_eq_c(line, "model")) {
            model = rest.p;
            begin(&c);
        } else if (od_str_eq_c(word(&arg), "scenario")) {
            print_message("  " OD_STR_FMT "\n", OD_STR_ARG(od_str_trim(arg)));
            begin(&c);
        } else {
            command(&c, line);
        }
    }
    outside_done(&c.outside);
    state_done(&c.s);
    od_arena_done(&c.arena);
    od_arena_done(&c.scratch);
}

static int is_scenario(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 4 && !strcmp(e->d_name + n - 4, ".txt");
}

static void scenarios(void **state)
{
    struct dirent **list;
    int n = scandir(FOLDER, &list, is_scenario, alphasort);
    (void)state;
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof path, FOLDER "%s", list[i]->d_name);
        print_message("%s\n", path);
        run_file(path);
        free(list[i]);
    }
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scenarios)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
