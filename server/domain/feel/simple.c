/* SPDX-License-Identifier: Apache-2.0
 * Reads literal comparisons out of a tree, and does them. */
#include "server/domain/feel/simple.h"

#include "server/domain/feel/eval.h"

struct simple_test {
    bool range;
    enum feel_cmp cmp;
    struct feel_value value; /* the operand, or a range */
};

struct feel_simple {
    uint32_t n;
    bool negated;
    struct simple_test tests[];
};

static bool literal(const struct feel_node *n) { return n->op == FN_CONST && n->value.kind != FEEL_NULL; }

static bool range_of(const struct feel_node *n, struct od_arena *arena, struct simple_test *ret)
{
    int order;
    if (!literal(n->a) || !literal(n->b) || !feel_compare(&n->a->value, &n->b->value, &order) || order > 0)
        return false;
    struct feel_range *r = OD_ARENA_NEW(arena, struct feel_range);
    if (!r)
        return false;
    *r = (struct feel_range){.start = n->a->value, .end = n->b->value, .start_open = n->flags & FLAG_OPEN_START,
                             .end_open = n->flags & FLAG_OPEN_END};
    *ret = (struct simple_test){.range = true, .value = {.kind = FEEL_RANGE, .range = r}};
    return true;
}

static bool test_of(const struct feel_node *n, struct od_arena *arena, struct simple_test *ret)
{
    if (literal(n)) {
        *ret = (struct simple_test){.cmp = FEEL_EQ, .value = n->value};
        return true;
    }
    if (n->op == FN_TEST && literal(n->a)) {
        *ret = (struct simple_test){.cmp = (enum feel_cmp)n->cmp, .value = n->a->value};
        return true;
    }
    return n->op == FN_RANGE && range_of(n, arena, ret);
}

const struct feel_simple *feel_simple_of(const struct feel_program *p, struct od_arena *arena)
{
    const struct feel_node *root = p->root;
    struct feel_simple *s = root->op == FN_TESTS ? od_arena_zalloc(arena, sizeof *s + root->n * sizeof *s->tests) : NULL;
    if (!s)
        return NULL;
    s->n = root->n;
    s->negated = root->flags & FLAG_NOT;
    for (uint32_t i = 0; i < root->n; i++)
        if (!test_of(root->items[i], arena, &s->tests[i]))
            return NULL;
    return s;
}

enum feel_truth feel_simple_test(const struct feel_simple *s, const struct feel_value *input)
{
    enum feel_truth t = s->n ? FEEL_FALSE : FEEL_TRUE;
    for (uint32_t i = 0; i < s->n && t != FEEL_TRUE; i++) {
        const struct simple_test *test = &s->tests[i];
        enum feel_truth one = test->range && input->kind == FEEL_RANGE ? feel_equal(input, &test->value)
                              : test->range                            ? feel_in(NULL, input, test->value.range)
                                                                       : feel_compares(NULL, input, test->cmp, &test->value);
        t = one == FEEL_TRUE || s->n == 1 ? one : FEEL_FALSE;
    }
    if (t == FEEL_UNKNOWN)
        return t;
    return (t == FEEL_TRUE) != s->negated ? FEEL_TRUE : FEEL_FALSE;
}

const struct feel_program *const *feel_program_tests(const struct feel_program *p, struct od_arena *arena, unsigned *ret_n)
{
    const struct feel_node *root = p->root;
    unsigned n = root->op == FN_TESTS ? root->n : 0;
    const struct feel_program **out = od_arena_array(arena, n + 1, sizeof(const struct feel_program *));
    struct feel_program *one = OD_ARENA_ARRAY(arena, n + 1, struct feel_program);
    *ret_n = out && one ? n : 0;
    for (unsigned i = 0; i < *ret_n; i++) {
        one[i] = (struct feel_program){.text = p->text, .root = root->items[i]};
        out[i] = &one[i];
    }
    return out && one ? out : NULL;
}
