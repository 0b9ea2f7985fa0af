/* SPDX-License-Identifier: Apache-2.0
 * Findings about a model: every rule is a row of rules.def and a function in one of the lint_*.c files. A finding names the
 * rule, the element and its line; an error refuses the model, a warning does not. */
#ifndef PROCESS_LINT_H
#define PROCESS_LINT_H

#include "server/domain/process/model.h"

/* What is asked of a model. Each profile judges all that the one before it judges (see docs/bpmn.md). */
enum lint_profile {
    LINT_DEPLOY,   /* would the engine execute it */
    LINT_OMG,      /* does it keep the rules of BPMN 2.0.2 */
    LINT_MODELING, /* is it drawn well */
};

enum lint_severity { LINT_WARNING, LINT_ERROR };

struct lint_finding {
    enum lint_severity severity;
    const char *rule;             /* "EXT.096", "ordo:unsupported", "advice:start-event-required" */
    const char *text;
    struct od_str element_id;     /* its own, or that of what it stands in; may be empty */
    struct od_str element_name;   /* local name of the element: "userTask" */
    unsigned line;
};

struct lint_report {
    struct od_arena *arena;
    struct lint_finding *findings;
    unsigned n, n_errors, n_warnings; /* findings kept; all that were found */
    enum lint_profile profile;
};

void lint_report_init(struct lint_report *r, enum lint_profile profile, struct od_arena *arena);

/* Runs every rule of the report's profile. A model that could not be read has its error added by lint_unreadable() instead. */
void lint_model(const struct model *m, struct lint_report *r);
void lint_unreadable(struct lint_report *r, const struct od_err *err);

/* All of it for one file: reads it, runs the rules, compiles what is executable, explores what was compiled. The model is NULL
 * where it cannot be read. */
struct feel_host;
void lint_file(struct od_str input, const struct model_loader *loader, const struct feel_host *host, struct lint_report *r,
               struct model **ret_model);

/* Adds a finding at an element; NULL where it is only counted, for there are OD_MODEL_FINDINGS_MAX of them. */
struct lint_finding *lint_add(struct lint_report *r, enum lint_severity severity, const char *rule, const struct xml_node *at,
                              const char *fmt, ...) od_printf(5, 6);
/* Whether the rule has a finding at that element. */
bool lint_has(const struct lint_report *r, const char *rule, const struct xml_node *at);

/* "file:line: error: [rule] element: text" lines, and one JSON object. */
void lint_write_text(const struct lint_report *r, const char *file, struct od_buf *out);
void lint_write_json(const struct lint_report *r, const char *file, struct od_buf *out);
bool lint_profile_from_name(const char *name, enum lint_profile *ret_profile);

/* --- for the rules ------------------------------------------------------------------------------------------------ */

/* What rules ask of the whole file again and again, looked up once (lint_index.c). */
struct lint_index {
    struct lint_link {
        const struct xml_node *event, *definition, *scope;
        struct od_str name;       /* the definition's, which may be empty */
        unsigned in_level, elsewhere; /* events of the other direction with a link of that name */
    } *links;                     /* events with a link definition, the first of each; document order */
    unsigned n_links;
    const struct xml_node **handlers; /* by a boundary event's ordinal: the activity that an association leads to, or NULL */
    uint8_t *marks;               /* by ordinal */
};
enum {
    LINT_USED = 1,                /* a message, signal, error or escalation that something refers to */
    LINT_NAMESAKE = 2,            /* one that has the name of another */
    LINT_OUTGOING = 4,            /* a sequence flow that its source lists */
    LINT_INCOMING = 8,            /* and its target */
    LINT_AS_SOURCE = 16,          /* a link definition that another names as its source */
    LINT_AS_TARGET = 32,          /* or its target */
};

struct lint_ctx {
    const struct model *m;
    struct lint_report *r;
    struct lint_index index;
    const struct lint_rule *rule; /* the row that is being applied */
};

struct lint_rule {
    const char *id;
    enum lint_profile profile;
    enum lint_severity severity;
    enum bpmn_kind class_;        /* applied to every element of this class */
    void (*check)(struct lint_ctx *c, const struct xml_node *n);
    const char *text;
};

/* Reports the rule that is being applied, with its row's text. */
void lint_hit(struct lint_ctx *c, const struct xml_node *at);
/* The same with a text of its own. */
void lint_tell(struct lint_ctx *c, const struct xml_node *at, const char *fmt, ...) od_printf(3, 4);

#define L(id, profile, severity, class_, fn, text) void fn(struct lint_ctx *c, const struct xml_node *n);
#include "server/domain/process/rules.def"
#undef L

/* Shared by the rules. */
bool lint_deploys(const struct lint_ctx *c, const struct xml_node *n); /* asked is what this engine would execute, and n is of it */
bool lint_index(struct lint_ctx *c); /* false: out of memory */
bool lint_is_global(const struct xml_node *n); /* a message, signal, error or escalation */
bool lint_defines(const struct lint_ctx *c, const struct xml_node *event, enum bpmn_kind definition);
unsigned lint_definitions(const struct lint_ctx *c, const struct xml_node *event); /* how many */
bool lint_defines_only(const struct lint_ctx *c, const struct xml_node *event, const enum bpmn_kind *allowed, unsigned n);
bool lint_formal(const struct xml_node *expression); /* a FormalExpression by its xsi:type or element */
bool lint_items_equal(const struct lint_ctx *c, const struct xml_node *a, const struct xml_node *b);
struct xml_node *lint_item_of(const struct lint_ctx *c, const struct xml_node *n); /* itemDefinition of data, message, signal... */

#endif
