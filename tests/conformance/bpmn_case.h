/* SPDX-License-Identifier: Apache-2.0
 * What the kinds about BPMN share: a case's model from its file, JSON lines. */
#ifndef TESTS_BPMN_CASE_H
#define TESTS_BPMN_CASE_H

#include <jansson.h>
#include <stdio.h>

#include "server/domain/process/model.h"

struct bpmn_case {
    json_t *row;
    const char *id;
    const char *root;       /* folder of the case file */
    const char *dir;        /* of the model file, for what it imports */
    struct od_arena arena;
    struct od_str bytes;    /* of the model */
};

/* Calls answer for every line; it returns the answer without its id. model_key names the field with the model's path. */
enum od_status bpmn_cases(FILE *cases, const char *dir, const char *model_key, json_t *(*answer)(struct bpmn_case *c), FILE *out,
                          struct od_err *err);

/* Seeks imports beside the model. */
struct model_loader bpmn_case_loader(struct bpmn_case *c);

#endif
