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
#include "tests/unit/server/domain/process/scenario_scene.h"

#include <dirent.h>

#define FOLDER "tests/scenario/process/"

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
