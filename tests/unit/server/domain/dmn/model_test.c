/* SPDX-License-Identifier: Apache-2.0
 * Models (DMN 1.5 §6, §7, §10) by rows: boxed expressions, requirements, knowledge, services, types, imports, versions, and
 * what is refused. */
#include "tests/unit/server/domain/dmn/models.h"

#include "common/base/limits.h"

#define PARAM(name) "<formalParameter name=\"" name "\"/>"
#define KNOWLEDGE(name, needs, params, logic) \
    "<businessKnowledgeModel id=\"k-" name "\" name=\"" name "\"><variable name=\"" name "\"/><encapsulatedLogic>" params logic \
    "</encapsulatedLogic>" needs "</businessKnowledgeModel>"
#define ENTRY(name, logic) "<contextEntry><variable name=\"" name "\"/>" logic "</contextEntry>"

static void boxed_expressions(void **state)
{
    static const struct model_row rows[] = {
        {"a literal expression", DECISION("d", "", LIT("1 + 1")), "{}", "2"},
        {"a context's entries see those before", DECISION("d", "", "<context>" ENTRY("a b", LIT("2")) ENTRY("c", LIT("a b * 3")) "</context>"), "{}", "{a b: 2, c: 6}"},
        {"a context's result", DECISION("d", "", "<context>" ENTRY("a", LIT("2")) "<contextEntry>" LIT("a + 1") "</contextEntry></context>"), "{}", "3"},
        {"a list", DECISION("d", "", "<list>" LIT("1") LIT("\"a\"") "</list>"), "{}", "[1, \"a\"]"},
        {"a relation", DECISION("d", "", "<relation><column name=\"a\"/><column name=\"b\"/><row>" LIT("1") LIT("2") "</row><row>" LIT("3") LIT("4") "</row></relation>"),
         "{}", "[{a: 1, b: 2}, {a: 3, b: 4}]"},
        {"a function", DECISION("d", "", "<context>" ENTRY("f", "<functionDefinition>" PARAM("x") LIT("x * 2") "</functionDefinition>")
            "<contextEntry>" LIT("f(4)") "</contextEntry></context>"), "{}", "8"},
        {"a conditional", DECISION("d", "", "<conditional><if>" LIT("1 &gt; 2") "</if><then>" LIT("1") "</then><else>" LIT("2") "</else></conditional>"), "{}", "2"},
        {"a for over a range, with partial", DECISION("d", "", "<for iteratorVariable=\"i\"><in>" LIT("[1..4]") "</in><return>"
            LIT("i + count(partial)") "</return></for>"), "{}", "[1, 3, 5, 7]"},
        {"a some", DECISION("d", "", "<some iteratorVariable=\"i\"><in>" LIT("[1, 2]") "</in><satisfies>" LIT("i &gt; 1") "</satisfies></some>"), "{}", "true"},
        {"an every", DECISION("d", "", "<every iteratorVariable=\"i\"><in>" LIT("[1, 2]") "</in><satisfies>" LIT("i &gt; 1") "</satisfies></every>"), "{}", "false"},
        {"a filter sees members with odd names", "<itemDefinition name=\"t\"><itemComponent name=\"a-b\"><typeRef>number</typeRef></itemComponent></itemDefinition>"
            DECISION("d", "", "<filter><in>" LIT("[{a-b: 1}, {a-b: 2}]") "</in><match>" LIT("a-b &gt; 1") "</match></filter>"), "{}", "[{\"a-b\": 2}]"},
        {"a filter by index", DECISION("d", "", "<filter><in>" LIT("[1, 2]") "</in><match>" LIT("-1") "</match></filter>"), "{}", "2"},
        {"an index of no list is null", DECISION("d", "", "<filter><in>" LIT("[]") "</in><match>" LIT("1") "</match></filter>"), "{}", "no item at this index"},
        {"a filter takes a single value as a list", DECISION("d", "", "<filter><in>" LIT("[1..3]") "</in><match>" LIT("item.end = 3") "</match></filter>"), "{}", "[[1..3]]"},
        {"a filter of null is null", DECISION("d", "", "<filter><in>" LIT("null") "</in><match>" LIT("true") "</match></filter>"), "{}", "null cannot be filtered"},
        {"what is iterated is held to its type", DECISION("d", "", "<for iteratorVariable=\"i\"><in typeRef=\"date and time\">" LIT("@\"2026-02-14\"") "</in><return>"
            LIT("i.hour") "</return></for>"), "{}", "[0]"},
        {"a binding is held to its parameter's type", DECISION("d", "", "<invocation>" LIT("string length") "<binding><parameter name=\"string\" typeRef=\"string\"/>" LIT("[\"abc\"]")
            "</binding></invocation>"), "{}", "3"},
        {"two entries of one name are null", DECISION("d", "", "<context>" ENTRY("a", LIT("1")) ENTRY("a", LIT("2")) "</context>"), "{}", "two entries have one name"},
        {"a table of an unknown kind costs its cell alone", DECISION("d", "", "<list><decisionTable hitPolicy=\"BEST\"/>" LIT("2") "</list>"), "{}", "[null, 2]"},
        {"an empty expression is null", DECISION("d", "", LIT("")), "{}", "the expression is empty"},
        {"a decision without logic is null", DECISION("d", "", ""), "{}", "has no logic"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

static void requirements(void **state)
{
    static const struct model_row rows[] = {
        {"a decision sees what it requires", INPUT("a") DECISION("c", NEEDS_INPUT("a"), LIT("a * 2")) DECISION("d", NEEDS_DECISION("c"), LIT("c + 1")), "{\"a\":4}", "9"},
        {"a requirement may be described", INPUT("a") DECISION("d", "<informationRequirement><description>why</description><requiredInput href=\"#i-a\"/></informationRequirement>", LIT("a")),
         "{\"a\":4}", "4"},
        {"and nothing else", INPUT("a") DECISION("c", "", LIT("1")) DECISION("d", "", LIT("a")), "{\"a\":4}", "there is no a"},
        {"an input that is not given is null", INPUT("a") DECISION("d", NEEDS_INPUT("a"), LIT("a")), "{}", "the input a is not given"},
        {"a circle is null", DECISION("c", NEEDS_DECISION("d"), LIT("d")) DECISION("d", NEEDS_DECISION("c"), LIT("c")), "{}", "requires itself"},
        {"a reference by namespace", INPUT("a") "<decision id=\"x\" name=\"d\"><variable name=\"d\"/><informationRequirement><requiredInput href=\"urn:m#i-a\"/>"
            "</informationRequirement>" LIT("a") "</decision>", "{\"a\":4}", "4"},
        {"a variable that is named otherwise", "<inputData id=\"i-a\" name=\"A\"><variable name=\"a\"/></inputData><decision id=\"x\" name=\"d\"><variable name=\"e\"/>" NEEDS_INPUT("a") LIT("a")
            "</decision>", "{\"A\":4}", "4"},
        {"names with operators", INPUT("a-b") DECISION("d", NEEDS_INPUT("a-b"), LIT("a-b - 1")), "{\"a-b\":4}", "3"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

/* c = 2a - 2b, where h is inside and b is handed in. */
#define SERVICE \
    TYPED_INPUT("a", "number") DECISION("b", "", LIT("7")) DECISION("h", NEEDS_INPUT("a"), LIT("a * 2")) \
    DECISION("c", NEEDS_DECISION("h") NEEDS_DECISION("b"), LIT("h - 2 * b")) "<decisionService id=\"k-s\" name=\"s\"><variable name=\"s\" typeRef=\"number\"/><outputDecision href=\"#d-c\"/><encapsulatedDecision href=\"#d-h\"/><inputDecision href=\"#d-b\"/><inputData href=\"#i-a\"/></decisionService>"

static void functions(void **state)
{
    static const struct model_row rows[] = {
        {"knowledge is a function", KNOWLEDGE("twice", "", PARAM("n"), LIT("n * 2")) DECISION("d", NEEDS_KNOWLEDGE("twice"), LIT("twice(n: 4)")), "{}", "8"},
        {"an invocation binds by name", KNOWLEDGE("minus", "", PARAM("a") PARAM("b"), LIT("a - b")) DECISION("d", NEEDS_KNOWLEDGE("minus"),
            "<invocation>" LIT("minus") "<binding><parameter name=\"b\"/>" LIT("1") "</binding><binding><parameter name=\"a\"/>" LIT("5") "</binding></invocation>"), "{}", "4"},
        {"knowledge requires knowledge", KNOWLEDGE("f", NEEDS_KNOWLEDGE("g"), PARAM("n"), LIT("g(n) + 1")) KNOWLEDGE("g", "", PARAM("n"), LIT("n * 10"))
            DECISION("d", NEEDS_KNOWLEDGE("f"), LIT("f(2)")), "{}", "21"},
        {"knowledge may call itself", KNOWLEDGE("fac", "", PARAM("n"), LIT("if n &lt; 2 then 1 else n * fac(n - 1)")) DECISION("d", NEEDS_KNOWLEDGE("fac"), LIT("fac(10)")), "{}", "3628800"},
        {"a parameter's type is held", KNOWLEDGE("f", "", "<formalParameter name=\"n\" typeRef=\"number\"/>", LIT("n")) DECISION("d", NEEDS_KNOWLEDGE("f"), LIT("f(\"a\")")), "{}", "the value is no number"},
        {"a function in Java answers null", "<businessKnowledgeModel id=\"k-f\" name=\"f\"><variable name=\"f\"/><encapsulatedLogic kind=\"Java\"><context/></encapsulatedLogic></businessKnowledgeModel>"
            DECISION("d", NEEDS_KNOWLEDGE("f"), LIT("f()")), "{}", "external functions are not executed"},
        {"a decision service is a function of input data, then input decisions", INPUT("a") DECISION("b", "", LIT("7"))
            DECISION("c", NEEDS_INPUT("a") NEEDS_DECISION("b"), LIT("a - b"))
            "<decisionService id=\"k-s\" name=\"s\"><variable name=\"s\"/><outputDecision href=\"#d-c\"/><inputDecision href=\"#d-b\"/><inputData href=\"#i-a\"/></decisionService>"
            DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s(10, 1)")), "{}", "9"},
        {"a service's parameters by name", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s(b: 1, a: 10)")), "{}", "18"},
        {"a service sees no more than its parameters", SERVICE DECISION("x", NEEDS_INPUT("more"), LIT("more")) INPUT("more")
            "<decisionService id=\"k-t\" name=\"t\"><variable name=\"t\"/><outputDecision href=\"#d-x\"/></decisionService>" DECISION("d", NEEDS_KNOWLEDGE("t"), LIT("t()")),
         "{\"more\":1}", "the input more is not given"},
        {"an argument that does not fit makes a service null", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s(\"x\", 1)")), "{}", "the value is no number"},
        {"a parameter that is left out, too", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s(10)")), "{}", "an argument is missing"},
        {"and one too many", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s(10, 1, 2)")), "{}", "too many arguments"},
        {"a service's arguments are converted", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s([10], 1)")), "{}", "18"},
        {"a service is bound like any function", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), "<invocation>" LIT("s") "<binding><parameter name=\"a\"/>" LIT("10")
            "</binding><binding><parameter name=\"b\"/>" LIT("2") "</binding></invocation>"), "{}", "16"},
        {"a service's decisions are made anew for each call", SERVICE DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("[s(10, 1), s(20, 1)]")), "{}", "[18, 38]"},
        {"a service by itself takes its input decisions as inputs", SERVICE "<decisionService id=\"k-d\" name=\"d\"><variable name=\"d\"/><outputDecision href=\"#d-c\"/>"
            "<inputDecision href=\"#d-b\"/><inputData href=\"#i-a\"/></decisionService>", "{\"a\":10,\"b\":5}", "10"},
        {"what a boxed function gives is held to its type", DECISION("d", "", "<context>" ENTRY("f", "<functionDefinition typeRef=\"number\">" PARAM("x") LIT("x") "</functionDefinition>")
            "<contextEntry>" LIT("[f([1]), f(\"x\")]") "</contextEntry></context>"), "{}", "[1, null]"},
        {"what knowledge gives is held to its function's type", "<itemDefinition name=\"t\"><functionItem outputTypeRef=\"number\"><parameters name=\"n\"/></functionItem></itemDefinition>"
            "<businessKnowledgeModel id=\"k-f\" name=\"f\"><encapsulatedLogic typeRef=\"t\">" PARAM("n") LIT("n") "</encapsulatedLogic></businessKnowledgeModel>"
            DECISION("d", NEEDS_KNOWLEDGE("f"), LIT("[f([1]), f(\"x\")]")), "{}", "[1, null]"},
        {"a service's value is held to its variable's type", DECISION("c", "", LIT("\"x\"")) "<decisionService id=\"k-s\" name=\"s\"><variable name=\"s\" typeRef=\"number\"/>"
            "<outputDecision href=\"#d-c\"/></decisionService>" DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s()")), "{}", "the value is no number"},
        {"knowledge that calls each other", KNOWLEDGE("odd", NEEDS_KNOWLEDGE("ev"), PARAM("n"), LIT("if n = 0 then false else ev(n - 1)"))
            KNOWLEDGE("ev", NEEDS_KNOWLEDGE("odd"), PARAM("n"), LIT("if n = 0 then true else odd(n - 1)")) DECISION("d", NEEDS_KNOWLEDGE("ev"), LIT("ev(10)")), "{}", "true"},
        {"a function keeps what it saw", KNOWLEDGE("adder", "", PARAM("n"), "<functionDefinition>" PARAM("m") LIT("n + m") "</functionDefinition>")
            DECISION("d", NEEDS_KNOWLEDGE("adder"), LIT("for f in [adder(1), adder(2)] return f(10)")), "{}", "[11, 12]"},
        {"a service of two outputs gives a context", DECISION("b", "", LIT("1")) DECISION("c", "", LIT("2"))
            "<decisionService id=\"k-s\" name=\"s\"><variable name=\"s\"/><outputDecision href=\"#d-b\"/><outputDecision href=\"#d-c\"/></decisionService>"
            DECISION("d", NEEDS_KNOWLEDGE("s"), LIT("s()")), "{}", "{b: 1, c: 2}"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

#define TYPE(name, inside) "<itemDefinition name=\"" name "\">" inside "</itemDefinition>"
#define TYPES \
    TYPE("grade", "<typeRef>string</typeRef><allowedValues><text>\"A\", \"B\"</text></allowedValues>") \
    TYPE("person", "<itemComponent name=\"full name\"><typeRef>string</typeRef></itemComponent><itemComponent name=\"grade\"><typeRef>grade</typeRef></itemComponent>") \
    "<itemDefinition name=\"few\" isCollection=\"true\"><typeRef>grade</typeRef><typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>" \
    TYPE("tree", "<itemComponent name=\"kids\" isCollection=\"true\"><typeRef>tree</typeRef></itemComponent><itemComponent name=\"v\"><typeRef>number</typeRef></itemComponent>")

static void types(void **state)
{
    static const struct model_row rows[] = {
        {"an allowed value", TYPES TYPED_DECISION("d", "grade", "", LIT("\"A\"")), "{}", "A"},
        {"one that is not", TYPES TYPED_DECISION("d", "grade", "", LIT("\"C\"")), "{}", "not allowed by the type grade"},
        {"a structure", TYPES TYPED_DECISION("d", "person", "", LIT("{full name: \"x\", grade: \"B\", more: 1}")), "{}", "{full name: \"x\", grade: \"B\", more: 1}"},
        {"a structure with a wrong member", TYPES TYPED_DECISION("d", "person", "", LIT("{full name: \"x\", grade: \"C\"}")), "{}", "not allowed"},
        {"a structure that lacks a member", TYPES TYPED_DECISION("d", "person", "", LIT("{grade: \"A\"}")), "{}", "the value is no person"},
        {"a collection's items are held to their type", TYPES TYPED_DECISION("d", "few", "", LIT("[\"A\", \"C\"]")), "{}", "not allowed"},
        {"a constraint concerns the whole", TYPES TYPED_DECISION("d", "few", "", LIT("[\"A\", \"B\", \"A\"]")), "{}", "not allowed"},
        {"an item converts to a collection", TYPES TYPED_DECISION("d", "few", "", LIT("\"A\"")), "{}", "[\"A\"]"},
        {"a list of one converts to its item", TYPED_DECISION("d", "number", "", LIT("[5]")), "{}", "5"},
        {"a date converts to a date and time", TYPED_DECISION("d", "date and time", "", LIT("@\"2026-02-14\"")), "{}", "2026-02-14T00:00:00Z"},
        {"a type may hold itself", TYPES TYPED_INPUT("t", "tree") DECISION("d", NEEDS_INPUT("t"), LIT("t.kids[1].v")), "{\"t\":{\"v\":1,\"kids\":[{\"v\":2,\"kids\":[]}]}}", "2"},
        {"and is held in depth", TYPES TYPED_INPUT("t", "tree") DECISION("d", NEEDS_INPUT("t"), LIT("t")), "{\"t\":{\"v\":1,\"kids\":[{\"v\":\"2\",\"kids\":[]}]}}", "not allowed by the type tree"},
        {"an input that does not fit is null", TYPES TYPED_INPUT("g", "grade") DECISION("d", NEEDS_INPUT("g"), LIT("g")), "{\"g\":\"C\"}", "not allowed"},
        {"instance of asks for the shape", TYPES DECISION("d", "", LIT("[\"C\" instance of grade, 1 instance of grade]")), "{}", "[true, false]"},
        {"a prefix of DMN 1.1 is passed over", TYPED_DECISION("d", "feel:number", "", LIT("\"a\"")), "{}", "the value is no number"},
    };
    (void)state;
    MODEL_ROWS(rows);
}

/* The same model under each version's namespace gives the same answers. */
static void versions(void **state)
{
    static const struct {
        const char *name, *name_space;
    } rows[] = {
        {"1.1", "http://www.omg.org/spec/DMN/20151101/dmn.xsd"}, {"1.2", "http://www.omg.org/spec/DMN/20180521/MODEL/"},
        {"1.3", "https://www.omg.org/spec/DMN/20191111/MODEL/"}, {"1.4", "https://www.omg.org/spec/DMN/20211108/MODEL/"},
        {"1.5", DMN_15},
    };
    static const char body[] = TYPES TYPED_INPUT("p", "person") KNOWLEDGE("greet", "", PARAM("who"), LIT("\"Hello \" + who"))
        "<decision id=\"x\" name=\"d\"><variable name=\"d\" typeRef=\"string\"/>" NEEDS_INPUT("p") NEEDS_KNOWLEDGE("greet")
        "<decisionTable hitPolicy=\"FIRST\"><input><inputExpression><text>p.grade</text></inputExpression></input><output/>"
        "<rule><inputEntry><text>\"A\"</text></inputEntry><outputEntry><text>greet(p.full name)</text></outputEntry></rule>"
        "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>\"No\"</text></outputEntry></rule></decisionTable></decision>";
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        struct dmn_model *m = model_new(rows[i].name_space, body);
        model_is(m, "d", "{\"p\":{\"full name\":\"Ada\",\"grade\":\"A\"}}", "Hello Ada");
        model_is(m, "d", "{\"p\":{\"full name\":\"Bob\",\"grade\":\"B\"}}", "No");
        dmn_model_free(m);
    }
}

#define LIBRARY \
    "<definitions xmlns=\"" DMN_15 "\" name=\"lib\" namespace=\"urn:lib\">" TYPES INPUT("rate") KNOWLEDGE("tax", "", PARAM("n"), LIT("n * 0.22")) \
    DECISION("factor", NEEDS_INPUT("rate"), LIT("1 + rate")) "</definitions>"

#define IMPORT(name, name_space) "<import name=\"" name "\" namespace=\"" name_space "\" importType=\"" DMN_15 "\"/>"
#define NEEDS(kind, what) "<informationRequirement><required" kind " href=\"" what "\"/></informationRequirement>"

/* Imports the library, and the model that imports it. */
#define BETWEEN \
    "<definitions xmlns=\"" DMN_15 "\" name=\"mid\" namespace=\"urn:mid\">" IMPORT("lib", "urn:lib") IMPORT("back", "urn:m") \
    "<decision id=\"d-twice\" name=\"twice\"><variable name=\"twice\"/>" NEEDS("Decision", "urn:lib#d-factor") LIT("lib.factor * 2") "</decision>" \
    "<decisionService id=\"s\" name=\"s\"><variable name=\"s\"/><outputDecision href=\"#d-twice\"/><inputData href=\"urn:lib#i-rate\"/></decisionService></definitions>"

static bool library(void *opaque, struct od_str name_space, struct od_str location, struct od_str *ret_xml)
{
    (void)location;
    if (opaque)
        ++*(unsigned *)opaque;
    *ret_xml = od_str_c(od_str_eq_c(name_space, "urn:lib") ? LIBRARY : BETWEEN);
    return od_str_eq_c(name_space, "urn:lib") || od_str_eq_c(name_space, "urn:mid");
}

static struct dmn_model *model_with(const char *body, const struct dmn_options *options, dmn_report_fn report, void *opaque)
{
    struct od_buf b;
    struct dmn_model *m;
    struct od_err err;
    model_text(&b, DMN_15, body);
    assert_int_equal(dmn_model_compile(od_buf_view(&b), options, report, opaque, &m, &err), OD_OK);
    od_buf_done(&b);
    return m;
}

static void imports(void **state)
{
    static const struct dmn_options options = {.import = library};
    static const struct model_row rows[] = {
        {"a function of another model", IMPORT("lib", "urn:lib") "<decision id=\"x\" name=\"d\"><variable name=\"d\"/><knowledgeRequirement><requiredKnowledge href=\"urn:lib#k-tax\"/>"
            "</knowledgeRequirement>" LIT("lib.tax(100)") "</decision>", "{}", "22"},
        {"a decision of another model, whose input data lies under the import's name", IMPORT("lib", "urn:lib")
            "<decision id=\"x\" name=\"d\"><variable name=\"d\"/>" NEEDS("Decision", "urn:lib#d-factor") LIT("lib.factor") "</decision>", "{\"lib\":{\"rate\":3}}", "4"},
        {"or under its qualified name", IMPORT("lib", "urn:lib")
            "<decision id=\"x\" name=\"d\"><variable name=\"d\"/>" NEEDS("Decision", "urn:lib#d-factor") LIT("lib.factor") "</decision>", "{\"lib.rate\":3}", "4"},
        {"a name of the model's own goes before that of an import", IMPORT("lib", "urn:lib") INPUT("lib") "<decision id=\"x\" name=\"d\"><variable name=\"d\"/>" NEEDS_INPUT("lib")
            NEEDS("Decision", "urn:lib#d-factor") LIT("lib") "</decision>", "{\"lib\":3,\"rate\":1}", "3"},
        {"an import without a name gives its names as they are", IMPORT("", "urn:lib") INPUT("own")
            "<decision id=\"x\" name=\"d\"><variable name=\"d\"/>" NEEDS_INPUT("own") NEEDS("Decision", "urn:lib#d-factor") NEEDS("Input", "urn:lib#i-rate")
            LIT("[own, factor, rate, \"A\" instance of grade]") "</decision>", "{\"own\":1,\"rate\":3}", "[1, 4, 3, true]"},
        {"one model by two names is two sets of input data", IMPORT("a", "urn:lib") IMPORT("b", "urn:mid")
            "<decision id=\"x\" name=\"d\"><variable name=\"d\"/>" NEEDS("Decision", "urn:lib#d-factor") NEEDS("Decision", "urn:mid#d-twice") LIT("[a.factor, b.twice]")
            "</decision>", "{\"a\":{\"rate\":1},\"b\":{\"lib\":{\"rate\":2}}}", "[2, 6]"},
        {"input data of an import's import, by qualified name", IMPORT("b", "urn:mid")
            "<decision id=\"x\" name=\"d\"><variable name=\"d\"/>" NEEDS("Decision", "urn:mid#d-twice") LIT("b.twice") "</decision>", "{\"b.lib.rate\":2}", "6"},
        {"a service of another model", IMPORT("b", "urn:mid") "<decision id=\"x\" name=\"d\"><variable name=\"d\"/><knowledgeRequirement>"
            "<requiredKnowledge href=\"urn:mid#s\"/></knowledgeRequirement>" LIT("b.s(4)") "</decision>", "{}", "10"},
        {"a type of another model", IMPORT("lib", "urn:lib") "<decision id=\"x\" name=\"d\"><variable name=\"d\" typeRef=\"lib.grade\"/>" LIT("\"C\"") "</decision>", "{}", "not allowed"},
        {"a service whose input data is another model's", IMPORT("lib", "urn:lib") "<decision id=\"x\" name=\"y\"><variable name=\"y\"/>" NEEDS("Input", "urn:lib#i-rate")
            LIT("lib.rate + 1") "</decision><decisionService id=\"s\" name=\"d\"><variable name=\"d\"/><outputDecision href=\"#x\"/><inputData href=\"urn:lib#i-rate\"/>"
            "</decisionService>", "{\"lib\":{\"rate\":5}}", "6"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        struct dmn_model *m = model_with(rows[i].body, &options, NULL, NULL);
        model_is(m, "d", rows[i].inputs, rows[i].want);
        dmn_model_free(m);
    }
}

static void last_of(void *opaque, const struct dmn_finding *f) { *(struct dmn_finding *)opaque = *f; }

/* Models that import each other are read once each, and a circle is a finding that costs the import alone. */
static void many_imports(void **state)
{
    struct od_buf b;
    unsigned asked = 0;
    struct dmn_finding f = {0};
    const struct dmn_options options = {.import = library, .opaque = &asked};
    (void)state;
    od_buf_init(&b, 1 << 20);
    for (unsigned i = 0; i < 50; i++)
        od_buf_printf(&b, IMPORT("l%u", "urn:lib") IMPORT("m%u", "urn:mid"), i, i);
    od_buf_c(&b, DECISION("d", "", LIT("1")));
    struct dmn_model *m = model_with(od_buf_cstr(&b), &options, last_of, &f);
    model_is(m, "d", "{}", "1");
    assert_int_equal(asked, 2);
    assert_non_null(strstr(f.why, "in the imported model urn:mid: the model urn:m imports itself"));
    dmn_model_free(m);
    od_buf_done(&b);
}

static bool empty_model(void *opaque, struct od_str name_space, struct od_str location, struct od_str *ret_xml)
{
    (void)opaque;
    (void)name_space;
    (void)location;
    *ret_xml = OD_STR("<definitions xmlns=\"" DMN_15 "\" name=\"n\" namespace=\"n\"/>");
    return true;
}

/* As many models as the bound says may come with one, and no more. */
static void imports_are_bounded(void **state)
{
    static const struct dmn_options options = {.import = empty_model};
    (void)state;
    for (unsigned n = DMN_IMPORTS_MAX; n <= DMN_IMPORTS_MAX + 1; n++) {
        struct od_buf b, body;
        struct dmn_model *m;
        struct od_err err;
        od_buf_init(&body, 1 << 20);
        for (unsigned i = 0; i < n; i++)
            od_buf_printf(&body, IMPORT("n%u", "urn:n%u"), i, i);
        model_text(&b, DMN_15, od_buf_cstr(&body));
        assert_int_equal(dmn_model_compile(od_buf_view(&b), &options, NULL, NULL, &m, &err), n > DMN_IMPORTS_MAX ? OD_INVALID : OD_OK);
        dmn_model_free(m);
        od_buf_done(&b);
        od_buf_done(&body);
    }
}

/* One text alone: what refers to an import is not judged, the rest is. */
static void lint_of_an_importing_model(void **state)
{
    struct od_buf b;
    struct od_err err;
    struct dmn_finding f = {0};
    (void)state;
    model_text(&b, DMN_15, IMPORT("lib", "urn:lib") "<decision id=\"x\" name=\"d\"><variable name=\"d\" typeRef=\"lib.grade\"/>"
        NEEDS("Decision", "urn:lib#d-factor") LIT("lib.factor") "</decision>");
    assert_int_equal(dmn_lint(od_buf_view(&b), last_of, &f, &err), OD_OK);
    assert_true(f.warning);
    assert_string_equal(f.why, "the imported model urn:lib is not looked at");
    od_buf_done(&b);
    model_text(&b, DMN_15, IMPORT("lib", "urn:lib") "<decision id=\"x\" name=\"d\">" NEEDS("Decision", "#d-factor") LIT("1") "</decision>");
    assert_int_equal(dmn_lint(od_buf_view(&b), last_of, &f, &err), OD_INVALID);
    od_buf_done(&b);
}

/* Boxes within a function count as depth, each time that it calls itself. */
static void nesting_is_bounded(void **state)
{
    struct od_buf b;
    struct od_arena a;
    struct dmn_result r;
    struct od_err err;
    (void)state;
    od_buf_init(&b, 1 << 20);
    od_buf_c(&b, "<businessKnowledgeModel id=\"k-f\" name=\"f\"><variable name=\"f\"/><encapsulatedLogic>");
    for (unsigned i = 0; i < 90; i++)
        od_buf_c(&b, "<list>");
    od_buf_c(&b, LIT("f()"));
    for (unsigned i = 0; i < 90; i++)
        od_buf_c(&b, "</list>");
    od_buf_c(&b, "</encapsulatedLogic></businessKnowledgeModel>" DECISION("d", NEEDS_KNOWLEDGE("f"), LIT("f()")));
    struct dmn_model *m = model_new(DMN_15, od_buf_cstr(&b));
    od_arena_init(&a, 64 << 20);
    assert_int_equal(dmn_evaluate(m, OD_STR("d"), NULL, &a, &r, &err), OD_TOO_LARGE);
    assert_int_equal(err.reason, OD_R_FEEL_DEPTH);
    od_arena_done(&a);
    dmn_model_free(m);
    od_buf_done(&b);
}

static void remember(void *opaque, const struct dmn_finding *f)
{
    struct dmn_finding *first = opaque;
    if (!f->warning && !first->line)
        *first = *f;
}

#define MODEL(body) "<definitions xmlns=\"" DMN_15 "\">" body "</definitions>"

/* What lint says, and what a strict compilation refuses, by element and line. */
static void refusals(void **state)
{
    static const struct {
        const char *name, *xml, *element, *why;
        unsigned line;
    } rows[] = {
        {"an expression that is no FEEL", "<definitions xmlns=\"" DMN_15 "\">\n<decision id=\"a\" name=\"a\">\n" LIT("1 +") "</decision></definitions>",
         "literalExpression", "ends too early", 3},
        {"a reference to nothing", "<definitions xmlns=\"" DMN_15 "\">\n<decision id=\"a\" name=\"a\">" NEEDS_INPUT("b") LIT("1") "</decision></definitions>",
         "requiredInput", "there is no element #i-b", 2},
        {"a circle of requirements", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", NEEDS_DECISION("b"), LIT("1")) DECISION("b", NEEDS_DECISION("a"), LIT("1")) "</definitions>",
         "decision", "circle", 1},
        {"an unknown hit policy", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", "", "<decisionTable hitPolicy=\"BEST\"/>") "</definitions>", "decisionTable", "not known", 1},
        {"an aggregation of several outputs", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", "",
            "<decisionTable hitPolicy=\"COLLECT\" aggregation=\"SUM\"><output name=\"a\"/><output name=\"b\"/></decisionTable>") "</definitions>", "decisionTable", "aggregated", 1},
        {"a type that is only itself", MODEL(TYPE("t", "<typeRef>t</typeRef>")), "itemDefinition", "refers to itself", 1},
        {"another expression language", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", "", "<literalExpression expressionLanguage=\"http://www.w3.org/XPath\"><text>1</text></literalExpression>")
            "</definitions>", "literalExpression", "not executed", 1},
        {"an id that two elements have", "<definitions xmlns=\"" DMN_15 "\">" INPUT("a") "\n<inputData id=\"i-a\" name=\"b\"/></definitions>",
         "inputData", "another element of the id i-a", 2},
        {"the decision that closes a circle, not one before or behind it", "<definitions xmlns=\"" DMN_15 "\">" DECISION("x", "", LIT("1")) DECISION("y", NEEDS_DECISION("a"), LIT("1"))
            DECISION("a", NEEDS_DECISION("x") NEEDS_DECISION("b"), LIT("1")) "\n" DECISION("b", NEEDS_DECISION("x") NEEDS_DECISION("a"), LIT("1")) "</definitions>", "decision", "circle of requirements over a", 2},
        {"a requirement of nothing", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", "<informationRequirement/>", LIT("1")) "</definitions>",
         "informationRequirement", "must name one", 1},
        {"a requirement of another kind", "<definitions xmlns=\"" DMN_15 "\">" INPUT("b") DECISION("a", "<knowledgeRequirement><requiredKnowledge href=\"#i-b\"/></knowledgeRequirement>", LIT("1"))
            "</definitions>", "requiredKnowledge", "b is not a business knowledge model", 1},
        {"a service without its decision", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", "", LIT("1")) "<decisionService name=\"s\"><outputDecision href=\"#d-a\"/>"
            "<encapsulatedDecision href=\"#d-b\"/></decisionService></definitions>", "encapsulatedDecision", "there is no element #d-b", 1},
        {"a name that two elements have", "<definitions xmlns=\"" DMN_15 "\">" INPUT("a") "\n" DECISION("a", "", LIT("1")) "</definitions>",
         "decision", "the name a is also that of another element", 2},
        {"a name that two types have", "<definitions xmlns=\"" DMN_15 "\">" TYPE("t", "<typeRef>string</typeRef>") "\n" TYPE("t", "<typeRef>number</typeRef>") "</definitions>",
         "itemDefinition", "another item definition of the name t", 2},
        {"a conditional without an else", MODEL(DECISION("a", "", "<conditional><if>" LIT("1") "</if><then>" LIT("1") "</then></conditional>")), "conditional", "the else is missing", 1},
        {"an iteration over nothing", MODEL(DECISION("a", "", "<for iteratorVariable=\"i\"><return>" LIT("1") "</return></for>")), "for", "the in is missing", 1},
        {"an iteration without a variable", MODEL(DECISION("a", "", "<some><in>" LIT("1") "</in><satisfies>" LIT("true") "</satisfies></some>")), "some", "no name", 1},
        {"a filter without a match", MODEL(DECISION("a", "", "<filter><in>" LIT("1") "</in></filter>")), "filter", "the match is missing", 1},
        {"a context's result before its last entry", MODEL(DECISION("a", "", "<context><contextEntry>" LIT("1") "</contextEntry>" ENTRY("b", LIT("1")) "</context>")), "contextEntry", "must be its last", 1},
        {"an entry that has no name", MODEL(DECISION("a", "", "<context><contextEntry><variable/>" LIT("1") "</contextEntry></context>")), "variable", "no name", 1},
        {"an entry without an expression", MODEL(DECISION("a", "", "<context>" ENTRY("b", "") "</context>")), "contextEntry", "no expression", 1},
        {"a binding of no parameter", MODEL(DECISION("a", "", "<invocation>" LIT("b") "<binding>" LIT("1") "</binding></invocation>")), "binding", "names no parameter", 1},
        {"a function of two parameters of one name", MODEL(DECISION("a", "", "<functionDefinition>" PARAM("x") PARAM("x") LIT("1") "</functionDefinition>")), "formalParameter", "another formalParameter of the name x", 1},
        {"a function without an expression", MODEL(KNOWLEDGE("f", "", PARAM("n"), "")), "encapsulatedLogic", "no expression", 1},
        {"a row with too many cells", MODEL(DECISION("a", "", "<relation><column name=\"a\"/><row>" LIT("1") LIT("2") "</row></relation>")), "row", "2 cells", 1},
        {"two outputs of one name", MODEL(DECISION("a", "", "<decisionTable><output name=\"a\"/><output name=\"a\"/></decisionTable>")), "output", "another output of the name a", 1},
        {"two members of one name", MODEL(TYPE("t", "<itemComponent name=\"a\"/><itemComponent name=\"a\"/>")), "itemComponent", "another itemComponent of the name a", 1},
        {"two expressions", MODEL(DECISION("a", "", LIT("1") LIT("2"))), "literalExpression", "another expression", 1},
        {"imported values", MODEL(DECISION("a", "", "<literalExpression><importedValues/></literalExpression>")), "literalExpression", "not executed", 1},
        {"another language of a cell", MODEL(DECISION("a", "", "<decisionTable><input><inputExpression><text>1</text></inputExpression></input><output/><rule>"
            "<inputEntry expressionLanguage=\"juel\"><text>1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable>")), "inputEntry", "juel is not executed", 1},
        {"another language of the model", "<definitions expressionLanguage=\"urn:groovy\" xmlns=\"" DMN_15 "\">" DECISION("a", "", LIT("1")) "</definitions>",
         "literalExpression", "urn:groovy is not executed", 1},
        {"a rule with too few cells", "<definitions xmlns=\"" DMN_15 "\">" DECISION("a", "", "<decisionTable><input><inputExpression><text>1</text></inputExpression></input><output/>"
            "<rule><outputEntry><text>1</text></outputEntry></rule></decisionTable>") "</definitions>", "rule", "0 inputs", 1},
    };
    static const struct dmn_options strict = {.strict = true};
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct dmn_finding f = {0};
        struct dmn_model *m = NULL;
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(dmn_lint(od_str_c(rows[i].xml), remember, &f, &err), OD_INVALID);
        assert_string_equal(f.element, rows[i].element);
        assert_non_null(strstr(f.why, rows[i].why));
        assert_int_equal(f.line, rows[i].line);
        assert_int_equal(dmn_model_compile(od_str_c(rows[i].xml), &strict, NULL, NULL, &m, &err), OD_INVALID);
        assert_null(m);
    }
}

/* Warnings: the model can be executed. */
static void advice(void **state)
{
    static const struct {
        const char *name, *xml, *element, *why;
    } rows[] = {
        {"an element that DMN does not have", MODEL(DECISION("a", "", LIT("1") "<remark/>")), "remark", "no such element"},
        {"a decision without logic", MODEL(DECISION("a", "", "")), "decision", "no logic"},
        {"a type that is not there", MODEL(TYPED_INPUT("a", "t")), "variable", "there is no type t"},
        {"a type made from one that is not there", MODEL(TYPE("t", "<typeRef>u</typeRef>")), "itemDefinition", "there is no type u"},
        {"a variable of another name", MODEL("<inputData name=\"a\"><variable name=\"b\"/></inputData>"), "inputData", "another name, b"},
        {"an order without values", MODEL(DECISION("a", "", "<decisionTable hitPolicy=\"PRIORITY\"><output/></decisionTable>")), "decisionTable", "no output has values"},
        {"an aggregation of a single hit", MODEL(DECISION("a", "", "<decisionTable aggregation=\"SUM\"><output/></decisionTable>")), "decisionTable", "only COLLECT"},
        {"an import that is no model", MODEL("<import name=\"x\" namespace=\"urn:x\" importType=\"http://www.w3.org/2001/XMLSchema\"/>"), "import", "only DMN models"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct dmn_finding f = {0};
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(dmn_lint(od_str_c(rows[i].xml), last_of, &f, &err), OD_OK);
        assert_true(f.warning);
        assert_string_equal(f.element, rows[i].element);
        assert_non_null(strstr(f.why, rows[i].why));
    }
}

static void texts_that_are_no_model(void **state)
{
    static const struct {
        const char *name, *xml, *why;
    } rows[] = {
        {"no XML", "decision", "syntax error"},
        {"an XML text of another kind", "<definitions xmlns=\"urn:other\"/>", "DMN 1.1 to 1.5"},
        {"a document type", "<!DOCTYPE d [<!ENTITY a \"b\">]><definitions xmlns=\"" DMN_15 "\">&a;</definitions>", "a document type is not accepted"},
        {"a text that ends too early", "<definitions xmlns=\"" DMN_15 "\"><decision>", "no element found"},
        {"nothing", "", "no element found"},
        {"an encoding that nobody knows", "<?xml version=\"1.0\" encoding=\"x-none\"?><definitions xmlns=\"" DMN_15 "\"/>", "unknown encoding"},
    };
    struct od_buf deep;
    struct dmn_model *m = NULL;
    struct od_err err;
    char why[300];
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(dmn_model_compile(od_str_c(rows[i].xml), NULL, NULL, NULL, &m, &err), OD_INVALID);
        assert_non_null(strstr(od_err_text(&err, why, sizeof why), rows[i].why));
    }
    od_buf_init(&deep, 1 << 20);
    od_buf_c(&deep, "<definitions xmlns=\"" DMN_15 "\">");
    for (unsigned i = 0; i < 200; i++)
        od_buf_c(&deep, "<list>");
    assert_int_equal(dmn_model_compile(od_buf_view(&deep), NULL, NULL, NULL, &m, &err), OD_TOO_LARGE);
    od_buf_done(&deep);
}

static enum od_status compiled(struct od_buf *b, struct od_err *err)
{
    struct dmn_model *m = NULL;
    assert_false(b->failed);
    enum od_status s = dmn_model_compile(od_buf_view(b), NULL, NULL, NULL, &m, err);
    dmn_model_free(m);
    od_buf_done(b);
    return s;
}

/* What a model costs grows with its text, and where it cannot, it has a bound. */
static void large_models(void **state)
{
    enum { BYTES = 16 << 20, MANY = 50000 };
    struct od_buf b;
    struct od_err err;
    char why[300];
    (void)state;
    print_message("  many types, and inputs of them\n");
    od_buf_init(&b, BYTES);
    od_buf_c(&b, "<definitions xmlns=\"" DMN_15 "\">");
    for (unsigned i = 0; i < MANY; i++)
        od_buf_printf(&b, "<itemDefinition name=\"t%u\"><typeRef>string</typeRef></itemDefinition>"
                          "<inputData id=\"i%u\" name=\"n%u\"><variable name=\"n%u\" typeRef=\"t%u\"/></inputData>", i, i, i, i, i);
    od_buf_c(&b, "</definitions>");
    assert_int_equal(compiled(&b, &err), OD_OK);
    print_message("  many words beside many names\n");
    od_buf_init(&b, BYTES);
    od_buf_c(&b, "<definitions xmlns=\"" DMN_15 "\"><itemDefinition name=\"t\">");
    for (unsigned i = 0; i < MANY; i++)
        od_buf_printf(&b, "<itemComponent name=\"a %u\"/>", i);
    od_buf_c(&b, "</itemDefinition><decision id=\"d\" name=\"d\"><literalExpression><text>a");
    for (unsigned i = 0; i < MANY; i++)
        od_buf_c(&b, ".a");
    od_buf_c(&b, "</text></literalExpression></decision></definitions>");
    assert_int_equal(compiled(&b, &err), OD_TOO_LARGE);
    assert_non_null(strstr(od_err_text(&err, why, sizeof why), "comparisons of a model's names"));
}

/* Modelers on Windows write what expat itself does not know. */
static void encodings(void **state)
{
    static const char text[] = "<?xml version=\"1.0\" encoding=\"windows-1252\"?><definitions xmlns=\"" DMN_15 "\">"
        DECISION("d", "", LIT("\"10 \x80 caff\xe8\"")) "</definitions>";
    struct dmn_model *m;
    struct od_err err;
    (void)state;
    assert_int_equal(dmn_model_compile(od_str_c(text), NULL, NULL, NULL, &m, &err), OD_OK);
    model_is(m, "d", "{}", "10 \xe2\x82\xac caff\xc3\xa8");
    dmn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxed_expressions), cmocka_unit_test(requirements),                  cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(functions),         cmocka_unit_test(types),                         cmocka_unit_test(versions),
        cmocka_unit_test(imports), cmocka_unit_test(many_imports), cmocka_unit_test(imports_are_bounded), cmocka_unit_test(lint_of_an_importing_model),          cmocka_unit_test(refusals), cmocka_unit_test(advice),                      cmocka_unit_test(texts_that_are_no_model),
        cmocka_unit_test(large_models),                  cmocka_unit_test(encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
