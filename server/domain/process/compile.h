/* SPDX-License-Identifier: Apache-2.0
 * Inside of the compiler: the builder that its files share. */
#ifndef PROCESS_COMPILE_H
#define PROCESS_COMPILE_H

#include "server/domain/process/def.h"

/* A growing array that ends up in the arena. */
struct vec {
    void *p;
    uint32_t n, cap;
    size_t size;
};

struct builder {
    const struct model *m;
    const struct feel_host *host;
    struct od_arena *arena;
    struct lint_report *report;
    struct def *def;
    struct od_err *err;
    const struct xml_node **source; /* of every node */
    uint32_t *node_of;              /* by xml_node.ordinal: node, DEF_NONE where the element is none */
    struct od_str *lane_of;         /* by node: name of the innermost lane that it is drawn in */
    struct vec nodes, flows, triggers, loops, behaviors, mappings, settings, fields, joins, exprs, in, out, attached, event_subs, starts;
    struct vec keys;                /* correlationKey elements of the model */
    unsigned correlation_steps;     /* taken to find those of a message */
    unsigned n_errors;
    enum def_profile profile;
};

/* The node of an element, DEF_NONE for none, for what is no node and for what lies in an imported file. */
static inline uint32_t node_index(const struct builder *b, const struct xml_node *n)
{
    return n && !n->foreign ? b->node_of[n->ordinal] : DEF_NONE;
}

/* A cleared item at the end; its index in *ret_index. */
void *vec_push(struct vec *v, uint32_t *ret_index);
#define VEC_AT(v, type, i) (&((type *)(v).p)[i])

/* What cannot be executed: a finding at the element. */
void compile_refuse(struct builder *b, const struct xml_node *at, const char *rule, const char *fmt, ...) od_printf(4, 5);
bool compile_strict(const struct builder *b); /* what is missing is refused, not left to the outside */

/* Expressions. A FEEL text is marked by "=" in some modelers and meant without it in others. DEF_NONE where text is empty. */
uint32_t compile_feel(struct builder *b, const struct xml_node *at, struct od_str text);
/* Text that is an expression only where it is marked as one: "=expr" or "${expr}". */
uint32_t compile_marked(struct builder *b, const struct xml_node *at, struct od_str text);
/* An expression may say its own language (8.4.6); false: refused for it. What is marked may be what is translated to FEEL. */
bool compile_speaks_feel(struct builder *b, const struct xml_node *at, bool marked);
/* A text as FEEL: an expression where it is marked as one, else a string. */
void compile_text_as_feel(struct builder *b, struct od_str text, struct od_buf *out);
uint32_t compile_timer_text(struct builder *b, const struct xml_node *at, struct od_str text);

/* One file each: what belongs to a node besides its place. */
void compile_triggers(struct builder *b, uint32_t node);
const struct xml_node *compile_message_of(const struct builder *b, const struct xml_node *n); /* that an event or task names; NULL */
uint32_t compile_trigger(struct builder *b, const struct xml_node *definition, uint32_t node);
/* The correlation key of a message in the standard's form (8.4.2); DEF_NONE where the model has none, or was refused for it. */
uint32_t compile_correlation(struct builder *b, const struct xml_node *at, const struct xml_node *message, bool catching,
                             bool instantiates);
void compile_keys(struct builder *b);                  /* before all triggers: the keys that the model has */
void compile_task(struct builder *b, uint32_t node);   /* settings, form, result */
void compile_data(struct builder *b, uint32_t node);   /* mappings: what goes in and what comes out */
void compile_loop(struct builder *b, uint32_t node);
void compile_links(struct builder *b);                 /* links, compensation handlers: what nodes are to each other */
void compile_check(struct builder *b);                 /* what could not happen as it is drawn */
void compile_reach(struct builder *b);

/* Extension elements: the first child of that name below extensionElements, in any of the known namespaces. */
const struct xml_node *extension_of(const struct xml_node *n, const char *name);
const struct xml_node *extension_child(const struct xml_node *n, const char *name); /* the same, of any element */
const struct xml_node *extension_next(const struct xml_node *n, const char *name);
/* Attribute of one of the known extension namespaces at the element itself (camunda:assignee). */
struct od_str extension_attr(const struct xml_node *n, const char *name);
/* A throwing event whose message a worker sends: it names the type of a job. */
bool event_is_job(const struct model *m, const struct xml_node *event);

#endif
