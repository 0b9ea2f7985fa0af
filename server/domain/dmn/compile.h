/* SPDX-License-Identifier: Apache-2.0
 * The state of a compilation, shared by its files. Internal. */
#ifndef OD_DMN_COMPILE_H
#define OD_DMN_COMPILE_H

#include "server/domain/dmn/model.h"
#include "server/domain/dmn/dmn_xml.h"

enum { DMN_IMPORT_DEPTH_MAX = 8 };

/* The models that a compilation has met, each once however many import it. */
struct imported_model {
    struct od_str name_space;
    struct dmn_model *model; /* NULL while it is being compiled */
    struct imported_model *next;
};

struct library {
    struct od_arena *arena;
    struct imported_model *first;
    unsigned n;
};

struct compiler {
    struct dmn_model *m;
    const struct dmn_options *options;
    struct od_arena *arena;   /* the model's: what lasts */
    struct od_arena *scratch; /* the tree, tables of names: until the end of the compilation */
    dmn_report_fn report;
    void *opaque;
    struct od_err *err;
    enum od_status status;    /* the first error that refuses the model */
    struct library *library;
    struct od_str language;   /* of expressions that do not say theirs */
    unsigned import_depth;
    unsigned unfollowed;      /* imports that are not looked at: what refers to them is not judged */
    uint64_t work;            /* done to tell names apart */
    struct od_str *names;     /* in scope where the compiler is: a stack */
    unsigned n_names, cap_names;
};

/* A finding at a node, with the id of the nearest element that has one. An error refuses the model where that is strict. */
void dmn_find(struct compiler *c, const struct dmn_xml_node *n, bool warning, const char *fmt, ...) od_printf(4, 5);
void dmn_refuse(struct compiler *c, const struct dmn_xml_node *n, const char *why); /* in any case */
enum od_status dmn_refusal(const struct dmn_finding *f, struct od_err *err);    /* a finding as an error */
void *dmn_alloc(struct compiler *c, size_t n, size_t size);                     /* of the model; NULL: status is set */
#define DMN_ARRAY(c, n, type) ((type *)dmn_alloc((c), (n), sizeof(type)))
bool dmn_index(struct compiler *c, struct od_arena *arena, const struct od_str *keys, unsigned n, struct dmn_index *ret); /* likewise */
static inline bool dmn_going(const struct compiler *c) { return c->status == OD_OK; }

struct od_str dmn_copy(struct compiler *c, struct od_str s);
struct od_str dmn_name(struct compiler *c, struct od_str s); /* white space collapsed, as FEEL compares names */

/* Findings for children without a name, and for two of one name (then false). inner: the child's child that carries the name,
 * which may be missing; NULL: the child itself. */
bool dmn_names_check(struct compiler *c, const struct dmn_xml_node *n, const char *child, const char *inner);

void dmn_scope_push(struct compiler *c, struct od_str name);
static inline void dmn_scope_pop(struct compiler *c, unsigned to) { c->n_names = to; }

/* Parses the text of n in the scope at hand; NULL, with *ret_why, where it is no FEEL or of another language. */
const struct feel_program *dmn_parse(struct compiler *c, const struct dmn_xml_node *n, struct od_str text, enum feel_grammar g,
                                     const char **ret_why);

void dmn_check_vocabulary(struct compiler *c, const struct dmn_xml_node *definitions);
void dmn_compile_elements(struct compiler *c, const struct dmn_xml_node *definitions);
void dmn_compile_types(struct compiler *c, const struct dmn_xml_node *definitions);
/* The type that a typeRef names; NULL where it is empty, Any, or not known (then a finding). */
const struct feel_type *dmn_type_ref(struct compiler *c, const struct dmn_xml_node *n, struct od_str ref);
const struct feel_type *dmn_type_of(struct compiler *c, const struct dmn_xml_node *n); /* by its attribute typeRef */

/* The expression among the children of n; NULL where there is none. */
const struct dmn_xml_node *dmn_expression_child(struct compiler *c, const struct dmn_xml_node *n);
const struct logic *dmn_compile_logic(struct compiler *c, const struct dmn_xml_node *expression);
const struct logic *dmn_compile_child(struct compiler *c, const struct dmn_xml_node *parent); /* of its expression child */
const struct logic *dmn_literal(struct compiler *c, const struct dmn_xml_node *n, struct od_str text);
const struct table *dmn_compile_table(struct compiler *c, const struct dmn_xml_node *n);

#endif
