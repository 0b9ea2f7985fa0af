/* SPDX-License-Identifier: Apache-2.0
 * The elements that DMN 1.1 to 1.5 have between them. A name that is none of them is a slip, and what lies in it is lost. */
#include "server/domain/dmn/compile.h"

static const char *const ELEMENTS[] = {
    "allowedAnswers", "allowedValues", "annotation", "annotationEntry", "artifact", "association", "authorityRequirement",
    "binding", "businessContextElement", "businessKnowledgeModel", "column", "conditional", "context", "contextEntry",
    "decision", "decisionMade", "decisionMaker", "decisionOwned", "decisionOwner", "decisionService", "decisionTable",
    "defaultOutputEntry", "definitions", "description", "drgElement", "elementCollection", "else", "encapsulatedDecision",
    "encapsulatedLogic", "every", "expression", "extensionElements", "filter", "for", "formalParameter", "functionDefinition",
    "functionItem", "group", "if", "impactedPerformanceIndicator", "impactingDecision", "import", "importedElement",
    "importedValues", "in", "informationRequirement", "input", "inputData", "inputDecision", "inputEntry", "inputExpression",
    "inputValues", "invocation", "itemComponent", "itemDefinition", "knowledgeRequirement", "knowledgeSource", "list",
    "literalExpression", "match", "organizationUnit", "output", "outputDecision", "outputEntry", "outputValues", "owner",
    "parameter", "parameters", "performanceIndicator", "question", "relation", "requiredAuthority", "requiredDecision",
    "requiredInput", "requiredKnowledge", "return", "row", "rule", "satisfies", "some", "sourceRef", "supportedObjective",
    "targetRef", "text", "textAnnotation", "then", "type", "typeConstraint", "typeRef", "usingProcess", "usingTask", "variable",
};

static int by_name(const void *key, const void *row)
{
    const struct od_str *name = key;
    const char *have = *(const char *const *)row;
    size_t n = strlen(have);
    int c = memcmp(name->p, have, name->n < n ? name->n : n);
    return c ? c : (name->n > n) - (name->n < n);
}

void dmn_check_vocabulary(struct compiler *c, const struct dmn_xml_node *root)
{
    for (const struct dmn_xml_node *n = root; n; n = dmn_xml_walk(n, root))
        if (!bsearch(&n->name, ELEMENTS, OD_LEN(ELEMENTS), sizeof *ELEMENTS, by_name))
            dmn_find(c, n, true, "DMN has no such element: it is passed over");
}
