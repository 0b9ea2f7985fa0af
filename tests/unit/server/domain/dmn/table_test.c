/* SPDX-License-Identifier: Apache-2.0
 * Decision tables (DMN 1.5 §8) by rows: hit policies, aggregation, defaults, allowed values, the trace. */
#include "tests/unit/server/domain/dmn/models.h"

#define RULE(in, out) "<rule><inputEntry><text>" in "</text></inputEntry><outputEntry><text>" out "</text></outputEntry></rule>"
#define RULE2(in, out, more) \
    "<rule><inputEntry><text>" in "</text></inputEntry><outputEntry><text>" out "</text></outputEntry><outputEntry><text>" more "</text></outputEntry></rule>"
#define IN(text, values) "<input><inputExpression><text>" text "</text></inputExpression>" values "</input>"
#define TABLE(attributes, outputs, rules) \
    INPUT("n") DECISION("d", NEEDS_INPUT("n"), "<decisionTable " attributes ">" IN("n", "") outputs rules "</decisionTable>")
#define ORDER "<output><outputValues><text>\"high\", \"mid\", \"low\"</text></outputValues></output>"
#define OVERLAPPING RULE("&gt; 0", "\"low\"") RULE("&gt; 5", "\"high\"") RULE("&gt; 3", "\"mid\"")
#define NUMBERS RULE("&gt; 0", "10") RULE("&gt; 5", "30") RULE("&gt; 3", "20")

static void hit_policies(void **state)
{
    static const struct model_row rows[] = {
        {"unique: the one rule", TABLE("", "<output/>", RULE("&lt; 5", "1") RULE("&gt;= 5", "2")), "{\"n\":5}", "2"},
        {"unique is the default, and two rules are an error", TABLE("", "<output/>", OVERLAPPING), "{\"n\":6}", "more than one rule matches"},
        {"any: rules that agree", TABLE("hitPolicy=\"ANY\"", "<output/>", RULE("&gt; 0", "1") RULE("&gt; 1", "1.0")), "{\"n\":6}", "1"},
        {"any: rules that do not", TABLE("hitPolicy=\"ANY\"", "<output/>", OVERLAPPING), "{\"n\":6}", "rules that match say different things"},
        {"first", TABLE("hitPolicy=\"FIRST\"", "<output/>", OVERLAPPING), "{\"n\":6}", "low"},
        {"priority: the highest output value", TABLE("hitPolicy=\"PRIORITY\"", ORDER, OVERLAPPING), "{\"n\":6}", "high"},
        {"priority: by the allowed values of a type, through another", "<itemDefinition name=\"o\"><typeRef>string</typeRef><allowedValues><text>"
            "\"high\", \"mid\", \"low\"</text></allowedValues></itemDefinition><itemDefinition name=\"p\"><typeRef>o</typeRef></itemDefinition>"
            TABLE("hitPolicy=\"PRIORITY\"", "<output typeRef=\"p\"/>", OVERLAPPING), "{\"n\":6}", "high"},
        {"priority of several outputs: the first decides, then the next", TABLE("hitPolicy=\"PRIORITY\"",
            "<output name=\"a\"><outputValues><text>1, 2</text></outputValues></output><output name=\"b\"><outputValues><text>8, 9</text></outputValues></output>",
            RULE2("-", "2", "8") RULE2("-", "1", "9") RULE2("-", "1", "8")), "{\"n\":6}", "{a: 1, b: 8}"},
        {"rule order", TABLE("hitPolicy=\"RULE ORDER\"", ORDER, OVERLAPPING), "{\"n\":6}", "[\"low\", \"high\", \"mid\"]"},
        {"output order", TABLE("hitPolicy=\"OUTPUT ORDER\"", ORDER, OVERLAPPING), "{\"n\":6}", "[\"high\", \"mid\", \"low\"]"},
        {"collect", TABLE("hitPolicy=\"COLLECT\"", "<output/>", NUMBERS), "{\"n\":4}", "[10, 20]"},
        {"collect sum", TABLE("hitPolicy=\"COLLECT\" aggregation=\"SUM\"", "<output/>", NUMBERS), "{\"n\":6}", "60"},
        {"collect min", TABLE("hitPolicy=\"COLLECT\" aggregation=\"MIN\"", "<output/>", NUMBERS), "{\"n\":6}", "10"},
        {"collect max", TABLE("hitPolicy=\"COLLECT\" aggregation=\"MAX\"", "<output/>", NUMBERS), "{\"n\":6}", "30"},
        {"collect count", TABLE("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", "<output/>", NUMBERS), "{\"n\":6}", "3"},
        {"count of several outputs", TABLE("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", "<output name=\"a\"/><output name=\"b\"/>",
            RULE2("-", "1", "2") RULE2("-", "3", "4")), "{\"n\":6}", "2"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

static void nothing_matches(void **state)
{
    static const struct model_row rows[] = {
        {"without a default: null", TABLE("", "<output/>", NUMBERS), "{\"n\":0}", "no rule matches"},
        {"the default entry",
         TABLE("", "<output><defaultOutputEntry><text>n + 1</text></defaultOutputEntry></output>", NUMBERS), "{\"n\":0}", "1"},
        {"also where all are collected", TABLE("hitPolicy=\"COLLECT\"", "<output/>", NUMBERS), "{\"n\":0}", "no rule matches"},
        {"also where they are counted", TABLE("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", "<output/>", NUMBERS), "{\"n\":0}", "no rule matches"},
        {"null matches no comparison", TABLE("", "<output/>", NUMBERS), "{\"n\":null}", "no rule matches"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

static void cells(void **state)
{
    static const struct model_row rows[] = {
        {"a hyphen and an empty cell take everything", TABLE("hitPolicy=\"COLLECT\"", "<output/>", RULE("-", "1") RULE("", "2")), "{\"n\":\"x\"}", "[1, 2]"},
        {"several tests", TABLE("", "<output/>", RULE("1, 3, [7..9]", "1")), "{\"n\":8}", "1"},
        {"not", TABLE("", "<output/>", RULE("not(1, 3)", "1")), "{\"n\":2}", "1"},
        {"a cell may use other names", TABLE("", "<output/>", RULE("n", "1")), "{\"n\":2}", "1"},
        {"a question about the input", TABLE("", "<output/>", RULE("string length(?) = 3", "1")), "{\"n\":\"abc\"}", "1"},
        {"an output may compute", TABLE("", "<output/>", RULE("-", "n * 2")), "{\"n\":2}", "4"},
        {"a cell that is no FEEL never holds", TABLE("", "<output/>", RULE("1 +", "1") RULE("-", "2")), "{\"n\":1}", "2"},
        {"several outputs are a context",
         TABLE("", "<output name=\"a\"/><output name=\"b c\"/>", RULE2("-", "1", "\"x\"")), "{\"n\":1}", "{a: 1, b c: \"x\"}"},
        {"an input is converted to its type", INPUT("n") DECISION("d", NEEDS_INPUT("n"), "<decisionTable><input><inputExpression typeRef=\"number\"><text>n</text>"
            "</inputExpression></input><output/>" RULE("5", "1") RULE("[5]", "2") "</decisionTable>"), "{\"n\":[5]}", "1"},
        {"a result outside the output values", TABLE("", ORDER, RULE("-", "\"top\"")), "{\"n\":1}", "not among the output values \"high\", \"mid\", \"low\""},
        {"the table's own type holds", TABLE("hitPolicy=\"COLLECT\" typeRef=\"number\"", "<output/>", RULE("&gt; 0", "1") RULE("&gt; 1", "2")), "{\"n\":2}", "the value is no number"},
        {"an input outside the allowed values", INPUT("n") DECISION("d", NEEDS_INPUT("n"), "<decisionTable>"
            IN("n", "<inputValues><text>[1..5]</text></inputValues>") "<output/>" RULE("-", "1") "</decisionTable>"), "{\"n\":6}",
         "a value that the table does not allow"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

/* A table as a modeler writes it: a line for each tag. What it takes grows with the rules, not with their square. */
static void a_long_table(void **state)
{
    enum { RULES = 20000, BYTES = 8 << 20 };
    struct od_buf b;
    struct dmn_model *m = NULL;
    struct od_err err;
    char why[300];
    (void)state;
    od_buf_init(&b, BYTES);
    od_buf_c(&b, "<definitions xmlns=\"" DMN_15 "\">" INPUT("n") "<decision id=\"d\" name=\"d\">" NEEDS_INPUT("n") "<decisionTable>" IN("n", "") "<output/>\n");
    for (unsigned i = 0; i < RULES; i++)
        od_buf_printf(&b, "            <rule>\n                <inputEntry><text>%u</text></inputEntry>\n                <outputEntry><text>%u</text></outputEntry>\n            </rule>\n", i, i + 1);
    od_buf_c(&b, "</decisionTable></decision></definitions>");
    assert_false(b.failed);
    if (dmn_model_compile(od_buf_view(&b), NULL, NULL, NULL, &m, &err) != OD_OK)
        fail_msg("%s", od_err_text(&err, why, sizeof why));
    model_is(m, "d", "{\"n\":19999}", "20000");
    dmn_model_free(m);
    od_buf_done(&b);
}

static void the_trace_tells_why(void **state)
{
    struct dmn_model *m = model_new(DMN_15, TABLE("id=\"t\" hitPolicy=\"COLLECT\"", "<output/>",
        "<rule id=\"first\"><inputEntry><text>&gt; 1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>"
        RULE("&gt; 9", "2") RULE("-", "3")));
    struct od_arena a;
    struct feel_entry entry = {OD_STR("n"), feel_integer(5)};
    const struct feel_context vars = {1, &entry};
    const struct feel_env env = {.vars = &vars};
    struct dmn_result r;
    (void)state;
    od_arena_init(&a, 1 << 20);
    assert_int_equal(dmn_evaluate(m, OD_STR("d-d"), &env, &a, &r, NULL), OD_OK); /* by id, too */
    assert_non_null(r.trace);
    assert_null(r.trace->next);
    assert_true(od_str_eq_c(r.trace->element, "d"));
    assert_int_equal(r.trace->n_inputs, 1);
    assert_true(od_str_eq_c(r.trace->input_names[0], "n"));
    assert_true(od_str_eq_c(r.trace->table, "t"));
    assert_int_equal(feel_equal(&r.trace->inputs[0], &entry.value), FEEL_TRUE);
    assert_int_equal(r.trace->n_matched, 2);
    assert_int_equal(r.trace->matched[0], 1);
    assert_int_equal(r.trace->matched[1], 3);
    assert_true(od_str_eq_c(r.trace->rule_ids[0], "first"));
    assert_int_equal(feel_equal(&r.trace->result, &r.value), FEEL_TRUE);
    od_arena_done(&a);
    dmn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hit_policies), cmocka_unit_test(nothing_matches), cmocka_unit_test(cells), cmocka_unit_test(a_long_table),
                                       cmocka_unit_test(the_trace_tells_why)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
