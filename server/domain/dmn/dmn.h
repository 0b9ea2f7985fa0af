/* SPDX-License-Identifier: Apache-2.0
 * Decision models (DMN 1.1 to 1.5): a text is compiled once into an immutable model, and its decisions are evaluated many
 * times, on any thread. What cannot be executed is refused by name and line when the model is compiled. */
#ifndef OD_DMN_H
#define OD_DMN_H

#include "server/domain/feel/feel.h"
#include "server/domain/feel/type.h"

struct dmn_model;

/* Finds the text of a model that another imports, by its namespace (and its locationURI, which may be empty). */
typedef bool (*dmn_import_fn)(void *opaque, struct od_str name_space, struct od_str location, struct od_str *ret_xml);

struct dmn_options {
    const struct feel_host *host; /* functions beside the built-in ones; must outlive the model */
    dmn_import_fn import;         /* NULL: imports are refused */
    void *opaque;
    bool strict;                  /* refuse the model for any finding that is an error */
    bool alone;                   /* imports are not looked at, and what refers to them is not judged: for lint */
};

/* One finding about a model. */
struct dmn_finding {
    bool warning; /* advice: the model can be executed */
    unsigned line;
    char element[48];
    char id[80];
    char why[256];
};
typedef void (*dmn_report_fn)(void *opaque, const struct dmn_finding *finding);

/* Compiles the text. What cannot be executed (an expression that is no FEEL, a function in Java) is a finding; unless strict,
 * the decision that holds it answers null with that reason and the rest of the model works. report (may be NULL) gets every
 * finding, and the first that refuses the model is also *err (OD_R_DMN_REFUSED). A text that is no DMN is OD_R_MODEL_MALFORMED,
 * a bound OD_R_LIMIT_EXCEEDED or OD_R_MEMORY_LIMIT: those are no findings. */
enum od_status dmn_model_compile(struct od_str xml, const struct dmn_options *options, dmn_report_fn report, void *opaque,
                                 struct dmn_model **ret_model, struct od_err *err);
void dmn_model_free(struct dmn_model *m);

/* For ordo-lint: all findings about a .dmn text; OD_OK where none of them is an error. */
enum od_status dmn_lint(struct od_str xml, dmn_report_fn report, void *opaque, struct od_err *err);

/* What a model offers. */
enum dmn_kind { DMN_INPUT, DMN_DECISION, DMN_SERVICE, DMN_KNOWLEDGE };
struct dmn_element_info {
    enum dmn_kind kind;
    struct od_str name, id;
    const struct feel_type *type; /* NULL: any */
};
size_t dmn_model_elements(const struct dmn_model *m);
struct dmn_element_info dmn_model_element(const struct dmn_model *m, size_t i);
struct od_str dmn_model_name(const struct dmn_model *m);
struct od_str dmn_model_namespace(const struct dmn_model *m);

/* The item definition of that name; NULL if there is none. */
const struct feel_type *dmn_model_type(const struct dmn_model *m, struct od_str name);
/* Adds the model's item definitions and their members' names to a scope. */
void dmn_model_scope(const struct dmn_model *m, struct feel_scope *scope);

/* --- evaluating ----------------------------------------------------------------------------------------------------- */

/* What one decision table did, in the order of evaluation. */
struct dmn_trace {
    struct od_str element, id;      /* of the decision or function that holds the table */
    struct od_str table;            /* the table's own id, which may be empty: one decision may hold several */
    size_t n_inputs;
    const struct od_str *input_names; /* the input expressions' texts */
    const struct feel_value *inputs;  /* and values */
    size_t n_matched;
    const unsigned *matched;         /* rules that matched, from 1 */
    const struct od_str *rule_ids;   /* their ids, empty where they have none */
    struct feel_value result;
    struct dmn_trace *next;
};

struct dmn_result {
    struct feel_value value;
    const struct dmn_trace *trace;
};

/* Evaluates a decision (by its variable's name, its own, or its id), or a decision service with the inputs as its arguments.
 * env->vars holds the input data by name; limits count for all of it. A decision that cannot be made is null with its fault.
 * Results live in arena. OD_R_NO_SUCH: no decision or service of that name; the bounds of feel_eval(). */
enum od_status dmn_evaluate(const struct dmn_model *m, struct od_str name, const struct feel_env *env, struct od_arena *arena,
                            struct dmn_result *ret, struct od_err *err);

#endif
