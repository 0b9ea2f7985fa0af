/* SPDX-License-Identifier: Apache-2.0
 * Breadth first over states. A state is known by what lies where; keys and variables are left out, or no two would be equal. */
#include "server/domain/process/explore.h"

#include "common/base/limits.h"
#include "server/domain/process/step.h"

enum { CHOICES_MAX = 16, OPTIONS_MAX = 256, ROUNDS_MAX = 12, PATH_TEXT_MAX = 360, EFFECT_BYTES_MAX = 8 << 20 };

/* What leads from one state to the next: an event, and how gateways decided on the way. */
struct move {
    enum process_event_kind kind;
    uint32_t node;
    uint32_t n_choices;
    uint8_t choices[CHOICES_MAX];
};

struct found {
    struct od_str bytes;
    uint64_t hash;
    uint32_t from;               /* the state before */
    struct move move;
    bool ended, stuck, can_end, can_stop; /* some way leads to an end; to an end or where it is stuck */
    uint32_t stuck_at;
};

struct edge {
    uint32_t from, to;
};

struct explorer {
    const struct def *d;
    const struct xml_node *process;
    const struct model *m;
    struct lint_report *report;
    struct od_arena *arena, scratch, texts;
    struct found *states;
    uint32_t n, *table;          /* open addressing by hash, index + 1 */
    struct edge *edges;
    uint32_t n_edges;
    bool *entered, *doubled;
    struct count {
        uint64_t place;
        uint32_t n;
    } *counts;                   /* by node and kind of item: so many in that place */
    uint64_t place;              /* told apart by a running number */
    uint32_t crowd;              /* so many of a kind in one place, and no more */
    bool truncated, crowded, endless;
    /* the oracle of the move that is being made */
    struct move *now;
    uint32_t asked;
    uint8_t options[CHOICES_MAX];
};

/* --- the model without its data ------------------------------------------------------------------------------------------- */

static const struct def *without_data(const struct def *d, struct od_arena *a)
{
    struct def *c = OD_ARENA_NEW(a, struct def);
    struct def_node *nodes = OD_ARENA_ARRAY(a, d->n_nodes + 1, struct def_node);
    struct def_flow *flows = OD_ARENA_ARRAY(a, d->n_flows + 1, struct def_flow);
    struct def_trigger *triggers = OD_ARENA_ARRAY(a, d->n_triggers + 1, struct def_trigger);
    if (!c || !nodes || !flows || !triggers)
        return NULL;
    *c = *d;
    for (uint32_t i = 0; i < d->n_nodes; i++) {
        nodes[i] = d->nodes[i];
        nodes[i].loop = nodes[i].expr = DEF_NONE;
        nodes[i].n_mappings = nodes[i].n_settings = 0;
    }
    for (uint32_t i = 0; i < d->n_flows; i++) {
        enum node_kind k = (enum node_kind)d->nodes[d->flows[i].from].kind;
        bool decides = (k == NODE_EXCLUSIVE || k == NODE_INCLUSIVE) && d->nodes[d->flows[i].from].n_out > 1;
        flows[i] = d->flows[i];
        flows[i].open_condition = decides || flows[i].open_condition || flows[i].condition != DEF_NONE;
        flows[i].condition = DEF_NONE;
    }
    for (uint32_t i = 0; i < d->n_triggers; i++) {
        enum trigger_kind k = (enum trigger_kind)d->triggers[i].kind;
        triggers[i] = d->triggers[i];
        triggers[i].external = triggers[i].external || k == TRIGGER_TIMER || k == TRIGGER_CONDITION || k == TRIGGER_MESSAGE;
        triggers[i].key = DEF_NONE;
    }
    c->nodes = nodes;
    c->flows = flows;
    c->triggers = triggers;
    c->profile = DEF_SIMULATE;
    return c;
}

/* --- one move ---------------------------------------------------------------------------------------------------------------- */

static uint64_t choose(void *ctx, uint32_t node, uint32_t n_out, bool several)
{
    struct explorer *x = ctx;
    (void)node;
    /* of many flows: each alone, and all together */
    uint32_t n = !several ? n_out : n_out <= 4 ? (1u << n_out) - 1 : n_out + 1;
    if (n > UINT8_MAX || n == 0)
        n = n ? UINT8_MAX : 1;
    if (x->asked == CHOICES_MAX) {
        x->truncated = true;
        return 1;
    }
    uint32_t c = x->asked < x->now->n_choices ? x->now->choices[x->asked] : 0;
    x->options[x->asked] = (uint8_t)n;
    x->now->choices[x->asked++] = (uint8_t)c;
    if (!several)
        return UINT64_C(1) << (c % 64);
    return n_out <= 4 ? c + 1 : c < n_out ? UINT64_C(1) << (c % 64) : UINT64_MAX;
}

static bool waits(void *ctx, uint32_t node)
{
    (void)ctx, (void)node;
    return true;
}

/* How many items of a kind are in one place, at most. Marks the nodes at which something goes on twice. */
static uint32_t count_crowd(struct explorer *x, const struct state *s)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < s->n_items; i++) {
        x->place++;
        for (uint32_t c = s->items[i].key ? s->items[i].first : SLOT_NONE; c != SLOT_NONE; c = s->items[c].next) {
            const struct item *it = &s->items[c];
            struct count *count = &x->counts[it->node * ITEM_KINDS + it->kind];
            *count = (struct count){x->place, count->place == x->place ? count->n + 1 : 1};
            most = count->n > most ? count->n : most;
            if (count->n > 1 && (it->kind == ITEM_ACTIVITY || it->kind == ITEM_SCOPE || it->kind == ITEM_EVENT))
                x->doubled[it->node] = x->doubled[it->node] || !x->d->nodes[it->node].event_sub_process;
        }
    }
    return most;
}

static void watch(struct explorer *x, const struct state *s, const struct process_effects *fx)
{
    for (size_t i = 0; i < fx->n; i++)
        if (fx->list[i].kind == PROCESS_FX_ENTERED)
            x->entered[fx->list[i].node] = true;
    (void)count_crowd(x, s);
}

/* False: nothing came of it. */
static bool make_move(struct explorer *x, struct state *s, struct move *move, const char *code)
{
    struct process_env env = {.scratch = &x->scratch, .history = true, .choose = choose, .waits = waits, .ctx = x};
    struct process_event e = {.kind = move->kind, .node = move->node, .name = od_str_c(code ? code : "")};
    struct process_effects fx;
    struct od_err err;
    bool more = true, fine = true;
    x->now = move;
    x->asked = 0;
    if (move->kind == PROCESS_COMPLETE || move->kind == PROCESS_ERROR || move->kind == PROCESS_ESCALATE)
        e.key = process_open_at(s, move->node);
    process_effects_init(&fx, &x->texts);
    for (unsigned round = 0; more && fine; round++) {
        od_arena_reset(&x->texts);
        process_effects_clear(&fx);
        fine = process_step(x->d, s, &e, &env, &fx, &err) == OD_OK;
        if (fine)
            watch(x, s, &fx);
        more = fine && fx.n && fx.list[fx.n - 1].kind == PROCESS_FX_CONTINUE;
        e = (struct process_event){.kind = PROCESS_CONTINUE};
        if (more && round == ROUNDS_MAX) {
            x->endless = true;
            fine = false;
        }
    }
    move->n_choices = x->asked;
    process_effects_done(&fx);
    return fine;
}

/* The next way to decide: the last choice that has another option. */
static bool next_choices(struct explorer *x, struct move *move)
{
    while (move->n_choices) {
        uint32_t last = move->n_choices - 1;
        if (move->choices[last] + 1u < x->options[last]) {
            move->choices[last]++;
            return true;
        }
        move->n_choices--;
    }
    return false;
}

/* --- states ------------------------------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + UINT64_C(0x9E3779B97F4A7C15) + (h << 6) + (h >> 2);
    h ^= h >> 31;
    return h * UINT64_C(0xBF58476D1CE4E5B9);
}

/* Children count without their order: which of two parallel tokens came first makes no difference. */
static uint64_t hash_of(struct explorer *x, const struct state *s)
{
    uint64_t *sum = od_arena_array(&x->scratch, s->n_items + 1, sizeof *sum), h = 1;
    uint32_t *order = od_arena_array(&x->scratch, s->n_items + 1, sizeof *order), n = 0;
    if (!sum || !order || s->root == SLOT_NONE)
        return 0;
    order[n++] = s->root;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t c = s->items[order[i]].first; c != SLOT_NONE; c = s->items[c].next)
            order[n++] = c;
    for (uint32_t i = n; i-- > 0;) {
        const struct item *it = &s->items[order[i]];
        h = mix(mix(mix(it->kind, it->node), it->kind == ITEM_TOKEN ? it->flow : 0), it->phase);
        h = mix(mix(h, it->started), (uint64_t)it->interrupted << 1 | it->compensating);
        for (uint32_t u = it->first_sub; u != SLOT_NONE; u = s->subs[u].next)
            h += mix(s->subs[u].trigger, s->subs[u].met);
        h = mix(h, sum[order[i]]);
        if (it->parent != SLOT_NONE)
            sum[it->parent] += h;
    }
    return h ? h : 1;
}

static uint32_t remember(struct explorer *x, const struct state *s, uint32_t from, const struct move *move)
{
    od_arena_reset(&x->scratch);
    uint64_t hash = hash_of(x, s);
    uint32_t mask = 4 * OD_EXPLORE_STATES_MAX - 1, i = (uint32_t)hash & mask;
    for (; x->table[i]; i = (i + 1) & mask)
        if (x->states[x->table[i] - 1].hash == hash)
            return x->table[i] - 1;
    if (x->n == OD_EXPLORE_STATES_MAX) {
        x->truncated = true;
        return DEF_NONE;
    }
    struct od_buf b;
    od_buf_init(&b, OD_PROCESS_STATE_BYTES_MAX);
    state_encode(s, &b);
    struct found *f = &x->states[x->n];
    *f = (struct found){.bytes = od_arena_copy(x->arena, od_buf_view(&b)), .hash = hash, .from = from, .move = *move, .ended = s->ended,
                        .can_end = s->ended, .stuck_at = DEF_NONE};
    od_buf_done(&b);
    x->table[i] = ++x->n;
    return x->n - 1;
}

static void add_edge(struct explorer *x, uint32_t from, uint32_t to)
{
    if (x->n_edges == OD_EXPLORE_EDGES_MAX)
        x->truncated = true;
    else
        x->edges[x->n_edges++] = (struct edge){from, to};
}

/* All ways that one event can go. */
static void try_move(struct explorer *x, uint32_t from, struct od_str bytes, struct move move, const char *code)
{
    struct od_err err;
    do {
        struct state s;
        if (!bytes.n)
            state_init(&s);
        else if (state_decode(bytes, x->d, &s, &err) != OD_OK)
            return;
        if (make_move(x, &s, &move, code)) {
            uint32_t to = remember(x, &s, from, &move);
            if (to != DEF_NONE && from != DEF_NONE)
                add_edge(x, from, to);
        }
        state_done(&s);
    } while (!x->truncated && next_choices(x, &move));
}

/* Codes of errors and, from what is called, escalations that something around the node would catch. */
static void try_codes(struct explorer *x, uint32_t from, struct od_str bytes, uint32_t node)
{
    for (uint32_t e = 0; e < x->d->n_nodes; e++)
        for (uint32_t k = 0; k < x->d->nodes[e].n_triggers; k++) {
            const struct def_node *n = &x->d->nodes[e];
            const struct def_trigger *t = def_trigger(x->d, e, k);
            bool boundary = n->kind == NODE_BOUNDARY && n->host != DEF_NONE && def_inside(x->d, n->host, node);
            bool inner = n->kind == NODE_START && n->parent && def_inside(x->d, x->d->nodes[n->parent].parent, node) &&
                         !def_inside(x->d, n->parent, node);
            bool escalation = t->kind == TRIGGER_ESCALATION && x->d->nodes[node].kind == NODE_CALL;
            char code[128];
            snprintf(code, sizeof code, OD_STR_FMT, OD_STR_ARG(t->name));
            if ((t->kind == TRIGGER_ERROR || escalation) && (boundary || inner))
                try_move(x, from, bytes, (struct move){.kind = escalation ? PROCESS_ESCALATE : PROCESS_ERROR, .node = node}, code);
        }
}

/* Each once: of several that wait at one node any will do. */
static uint32_t add_option(struct move moves[OPTIONS_MAX], uint32_t n, enum process_event_kind kind, uint32_t node)
{
    for (uint32_t i = 0; i < n; i++)
        if (moves[i].kind == kind && moves[i].node == node)
            return n;
    if (n == OPTIONS_MAX)
        return n;
    moves[n] = (struct move){.kind = kind, .node = node};
    return n + 1;
}

static void expand(struct explorer *x, uint32_t at)
{
    struct od_str bytes = x->states[at].bytes;
    struct od_err err;
    struct state s;
    struct move moves[OPTIONS_MAX];
    uint32_t n = 0;
    if (x->states[at].ended || state_decode(bytes, x->d, &s, &err) != OD_OK)
        return;
    /* what comes alongside may come again and again: a few of it show what there is to see, more may well go on as they do */
    if (count_crowd(x, &s) > x->crowd) {
        x->crowded = x->states[at].can_end = true;
        state_done(&s);
        return;
    }
    for (uint32_t i = 0; i < s.n_subs; i++)
        if (s.subs[i].key)
            n = add_option(moves, n, PROCESS_TRIGGER, s.subs[i].node);
    for (uint32_t i = 0; i < s.n_items; i++)
        if (s.items[i].key && s.items[i].kind == ITEM_ACTIVITY && s.items[i].phase == PHASE_WAITING &&
            x->d->nodes[s.items[i].node].kind != NODE_RECEIVE)
            n = add_option(moves, n, PROCESS_COMPLETE, s.items[i].node);
    for (uint32_t i = 0; i < s.n_items; i++)
        if (s.items[i].key && s.items[i].kind == ITEM_TOKEN && s.items[i].phase == PHASE_WAITING)
            x->states[at].stuck_at = s.items[i].node;
    x->states[at].stuck = n == 0;
    state_done(&s);
    for (uint32_t i = 0; i < n && !x->truncated; i++) {
        try_move(x, at, bytes, moves[i], NULL);
        if (moves[i].kind == PROCESS_COMPLETE)
            try_codes(x, at, bytes, moves[i].node);
    }
}

/* --- what is told --------------------------------------------------------------------------------------------------------------- */

static const struct xml_node *element(const struct explorer *x, uint32_t node)
{
    const struct xml_node *e = model_find(x->m, x->process, x->d->nodes[node].id);
    return e ? e : x->process;
}

static void path_to(const struct explorer *x, uint32_t at, char out[PATH_TEXT_MAX])
{
    uint32_t steps[64], n = 0;
    size_t used = 0;
    for (; at != DEF_NONE && n < OD_LEN(steps); at = x->states[at].from)
        steps[n++] = at;
    out[0] = 0;
    while (n-- > 0 && used + 1 < PATH_TEXT_MAX) {
        const struct move *m = &x->states[steps[n]].move;
        static const char *const verbs[] = {[PROCESS_START] = "start", [PROCESS_COMPLETE] = "complete", [PROCESS_ERROR] = "error in",
                                            [PROCESS_ESCALATE] = "escalation in", [PROCESS_TRIGGER] = "event"};
        struct od_str id = m->node == DEF_NONE ? x->d->nodes[0].id : x->d->nodes[m->node].id;
        int k = snprintf(out + used, PATH_TEXT_MAX - used, "%s%s " OD_STR_FMT, used ? ", " : "", verbs[m->kind], OD_STR_ARG(id));
        used += k > 0 ? (size_t)k : 0;
    }
}

/* Backwards from where it stops, until nothing changes. */
static void mark_ways(struct explorer *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        x->states[i].can_stop = x->states[i].can_end || x->states[i].stuck;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < x->n_edges; i++) {
            struct found *from = &x->states[x->edges[i].from];
            const struct found *to = &x->states[x->edges[i].to];
            changed = changed || (to->can_end && !from->can_end) || (to->can_stop && !from->can_stop);
            from->can_end = from->can_end || to->can_end;
            from->can_stop = from->can_stop || to->can_stop;
        }
    }
}

/* States come in the order of the shortest way to them: the first of a kind is told. */
static void tell_states(struct explorer *x)
{
    char path[PATH_TEXT_MAX];
    bool told_deadlock = false, told_completion = false;
    mark_ways(x);
    for (uint32_t i = 0; i < x->n; i++) {
        const struct found *f = &x->states[i];
        if (f->stuck && !f->ended && !told_deadlock) {
            path_to(x, i, path);
            lint_add(x->report, LINT_WARNING, "explore:deadlock", element(x, f->stuck_at == DEF_NONE ? 0 : f->stuck_at),
                     "a token waits here for ever after: %s", path);
            told_deadlock = true;
        } else if (!f->can_end && !f->can_stop && !x->truncated && !told_completion) { /* a way into a deadlock is told above */
            path_to(x, i, path);
            lint_add(x->report, LINT_WARNING, "explore:completion", x->process, "there is no way to an end any more after: %s", path);
            told_completion = true;
        }
    }
}

/* A compensation boundary event is never entered: it ties an activity to its handler. */
static bool compensates(const struct def *d, uint32_t node)
{
    return d->nodes[node].kind == NODE_BOUNDARY && d->nodes[node].n_triggers && def_trigger(d, node, 0)->kind == TRIGGER_COMPENSATION;
}

static void tell(struct explorer *x)
{
    tell_states(x);
    if (x->truncated)
        lint_add(x->report, LINT_WARNING, "explore:bound", x->process,
                 "has more than %d states, or %d decisions in one step: what lies behind them was not looked at", OD_EXPLORE_STATES_MAX,
                 CHOICES_MAX);
    if (x->endless)
        lint_add(x->report, LINT_WARNING, "explore:endless", x->process, "runs in a circle without waiting for anything");
    for (uint32_t i = 1; i < x->d->n_nodes; i++) {
        if (x->doubled[i])
            lint_add(x->report, LINT_WARNING, "explore:unsynchronized", element(x, i), "a second token can come while one is still here");
        if (!x->entered[i] && !x->truncated && !x->crowded && !x->endless && !compensates(x->d, i))
            lint_add(x->report, LINT_WARNING, "explore:unreachable", element(x, i), "nothing ever leads here");
    }
}

static bool prepare(struct explorer *x)
{
    x->states = OD_ARENA_ARRAY(x->arena, OD_EXPLORE_STATES_MAX, struct found);
    x->table = OD_ARENA_ARRAY(x->arena, (size_t)4 * OD_EXPLORE_STATES_MAX, uint32_t);
    x->edges = OD_ARENA_ARRAY(x->arena, OD_EXPLORE_EDGES_MAX, struct edge);
    x->entered = OD_ARENA_ARRAY(x->arena, x->d->n_nodes, bool);
    x->doubled = OD_ARENA_ARRAY(x->arena, x->d->n_nodes, bool);
    x->counts = OD_ARENA_ARRAY(x->arena, (size_t)x->d->n_nodes * ITEM_KINDS, struct count);
    x->crowd = 2;
    for (uint32_t i = 0; i < x->d->n_nodes; i++) {
        const struct def_node *n = &x->d->nodes[i];
        const uint32_t many[] = {n->n_out, n->start_quantity, n->completion_quantity};
        for (size_t k = 0; k < OD_LEN(many); k++)
            x->crowd = many[k] > x->crowd ? many[k] : x->crowd;
    }
    return x->states && x->table && x->edges && x->entered && x->doubled && x->counts;
}

static void start_by(struct explorer *x, uint32_t node)
{
    try_move(x, DEF_NONE, (struct od_str){NULL, 0}, (struct move){.kind = PROCESS_START, .node = node}, NULL);
}

static void start_all(struct explorer *x)
{
    bool blank = false;
    for (uint32_t n = 1; n < x->d->n_nodes; n = x->d->nodes[n].end) {
        const struct def_node *s = &x->d->nodes[n];
        if ((s->kind == NODE_START && s->n_triggers) || (s->kind == NODE_RECEIVE && s->instantiates))
            start_by(x, n);
        if (s->kind == NODE_EVENT_GATEWAY && s->instantiates) {
            x->entered[n] = true; /* with each of its events */
            for (uint32_t i = 0; i < s->n_out; i++)
                start_by(x, x->d->flows[x->d->out[s->first_out + i]].to);
        }
        blank = blank || (s->kind == NODE_START && !s->n_triggers);
    }
    if (blank || !x->n)
        start_by(x, DEF_NONE);
}

void explore_process(const struct model *m, const struct xml_node *process, struct od_arena *arena, struct lint_report *report)
{
    struct lint_report ignored;
    struct od_err err;
    const struct def *d;
    lint_report_init(&ignored, LINT_DEPLOY, arena);
    if (def_compile(m, process, DEF_SIMULATE, NULL, arena, &ignored, &d, &err) != OD_OK || !d)
        return;
    if (d->n_nodes > OD_EXPLORE_NODES_MAX) {
        lint_add(report, LINT_WARNING, "explore:bound", process, "has more than %d elements: its ways were not looked at",
                 OD_EXPLORE_NODES_MAX);
        return;
    }
    struct explorer x = {.d = without_data(d, arena), .process = process, .m = m, .report = report, .arena = arena};
    if (!x.d || !prepare(&x))
        return;
    od_arena_init(&x.scratch, OD_PROCESS_EVAL_BYTES_MAX);
    od_arena_init(&x.texts, EFFECT_BYTES_MAX);
    start_all(&x);
    for (uint32_t i = 0; i < x.n && !x.truncated; i++)
        expand(&x, i);
    tell(&x);
    od_arena_done(&x.scratch);
    od_arena_done(&x.texts);
}
