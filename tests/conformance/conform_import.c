/* SPDX-License-Identifier: Apache-2.0
 * Kind `import`: what a file holds, counted, and whether it survives being written and read again. */
#include "tests/conformance/bpmn_case.h"
#include "tests/conformance/conform.h"

static bool round_trips(const struct model *m, struct od_arena *arena)
{
    struct od_buf text;
    struct model *again;
    struct od_err err;
    od_buf_init(&text, (size_t)64 << 20);
    xml_write(m->file.doc.root, &text);
    bool ok = !text.failed && model_read(od_buf_view(&text), NULL, arena, &again, &err) == OD_OK &&
              xml_same(m->file.doc.root, again->file.doc.root);
    od_buf_done(&text);
    return ok;
}

static void count_up(json_t *counts, const char *name)
{
    json_object_set_new(counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + 1));
}

static bool is_counted(const struct xml_node *n)
{
    static const enum bpmn_kind kinds[] = {
        BPMN_ASSOCIATION, BPMN_BOUNDARY_EVENT, BPMN_RULE_TASK, BPMN_CALL_ACTIVITY, BPMN_COLLABORATION, BPMN_DATA_OBJECT,
        BPMN_DATA_OBJECT_REFERENCE, BPMN_DATA_STORE_REFERENCE, BPMN_END_EVENT, BPMN_ERROR, BPMN_ESCALATION, BPMN_EVENT_GATEWAY,
        BPMN_EXCLUSIVE_GATEWAY, BPMN_INCLUSIVE_GATEWAY, BPMN_CATCH_INTERMEDIATE, BPMN_THROW_INTERMEDIATE, BPMN_LANE,
        BPMN_MANUAL_TASK, BPMN_MESSAGE, BPMN_MESSAGE_FLOW, BPMN_PARALLEL_GATEWAY, BPMN_PARTICIPANT, BPMN_PROCESS,
        BPMN_RECEIVE_TASK, BPMN_SCRIPT_TASK, BPMN_SEND_TASK, BPMN_SEQUENCE_FLOW, BPMN_SERVICE_TASK, BPMN_SIGNAL,
        BPMN_START_EVENT, BPMN_SUB_PROCESS, BPMN_TASK, BPMN_TEXT_ANNOTATION, BPMN_TRANSACTION, BPMN_USER_TASK,
        BPMN_AD_HOC_SUB_PROCESS, BPMN_COMPLEX_GATEWAY};
    for (size_t i = 0; i < OD_LEN(kinds); i++)
        if (n->kind == kinds[i])
            return true;
    return false;
}

static json_t *answer(struct bpmn_case *c)
{
    struct model *m;
    struct od_err err;
    json_t *reply = json_object(), *counts = json_object();
    if (model_read(c->bytes, NULL, &c->arena, &m, &err) != OD_OK) {
        json_object_set_new(reply, "well_formed", json_false());
        json_decref(counts);
        return reply;
    }
    int dangling = 0;
    for (unsigned i = 0; i < m->file.n_elements; i++) {
        const struct xml_node *e = m->file.elements[i];
        if (is_counted(e))
            count_up(counts, bpmn_kind_name((enum bpmn_kind)e->kind));
        if (e->kind == BPMN_SEQUENCE_FLOW && (!model_source(m, e) || !model_target(m, e)))
            dangling++;
    }
    json_object_set_new(reply, "well_formed", json_true());
    json_object_set_new(reply, "counts", counts);
    json_object_set_new(reply, "dangling_count", json_integer(dangling));
    json_object_set_new(reply, "round_trip", json_boolean(round_trips(m, &c->arena)));
    return reply;
}

enum od_status conform_import(FILE *cases, const char *dir, FILE *out, struct od_err *err)
{
    return bpmn_cases(cases, dir, "file", answer, out, err);
}
