/* SPDX-License-Identifier: Apache-2.0
 * for, some, every (§10.3.2.14) and filters (§10.3.2.5): a body visited once per item. */
#include "server/domain/feel/eval.h"

#include "server/domain/feel/temporal.h"

/* One domain of an iteration: the items of a list, or the steps of a range of whole numbers or dates. */
struct domain {
    const struct feel_list *list;
    int64_t from, to, at; /* of a range: numbers, or days since 1970-01-01 */
    bool range, dates;
    size_t index;
};

struct loop {
    struct feel_run *run;
    const struct feel_node *node;
    struct domain *domains;
    struct feel_frame *frame;
    struct feel_entry *entries; /* n iteration variables, and `partial` */
};

static bool range_bound(const struct feel_value *v, int64_t *ret)
{
    if (v->kind == FEEL_NUMBER)
        return od_decimal_is_integer(v->number) && od_decimal_to_i64(v->number, ret);
    if (v->kind != FEEL_DATE)
        return false;
    *ret = feel_date_days(&v->temporal);
    return true;
}

static bool range_domain(struct domain *d, const struct feel_value *start, const struct feel_value *end)
{
    if (start->kind != end->kind || !range_bound(start, &d->from) || !range_bound(end, &d->to))
        return false;
    d->range = true;
    d->dates = start->kind == FEEL_DATE;
    return true;
}

/* A range value as a domain: from its first whole number or date to its last. */
static bool range_value_domain(struct domain *d, const struct feel_range *r)
{
    if (r->no_start || r->no_end || r->not_equal || !range_domain(d, &r->start, &r->end))
        return false;
    int step = d->from <= d->to ? 1 : -1;
    bool empty = d->from == d->to && (r->start_open || r->end_open);
    d->from += r->start_open ? step : 0;
    d->to -= r->end_open ? step : 0;
    if (empty || (step > 0 ? d->from > d->to : d->from < d->to)) { /* nothing between the ends */
        static const struct feel_list none;
        *d = (struct domain){.list = &none};
    }
    return true;
}

/* A value as a domain. */
static bool value_domain(struct feel_run *run, struct domain *d, const struct feel_value *v, struct feel_value *ret_fault)
{
    if (v->kind == FEEL_LIST) {
        d->list = v->list;
        return true;
    }
    if (v->kind == FEEL_RANGE) {
        if (range_value_domain(d, v->range))
            return true;
        *ret_fault = feel_run_fail(run, "an iteration runs over whole numbers or dates", FEEL_NO_SUBJECT);
        return false;
    }
    if (v->kind == FEEL_NULL) {
        *ret_fault = feel_fail_from(run, v, NULL, "null cannot be iterated");
        return false;
    }
    struct feel_vec vec = {0}; /* §10.3.2.9.4: an item where a list is wanted */
    struct feel_value one = feel_vec_add(run, &vec, v) ? feel_vec_list(run, &vec) : FEEL_NULL_VALUE;
    d->list = one.kind == FEEL_LIST ? one.list : NULL;
    return d->list != NULL;
}

static bool domain_open(struct loop *l, uint32_t i, struct feel_value *ret_fault)
{
    struct domain *d = &l->domains[i];
    const struct feel_node *n = l->node->items[i];
    *d = (struct domain){0};
    if (n->op == FN_RANGE) {
        struct feel_value start = feel_visit(l->run, n->a, l->frame), end = feel_visit(l->run, n->b, l->frame);
        const struct feel_range r = {.start = start, .end = end, .start_open = n->flags & FLAG_OPEN_START,
                                     .end_open = n->flags & FLAG_OPEN_END};
        l->run->at = n->at;
        if (range_value_domain(d, &r))
            return true;
        *ret_fault = feel_fail_from(l->run, &start, &end, "an iteration runs over whole numbers or dates");
        return false;
    }
    struct feel_value v = feel_visit(l->run, n, l->frame);
    l->run->at = n->at;
    return value_domain(l->run, d, &v, ret_fault);
}

/* The next item into the variable; false behind the last. */
static bool domain_next(struct domain *d, struct feel_value *ret)
{
    if (d->list) {
        if (d->index >= d->list->n)
            return false;
        *ret = d->list->items[d->index++];
        return true;
    }
    int64_t at = d->from <= d->to ? d->from + (int64_t)d->index : d->from - (int64_t)d->index;
    if (d->from <= d->to ? at > d->to : at < d->to)
        return false;
    d->index++;
    *ret = d->dates ? feel_date_from_days(at) : feel_integer(at);
    return true;
}

struct feel_value feel_run_items(struct feel_run *run, const struct feel_value *v)
{
    struct domain d = {0};
    struct feel_value item = FEEL_NULL_VALUE;
    struct feel_vec vec = {0};
    if (v->kind == FEEL_LIST)
        return *v;
    if (!value_domain(run, &d, v, &item))
        return item;
    while (feel_run_charge(run, 1) && domain_next(&d, &item))
        if (!feel_vec_add(run, &vec, &item))
            return FEEL_NULL_VALUE;
    return feel_vec_list(run, &vec);
}

/* A function that the body makes keeps its frame: then each turn gets one of its own. */
static bool frame_fresh(struct loop *l, const struct feel_frame *outer, uint32_t n_entries)
{
    if (!(l->node->flags & FLAG_CAPTURES))
        return true;
    struct feel_entry *entries = FEEL_ARRAY(l->run, n_entries, struct feel_entry);
    struct feel_frame *frame = feel_run_alloc(l->run, sizeof *frame);
    if (!entries || !frame)
        return false;
    memcpy(entries, l->entries, n_entries * sizeof *entries);
    *frame = (struct feel_frame){outer, entries, l->frame->n};
    l->entries = entries;
    l->frame = frame;
    return true;
}

/* Called once per combination; false ends the loop. */
typedef bool (*turn_fn)(struct loop *l, void *state);

/* Walks all combinations, the last domain fastest. *ret_fault is set where a domain is none; its frame shows only the
 * variables before it. */
static bool loop_walk(struct loop *l, const struct feel_frame *outer, turn_fn turn, void *state, struct feel_value *ret_fault)
{
    uint32_t n = l->node->n, level = 0;
    l->frame->n = 0;
    if (!domain_open(l, 0, ret_fault))
        return false;
    for (;;) {
        if (!feel_run_charge(l->run, 1) || !frame_fresh(l, outer, n + 1))
            return false;
        if (!domain_next(&l->domains[level], &l->entries[level].value)) {
            if (level == 0)
                return true;
            level--;
            continue;
        }
        l->entries[level].name = l->node->names[level];
        l->frame->n = level + 1;
        if (level + 1 < n) {
            if (!domain_open(l, ++level, ret_fault))
                return false;
            continue;
        }
        if (!turn(l, state))
            return true;
    }
}

static bool loop_init(struct loop *l, struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                      struct feel_frame *frame)
{
    *l = (struct loop){.run = run, .node = n, .frame = frame};
    l->domains = FEEL_ARRAY(run, n->n, struct domain);
    l->entries = FEEL_ARRAY(run, n->n + 1, struct feel_entry);
    *frame = (struct feel_frame){f, l->entries, 0};
    return l->domains && l->entries;
}

static bool turn_for(struct loop *l, void *state)
{
    struct feel_vec *results = state;
    if (l->node->flags & FLAG_PARTIAL) { /* the results so far; what is added later lies behind its end */
        l->entries[l->node->n] = (struct feel_entry){OD_STR("partial"), feel_vec_list(l->run, results)};
        l->frame->n = l->node->n + 1;
    }
    struct feel_value v = feel_visit(l->run, l->node->a, l->frame);
    return feel_vec_add(l->run, results, &v);
}

struct feel_value feel_visit_for(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct loop l;
    struct feel_frame frame;
    struct feel_vec results = {0};
    struct feel_value fault = FEEL_NULL_VALUE;
    if (!loop_init(&l, run, n, f, &frame) || !loop_walk(&l, f, turn_for, &results, &fault))
        return fault;
    return feel_vec_list(run, &results);
}

/* Table 64: one decisive answer decides; one that is neither true nor false leaves the rest unknown. */
struct quantified {
    bool decides, decided, unknown;
    struct feel_value fault;
};

static bool turn_quantified(struct loop *l, void *state)
{
    struct quantified *q = state;
    struct feel_value v = feel_visit(l->run, l->node->a, l->frame);
    if (v.kind == FEEL_BOOLEAN) {
        q->decided = v.boolean == q->decides;
    } else if (!q->unknown) {
        q->unknown = true;
        q->fault = v;
    }
    return !q->decided;
}

struct feel_value feel_visit_quantified(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct loop l;
    struct feel_frame frame;
    struct quantified q = {.decides = n->op == FN_SOME};
    struct feel_value fault = FEEL_NULL_VALUE;
    if (!loop_init(&l, run, n, f, &frame) || !loop_walk(&l, f, turn_quantified, &q, &fault))
        return fault;
    run->at = n->at;
    if (q.decided || !q.unknown)
        return feel_boolean(q.decided == q.decides);
    return feel_fail_from(run, &q.fault, NULL, "the condition is neither true nor false");
}

/* --- filters --------------------------------------------------------------------------------------------------------- */

static struct feel_value by_index(struct feel_run *run, const struct feel_list *list, const struct feel_value *index)
{
    int64_t i;
    if (!od_decimal_is_integer(index->number) || !od_decimal_to_i64(index->number, &i))
        return feel_run_fail(run, "an index must be a whole number", FEEL_NO_SUBJECT);
    int64_t at = i > 0 ? i - 1 : (int64_t)list->n + i;
    if (i == 0 || at < 0 || at >= (int64_t)list->n)
        return feel_run_fail(run, "the list has no item at this index", FEEL_NO_SUBJECT);
    return list->items[at];
}

/* The condition sees the item as `item`, and if it is a context, its entries before everything else. */
static struct feel_value condition(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f,
                                   const struct feel_value *item)
{
    struct feel_entry local = {OD_STR("item"), *item}, *entry = &local;
    struct feel_frame frames[2], *frame = frames;
    if (n->flags & FLAG_CAPTURES) {
        entry = feel_run_alloc(run, sizeof *entry);
        frame = FEEL_ARRAY(run, 2, struct feel_frame);
        if (!entry || !frame)
            return FEEL_NULL_VALUE;
        *entry = local;
    }
    frame[0] = (struct feel_frame){f, entry, 1};
    if (item->kind == FEEL_CONTEXT) {
        frame[1] = (struct feel_frame){&frame[0], item->context->entries, item->context->n};
        frame++;
    }
    return feel_visit(run, n->b, frame);
}

struct feel_value feel_run_item(struct feel_run *run, const struct feel_list *l, const struct feel_value *index)
{
    return by_index(run, l, index);
}

struct feel_value feel_visit_filter(struct feel_run *run, const struct feel_node *n, const struct feel_frame *f)
{
    struct feel_value of = feel_visit(run, n->a, f);
    const struct feel_list *list = of.list, single = {1, &of};
    run->at = n->at;
    if (of.kind == FEEL_NULL)
        return feel_fail_from(run, &of, NULL, "null cannot be filtered");
    if (of.kind != FEEL_LIST)
        list = &single;
    if (n->b->op == FN_CONST && n->b->value.kind == FEEL_NUMBER)
        return by_index(run, list, &n->b->value);
    struct feel_vec vec = {0};
    if (!list->n) { /* without an item only an index can be told */
        struct feel_value index = feel_visit(run, n->b, f);
        run->at = n->at;
        return index.kind == FEEL_NUMBER ? by_index(run, list, &index) : feel_vec_list(run, &vec);
    }
    for (size_t i = 0; i < list->n && !feel_run_over(run); i++) {
        struct feel_value v = condition(run, n, f, &list->items[i]);
        run->at = n->at;
        if (v.kind == FEEL_NUMBER)
            return by_index(run, list, &v);
        if (feel_is_true(&v) && !feel_vec_add(run, &vec, &list->items[i]))
            return FEEL_NULL_VALUE;
    }
    return feel_vec_list(run, &vec);
}
