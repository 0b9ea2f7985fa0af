/* SPDX-License-Identifier: Apache-2.0
 * The linter by rows: a model with one fault is refused with the rule, the element and the line; its sound sibling is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/limits.h"
#include "server/domain/process/lint.h"

#define NS "xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" " \
           "xmlns:di=\"http://www.omg.org/spec/BPMN/20100524/DI\" xmlns:v=\"urn:vendor\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\""

/* s, a, e: a process that nothing can be said against, with room in it. */
#define PROCESS(before, task, attrs, inside, after)                                                                                  \
    "<process id='p' isExecutable='true'>" before "<startEvent id='s'><outgoing>f1</outgoing></startEvent><" task " id='a' " attrs    \
    "><incoming>f1</incoming><outgoing>f2</outgoing>" inside "</" task "><endEvent id='e'><incoming>f2</incoming></endEvent>"         \
    "<sequenceFlow id='f1' sourceRef='s' targetRef='a'/><sequenceFlow id='f2' sourceRef='a' targetRef='e'/>" after "</process>"
#define TASK(inside) PROCESS("", "userTask", "", inside, "")
#define PLAIN PROCESS("", "userTask", "", "", "")
#define IO "<ioSpecification><dataInput id='di'/><dataOutput id='do'/><inputSet id='is'><dataInputRefs>di</dataInputRefs></inputSet>" \
           "<outputSet id='os'><dataOutputRefs>do</dataOutputRefs></outputSet></ioSpecification>"
#define SIGNAL "<signal id='sig' name='S'/>"
#define SIGNAL_BOUNDARY "<boundaryEvent id='x'><signalEventDefinition signalRef='sig'/></boundaryEvent>"
/* x throws, y catches a link; both may hold more */
#define LINKS(throws, catches)                                                                                                       \
    "<process id='p' isExecutable='true'><startEvent id='s'><outgoing>f1</outgoing></startEvent><intermediateThrowEvent id='x'><incoming>f1</incoming>" \
    "<linkEventDefinition id='lx' name='L'>" throws "</linkEventDefinition></intermediateThrowEvent><intermediateCatchEvent id='y'>" \
    "<outgoing>f2</outgoing><linkEventDefinition id='ly' name='L'>" catches "</linkEventDefinition></intermediateCatchEvent>"         \
    "<endEvent id='e'><incoming>f2</incoming></endEvent><sequenceFlow id='f1' sourceRef='s' targetRef='x'/><sequenceFlow id='f2'"     \
    " sourceRef='y' targetRef='e'/></process>"

struct row {
    const char *name;
    enum lint_profile profile;
    const char *rule, *element; /* the error that is expected; NULL: none at all */
    const char *inside;
};

static void judge_as(const struct row *row, enum lint_severity severity)
{
    struct od_arena arena;
    struct lint_report report;
    struct model *m;
    struct od_buf text;
    bool found = false;
    print_message("  %s\n", row->name);
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_buf_init(&text, 1 << 16);
    od_buf_printf(&text, "<definitions " NS ">\n%s\n</definitions>", row->inside);
    lint_report_init(&report, row->profile, &arena);
    lint_file(od_buf_view(&text), NULL, NULL, &report, &m);
    for (unsigned i = 0; i < report.n; i++) {
        const struct lint_finding *f = &report.findings[i];
        if (f->severity != severity)
            continue;
        if (!row->rule)
            print_message("    %s " OD_STR_FMT ": %s\n", f->rule, OD_STR_ARG(f->element_id), f->text);
        found = found || (row->rule && !strcmp(f->rule, row->rule) && od_str_eq_c(f->element_id, row->element) && f->line == 2);
    }
    assert_int_equal((severity == LINT_ERROR ? report.n_errors : report.n_warnings) > 0, row->rule != NULL);
    assert_int_equal(found, row->rule != NULL);
    od_buf_done(&text);
    od_arena_done(&arena);
}

static void judge(const struct row *row) { judge_as(row, LINT_ERROR); }

static void judge_all(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        judge(&rows[i]);
}

/* What an element may hold, in which order, and what its attributes may say: BPMN's XML schema. */
static void schema_rows(void **state)
{
    static const struct row rows[] = {
        {"a plain process is right", LINT_OMG, NULL, NULL, TASK("")},
        {"all parts of a task in their order", LINT_OMG, NULL, NULL,
         TASK(IO "<property id='pr' name='x'/><potentialOwner name='o'><resourceAssignmentExpression><formalExpression>x</formalExpression>"
              "</resourceAssignmentExpression></potentialOwner><standardLoopCharacteristics loopMaximum=' +3 '/>")},
        {"a diagram, extensions and text are nobody's business", LINT_OMG, NULL, NULL,
         "<extension mustUnderstand='false'><documentation>x</documentation></extension>"
         "<process id='p' v:any='1'><documentation textFormat='text/html'><v:b>x</v:b></documentation><extensionElements><v:x/><task/>"
         "</extensionElements><textAnnotation id='ta'><text>a<v:b/></text></textAnnotation></process><di:BPMNDiagram id='d'/>"},
        {"an element where it has no meaning", LINT_DEPLOY, "XSD", "td", TASK("<timerEventDefinition id='td'/>")},
        {"an element that BPMN does not have", LINT_DEPLOY, "ordo:unknown-element", "a", TASK("<timerEventDefinitions/>")},
        {"what is not BPMN outside of extensionElements", LINT_DEPLOY, "XSD", "a", TASK("<v:assignee/>")},
        {"two loops", LINT_DEPLOY, "XSD", "l2",
         TASK("<standardLoopCharacteristics loopMaximum='3'/><standardLoopCharacteristics id='l2' loopMaximum='4'/>")},
        {"a timer with a date and a duration", LINT_DEPLOY, "XSD", "td",
         PROCESS("", "intermediateCatchEvent", "", "<timerEventDefinition id='td'><timeDate>2030-01-01T00:00:00Z</timeDate><timeDuration>PT1M"
                 "</timeDuration></timerEventDefinition>", "")},
        {"a timer with extensions and a duration", LINT_OMG, NULL, NULL,
         PROCESS("", "intermediateCatchEvent", "", "<timerEventDefinition id='td'><extensionElements/><timeDuration xsi:type='tFormalExpression'>"
                 "PT1M</timeDuration></timerEventDefinition>", "")},
        {"an attribute that is misspelt", LINT_DEPLOY, "XSD", "p", "<process id='p' isExecuteable='true'/>"},
        {"an attribute of another element", LINT_DEPLOY, "XSD", "t", "<process id='p'><task id='t' calledElement='p'/></process>"},
        {"a boolean that is none", LINT_DEPLOY, "XSD", "p", "<process id='p' isExecutable='yes'/>"},
        {"booleans as numbers", LINT_DEPLOY, NULL, NULL, "<process id='p' isExecutable='0' isClosed=' 1 '/>"},
        {"a word that is not of the enumeration", LINT_DEPLOY, "XSD", "g",
         "<process id='p'><eventBasedGateway id='g' eventGatewayType='Inclusive'/></process>"},
        {"a number that is none", LINT_DEPLOY, "XSD", "t", "<process id='p'><task id='t' startQuantity='many'/></process>"},
        {"children in another order", LINT_OMG, "XSD", "a", TASK("<documentation>late</documentation>")},
        {"which an engine does not mind", LINT_DEPLOY, NULL, NULL, TASK("<documentation>late</documentation>")},
        {"a required child is missing", LINT_OMG, "XSD", "io",
         PROCESS("", "userTask", "", "<ioSpecification id='io'><inputSet/></ioSpecification>", "")},
        {"a required attribute is missing", LINT_OMG, "XSD", "g", "<resource id='g'/>"},
        {"an id with a blank", LINT_OMG, "XSD", "a b", "<process id='a b'/>"},
        {"an id that begins with a digit", LINT_OMG, "XSD", "1a", "<process id='1a'/>"},
        {"a flow ends at an id, not at a qualified name", LINT_OMG, "XSD", "f",
         "<process id='p'><task id='t'/><task id='u'/><sequenceFlow id='f' sourceRef='t:t' targetRef='u'/></process>"},
        {"odd ids", LINT_OMG, NULL, NULL, "<process id='_-.1'/><process id='\xc3\xa9tape_\xd0\xbf'/>"},
        {"text where none can be", LINT_OMG, "XSD", "a", TASK("hello")},
        {"an id of the diagram twice", LINT_OMG, "XSD", "d", "<di:BPMNDiagram id='d'><di:BPMNPlane id='d'/></di:BPMNDiagram>"},
        {"an id of the diagram that an element has", LINT_OMG, "XSD", "p", "<process id='p'/><di:BPMNDiagram id='p'/>"},
    };
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

static void reference_rows(void **state)
{
    static const struct row rows[] = {
        {"what a call activity calls must be callable", LINT_DEPLOY, "REF_TYPE", "a", PROCESS("", "callActivity", "calledElement='a'", "", "")},
        {"it may lie in another file", LINT_DEPLOY, NULL, NULL, PROCESS("", "callActivity", "calledElement='elsewhere'", "", "")},
        {"which the standard wants imported", LINT_OMG, "REF_EXISTENCE", "a", PROCESS("", "callActivity", "calledElement='elsewhere'", "", "")},
        {"the type of an expression's result", LINT_OMG, "REF_EXISTENCE", "a",
         TASK("<standardLoopCharacteristics><loopCondition xsi:type='tFormalExpression' evaluatesToTypeRef='i'>x</loopCondition>"
              "</standardLoopCharacteristics>")},
        {"the type of a resource's parameter", LINT_OMG, "REF_TYPE", "rp",
         "<message id='m' name='m'/><resource name='r'><resourceParameter id='rp' type='m'/></resource>"},
        {"data comes from data", LINT_DEPLOY, "REF_TYPE", "da",
         TASK(IO "<dataInputAssociation id='da'><sourceRef>s</sourceRef><targetRef>di</targetRef></dataInputAssociation>")},
        {"and from all that holds data", LINT_OMG, NULL, NULL,
         "<dataStore id='ds'/>" PROCESS("<property id='pr'/><dataObject id='do1'/><dataObjectReference id='dr' dataObjectRef='do1'/>"
         "<dataStoreReference id='sr' dataStoreRef='ds'/>", "userTask", "", IO "<dataInputAssociation><sourceRef>t:pr</sourceRef><targetRef>di"
         "</targetRef></dataInputAssociation><dataInputAssociation><sourceRef>do1</sourceRef><targetRef>di</targetRef></dataInputAssociation>"
         "<dataInputAssociation><sourceRef>dr</sourceRef><targetRef>di</targetRef></dataInputAssociation><dataOutputAssociation><sourceRef>do"
         "</sourceRef><targetRef>sr</targetRef></dataOutputAssociation>", "")},
        {"a message flow leads to no gateway", LINT_OMG, "REF_TYPE", "mf",
         "<collaboration id='c'><participant id='P' processRef='p'/><participant id='Q'/><messageFlow id='mf' sourceRef='Q' targetRef='f1'/>"
         "</collaboration>" PLAIN},
        {"nobody refers to a shape", LINT_OMG, "REF_EXISTENCE", "mf",
         "<collaboration id='c'><participant id='Q'/><messageFlow id='mf' sourceRef='Q' targetRef='d'/></collaboration><di:BPMNDiagram id='d'/>"},
        {"flows and hosts by qualified name", LINT_DEPLOY, NULL, NULL,
         "<process id='p' isExecutable='true'><startEvent id='s'/><userTask id='a'/><endEvent id='e'/><sequenceFlow id='f1' sourceRef='t:s'"
         " targetRef='t:a'/><sequenceFlow id='f2' sourceRef='a' targetRef='e'/><boundaryEvent id='b' attachedToRef='t:a'><errorEventDefinition/>"
         "</boundaryEvent><sequenceFlow id='f3' sourceRef='b' targetRef='e'/></process>"},
    };
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

static void data_rows(void **state)
{
#define ITEMS "<itemDefinition id='i'/><itemDefinition id='j' isCollection='true'/><message id='m' name='m' itemRef='i'/><interface name='n'>" \
              "<operation id='op' name='o'><inMessageRef>m</inMessageRef></operation></interface>"
    static const struct row rows[] = {
        {"isCollection agrees with the item where nothing is executed, too", LINT_OMG, "EXT.020", "d",
         ITEMS "<process id='p'><dataObject id='d' itemSubjectRef='j'/></process>"},
        {"an operation's message needs an input", LINT_OMG, "EXT.044", "a",
         ITEMS PROCESS("", "serviceTask", "operationRef='op'", "<ioSpecification><inputSet/><outputSet/></ioSpecification>", "")},
        {"a message may be sent without content", LINT_OMG, NULL, NULL, ITEMS PROCESS("", "sendTask", "messageRef='m'", "", "")},
        {"a script says its format where nothing is executed, too", LINT_OMG, "EXT.053", "t",
         "<process id='p'><scriptTask id='t'><script>1</script></scriptTask></process>"},
        {"an event sub-process without content has no start event", LINT_OMG, "EXT.058", "x",
         PROCESS("", "userTask", "", "", "<subProcess id='x' triggeredByEvent='true'/>")},
        {"an input set that an output set names back", LINT_OMG, "EXT.085", "os",
         TASK("<ioSpecification><inputSet id='is'/><outputSet id='os'><inputSetRefs>is</inputSetRefs></outputSet></ioSpecification>")},
        {"the two name each other", LINT_OMG, NULL, NULL,
         TASK("<ioSpecification><inputSet id='is'><outputSetRefs>os</outputSetRefs></inputSet><outputSet id='os'><inputSetRefs>is</inputSetRefs>"
              "</outputSet></ioSpecification>")},
        {"an assignment does not make types equal", LINT_OMG, "EXT.091", "da",
         ITEMS PROCESS("<dataObject id='d' itemSubjectRef='j' isCollection='true'/>", "userTask", "",
         "<ioSpecification><dataInput id='di' itemSubjectRef='i'/><inputSet><dataInputRefs>di</dataInputRefs></inputSet><outputSet/></ioSpecification>"
         "<dataInputAssociation id='da'><sourceRef>d</sourceRef><targetRef>di</targetRef><assignment><from xsi:type='tFormalExpression'>x</from>"
         "<to xsi:type='tFormalExpression'>y</to></assignment></dataInputAssociation>", "")},
        {"an ioBinding binds an input and an output", LINT_OMG, "EXT.065", "p",
         ITEMS "<process id='p'><ioSpecification><dataInput id='di'/><dataInput id='dj'/><inputSet><dataInputRefs>di</dataInputRefs><dataInputRefs>dj"
         "</dataInputRefs></inputSet><outputSet/></ioSpecification><ioBinding operationRef='op' inputDataRef='di' outputDataRef='dj'/></process>"},
    };
#undef ITEMS
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

static void event_rows(void **state)
{
#define COMPENSATED(association)                                                                                                     \
    PROCESS("", "userTask", "", "", "<boundaryEvent id='b' attachedToRef='a'><compensateEventDefinition/></boundaryEvent><task id='u'" \
            " isForCompensation='true'/>" association)
    static const struct row rows[] = {
        {"an event that throws does not borrow what another one throws", LINT_OMG, "EXT.095", "e",
         SIGNAL "<process id='p' isExecutable='true'><startEvent id='s'><outgoing>f1</outgoing></startEvent><intermediateThrowEvent id='a'><incoming>f1"
         "</incoming><outgoing>f2</outgoing><signalEventDefinition id='sd' signalRef='sig'/></intermediateThrowEvent><endEvent id='e'><incoming>f2"
         "</incoming><eventDefinitionRef>sd</eventDefinitionRef></endEvent><sequenceFlow id='f1' sourceRef='s' targetRef='a'/><sequenceFlow id='f2'"
         " sourceRef='a' targetRef='e'/></process>"},
        {"links find each other by name", LINT_OMG, NULL, NULL, LINKS("", "")},
        {"or by naming each other", LINT_OMG, NULL, NULL, LINKS("<target>ly</target>", "<source>t:lx</source>")},
        {"not by one of them alone: the target is missing", LINT_OMG, "EXT.125", "x", LINKS("", "<source>lx</source>")},
        {"the source is missing", LINT_OMG, "EXT.124", "y", LINKS("<target>ly</target>", "")},
        {"a compensation handler", LINT_OMG, NULL, NULL,
         COMPENSATED("<association id='as' sourceRef='b' targetRef='u' associationDirection='One'/>")},
        {"a line without arrow may begin at the handler", LINT_OMG, NULL, NULL, COMPENSATED("<association id='as' sourceRef='u' targetRef='b'/>")},
        {"an arrow from the handler is none to it", LINT_OMG, "EXT.143", "b",
         COMPENSATED("<association id='as' sourceRef='u' targetRef='b' associationDirection='One'/>")},
    };
#undef COMPENSATED
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

/* What the engine would have to choose about or to keep silent on is refused when it is deployed. */
static void deploy_rows(void **state)
{
#define BOUNDARY(id, definition) "<boundaryEvent id='" id "' attachedToRef='a'>" definition "</boundaryEvent>"
#define ON(task, events) PROCESS("", task, "", "", events)
#define EVENT_SUB(id, definition) \
    "<subProcess id='" id "' triggeredByEvent='true'><startEvent id='s" id "'>" definition "</startEvent></subProcess>"
#define IN_SUB(inside) PROCESS("", "subProcess", "", "<userTask id='t'/>" inside, "")
#define MESSAGE "<message id='m' name='M'/><message id='n' name='M'/><message id='o' name='O'/>"
#define TAKES(id) "<messageEventDefinition messageRef='" id "'/>"
#define TIMER(form, text) \
    PROCESS("", "intermediateCatchEvent", "", "<timerEventDefinition><" form ">" text "</" form "></timerEventDefinition>", "")
#define MANY(attrs) TASK("<multiInstanceLoopCharacteristics id='mi' " attrs "><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>")
#define COMPENSATES "<compensateEventDefinition/>"
#define HANDLER(id) "<task id='" id "' isForCompensation='true'/>"
#define LINE(id, to) "<association id='" id to "' sourceRef='" id "' targetRef='" to "'/>"
    static const struct row rows[] = {
        {"two boundary events of one message", LINT_DEPLOY, "ordo:catch-overlap", "c", MESSAGE ON("userTask", BOUNDARY("b", TAKES("m")) BOUNDARY("c", TAKES("n")))},
        {"of two messages", LINT_DEPLOY, NULL, NULL, MESSAGE ON("userTask", BOUNDARY("b", TAKES("m")) BOUNDARY("c", TAKES("o")))},
        {"of one message for two keys", LINT_DEPLOY, NULL, NULL,
         "<message id='m' name='M'/><message id='n' name='M'><extensionElements><z:subscription xmlns:z='http://camunda.org/schema/zeebe/1.0'"
         " correlationKey='=x'/></extensionElements></message>" ON("userTask", BOUNDARY("b", TAKES("m")) BOUNDARY("c", TAKES("n")))},
        {"a signal is for all", LINT_DEPLOY, NULL, NULL,
         SIGNAL ON("userTask", BOUNDARY("b", "<signalEventDefinition signalRef='sig'/>") BOUNDARY("c", "<signalEventDefinition signalRef='sig'/>"))},
        {"two event sub-processes of one message", LINT_DEPLOY, "ordo:catch-overlap", "sy", MESSAGE ON("userTask", EVENT_SUB("x", TAKES("m")) EVENT_SUB("y", TAKES("m")))},
        {"two beginnings by one message", LINT_DEPLOY, "ordo:catch-overlap", "r",
         MESSAGE "<process id='p' isExecutable='true'><startEvent id='s'>" TAKES("m") "</startEvent><receiveTask id='r' instantiate='true' messageRef='m'/></process>"},
        {"an event-based gateway between one message and itself", LINT_DEPLOY, "ordo:catch-overlap", "d",
         MESSAGE "<process id='p' isExecutable='true'><eventBasedGateway id='g'/><intermediateCatchEvent id='c'>" TAKES("m")
         "</intermediateCatchEvent><intermediateCatchEvent id='d'>" TAKES("m") "</intermediateCatchEvent><sequenceFlow id='f1' sourceRef='g' targetRef='c'/>"
         "<sequenceFlow id='f2' sourceRef='g' targetRef='d'/></process>"},
        {"an event-based gateway that leads nowhere", LINT_DEPLOY, "ordo:event-gateway", "g",
         "<process id='p' isExecutable='true'><eventBasedGateway id='g'/></process>"},
        {"two cancel boundary events", LINT_DEPLOY, "ordo:catch-overlap", "c",
         ON("transaction", BOUNDARY("b", "<cancelEventDefinition/>") BOUNDARY("c", "<cancelEventDefinition/>"))},
        {"two compensation boundary events", LINT_DEPLOY, "ordo:catch-overlap", "c",
         ON("userTask", BOUNDARY("b", COMPENSATES) BOUNDARY("c", COMPENSATES) HANDLER("u") HANDLER("v") LINE("b", "u") LINE("c", "v"))},
        {"one with two handlers", LINT_DEPLOY, "ordo:compensation", "b",
         ON("userTask", BOUNDARY("b", COMPENSATES) HANDLER("u") HANDLER("v") LINE("b", "u") LINE("b", "v"))},
        {"a compensation that nothing throws at the process", LINT_DEPLOY, "ordo:compensation-scope", "sx", ON("userTask", EVENT_SUB("x", COMPENSATES))},
        {"one of a sub-process", LINT_DEPLOY, NULL, NULL, IN_SUB(EVENT_SUB("x", COMPENSATES))},
        {"two of a sub-process", LINT_DEPLOY, "ordo:catch-overlap", "sy", IN_SUB(EVENT_SUB("x", COMPENSATES) EVENT_SUB("y", COMPENSATES))},
        {"an error that waits in the flow", LINT_DEPLOY, "ordo:trigger", "a", PROCESS("", "intermediateCatchEvent", "", "<errorEventDefinition/>", "")},
        {"an error that is thrown without a code", LINT_DEPLOY, "ordo:error-code", "x",
         "<error id='er' name='E'/>" ON("userTask", "<endEvent id='x'><errorEventDefinition errorRef='er'/></endEvent><sequenceFlow id='f3' sourceRef='a' targetRef='x'/>")},
        {"an escalation that a script cannot throw", LINT_DEPLOY, "ordo:never-thrown", "b",
         "<escalation id='ec' escalationCode='1'/>" PROCESS("", "scriptTask", "scriptFormat='feel'", "<script>1</script>",
         BOUNDARY("b", "<escalationEventDefinition escalationRef='ec'/>"))},
        {"one that a worker can throw", LINT_DEPLOY, NULL, NULL,
         "<escalation id='ec' escalationCode='1'/>" ON("serviceTask", BOUNDARY("b", "<escalationEventDefinition escalationRef='ec'/>"))},
        {"a start event of an ad-hoc sub-process", LINT_DEPLOY, "ordo:ad-hoc", "x", PROCESS("", "adHocSubProcess", "", "<startEvent id='x'/><task id='t'/>", "")},
        {"an event sub-process without start event", LINT_DEPLOY, "ordo:event-sub-process", "x",
         ON("userTask", "<subProcess id='x' triggeredByEvent='true'><task id='t'/></subProcess>")},
        {"an event sub-process with two", LINT_DEPLOY, "ordo:event-sub-process", "x",
         SIGNAL MESSAGE ON("userTask", "<subProcess id='x' triggeredByEvent='true'><startEvent id='t'><signalEventDefinition signalRef='sig'/></startEvent>"
         "<startEvent id='u'>" TAKES("m") "</startEvent></subProcess>")},
        {"an event sub-process that loops", LINT_DEPLOY, "ordo:event-sub-process", "x",
         SIGNAL ON("userTask", "<subProcess id='x' triggeredByEvent='true'><standardLoopCharacteristics loopMaximum='2'/><startEvent id='t'>"
         "<signalEventDefinition signalRef='sig'/></startEvent></subProcess>")},
        {"a receive task that would start a sub-process", LINT_DEPLOY, "ordo:instantiate", "r", MESSAGE IN_SUB("<receiveTask id='r' instantiate='true' messageRef='m'/>")},
        {"one that would start the process by nothing", LINT_DEPLOY, "ordo:reference", "r",
         "<process id='p' isExecutable='true'><receiveTask id='r' instantiate='true'/></process>"},
        {"a message without a name", LINT_DEPLOY, "ordo:reference", "a", "<message id='m'/>" PROCESS("", "receiveTask", "messageRef='m'", "", "")},
        {"a task that receives without a message is completed", LINT_DEPLOY, NULL, NULL, ON("receiveTask", "")},
        {"behavior One without its event", LINT_DEPLOY, "ordo:multi-instance", "mi", MANY("behavior='One'")},
        {"behavior None without its event", LINT_DEPLOY, "ordo:multi-instance", "mi", MANY("behavior='None'")},
        {"behavior Complex without definitions", LINT_DEPLOY, "ordo:multi-instance", "mi", MANY("behavior='Complex'")},
        {"behavior All needs none", LINT_DEPLOY, NULL, NULL, MANY("behavior='All'")},
        {"a duration that is none", LINT_DEPLOY, "ordo:timer", "a", TIMER("timeDuration", "PXYZ")},
        {"a date that is none", LINT_DEPLOY, "ordo:timer", "a", TIMER("timeDate", "2030-13-45")},
        {"a repetition that is none", LINT_DEPLOY, "ordo:timer", "a", TIMER("timeCycle", "R3/soon")},
        {"a cron line that never comes", LINT_DEPLOY, "ordo:timer", "a", TIMER("timeCycle", "0 0 99 * * *")},
        {"times", LINT_DEPLOY, NULL, NULL, TIMER("timeCycle", "R3/2030-01-01T00:00:00Z/PT1H")},
        {"a time that is computed", LINT_DEPLOY, NULL, NULL, TIMER("timeDuration", "=duration(x)")},
    };
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

#define Z "xmlns:z='http://camunda.org/schema/1.0/bpmn' "
#define STORED(direction, source, target, more)                                                                                      \
    "<dataStore id='ds' name='D'/>" PROCESS("<dataStoreReference id='sr' name='D' dataStoreRef='ds'/>", "userTask", "", IO "<property"   \
    " id='pr' name='__targetRef_placeholder'/><" direction " id='da'>" source target more "</" direction ">", "")
#define FROM(id) "<sourceRef>" id "</sourceRef>"
#define INTO(id) "<targetRef>" id "</targetRef>"
#define METHOD(method) PROCESS("", "transaction", "method='" method "'", "<task id='t'/>", "")
#define MESSAGES "<message id='m' name='M'/>"
#define THROWS(attrs) MESSAGES PROCESS("", "intermediateThrowEvent", Z, "<messageEventDefinition id='d' messageRef='m' " attrs "/>", "")

/* What has a meaning in BPMN or for its modeler, and none here: refused where it would change what happens. */
static void unexecuted_rows(void **state)
{
    static const struct row rows[] = {
        {"an extension that must be understood", LINT_DEPLOY, "ordo:must-understand", "", "<extension mustUnderstand='true'/>" PLAIN},
        {"which is the standard's own right", LINT_OMG, NULL, NULL, "<extension mustUnderstand='true'/>" PLAIN},
        {"a transaction that is undone by an image", LINT_DEPLOY, "ordo:transaction-method", "a", METHOD("##Image")},
        {"one that is undone by compensation", LINT_DEPLOY, NULL, NULL, METHOD("##Compensate")},
        {"data from a data store", LINT_DEPLOY, "ordo:data-store", "da", STORED("dataInputAssociation", FROM("sr"), INTO("di"), "")},
        {"data for a data store", LINT_DEPLOY, "ordo:data-store", "da", STORED("dataOutputAssociation", FROM("do"), INTO("sr"), "")},
        {"an assignment to a data store", LINT_DEPLOY, "ordo:data-store", "da",
         STORED("dataOutputAssociation", "", INTO("sr"), "<assignment><from>1</from><to>D</to></assignment>")},
        {"which the standard allows", LINT_OMG, NULL, NULL, STORED("dataOutputAssociation", FROM("do"), INTO("sr"), "")},
        {"a data store that is only drawn before a task", LINT_DEPLOY, NULL, NULL, STORED("dataInputAssociation", FROM("sr"), INTO("pr"), "")},
        {"and after one", LINT_DEPLOY, NULL, NULL, STORED("dataOutputAssociation", "", INTO("sr"), "")},
        {"items of a data store", LINT_DEPLOY, "ordo:data-store", "mi",
         "<dataStore id='ds' name='D'/>" TASK("<multiInstanceLoopCharacteristics id='mi'><loopDataInputRef>ds</loopDataInputRef>"
         "</multiInstanceLoopCharacteristics>")},
        {"code instead of a message", LINT_DEPLOY, "ordo:extension-code", "d", THROWS("z:class='X'")},
        {"an expression instead of a message", LINT_DEPLOY, "ordo:extension-code", "d", THROWS("z:expression='${x}'")},
        {"a job that sends the message", LINT_DEPLOY, NULL, NULL, THROWS("z:type='external' z:topic='X'")},
        {"a job of an event that sends one", LINT_DEPLOY, NULL, NULL,
         MESSAGES PROCESS("", "intermediateThrowEvent", "", "<extensionElements><z:taskDefinition xmlns:z='http://camunda.org/schema/zeebe/1.0'"
         " type='x'/></extensionElements><messageEventDefinition messageRef='m'/>", "")},
        {"a job of an event that sends none", LINT_DEPLOY, "ordo:extension-code", "a",
         "<signal id='g' name='G'/>" PROCESS("", "intermediateThrowEvent", "", "<extensionElements><z:taskDefinition "
         "xmlns:z='http://camunda.org/schema/zeebe/1.0' type='x'/></extensionElements><signalEventDefinition signalRef='g'/>", "")},
        {"a message", LINT_DEPLOY, NULL, NULL, THROWS("")},
        {"code of a service task is for its worker", LINT_DEPLOY, NULL, NULL, PROCESS("", "serviceTask", Z "z:class='X'", "", "")},
        {"code of a user task", LINT_DEPLOY, "ordo:extension-code", "a", PROCESS("", "userTask", Z "z:class='X'", "", "")},
        {"a script that lies elsewhere", LINT_DEPLOY, "ordo:extension-code", "a",
         PROCESS("", "scriptTask", Z "z:resource='x.js' scriptFormat='javascript'", "", "")},
        {"code that maps the variables of a call", LINT_DEPLOY, "ordo:extension-code", "a",
         PROCESS("", "callActivity", Z "z:variableMappingClass='X' calledElement='p'", "", "")},
        {"code beside what is executed is nobody's business", LINT_DEPLOY, NULL, NULL, "<process id='p'><userTask id='a' " Z "z:class='X'/></process>"},
    };
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

/* What has no effect here is told. */
static void warning_rows(void **state)
{
    static const struct row rows[] = {
        {"a data store that is only drawn", LINT_DEPLOY, "ordo:data-store-drawn", "da", STORED("dataInputAssociation", FROM("sr"), INTO("pr"), "")},
        {"a variable for the message of an error", LINT_DEPLOY, "ordo:extension-unknown", "d",
         "<error id='er' errorCode='E'/>" PROCESS("", "userTask", "", "", BOUNDARY("b", "<errorEventDefinition id='d' errorRef='er' " Z
         "z:errorMessageVariable='x'/>"))},
        {"whoever started the process", LINT_DEPLOY, "ordo:extension-unknown", "p", "<process id='p' isExecutable='true' " Z "z:initiator='x'/>"},
        {"the business key of a call", LINT_DEPLOY, "ordo:extension-unknown", "a",
         PROCESS("", "callActivity", Z "calledElement='p'", "<extensionElements><z:in businessKey='x'/></extensionElements>", "")},
        {"all variables besides those that are named", LINT_DEPLOY, "ordo:extension-unknown", "a",
         PROCESS("", "callActivity", Z "calledElement='p'", "<extensionElements><z:in source='x' target='y'/><z:in variables='all'/>"
         "</extensionElements>", "")},
        {"no variables for a call", LINT_DEPLOY, "ordo:extension-unknown", "a",
         PROCESS("", "callActivity", "calledElement='p'", "<extensionElements><z:calledElement xmlns:z='http://camunda.org/schema/zeebe/1.0'"
         " propagateAllParentVariables='false'/></extensionElements>", "")},
        {"where to save is no matter", LINT_DEPLOY, NULL, NULL,
         PROCESS("", "userTask", Z "z:asyncBefore='true' z:exclusive='false'", "", "")},
        {"all variables of a call are what it gets", LINT_DEPLOY, NULL, NULL,
         PROCESS("", "callActivity", Z "calledElement='p'", "<extensionElements><z:in variables='all'/></extensionElements>", "")},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++)
        judge_as(&rows[i], LINT_WARNING);
}

/* A drawing under work: what cannot work as drawn is an error, style and what is not finished are warnings. */
static void modeling_rows(void **state)
{
    static const struct row rows[] = {
        {"a beginning in an ad-hoc sub-process", LINT_MODELING, "advice:ad-hoc-sub-process", "x", PROCESS("", "adHocSubProcess", "", "<task id='t'/><startEvent id='x'/>", "")},
        {"an end in one", LINT_MODELING, "advice:ad-hoc-sub-process", "x", PROCESS("", "adHocSubProcess", "", "<task id='t'/><endEvent id='x'/>", "")},
        {"an intermediate event in one", LINT_MODELING, NULL, NULL, PROCESS("", "adHocSubProcess", "", "<task id='t'/><intermediateThrowEvent id='x'/>", "")},
        {"children in another order", LINT_MODELING, NULL, NULL, TASK("<documentation>late</documentation>")},
        {"an element where it has no meaning", LINT_MODELING, "XSD", "td", TASK("<timerEventDefinition id='td'/>")},
        {"a task that nothing leads to or from", LINT_MODELING, "advice:no-disconnected", "x", PROCESS("", "task", "", "", "<task id='x'/>")},
        {"two beginnings that lead somewhere", LINT_MODELING, NULL, NULL,
         PROCESS("<startEvent id='x'/>", "task", "", "", "<sequenceFlow id='f3' sourceRef='x' targetRef='a'/>")},
        {"two beginnings of which one leads nowhere", LINT_MODELING, "advice:single-blank-start-event", "p", PROCESS("<startEvent id='x'/>", "task", "", "", "")},
        {"a signal that nobody throws or catches", LINT_MODELING, "advice:global-unused", "sig", SIGNAL TASK("")},
    };
    (void)state;
    judge_all(rows, OD_LEN(rows));
}

/* A report keeps so many findings; what refuses the model is among them, and all are in the order in which they were found. */
static void errors_are_kept(void **state)
{
    struct od_arena arena;
    struct lint_report report;
    struct model *m;
    struct od_buf text;
    (void)state;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_buf_init(&text, 1 << 20);
    od_buf_c(&text, "<definitions " NS "><process id='p'>\n");
    for (unsigned i = 0; i < OD_MODEL_FINDINGS_MAX; i++)
        od_buf_printf(&text, "<exclusiveGateway id='g%u'/><sequenceFlow id='f%u' sourceRef='g%u' targetRef='g%u'/>\n", i, i, i,
                      (i + 1) % OD_MODEL_FINDINGS_MAX);
    od_buf_c(&text, "<task id='x'/>\n<task id='y'/></process></definitions>");
    lint_report_init(&report, LINT_MODELING, &arena);
    lint_file(od_buf_view(&text), NULL, NULL, &report, &m);
    assert_int_equal(report.n, OD_MODEL_FINDINGS_MAX);
    assert_int_equal(report.n_errors, 2);
    assert_true(report.n_warnings > OD_MODEL_FINDINGS_MAX);
    for (unsigned i = 0; i < report.n; i++)
        assert_int_equal(report.findings[i].severity, i + 2 < report.n ? LINT_WARNING : LINT_ERROR);
    for (unsigned i = 1; i < report.n; i++)
        assert_true(report.findings[i - 1].line <= report.findings[i].line);
    assert_true(od_str_eq_c(report.findings[report.n - 2].element_id, "x") && od_str_eq_c(report.findings[report.n - 1].element_id, "y"));
    od_buf_done(&text);
    od_arena_done(&arena);
}

/* One fault is one finding, whoever sees it, and its text says which of several things it means. */
static void findings_are_told_once(void **state)
{
    static const struct {
        const char *name;
        enum lint_profile profile;
        const char *inside, *text;
    } rows[] = {
        {"a flow to nowhere", LINT_DEPLOY, PROCESS("", "userTask", "", "", "<sequenceFlow id='f3' sourceRef='a' targetRef='x'/>"),
         "m:2: error: [REF_EXISTENCE] sequenceFlow f3: targetRef leads to \"x\", which does not exist\n"},
        {"a flow between levels", LINT_DEPLOY,
         PROCESS("", "userTask", "", "", "<subProcess id='sp'><task id='t'/></subProcess><sequenceFlow id='f3' sourceRef='a' targetRef='t'/>"),
         "m:2: error: [EXT.028] sequenceFlow f3: a sequence flow must stay within its process and sub-process\n"},
        {"a flow of another process", LINT_DEPLOY,
         PLAIN "<process id='q' isExecutable='true'><userTask id='b'/><sequenceFlow id='f3' sourceRef='a' targetRef='e'/></process>",
         "m:2: error: [ordo:flow] sequenceFlow f3: must connect two flow nodes of one level\n"},
        {"a link without its other end", LINT_DEPLOY,
         PROCESS("", "userTask", "", "", "<intermediateThrowEvent id='x'><linkEventDefinition name='N'/></intermediateThrowEvent>"),
         "m:2: error: [EXT.118] intermediateThrowEvent x: a link that is thrown needs its catching event\n"},
        {"a boundary event of nothing", LINT_DEPLOY, PROCESS("", "userTask", "", "", SIGNAL_BOUNDARY) SIGNAL,
         "m:2: error: [ordo:attached] boundaryEvent x: a boundary event must be attached to an activity\n"},
        {"a sub-process that no event starts", LINT_OMG, PROCESS("", "userTask", "", "", "<subProcess id='x' triggeredByEvent='true'><task id='t'/></subProcess>"),
         "m:2: error: [EXT.058] subProcess x: an event sub-process has exactly one start event\n"},
        {"a flow that neither end lists", LINT_OMG,
         "<process id='p'><task id='t'/><task id='u'/><sequenceFlow id='f' sourceRef='t' targetRef='u'/></process>",
         "m:2: error: [EXT.023] sequenceFlow f: its source t does not list it as outgoing\n"
         "m:2: error: [EXT.023] sequenceFlow f: its target u does not list it as incoming\n"},
        {"a tag that is not closed", LINT_DEPLOY, "<process>", "m:3: error: [XML_WELLFORMED] mismatched tag\n"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct lint_report report;
        struct model *m;
        struct od_buf in, out;
        print_message("  %s\n", rows[i].name);
        od_arena_init(&arena, OD_MODEL_BYTES_MAX);
        od_buf_init(&in, 1 << 16);
        od_buf_init(&out, 1 << 16);
        od_buf_printf(&in, "<definitions " NS ">\n%s\n</definitions>", rows[i].inside);
        lint_report_init(&report, rows[i].profile, &arena);
        lint_file(od_buf_view(&in), NULL, NULL, &report, &m);
        unsigned kept = 0;
        for (unsigned k = 0; k < report.n; k++) /* where tokens come to is another matter */
            if (strncmp(report.findings[k].rule, "explore:", 8) != 0)
                report.findings[kept++] = report.findings[k];
        report.n = kept;
        lint_write_text(&report, "m", &out);
        assert_string_equal(od_buf_cstr(&out), rows[i].text);
        od_buf_done(&out);
        od_buf_done(&in);
        od_arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(schema_rows), cmocka_unit_test(reference_rows), cmocka_unit_test(data_rows),
                                       cmocka_unit_test(event_rows), cmocka_unit_test(deploy_rows), cmocka_unit_test(unexecuted_rows),
                                       cmocka_unit_test(warning_rows), cmocka_unit_test(modeling_rows), cmocka_unit_test(errors_are_kept),
                                       cmocka_unit_test(findings_are_told_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
