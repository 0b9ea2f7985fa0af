/* SPDX-License-Identifier: Apache-2.0
 * Types: what `instance of` asks, what parameters declare, what a DMN item definition says (§10.3.2.9). Immutable. */
#ifndef OD_FEEL_TYPE_H
#define OD_FEEL_TYPE_H

#include "server/domain/feel/value.h"

struct feel_program;
struct feel_run;

struct feel_member {
    struct od_str name;
    const struct feel_type *type;
};

struct feel_type {
    uint8_t kind; /* enum feel_kind; FEEL_ANY takes every value */
    struct od_str name;
    const struct feel_type *item; /* of a list or a range; NULL: any */
    unsigned n;                   /* members of a context; parameters of a function (without names) */
    const struct feel_member *members;
    const struct feel_type *result;     /* of a function */
    bool any_arity;                     /* `function` without a signature */
    const struct feel_program *allowed; /* unary tests that a value must pass (allowed values, type constraints) */
};

/* The built-in type of that name ("years and months duration"), NULL if there is none. */
const struct feel_type *feel_type_builtin(struct od_str name);
/* The longest built-in type name that s starts with as whole words; its length in s into *ret_n. */
const struct feel_type *feel_type_prefix(struct od_str s, size_t *ret_n);

/* Whether v belongs to t (§10.3.2.9.2); null belongs to every type here. */
bool feel_type_has(struct feel_run *run, const struct feel_type *t, const struct feel_value *v);

/* v as a t: itself, or by one of the implicit conversions of §10.3.2.9.4 (to and from singleton lists, date to date and
 * time), or null with the reason. */
struct feel_value feel_type_coerce(struct feel_run *run, const struct feel_type *t, const struct feel_value *v);

#endif
