/* SPDX-License-Identifier: Apache-2.0
 * For the fuzzers of state and step: one model with everything in it, compiled once, and what must hold of its states. */
#ifndef TESTS_FUZZ_PROCESS_MODEL_H
#define TESTS_FUZZ_PROCESS_MODEL_H

#include "server/domain/process/state.h"

#include <stdio.h>

/* NULL if it cannot be compiled, which would be a bug of the model. */
static const struct def *compile_text(const char *text, struct od_arena *arena, enum def_profile profile)
{
    struct model *m;
    struct lint_report report;
    struct od_err err;
    const struct def *d = NULL;
    lint_report_init(&report, LINT_DEPLOY, arena);
    if (model_read(od_str_c(text), NULL, arena, &m, &err) != OD_OK)
        return NULL;
    const struct xml_node *p = model_first(m->file.doc.root, BPMN_PROCESS);
    if (def_compile(m, p, profile, NULL, arena, &report, &d, &err) != OD_OK)
        return NULL;
    return d;
}

/* Says which rule is broken, if one is. */
static void must_be(const char *rule)
{
    if (rule)
        fprintf(stderr, "broken: %s\n", rule);
    od_assert(!rule);
}

static void must_hold(const struct state *s, const struct def *d) { must_be(state_check(s, d)); }

#define HEAD "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"urn:fuzz\">"

/* What events speak of. */
#define DECLARED                                                                                                                           \
    "<message id=\"m\" name=\"m\"/><signal id=\"g\" name=\"g\"/><error id=\"x\" errorCode=\"X\"/><escalation id=\"y\" "                    \
    "escalationCode=\"Y\"/>"                                                                                                               \
    "<signalEventDefinition id=\"sg\" signalRef=\"g\"/>"

static const char rich_model[] = HEAD DECLARED
    "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><inclusiveGateway id=\"i1\" default=\"f4\"/><userTask id=\"a\"/>"
    "<boundaryEvent id=\"bt\" attachedToRef=\"a\" "
    "cancelActivity=\"false\"><timerEventDefinition><timeCycle>R3/PT1M</timeCycle></timerEventDefinition></boundaryEvent>"
    "<boundaryEvent id=\"bc\" attachedToRef=\"a\"><conditionalEventDefinition><condition>n > "
    "5</condition></conditionalEventDefinition></boundaryEvent>"
    "<subProcess id=\"sub\"><startEvent id=\"s2\"/><userTask id=\"b\"/><boundaryEvent id=\"cb\" "
    "attachedToRef=\"b\"><compensateEventDefinition/></boundaryEvent>"
    "<userTask id=\"undo\" isForCompensation=\"true\"/><association sourceRef=\"cb\" targetRef=\"undo\"/><endEvent id=\"e2\"/>"
    "<sequenceFlow id=\"g0\" sourceRef=\"s2\" targetRef=\"b\"/><sequenceFlow id=\"g1\" sourceRef=\"b\" targetRef=\"e2\"/>"
    "<subProcess id=\"esp\" triggeredByEvent=\"true\"><startEvent id=\"es\"><errorEventDefinition errorRef=\"x\"/></startEvent><userTask "
    "id=\"fix\"/>"
    "<sequenceFlow id=\"h0\" sourceRef=\"es\" targetRef=\"fix\"/></subProcess></subProcess>"
    "<boundaryEvent id=\"be\" attachedToRef=\"sub\" cancelActivity=\"false\"><escalationEventDefinition "
    "escalationRef=\"y\"/></boundaryEvent>"
    "<userTask "
    "id=\"c\"><multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality><completionCondition>numberOfCompletedInstances > 2"
    "</completionCondition></multiInstanceLoopCharacteristics></userTask><inclusiveGateway id=\"i2\"/>"
    "<eventBasedGateway id=\"eg\"/><intermediateCatchEvent id=\"cm\"><messageEventDefinition messageRef=\"m\"/></intermediateCatchEvent>"
    "<intermediateCatchEvent id=\"cs\"><signalEventDefinition signalRef=\"g\"/></intermediateCatchEvent>"
    "<intermediateThrowEvent id=\"comp\"><compensateEventDefinition/></intermediateThrowEvent>"
    "<complexGateway id=\"cx\"><activationCondition>activationCount > 0</activationCondition></complexGateway>"
    "<adHocSubProcess id=\"ad\" ordering=\"Sequential\"><userTask id=\"d1\"/><userTask id=\"d2\"/></adHocSubProcess>"
    "<transaction id=\"tx\"><startEvent id=\"s3\"/><userTask id=\"t\"/><boundaryEvent id=\"tc\" "
    "attachedToRef=\"t\"><compensateEventDefinition/></boundaryEvent>"
    "<userTask id=\"tundo\" isForCompensation=\"true\"/><association sourceRef=\"tc\" targetRef=\"tundo\"/><endEvent "
    "id=\"no\"><cancelEventDefinition/></endEvent>"
    "<sequenceFlow id=\"k0\" sourceRef=\"s3\" targetRef=\"t\"/><sequenceFlow id=\"k1\" sourceRef=\"t\" targetRef=\"no\"/></transaction>"
    "<boundaryEvent id=\"bx\" attachedToRef=\"tx\"><cancelEventDefinition/></boundaryEvent>"
    "<subProcess id=\"pesp\" triggeredByEvent=\"true\"><startEvent id=\"ps\" isInterrupting=\"false\"><signalEventDefinition "
    "signalRef=\"g\"/></startEvent>"
    "<userTask id=\"seen\"/><sequenceFlow id=\"l0\" sourceRef=\"ps\" targetRef=\"seen\"/></subProcess>"
    "<sequenceFlow id=\"f0\" sourceRef=\"s\" targetRef=\"i1\"/><sequenceFlow id=\"f1\" sourceRef=\"i1\" "
    "targetRef=\"a\"><conditionExpression>n > 0</conditionExpression></sequenceFlow>"
    "<sequenceFlow id=\"f2\" sourceRef=\"i1\" targetRef=\"sub\"><conditionExpression>n > 1</conditionExpression></sequenceFlow>"
    "<sequenceFlow id=\"f3\" sourceRef=\"i1\" targetRef=\"c\"><conditionExpression>n > 2</conditionExpression></sequenceFlow>"
    "<sequenceFlow id=\"f4\" sourceRef=\"i1\" targetRef=\"tx\"/><sequenceFlow id=\"f5\" sourceRef=\"a\" targetRef=\"i2\"/>"
    "<sequenceFlow id=\"f6\" sourceRef=\"sub\" targetRef=\"i2\"/><sequenceFlow id=\"f7\" sourceRef=\"c\" targetRef=\"i2\"/>"
    "<sequenceFlow id=\"f8\" sourceRef=\"i2\" targetRef=\"eg\"/><sequenceFlow id=\"f9\" sourceRef=\"eg\" targetRef=\"cm\"/>"
    "<sequenceFlow id=\"f10\" sourceRef=\"eg\" targetRef=\"cs\"/><sequenceFlow id=\"f11\" sourceRef=\"cm\" targetRef=\"comp\"/>"
    "<sequenceFlow id=\"f12\" sourceRef=\"cs\" targetRef=\"cx\"/><sequenceFlow id=\"f13\" sourceRef=\"comp\" targetRef=\"cx\"/>"
    "<sequenceFlow id=\"f14\" sourceRef=\"cx\" targetRef=\"ad\"/><sequenceFlow id=\"f15\" sourceRef=\"bt\" targetRef=\"i2\"/>"
    "<sequenceFlow id=\"f16\" sourceRef=\"bc\" targetRef=\"i1\"/><sequenceFlow id=\"f17\" sourceRef=\"be\" targetRef=\"cx\"/>"
    "<sequenceFlow id=\"f18\" sourceRef=\"bx\" targetRef=\"i1\"/></process></definitions>";

#endif
