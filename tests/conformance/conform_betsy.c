/* SPDX-License-Identifier: Apache-2.0
 * Kind `betsy`: runs a process with a virtual clock and answers what its scripts traced. The scripts are commands of the suite:
 * they are done here as jobs, as a worker would. */
#include "server/domain/feel/feel_json.h"
#include "tests/conformance/bpmn_world.h"
#include "tests/conformance/conform.h"

enum { JOB_SLOW_S = 10, TRACE_MAX = 4096, REST_S = 3600 };

struct wait {
    uint32_t instance;
    uint64_t key;
    int64_t due_us;
    struct od_str script; /* empty: a timer */
    int64_t began_us;
};

struct run_of {
    struct world w;
    struct wait waits[WORLD_WAITS_MAX];
    unsigned n_waits;
    const char *trace[TRACE_MAX];
    unsigned n_trace;
    int64_t began_us[2], ended_us[2];
    bool marker, incident;
    struct od_arena *arena;
};

/* --- the suite's expressions in FEEL --------------------------------------------------------------------------------------- */

static struct od_str in_feel(struct od_arena *a, struct od_str s)
{
    static const char call[] = ".contains(";
    s = od_str_trim(s);
    bool negated = s.n && s.p[0] == '!';
    if (negated)
        s = (struct od_str){s.p + 1, s.n - 1};
    if (s.n > 3 && s.p[0] == '$' && s.p[1] == '{')
        s = (struct od_str){s.p + 2, s.n - 3};
    const char *at = memmem(s.p, s.n, call, sizeof call - 1);
    if (!at)
        return s;
    int n = (int)(at - s.p);
    struct od_str rest = {at + sizeof call - 1, s.n - (size_t)n - (sizeof call - 1)}, argument = od_str_cut(&rest, ')');
    return od_str_c(
        od_arena_printf(a, "%scontains(%.*s, " OD_STR_FMT ")%s", negated ? "not(" : "", n, s.p, OD_STR_ARG(argument), negated ? ")" : ""));
}

/* Marks scripts as another language's, so that they become jobs, and puts expressions into FEEL. */
static void prepare(struct model *m)
{
    static struct od_str language = {"betsy", 5};
    for (unsigned i = 0; i < m->file.n_elements; i++) {
        struct xml_node *e = m->file.elements[i];
        bool global = e->kind == BPMN_GLOBAL_SCRIPT_TASK;
        if (e->kind == BPMN_SCRIPT_TASK || global) {
            struct xml_attr *attrs = OD_ARENA_ARRAY(m->arena, e->n_attrs + 2, struct xml_attr);
            memcpy(attrs, e->attrs, e->n_attrs * sizeof *attrs);
            struct od_str name = od_str_c(global ? "scriptLanguage" : "scriptFormat");
            attrs[e->n_attrs++] = (struct xml_attr){.qname = name, .name = name, .value = language};
            e->attrs = attrs;
        } else if (bpmn_is(e, BPMN_EXPRESSION) && e->first && xml_is_text(e->first)) {
            e->first->text = in_feel(m->arena, xml_text(e, m->arena));
            e->first->next = NULL;
        }
    }
}

/* --- jobs and timers ------------------------------------------------------------------------------------------------------- */

static void trace(struct run_of *r, const char *token)
{
    if (r->n_trace < TRACE_MAX)
        r->trace[r->n_trace++] = token;
}

static void forget(struct run_of *r, uint32_t instance, uint64_t key)
{
    for (unsigned i = 0; i < r->n_waits; i++)
        if (r->waits[i].instance == instance && r->waits[i].key == key) {
            memmove(&r->waits[i], &r->waits[i + 1], (--r->n_waits - i) * sizeof *r->waits);
            return;
        }
}

static struct od_str setting(const struct process_effect *e, const char *name, struct od_arena *a)
{
    struct feel_value v;
    struct od_err err;
    for (size_t i = 0; i < e->n_values; i++)
        if (od_str_eq_c(e->values[i].name, name) && feel_json_decode(e->values[i].value, a, &v, &err) == OD_OK && v.kind == FEEL_STRING)
            return od_str_trim(v.string);
    return (struct od_str){"", 0};
}

static void on_effect(struct world *w, uint32_t instance, const struct process_effect *e)
{
    struct run_of *r = w->ctx;
    switch ((int)e->kind) {
    case PROCESS_FX_JOB: {
        struct od_str script = setting(e, "script", r->arena);
        bool slow = od_str_eq_c(script, "WAIT_TEN_SECONDS") || (script.n > 20 && !memcmp(script.p, "CREATE_TIMESTAMP_LOG", 20));
        if (r->n_waits < WORLD_WAITS_MAX)
            r->waits[r->n_waits++] = (struct wait){instance, e->key, w->now_us + (slow ? JOB_SLOW_S * OD_US_PER_S : 0),
                                                   script.n ? script : OD_STR("-"), w->now_us};
        break;
    }
    case PROCESS_FX_TIMER:
        forget(r, instance, e->key);
        if (r->n_waits < WORLD_WAITS_MAX)
            r->waits[r->n_waits++] = (struct wait){instance, e->key, e->due_us, {NULL, 0}, w->now_us};
        break;
    case PROCESS_FX_CLOSE:
        forget(r, instance, e->key);
        break;
    case PROCESS_FX_INCIDENT:
        r->incident = true;
        break;
    case PROCESS_FX_UNCAUGHT:
        if (!e->flow && w->instances[instance].caller == UINT32_MAX)
            trace(r, "ERROR_thrownErrorEvent");
        break;
    default:
        break;
    }
}

static bool is(struct od_str s, const char *text) { return od_str_eq_c(s, text); }

static bool read_var(struct run_of *r, uint32_t instance, const char *name, struct feel_value *ret)
{
    const struct state *s = &r->w.instances[instance].s;
    const struct var *v = s->root == SLOT_NONE ? NULL : var_get(s, s->root, od_str_c(name));
    struct od_err err;
    return v && feel_json_decode(v->value, r->arena, ret, &err) == OD_OK;
}

static struct od_str to_json(struct run_of *r, struct feel_value v)
{
    struct od_buf b;
    od_buf_init(&b, 4096);
    feel_json_encode(&v, &b);
    struct od_str s = od_arena_copy(r->arena, od_buf_view(&b));
    od_buf_done(&b);
    return s;
}

static size_t increment(struct run_of *r, uint32_t instance, struct process_var *out)
{
    struct feel_value v = feel_integer(0);
    read_var(r, instance, "integerVariable", &v);
    struct od_buf b;
    int64_t n = 0;
    od_buf_init(&b, 256);
    feel_value_format(&v, &b);
    od_str_int(od_buf_view(&b), INT32_MIN, INT32_MAX, &n);
    od_buf_done(&b);
    *out = (struct process_var){OD_STR("integerVariable"), to_json(r, feel_integer(n + 1))};
    return 1;
}

/* One command of the suite; returns how many variables it sets, or SIZE_MAX for a thrown error. */
static size_t perform(struct run_of *r, const struct wait *job, struct process_var *out)
{
    struct od_str s = job->script;
    struct feel_value v;
    if (s.n > 7 && !memcmp(s.p, "SCRIPT_", 7)) {
        trace(r, od_arena_strn(r->arena, s.p, s.n));
    } else if (is(s, "INCREMENT_INTEGER_VARIABLE") || is(s, "INCREMENT_INTEGER_VARIABLE_AND_LOG")) {
        if (is(s, "INCREMENT_INTEGER_VARIABLE_AND_LOG"))
            trace(r, "INCREMENT_correct");
        return increment(r, job->instance, out);
    } else if (is(s, "CREATE_MARKER_FILE")) {
        r->marker = true;
    } else if (is(s, "SET_STRING_DATA")) {
        *out = (struct process_var){OD_STR("data"), to_json(r, feel_string(OD_STR("String")))};
        return 1;
    } else if (is(s, "LOG_DATA")) {
        if (read_var(r, job->instance, "data", &v) && v.kind == FEEL_STRING && od_str_eq_c(v.string, "String"))
            trace(r, "DATA_correct");
    } else if (is(s, "THROW_ERROR")) {
        return SIZE_MAX;
    } else if (is(s, "CREATE_TIMESTAMP_LOG_1") || is(s, "CREATE_TIMESTAMP_LOG_2")) {
        unsigned i = s.p[s.n - 1] == '2';
        r->began_us[i] = job->began_us;
        r->ended_us[i] = r->w.now_us;
        if (r->ended_us[0] && r->ended_us[1] && r->began_us[0] < r->ended_us[1] && r->began_us[1] < r->ended_us[0])
            trace(r, "EXECUTION_parallel");
    }
    return 0;
}

static void come_due(struct run_of *r, struct wait w)
{
    struct process_var var;
    if (!w.script.n) {
        world_step(&r->w, w.instance, &(struct process_event){.kind = PROCESS_TIMER, .key = w.key});
        return;
    }
    forget(r, w.instance, w.key);
    size_t n = perform(r, &w, &var);
    if (n == SIZE_MAX)
        world_step(&r->w, w.instance, &(struct process_event){.kind = PROCESS_ERROR, .key = w.key, .name = OD_STR("ERR_CODE")});
    else
        world_step(&r->w, w.instance, &(struct process_event){.kind = PROCESS_COMPLETE, .key = w.key, .vars = &var, .n_vars = n});
}

/* Lets the world run until nothing is due before the end of observation. */
static void run_until(struct run_of *r, int64_t end_us)
{
    for (unsigned turns = 0; turns < 100000 && r->n_waits; turns++) {
        unsigned first = 0;
        for (unsigned i = 1; i < r->n_waits; i++)
            if (r->waits[i].due_us < r->waits[first].due_us)
                first = i;
        struct wait w = r->waits[first];
        if (w.due_us > end_us)
            return;
        if (w.due_us > r->w.now_us)
            r->w.now_us = w.due_us;
        if (!w.script.n)
            forget(r, w.instance, w.key);
        come_due(r, w);
    }
}

/* --- one case ---------------------------------------------------------------------------------------------------------------- */

static size_t variables(struct run_of *r, json_t *row, struct process_var *out, size_t max)
{
    const char *name;
    json_t *value;
    size_t n = 0;
    json_object_foreach(json_object_get(row, "variables"), name, value)
    {
        struct feel_value v = json_is_integer(value) ? feel_integer(json_integer_value(value))
                              : json_is_string(value) ? feel_string(od_str_c(json_string_value(value)))
                                                      : FEEL_NULL_VALUE;
        if (n < max)
            out[n++] = (struct process_var){od_str_c(name), to_json(r, v)};
    }
    return n;
}

static json_t *reply_of(const struct run_of *r)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < r->n_trace; i++)
        json_array_append_new(list, json_string(r->trace[i]));
    if (r->incident || r->w.failed)
        json_array_append_new(list, json_string("ERROR_runtime"));
    if (r->marker)
        json_array_append_new(list, json_string("MARKER_exists"));
    return json_pack("{s:o}", "trace", list);
}

static void start_by_id(struct run_of *r, json_t *row, const char *key)
{
    const char *id = json_string_value(json_object_get(row, key));
    unsigned def = id ? world_def_by_id(&r->w, od_str_c(id)) : UINT32_MAX;
    struct process_var vars[32];
    size_t n = variables(r, row, vars, OD_LEN(vars));
    if (def < r->w.n_defs)
        world_start(&r->w, def, DEF_NONE, vars, n);
}

static json_t *answer(struct bpmn_case *c)
{
    struct run_of *r = od_xcalloc(1, sizeof *r);
    struct lint_report report;
    struct model *m;
    struct od_err err;
    json_t *reply;
    r->arena = &c->arena;
    r->w.ctx = r;
    r->w.on_effect = on_effect;
    lint_report_init(&report, LINT_DEPLOY, &c->arena);
    if (model_read(c->bytes, NULL, &c->arena, &m, &err) != OD_OK)
        report.n_errors++;
    else {
        prepare(m);
        lint_model(m, &report);
    }
    if (report.n_errors || !world_init(&r->w, m, DEF_DEPLOY, &c->arena, &report)) {
        reply = json_pack("{s:[s]}", "trace", "ERROR_deployment");
    } else {
        start_by_id(r, c->row, "start_first");
        start_by_id(r, c->row, json_object_get(c->row, "process") ? "process" : "start");
        int64_t observe_us = json_integer_value(json_object_get(c->row, "observe_after_ms")) * OD_US_PER_MS;
        run_until(r, observe_us ? observe_us : REST_S * OD_US_PER_S);
        reply = reply_of(r);
        world_done(&r->w);
    }
    free(r);
    return reply;
}

enum od_status conform_betsy(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    return bpmn_cases(cases, dir, "bpmn", answer, out, err);
}
