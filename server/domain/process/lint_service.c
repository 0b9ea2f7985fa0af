/* SPDX-License-Identifier: Apache-2.0
 * Rules about the data of service, send and receive tasks (BPMN 2.0.2, 10.3.3, 10.4.2). */
#include "server/domain/process/lint.h"

static unsigned count_io(const struct xml_node *task, enum bpmn_kind kind)
{
    const struct xml_node *io = model_first(task, BPMN_IO_SPECIFICATION);
    return io ? model_count_children(io, kind) : 0;
}

static const struct xml_node *first_io(const struct xml_node *task, enum bpmn_kind kind)
{
    const struct xml_node *io = model_first(task, BPMN_IO_SPECIFICATION);
    return io ? model_first(io, kind) : NULL;
}

/* The message has a type and the data has not the same. */
static bool differs(const struct lint_ctx *c, const struct xml_node *data, const struct xml_node *message)
{
    const struct xml_node *item = message ? lint_item_of(c, message) : NULL;
    return item && !lint_items_equal(c, data ? lint_item_of(c, data) : NULL, item);
}

static const struct xml_node *message_of(const struct lint_ctx *c, const struct xml_node *operation, enum bpmn_kind ref)
{
    const struct xml_node *r = model_first(operation, ref);
    return r ? model_find(c->m, r, xml_text(r, c->m->arena)) : NULL;
}

void lint_service_input_set(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_is_executable(n) && bpmn_is(model_ref(c->m, n, "operationRef"), BPMN_OPERATION) && count_io(n, BPMN_INPUT_SET) != 1)
        lint_hit(c, n);
}

void lint_service_output_set(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_is_executable(n) && bpmn_is(model_ref(c->m, n, "operationRef"), BPMN_OPERATION) && count_io(n, BPMN_OUTPUT_SET) > 1)
        lint_hit(c, n);
}

void lint_service_in_message(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *op = model_ref(c->m, n, "operationRef");
    if (model_is_executable(n) && bpmn_is(op, BPMN_OPERATION) &&
        differs(c, first_io(n, BPMN_DATA_INPUT), message_of(c, op, BPMN_IN_MESSAGE_REF)))
        lint_hit(c, n);
}

void lint_service_out_message(struct lint_ctx *c, const struct xml_node *n)
{
    const struct xml_node *op = model_ref(c->m, n, "operationRef");
    if (model_is_executable(n) && bpmn_is(op, BPMN_OPERATION) &&
        differs(c, first_io(n, BPMN_DATA_OUTPUT), message_of(c, op, BPMN_OUT_MESSAGE_REF)))
        lint_hit(c, n);
}

void lint_send_input_set(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_ref(c->m, n, "messageRef") && count_io(n, BPMN_INPUT_SET) > 1)
        lint_hit(c, n);
}

void lint_send_data_input(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_ref(c->m, n, "messageRef") && count_io(n, BPMN_DATA_INPUT) > 1)
        lint_hit(c, n);
}

void lint_send_item(struct lint_ctx *c, const struct xml_node *n)
{
    /* without data the message goes without content (10.3.3) */
    const struct xml_node *data = first_io(n, BPMN_DATA_INPUT);
    if (model_is_executable(n) && data && differs(c, data, model_ref(c->m, n, "messageRef")))
        lint_hit(c, n);
}

void lint_receive_output_set(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_ref(c->m, n, "messageRef") && count_io(n, BPMN_OUTPUT_SET) > 1)
        lint_hit(c, n);
}

void lint_receive_data_output(struct lint_ctx *c, const struct xml_node *n)
{
    if (model_ref(c->m, n, "messageRef") && count_io(n, BPMN_DATA_OUTPUT) > 1)
        lint_hit(c, n);
}

void lint_receive_item(struct lint_ctx *c, const struct xml_node *n)
{
    /* without data the message goes without content (10.3.3) */
    const struct xml_node *data = first_io(n, BPMN_DATA_OUTPUT);
    if (model_is_executable(n) && data && differs(c, data, model_ref(c->m, n, "messageRef")))
        lint_hit(c, n);
}
