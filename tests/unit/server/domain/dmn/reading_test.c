/* SPDX-License-Identifier: Apache-2.0
 * What a model may hold besides its decisions, and what it may call things (DMN 1.5 §6, §7): read over, left out, understood. */
#include "tests/unit/server/domain/dmn/models.h"

#define TYPE(name, inside) "<itemDefinition name=\"" name "\">" inside "</itemDefinition>"

/* Types that are functions, and names that older versions and other tools have. */
static void other_types(void **state)
{
    static const char function[] = TYPE("unary", "<functionItem outputTypeRef=\"number\"><parameters name=\"n\" typeRef=\"number\"/></functionItem>")
        DECISION("d", "", LIT("[(function(n: number) n + 1) instance of unary, (function(s: string) s) instance of unary, 1 instance of unary]"));
    static const struct model_row rows[] = {
        {"a function item", function, "{}", "[true, false, false]"},
        {"dateTime", TYPED_DECISION("d", "dateTime", "", LIT("@\"2026-02-14T10:00:00\"")), "{}", "2026-02-14T10:00:00"},
        {"and what is none", TYPED_DECISION("d", "dateTime", "", LIT("1")), "{}", "the value is no"},
        {"dayTimeDuration", TYPED_DECISION("d", "dayTimeDuration", "", LIT("[@\"P1D\"]")), "{}", "P1D"},
        {"yearMonthDuration", TYPED_DECISION("d", "yearMonthDuration", "", LIT("@\"P1D\"")), "{}", "the value is no"},
        {"a function of kind PMML answers null", "<businessKnowledgeModel id=\"k-f\" name=\"f\"><variable name=\"f\"/><encapsulatedLogic kind=\"PMML\"><context/>"
            "</encapsulatedLogic></businessKnowledgeModel>" DECISION("d", NEEDS_KNOWLEDGE("f"), LIT("f()")), "{}", "external functions are not executed"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

/* Elements that say nothing about a decision's value: no finding, and the value that it has without them. */
static void what_is_read_over(void **state)
{
    static const struct model_row rows[] = {
        {"who decides, and by what authority", "<knowledgeSource id=\"ks\" name=\"law\"/><organizationUnit id=\"ou\" name=\"desk\"/>"
            "<performanceIndicator id=\"pi\" name=\"speed\"/><elementCollection id=\"ec\" name=\"all\"/>" DECISION("d",
            "<authorityRequirement><requiredAuthority href=\"#ks\"/></authorityRequirement>", LIT("1")), "{}", "1"},
        {"groups, notes and their associations", "<group id=\"g\" name=\"g\"/><textAnnotation id=\"ta\"><text>note</text></textAnnotation>"
            "<association id=\"as\"><sourceRef href=\"#ta\"/><targetRef href=\"#d-d\"/></association>" DECISION("d", "", LIT("1")), "{}", "1"},
        {"questions, descriptions, labels, extensions, diagrams", DECISION("d", "<description>text</description><question>what?</question>"
            "<allowedAnswers>1</allowedAnswers><extensionElements><x xmlns=\"urn:x\"/></extensionElements>", "<literalExpression label=\"l\"><text>1</text></literalExpression>")
            "<dmndi:DMNDI xmlns:dmndi=\"https://www.omg.org/spec/DMN/20230324/DMNDI/\"><dmndi:DMNDiagram/></dmndi:DMNDI>", "{}", "1"},
        {"how a table is drawn, and its notes", DECISION("d", "", "<decisionTable preferredOrientation=\"Rule-as-Column\"><input><inputExpression><text>1</text></inputExpression></input>"
            "<output/><annotation name=\"why\"/><rule><inputEntry><text>1</text></inputEntry><outputEntry><text>2</text></outputEntry>"
            "<annotationEntry><text>because</text></annotationEntry></rule></decisionTable>"), "{}", "2"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

static void count_warnings(void *opaque, const struct dmn_finding *f)
{
    unsigned *n = opaque;
    assert_true(f->warning);
    assert_non_null(strstr(f->why, "only DMN models are imported"));
    ++*n;
}

static void other_imports_are_left_out(void **state)
{
    static const char xml[] = "<definitions xmlns=\"" DMN_15 "\" name=\"m\" namespace=\"urn:m\"><import name=\"types\" namespace=\"urn:t\" "
                              "importType=\"http://www.w3.org/2001/XMLSchema\"/>" DECISION("d", "", LIT("1")) "</definitions>";
    struct dmn_model *m = NULL;
    struct od_err err;
    unsigned n = 0;
    (void)state;
    assert_int_equal(dmn_model_compile(od_str_c(xml), NULL, count_warnings, &n, &m, &err), OD_OK);
    assert_int_equal(n, 1);
    model_is(m, "d", "{}", "1");
    dmn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_types),
        cmocka_unit_test(what_is_read_over),
        cmocka_unit_test(other_imports_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
