/* SPDX-License-Identifier: Apache-2.0
 * Requests: registering, working on, closing, reading. Each verb is a row over its method. */
#include "client/cli/cli.h"

#define REQUEST_ARGUMENT                                                                                               \
    {.name = "REQUEST", .kind = OPT_FIELD, .required = true, .field = "request_id", .lookup = "request",               \
     .help = "its id, or #number (in quotes: the shell takes # for a comment)"}
#define VERSION_OPTION                                                                                                 \
    {.name = "seen", .kind = OPT_FIELD, .field = "version", .value = "VERSION",                                         \
     .help = "refuse if somebody changed it since this version"}
#define REASON_OPTION {.name = "reason", .letter = 'r', .kind = OPT_FIELD, .field = "reason", .value = "TEXT", .help = "why"}

static const struct opt REGISTER_OPTIONS[] = {
    {.name = "TITLE", .kind = OPT_FIELD, .required = true, .field = "title", .help = "what it is about, in one line"},
    {.name = "type", .letter = 't', .kind = OPT_FIELD, .required = true, .field = "type_id", .lookup = "type",
     .help = "request type"},
    {.name = "on-behalf", .letter = 'c', .kind = OPT_FIELD, .field = "customer_id", .lookup = "customer",
     .help = "the customer whose request it is; a customer's own user leaves it out"},
    {.name = "contact", .kind = OPT_FIELD, .field = "contact_id", .value = "ID", .help = "the customer's person who asked"},
    {.name = "text", .kind = OPT_FIELD, .field = "text", .value = "TEXT", .help = "what was asked, in full"},
    {.name = "field", .letter = 'F', .kind = OPT_PAIR, .field = "fields", .help = "a field of the type; may come again"},
    {.name = "channel", .kind = OPT_FIELD, .field = "channel", .value = "CHANNEL",
     .help = "how it came: form, messenger, mail, phone, portal, api"},
    {.name = "urgency", .letter = 'u', .kind = OPT_FIELD, .field = "urgency", .value = "URGENCY",
     .help = "low, normal, high, critical"},
    {.name = "department", .kind = OPT_FIELD, .field = "department_id", .lookup = "department",
     .help = "else the type's own"},
    {.name = "assignee", .letter = 'a', .kind = OPT_FIELD, .field = "assignee_id", .lookup = "user",
     .help = "give it at once; me: yourself"},
    {0},
};

static const struct opt GET_OPTIONS[] = {REQUEST_ARGUMENT, {0}};
static const struct opt STEP_OPTIONS[] = {REQUEST_ARGUMENT, VERSION_OPTION, {0}};
static const struct opt REASON_OPTIONS[] = {REQUEST_ARGUMENT, REASON_OPTION, VERSION_OPTION, {0}};

static const struct opt ASSIGN_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "ASSIGNEE", .kind = OPT_FIELD, .required = true, .field = "assignee_id", .lookup = "user",
     .help = "to whom: id, login or name"},
    REASON_OPTION,
    VERSION_OPTION,
    {0},
};

static const struct opt TRANSFER_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "DEPARTMENT", .kind = OPT_FIELD, .required = true, .field = "department_id", .lookup = "department",
     .help = "where to: id or name"},
    REASON_OPTION,
    VERSION_OPTION,
    {0},
};

static const struct opt WAIT_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "for", .kind = OPT_FIELD, .required = true, .field = "wait_for", .value = "WHOM",
     .help = "customer (the resolution clock pauses), supplier or internal"},
    REASON_OPTION,
    VERSION_OPTION,
    {0},
};

static const struct opt RESOLVE_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "solution", .letter = 's', .kind = OPT_FIELD, .field = "solution", .value = "TEXT", .help = "what was done"},
    VERSION_OPTION,
    {0},
};

static const struct opt TEXT_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "TEXT", .kind = OPT_FIELD, .required = true, .field = "text", .help = "what to write"},
    {0},
};

static const struct opt WORK_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "minutes", .letter = 'm', .kind = OPT_FIELD, .required = true, .field = "minutes", .value = "N",
     .help = "how long it took"},
    {.name = "text", .kind = OPT_FIELD, .field = "text", .value = "TEXT", .help = "what was done"},
    {.name = "at", .kind = OPT_FIELD, .field = "worked_us", .value = "TIME", .help = "when; else now"},
    {0},
};

static const struct opt LIST_OPTIONS[] = {
    {.name = "state", .letter = 's', .kind = OPT_FIELD, .field = "states", .value = "STATE",
     .help = "open, assigned_to, in_work, waiting, resolved, closed, cancelled; may come again"},
    {.name = "customer", .letter = 'c', .kind = OPT_FIELD, .field = "customer_id", .lookup = "customer",
     .help = "of this customer"},
    {.name = "assignee", .letter = 'a', .kind = OPT_FIELD, .field = "assignee_id", .lookup = "user",
     .help = "given to this person; me: to you"},
    {.name = "department", .kind = OPT_FIELD, .field = "department_id", .lookup = "department",
     .help = "of this department"},
    {.name = "unassigned", .kind = OPT_FIELD, .field = "unassigned", .help = "given to nobody"},
    {.name = "missed", .kind = OPT_FIELD, .field = "missed", .help = "that have missed a target"},
    {.name = "created-from", .kind = OPT_FIELD, .field = "created_from_us", .value = "TIME",
     .help = "registered at this time or later"},
    {.name = "created-to", .kind = OPT_FIELD, .field = "created_to_us", .value = "TIME",
     .help = "registered before this time"},
    {.name = "order", .kind = OPT_FIELD, .field = "order", .value = "ORDER", .help = "newest or oldest first"},
    {.name = "limit", .letter = 'n', .kind = OPT_FIELD, .field = "limit", .value = "N", .help = "so many at most"},
    {.name = "cursor", .kind = OPT_FIELD, .field = "cursor", .value = "HEX", .help = "go on behind an earlier list"},
    {0},
};

static const struct column LIST_COLUMNS[] = {
    {"ID", "id"}, {"NUMBER", "number"}, {"P", "priority"}, {"STATE", "state"}, {"CUSTOMER", "customer"}, {"TITLE", "title"},
    {"ASSIGNEE", "assignee"}, {"DUE", "resolution.due_us"}, {"RESPONSE", "response.state"}, {"RESOLUTION", "resolution.state"},
    {0},
};

static const struct opt HISTORY_OPTIONS[] = {
    REQUEST_ARGUMENT,
    {.name = "after", .kind = OPT_FIELD, .field = "after_seq", .value = "SEQ", .help = "what came behind this entry"},
    {.name = "limit", .letter = 'n', .kind = OPT_FIELD, .field = "limit", .value = "N", .help = "so many at most"},
    {0},
};

static const struct column HISTORY_COLUMNS[] = {
    {"SEQ", "seq"}, {"HAPPENED", "happened_us"}, {"WHAT", "kind"}, {"WHO", "actor"}, {"STATE", "state"}, {"MINUTES", "minutes"},
    {"TEXT", "text"}, {0},
};

const struct verb VERBS_REQUEST[] = {
    {.name = "request register", .summary = "Register a request", .method = "request_register", .opts = REGISTER_OPTIONS},
    {.name = "request get", .summary = "Show a request", .method = "request_get", .opts = GET_OPTIONS},
    {.name = "request list", .summary = "List requests", .method = "request_list", .opts = LIST_OPTIONS, .columns = LIST_COLUMNS},
    {.name = "request history", .summary = "Show everything that happened to a request", .method = "request_history",
     .opts = HISTORY_OPTIONS, .columns = HISTORY_COLUMNS},
    {.name = "request take", .summary = "Take a request: you work on it", .method = "request_take", .opts = STEP_OPTIONS},
    {.name = "request assign", .summary = "Give a request to somebody", .method = "request_assign", .opts = ASSIGN_OPTIONS},
    {.name = "request transfer", .summary = "Hand a request to another department", .method = "request_transfer",
     .opts = TRANSFER_OPTIONS},
    {.name = "request return", .summary = "Give a request back to its queue", .method = "request_return", .opts = REASON_OPTIONS},
    {.name = "request wait", .summary = "Wait for somebody", .method = "request_wait", .opts = WAIT_OPTIONS},
    {.name = "request resume", .summary = "Go on after waiting", .method = "request_resume", .opts = STEP_OPTIONS},
    {.name = "request resolve", .summary = "Say that a request is done", .method = "request_resolve", .opts = RESOLVE_OPTIONS},
    {.name = "request close", .summary = "Close a request", .method = "request_close", .opts = REASON_OPTIONS},
    {.name = "request cancel", .summary = "Cancel a request", .method = "request_cancel", .opts = REASON_OPTIONS},
    {.name = "request reopen", .summary = "Reopen a request that was resolved or closed", .method = "request_reopen",
     .opts = REASON_OPTIONS},
    {.name = "request comment", .summary = "Write to the customer", .method = "request_comment", .opts = TEXT_OPTIONS},
    {.name = "request note", .summary = "Write a note that the customer does not see", .method = "request_note", .opts = TEXT_OPTIONS},
    {.name = "request work", .summary = "Record time spent on a request", .method = "request_work", .opts = WORK_OPTIONS},
    {0},
};
