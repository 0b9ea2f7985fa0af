/* SPDX-License-Identifier: Apache-2.0
 * Reading models by rows: what is refused, what encodings are known, what the linter and the explorer say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/limits.h"
#include "server/domain/process/lint.h"
#include "server/domain/process/state.h"

#define BPMN "xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\""

static enum od_status read_text(struct od_str text, struct od_arena *arena, struct model **m, struct od_err *err)
{
    od_arena_init(arena, OD_MODEL_BYTES_MAX);
    return model_read(text, NULL, arena, m, err);
}

static void reading_rows(void **state)
{
    static const struct {
        const char *name, *text;
        enum od_status status;
        const char *task_name; /* of the element t */
    } rows[] = {
        {"a model is read", "<definitions " BPMN "><task id=\"t\" name=\"A\"/></definitions>", OD_OK, "A"},
        {"a document type is refused", "<!DOCTYPE x [<!ENTITY a \"b\">]><definitions " BPMN "/>", OD_INVALID, NULL},
        {"an entity that nobody declared is refused", "<definitions " BPMN "><task id=\"t\" name=\"&a;\"/></definitions>", OD_INVALID, NULL},
        {"a prefix without a namespace is refused", "<definitions " BPMN "><x:task/></definitions>", OD_INVALID, NULL},
        {"a name of a colon alone is refused", "<definitions " BPMN "><:/></definitions>", OD_INVALID, NULL},
        {"and an attribute that ends with one", "<definitions " BPMN "><task id=\"t\" BPMN:=\"\"/></definitions>", OD_INVALID, NULL},
        {"and a name with two of them", "<definitions " BPMN " xmlns:a=\"urn:a\"><a:b:c/></definitions>", OD_INVALID, NULL},
        {"half a file is refused", "<definitions " BPMN "><task", OD_INVALID, NULL},
        {"nothing is refused", "", OD_INVALID, NULL},
        {"windows-1251 is known", "<?xml version=\"1.0\" encoding=\"windows-1251\"?><definitions " BPMN "><task id=\"t\" name=\"\xcf\xf0\"/></definitions>",
         OD_OK, "\xd0\x9f\xd1\x80"},
        {"windows-1252 is known", "<?xml version=\"1.0\" encoding=\"windows-1252\"?><definitions " BPMN "><task id=\"t\" name=\"\x80\"/></definitions>", OD_OK,
         "\xe2\x82\xac"},
        {"an encoding of several bytes that expat does not know is refused",
         "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><definitions " BPMN "/>", OD_INVALID, NULL},
        {"an encoding without ASCII is refused", "<?xml version=\"1.0\" encoding=\"ibm-037\"?><definitions " BPMN "/>", OD_INVALID, NULL},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct model *m;
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        enum od_status s = read_text(od_str_c(rows[i].text), &arena, &m, &err);
        assert_int_equal(s, rows[i].status);
        if (s == OD_OK)
            assert_true(od_str_eq_c(xml_attr(model_find(m, m->file.doc.root, OD_STR("t")), "name"), rows[i].task_name));
        od_arena_done(&arena);
    }
}

/* Both orders of UTF-16, with and without a declaration; the mark in front says which. */
static void utf16_is_known(void **state)
{
    static const char *const texts[] = {"<definitions " BPMN "><task id='t' name='A'/></definitions>",
                                        "<?xml version='1.0' encoding='UTF-16'?><definitions " BPMN "><task id='t' name='A'/></definitions>"};
    (void)state;
    for (size_t i = 0; i < 2 * OD_LEN(texts); i++) {
        const char *text = texts[i / 2];
        bool big = i % 2;
        struct od_arena arena;
        struct model *m;
        struct od_err err;
        struct od_buf b;
        od_buf_init(&b, 4096);
        od_buf_put(&b, big ? "\xfe\xff" : "\xff\xfe", 2);
        for (const char *p = text; *p; p++) {
            const char pair[2] = {big ? 0 : *p, big ? *p : 0};
            od_buf_put(&b, pair, 2);
        }
        assert_int_equal(read_text(od_buf_view(&b), &arena, &m, &err), OD_OK);
        assert_true(od_str_eq_c(xml_attr(model_find(m, m->file.doc.root, OD_STR("t")), "name"), "A"));
        od_arena_done(&arena);
        od_buf_done(&b);
    }
}

static void an_unknown_encoding_is_named(void **state)
{
    struct od_arena arena;
    struct model *m;
    struct od_err err;
    char text[256];
    (void)state;
    assert_int_equal(read_text(OD_STR("<?xml version='1.0' encoding='x-klingon'?><definitions/>"), &arena, &m, &err), OD_INVALID);
    assert_string_equal(od_err_text(&err, text, sizeof text), "line 1: the encoding x-klingon is not known");
    od_arena_done(&arena);
}

static enum od_status load_other(void *ctx, struct od_str location, struct od_arena *arena, struct od_str *ret_bytes)
{
    (void)ctx, (void)arena;
    *ret_bytes = OD_STR("<definitions " BPMN " targetNamespace='urn:o'><itemDefinition id='i'/><message id='m' name='M' itemRef='i'/></definitions>");
    return od_str_eq_c(location, "other.bpmn") ? OD_OK : OD_NOT_FOUND;
}

static void imports_are_followed(void **state)
{
    static const char text[] = "<definitions " BPMN " xmlns:o='urn:o' targetNamespace='urn:t'><import namespace='urn:o' location='other.bpmn'/>"
                               "<import namespace='urn:x' location='https://example.org/x.xsd'/><import namespace='urn:y' location='y.xsd'/>"
                               "<receiveTask id='i' messageRef='o:m'/></definitions>";
    const struct model_loader loader = {load_other, NULL};
    struct od_arena arena;
    struct model *m;
    struct od_err err;
    (void)state;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    assert_int_equal(model_read(od_str_c(text), &loader, &arena, &m, &err), OD_OK);
    const struct xml_node *message = model_ref(m, model_find(m, m->file.doc.root, OD_STR("i")), "messageRef");
    assert_true(od_str_eq_c(xml_attr(message, "name"), "M"));
    assert_int_equal(model_ref(m, message, "itemRef")->kind, BPMN_ITEM_DEFINITION); /* what lies beside it, not our own of that id */
    assert_int_equal(m->imports[0].state, IMPORT_READ);
    assert_int_equal(m->imports[1].state, IMPORT_NOT_SOUGHT); /* nobody goes to other servers */
    assert_int_equal(m->imports[2].state, IMPORT_MISSING);
    od_arena_done(&arena);
}

/* Text of n times a part between two others. */
static char *many(const char *before, const char *part, size_t n, const char *after)
{
    struct od_buf b;
    od_buf_init(&b, 64 << 20);
    od_buf_c(&b, before);
    for (size_t i = 0; i < n; i++)
        od_buf_c(&b, part);
    od_buf_c(&b, after);
    char *s = od_xstrdup(od_buf_cstr(&b));
    od_buf_done(&b);
    return s;
}

static void bounds_rows(void **state)
{
    static const struct {
        const char *name, *before, *part, *after;
        size_t n;
        unsigned line; /* where it was reached */
    } rows[] = {
        {"nesting beyond the bound", "<definitions " BPMN ">\n", "<subProcess>", "", OD_MODEL_DEPTH_MAX + 1, 2},
        {"elements beyond the bound", "<definitions " BPMN ">\n", "<task/>", "</definitions>", OD_MODEL_ELEMENTS_MAX + 1, 2},
        {"bytes beyond the bound", "<definitions " BPMN ">", "                ", "</definitions>", OD_MODEL_FILE_MAX / 16 + 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct lint_report report;
        struct model *m;
        struct od_err err;
        char text[256];
        print_message("  %s\n", rows[i].name);
        char *xml = many(rows[i].before, rows[i].part, rows[i].n, rows[i].after);
        assert_int_equal(read_text(od_str_c(xml), &arena, &m, &err), OD_TOO_LARGE);
        print_message("    %s\n", od_err_text(&err, text, sizeof text));
        lint_report_init(&report, LINT_DEPLOY, &arena);
        lint_unreadable(&report, &err);
        assert_int_equal(report.n_errors, 1);
        assert_int_equal(report.findings[0].line, rows[i].line);
        od_arena_done(&arena);
        free(xml);
    }
}

static void round_trip(void **state)
{
    static const char text[] = "<b:definitions xmlns:b=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:v=\"urn:vendor\" v:x=\"1\">"
                               "<b:process id=\"p\"><b:documentation>a &lt; b\n c</b:documentation><b:task id=\"t\" name=\"x&#10;y &quot;z&quot;\"/>"
                               "<b:extensionElements><v:any>mixed <v:more/> text</v:any></b:extensionElements></b:process></b:definitions>";
    struct od_arena arena, second;
    struct model *m, *again;
    struct od_err err;
    struct od_buf out;
    (void)state;
    assert_int_equal(read_text(od_str_c(text), &arena, &m, &err), OD_OK);
    od_buf_init(&out, 1 << 20);
    xml_write(m->file.doc.root, &out);
    assert_int_equal(read_text(od_buf_view(&out), &second, &again, &err), OD_OK);
    assert_true(xml_same(m->file.doc.root, again->file.doc.root));
    od_buf_done(&out);
    od_arena_done(&arena);
    od_arena_done(&second);
}

static void finding_rows(void **state)
{
    static const struct {
        const char *name, *inside;
        enum lint_profile profile;
        const char *rule, *element;
        enum lint_severity severity;
    } rows[] = {
        {"a join that waits for a branch that was not taken is a deadlock",
         "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><exclusiveGateway id=\"x\" default=\"f2\"/><task id=\"a\"/><task id=\"b\"/>"
         "<parallelGateway id=\"j\"/><endEvent id=\"e\"/><sequenceFlow id=\"f0\" sourceRef=\"s\" targetRef=\"x\"/><sequenceFlow id=\"f1\" sourceRef=\"x\" "
         "targetRef=\"a\"><conditionExpression>n > 1</conditionExpression></sequenceFlow><sequenceFlow id=\"f2\" sourceRef=\"x\" targetRef=\"b\"/>"
         "<sequenceFlow id=\"f3\" sourceRef=\"a\" targetRef=\"j\"/><sequenceFlow id=\"f4\" sourceRef=\"b\" targetRef=\"j\"/><sequenceFlow id=\"f5\" "
         "sourceRef=\"j\" targetRef=\"e\"/></process>",
         LINT_DEPLOY, "explore:deadlock", "j", LINT_WARNING},
        {"what nothing leads to is unreachable",
         "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><task id=\"a\"/><boundaryEvent id=\"b\" attachedToRef=\"a\"><linkEventDefinition/>"
         "</boundaryEvent><task id=\"c\"/><sequenceFlow id=\"f0\" sourceRef=\"s\" targetRef=\"a\"/><sequenceFlow id=\"f1\" sourceRef=\"b\" "
         "targetRef=\"c\"/></process>",
         LINT_MODELING, "explore:unreachable", "c", LINT_WARNING},
        {"a merge without a join brings a second token",
         "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><parallelGateway id=\"g\"/><exclusiveGateway id=\"m\"/><userTask id=\"a\"/>"
         "<sequenceFlow id=\"f0\" sourceRef=\"s\" targetRef=\"g\"/><sequenceFlow id=\"f1\" sourceRef=\"g\" targetRef=\"m\"/><sequenceFlow id=\"f2\" "
         "sourceRef=\"g\" targetRef=\"m\"/><sequenceFlow id=\"f3\" sourceRef=\"m\" targetRef=\"a\"/></process>",
         LINT_DEPLOY, "explore:unsynchronized", "a", LINT_WARNING},
        {"a reference that leads nowhere", "<process id=\"p\"><sequenceFlow id=\"f\" sourceRef=\"x\" targetRef=\"x\"/></process>", LINT_DEPLOY,
         "REF_EXISTENCE", "f", LINT_ERROR},
        {"an id twice", "<process id=\"p\"/><message id=\"p\" name=\"m\"/>", LINT_DEPLOY, "EXT.002", "p", LINT_ERROR},
        {"the standard's rule is an error in its own profile", "<process id=\"p\" processType=\"Public\" isExecutable=\"true\"/>", LINT_OMG, "EXT.035",
         "p", LINT_ERROR},
        {"and a warning where a drawing is judged", "<process id=\"p\" processType=\"Public\" isExecutable=\"true\"/>", LINT_MODELING, "EXT.035", "p",
         LINT_WARNING},
        {"a timer without a time", "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"><timerEventDefinition id=\"d\"/></startEvent></process>",
         LINT_DEPLOY, "ordo:timer", "d", LINT_ERROR},
        {"a choreography", "<choreography id=\"c\"/>", LINT_DEPLOY, "ordo:unsupported", "c", LINT_ERROR},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct lint_report report;
        struct model *m;
        bool found = false;
        print_message("  %s\n", rows[i].name);
        od_arena_init(&arena, OD_MODEL_BYTES_MAX);
        lint_report_init(&report, rows[i].profile, &arena);
        char *xml = many("<definitions " BPMN ">", rows[i].inside, 1, "</definitions>");
        lint_file(od_str_c(xml), NULL, NULL, &report, &m);
        for (unsigned k = 0; k < report.n; k++) {
            const struct lint_finding *f = &report.findings[k];
            found = found || (!strcmp(f->rule, rows[i].rule) && od_str_eq_c(f->element_id, rows[i].element) && f->severity == rows[i].severity &&
                              f->line == 1);
        }
        assert_true(found);
        od_arena_done(&arena);
        free(xml);
    }
}

#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define BRANCH(n) "<userTask id=\"t" n "\"/>" FLOW("a" n, "g", "t" n) FLOW("b" n, "t" n, "j")
#define MESSAGE(id, name) "<message id=\"" id "\" name=\"" name "\"/>"
#define CATCH(id, message) "<intermediateCatchEvent id=\"" id "\"><messageEventDefinition messageRef=\"" message "\"/></intermediateCatchEvent>"
#define PROCESS "<process id=\"p\" isExecutable=\"true\">"

/* What the explorer says of a model, all of it, by rule and element. */
static void explorer_rows(void **state)
{
    static const struct {
        const char *name, *inside, *told;
    } rows[] = {
        {"a way into a deadlock is told once, as the deadlock",
         PROCESS "<startEvent id=\"s\"/><exclusiveGateway id=\"g\" default=\"a1\"/><parallelGateway id=\"j\"/><endEvent id=\"e\"/><userTask id=\"t1\"/>"
         "<userTask id=\"t2\"/>" FLOW("f0", "s", "g") FLOW("a1", "g", "t1") "<sequenceFlow id=\"a2\" sourceRef=\"g\" targetRef=\"t2\">"
         "<conditionExpression>x</conditionExpression></sequenceFlow>" FLOW("b1", "t1", "j") FLOW("b2", "t2", "j") FLOW("f1", "j", "e") "</process>",
         "explore:deadlock j explore:unreachable e "},
        {"a circle of tasks has no way to an end",
         PROCESS "<startEvent id=\"s\"/><exclusiveGateway id=\"m\"/><userTask id=\"a\"/>" FLOW("f0", "s", "m") FLOW("f1", "m", "a")
         FLOW("f2", "a", "m") "</process>", "explore:completion p "},
        {"a receive task that instantiates begins the process",
         PROCESS "<receiveTask id=\"r\" instantiate=\"true\" messageRef=\"m\"/><endEvent id=\"e\"/>" FLOW("f0", "r", "e") "</process>"
         MESSAGE("m", "M"), ""},
        {"so do the events of an instantiating gateway",
         PROCESS "<eventBasedGateway id=\"g\" instantiate=\"true\"/>" CATCH("m1", "m") CATCH("m2", "n") "<userTask id=\"a\"/><userTask id=\"b\"/>"
         FLOW("f0", "g", "m1") FLOW("f1", "g", "m2") FLOW("f2", "m1", "a") FLOW("f3", "m2", "b") "</process>" MESSAGE("m", "M") MESSAGE("n", "N"), ""},
        {"what is called may throw what is caught",
         PROCESS "<startEvent id=\"s\"/><callActivity id=\"c\" calledElement=\"other\"/><boundaryEvent id=\"b\" attachedToRef=\"c\">"
         "<escalationEventDefinition escalationRef=\"x\"/></boundaryEvent><userTask id=\"a\"/>" FLOW("f0", "s", "c") FLOW("f1", "b", "a")
         "</process><escalation id=\"x\" escalationCode=\"X\"/>", ""},
        {"a duration alongside a task comes once",
         PROCESS "<startEvent id=\"s\"/><userTask id=\"a\"/><boundaryEvent id=\"b\" attachedToRef=\"a\" cancelActivity=\"false\"><timerEventDefinition>"
         "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent><userTask id=\"l\"/>" FLOW("f0", "s", "a") FLOW("f1", "b", "l")
         "</process>", ""},
        {"a message alongside may come again, which ends the search all the same",
         PROCESS "<startEvent id=\"s\"/><userTask id=\"a\"/><boundaryEvent id=\"b\" attachedToRef=\"a\" cancelActivity=\"false\">"
         "<messageEventDefinition messageRef=\"m\"/></boundaryEvent><userTask id=\"l\"/><userTask id=\"k\"/>" FLOW("f0", "s", "a") FLOW("f1", "b", "l")
         FLOW("f2", "l", "k") "</process>" MESSAGE("m", "M"), "explore:unsynchronized l explore:unsynchronized k "},
        {"more states than the bound are told of",
         PROCESS "<startEvent id=\"s\"/><parallelGateway id=\"g\"/><parallelGateway id=\"j\"/><endEvent id=\"e\"/>" FLOW("f0", "s", "g")
         FLOW("f1", "j", "e") BRANCH("1") BRANCH("2") BRANCH("3") BRANCH("4") BRANCH("5") BRANCH("6") BRANCH("7") BRANCH("8") BRANCH("9") BRANCH("10")
         BRANCH("11") "</process>", "explore:bound p "},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct lint_report report;
        struct model *m;
        struct od_buf told;
        print_message("  %s\n", rows[i].name);
        od_arena_init(&arena, OD_MODEL_BYTES_MAX);
        od_buf_init(&told, 1 << 16);
        lint_report_init(&report, LINT_DEPLOY, &arena);
        char *xml = many("<definitions " BPMN ">", rows[i].inside, 1, "</definitions>");
        lint_file(od_str_c(xml), NULL, NULL, &report, &m);
        for (unsigned k = 0; k < report.n; k++)
            od_buf_printf(&told, "%s " OD_STR_FMT " ", report.findings[k].rule, OD_STR_ARG(report.findings[k].element_id));
        assert_string_equal(od_buf_cstr(&told), rows[i].told);
        od_buf_done(&told);
        od_arena_done(&arena);
        free(xml);
    }
}

static void version_rows(void **state)
{
    static const struct {
        const char *name;
        struct od_str bytes;
        enum od_reason reason;
        const char *why; /* its arguments tell: a row must not be refused by another rule than its own */
    } rows[] = {
        {"a state of a later version is refused", {"S\x02", 2}, OD_R_STATE_VERSION, "have=2"},
        {"bytes that are no state are refused", {"xyz", 3}, OD_R_STATE_BROKEN, "it is no state"},
        {"a state that is cut is refused", {"S\x01\x05", 3}, OD_R_STATE_BROKEN, "the bytes do not add up"},
        {"a running state without a root is refused", {"S\x01\x05\x00\x00\x01\x00", 7}, OD_R_STATE_BROKEN, "the bytes do not add up"},
        {"a process that would leave by its flows is refused",
         {"S\x01\x05\x00\x00\x01" "\x01\x00\x00\x00\x01\x04\x00\x00\x00\x00\x00\x00\x00" "\x01\x00", 21}, OD_R_STATE_BROKEN, "what leaves by its flows"},
        {"a gate that would have something to do is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x01\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x01\x00\x07\x01\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "records and gates have nothing to do"},
        {"a process that would arrive somewhere is refused",
         {"S\x01\x05\x00\x00\x01" "\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00" "\x01\x00", 21}, OD_R_STATE_BROKEN, "tokens alone arrive"},
        {"a process that would be cancelled like a transaction is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x00\x00\x05\x03\x10\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "what is cancelled is a transaction"},
        {"a process that would begin again is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" "\x01\x02\x00", 35}, OD_R_STATE_BROKEN, "a scope that is to begin is empty"},
        {"a token that would complete a gateway is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x01\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "a token completes nothing but"},
        {"a compensation that nothing would go on with is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x00\x00\x05\x02\x00\x00\x00\x00\x00\x00\x00" "\x00", 33}, OD_R_STATE_BROKEN, "without a handler that runs"},
        {"and one that the process would wait for",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x01\x00\x00\x05\x03\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "the event that threw a compensation"},
        {"and one that somebody would wait for who is still to come",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x05\x00\x00\x05\x03\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "before they are used"},
        {"and one that holds a token that no handler is",
         {"S\x01\x05\x00\x00\x03" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x00\x00\x05\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x03\x00\x01\x00\x00\x01\x08\x00\x00\x00\x00\x00\x00" "\x03\x00", 47}, OD_R_STATE_BROKEN, "a compensation holds records"},
        {"so is a compensation that would arrive",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x00\x00\x05\x01\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "from handler to handler"},
        {"a token with the number of its process is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x01\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "keys are given once"},
        {"a process that is one of seven is refused",
         {"S\x01\x05\x00\x00\x01" "\x01\x00\x00\x00\x01\x02\x00\x07\x00\x00\x00\x00\x00" "\x00", 20}, OD_R_STATE_BROKEN,
         "loops alone"},
        {"a token that has started something is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x01\x00\x00\x01\x00\x00\x02\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "no more is done"},
        {"a token that somebody waits for is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "alone are waited for"},
        {"a token that was interrupted is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x01\x00\x00\x01\x04\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "scopes alone"},
        {"a token that is known outside is refused",
         {"S\x01\x05\x00\x00\x02" "\x01\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x01"
          "\x02\x00\x01\x00\x00\x01\x20\x00\x00\x00\x00\x00\x00" "\x02\x00", 34}, OD_R_STATE_BROKEN, "what is known outside"},
    };
    struct def_node nodes[] = {{.kind = NODE_PROCESS, .end = 2, .parent = DEF_NONE}, {.kind = NODE_COMPLEX, .end = 2, .join = 0}};
    struct def d = {.nodes = nodes, .n_nodes = OD_LEN(nodes), .words = 1};
    const struct def *ignored;
    struct od_arena arena;
    struct od_err err;
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct state s;
        print_message("  %s\n", rows[i].name);
        assert_int_not_equal(state_decode(rows[i].bytes, &d, &s, &err), OD_OK);
        assert_int_equal(err.reason, rows[i].reason);
        if (!strstr(err.args, rows[i].why))
            fail_msg("%s is not why, but %s", rows[i].why, err.args);
        state_done(&s);
    }
    od_arena_init(&arena, 1 << 20);
    assert_int_not_equal(def_decode((struct od_str){"D\x07", 2}, NULL, &arena, &ignored, &err), OD_OK);
    assert_int_equal(err.reason, OD_R_STATE_VERSION);
    od_arena_done(&arena);
}

/* Bytes of a definition in which one index leads nowhere. */
static void definition_rows(void **state)
{
    static const struct {
        const char *name;
        uint32_t join, handler, end;
        enum od_reason reason;
    } rows[] = {
        {"a definition of one process is read", DEF_NONE, DEF_NONE, 1, OD_R_NONE},
        {"a join that is not there is refused", 1u << 24, DEF_NONE, 1, OD_R_STATE_BROKEN},
        {"a handler that is not there is refused", DEF_NONE, 1, 1, OD_R_STATE_BROKEN},
        {"an end behind the nodes is refused", DEF_NONE, DEF_NONE, 2, OD_R_STATE_BROKEN},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct def_node node = {.kind = NODE_PROCESS, .end = rows[i].end, .parent = DEF_NONE, .default_flow = DEF_NONE, .loop = DEF_NONE,
                                .expr = DEF_NONE, .handler = rows[i].handler, .host = DEF_NONE, .link_target = DEF_NONE, .join = rows[i].join};
        const struct def d = {.nodes = &node, .n_nodes = 1, .words = 1}, *again;
        struct od_arena arena;
        struct od_buf bytes;
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        od_arena_init(&arena, 1 << 20);
        od_buf_init(&bytes, 1 << 10);
        def_encode(&d, &bytes);
        assert_int_equal(def_decode(od_buf_view(&bytes), NULL, &arena, &again, &err) != OD_OK, rows[i].reason != OD_R_NONE);
        if (rows[i].reason != OD_R_NONE)
            assert_int_equal(err.reason, rows[i].reason);
        od_buf_done(&bytes);
        od_arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reading_rows), cmocka_unit_test(utf16_is_known), cmocka_unit_test(an_unknown_encoding_is_named), cmocka_unit_test(imports_are_followed),
                                       cmocka_unit_test(bounds_rows), cmocka_unit_test(round_trip),
                                       cmocka_unit_test(finding_rows), cmocka_unit_test(explorer_rows), cmocka_unit_test(version_rows), cmocka_unit_test(definition_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
