/* SPDX-License-Identifier: Apache-2.0
 * Everything that a peer can influence has its bound here, by name. */
#ifndef OD_BASE_LIMITS_H
#define OD_BASE_LIMITS_H

enum {
    /* frames */
    OD_FRAME_HEADER_BYTES = 24,
    OD_FRAME_MAX_BEFORE_AUTH = 16 * 1024,
    OD_FRAME_MAX = 1024 * 1024,
    OD_DATA_CHUNK_MAX = 64 * 1024,
    OD_REQUEST_META_MAX = 256,
    OD_STORED_REPLY_MAX = 4 * 1024,
    /* calls */
    OD_CALLS_IN_FLIGHT_MAX = 256,
    OD_TIMEOUT_DEFAULT_MS = 30 * 1000,
    OD_TIMEOUT_MAX_MS = 10 * 60 * 1000,
    OD_RPC_ARENA_MAX = 8 * 1024 * 1024,
    /* credit */
    OD_CREDIT_CALL_BYTES = 256 * 1024,
    OD_CREDIT_CONNECTION_BYTES = 1024 * 1024,
    OD_CREDIT_MAX_BYTES = 64 * 1024 * 1024,
    OD_CREDIT_MIN_BYTES = 128 * 1024, /* twice the largest DATA: a receiver that answers at half its window never stalls */
    /* messages */
    OD_MESSAGE_DEPTH_MAX = 16,
    OD_MESSAGE_FIELDS_MAX = 20000,
    OD_MESSAGE_REPEATED_MAX = 10000,
    OD_ANSWER_FIELDS_MAX = 250000, /* of a server's answer: a report of one frame may be long */
    OD_ANSWER_REPEATED_MAX = 100000,
    OD_UPLOAD_MAX = 64 * 1024 * 1024,
    OD_UPLOAD_BODY_MAX = 4 * 1024 * 1024, /* of a message that comes in DATA frames */
    OD_UPLOADS_PER_CONNECTION_MAX = 4,
    /* connections */
    OD_CONNECTIONS_MAX = 4096,
    OD_OUT_QUEUE_MAX_BYTES = 4 * 1024 * 1024,
    OD_HANDSHAKE_TIMEOUT_MS = 10 * 1000,
    OD_IDLE_TIMEOUT_MS = 90 * 1000,
    OD_PING_INTERVAL_MS = 30 * 1000,
    OD_SUBSCRIPTIONS_PER_CONNECTION_MAX = 16,
    OD_CONNECTIONS_SURPLUS_MAX = 64, /* those above the maximum that still hear why */
    OD_LINGER_MS = 2 * 1000,         /* a closing connection waits so long for its peer to read the last words */
    OD_DRAIN_GRACE_MS = 200,         /* between the announcement of the end and the first call that is refused */
    OD_RECONNECT_MIN_MS = 100,       /* told with GOAWAY */
    OD_RECONNECT_MAX_MS = 5 * 1000,
    /* queues */
    OD_WORK_QUEUE_MAX = 4096,
    OD_AUTH_QUEUE_MAX = 64,
    /* keys */
    OD_KEY_DAYS_KEPT = 14,
    OD_KEY_FUTURE_MINUTES = 10,
    OD_PARTITION_DAYS_AHEAD = 14,
    OD_PARTITION_DAYS_NEEDED = 2,
    /* inboxes */
    OD_BOOKMARK_INTERVAL_MS = 30 * 1000,
    OD_INBOX_KEPT_DAYS = 30,
    OD_INBOX_KEPT_ROWS = 100000,
    OD_EVENT_TEXT_MAX = 200,
    OD_EVENT_RECIPIENTS_MAX = 64,
    /* business texts, in code points */
    OD_NAME_MAX = 200,
    OD_TITLE_MAX = 300,
    OD_TEXT_MAX = 20000,
    OD_LOGIN_MAX = 60,
    OD_LANGUAGE_MAX = 15,          /* BCP 47: pt-BR */
    OD_ZONE_MAX = 63,
    OD_PHONE_MAX = 40,
    OD_LIST_PAGE_MAX = 500,
    /* rights */
    OD_SCOPE_BRANCHES_MAX = 128,   /* of one person */
    OD_ROLES_MAX = 16,             /* of one person */
    /* terms */
    OD_SLA_HOURS_MAX = 10000,
    OD_SLA_DAYS_MAX = 3650,
    OD_TYPE_FIELDS_MAX = 100,
    OD_TYPE_CHOICES_MAX = 500,     /* of one field */
    OD_TYPE_BYTES_MAX = 32 * 1024, /* of all of a request type's fields: a row must fit into a page of a list */
    OD_IMPORT_EVENTS_MAX = 100,
    OD_SETUP_CODE_MINUTES = 60,
    OD_TIMER_TRIES_MAX = 8,        /* claims of a due timer that never ends well, before it is parked */
    OD_PASSWORD_MIN = 10,
    OD_PASSWORD_MAX = 200,
    /* process models */
    OD_MODEL_FILE_MAX = 16 * 1024 * 1024,
    OD_MODEL_BYTES_MAX = 256 * 1024 * 1024, /* of memory that reading one may take */
    OD_MODEL_DEPTH_MAX = 200,
    OD_MODEL_ELEMENTS_MAX = 50000,
    OD_MODEL_ATTRIBUTES_MAX = 256,
    OD_MODEL_FINDINGS_MAX = 1000,
    OD_MODEL_IMPORTS_MAX = 16,
    OD_PROCESS_NODES_MAX = 5000,
    OD_PROCESS_QUANTITY_MAX = 1000,      /* startQuantity, completionQuantity */
    OD_PROCESS_REACH_MAX = 100000000,    /* steps to find who reaches an inclusive gateway */
    OD_PROCESS_CORRELATION_MAX = 10000000, /* steps to find the correlation keys of messages */
    OD_PROCESS_STEP_TRANSITIONS = 100,   /* of one step; then a continuation */
    OD_PROCESS_RUN_TRANSITIONS = 20000,  /* without an event from outside */
    OD_PROCESS_ITEMS_MAX = 10000,        /* tokens, scopes and waits of one instance */
    OD_PROCESS_LOOPS_MAX = 5000,         /* instances of one multi-instance activity */
    OD_PROCESS_VARIABLES_MAX = 20000,    /* of one instance; a multi-instance activity has two for each of its instances */
    OD_PROCESS_VARIABLE_BYTES_MAX = 8 * 1024 * 1024, /* of all variables of one instance */
    OD_PROCESS_EVAL_BYTES_MAX = 16 * 1024 * 1024,    /* of memory for one expression */
    OD_PROCESS_STATE_BYTES_MAX = 16 * 1024 * 1024,
    OD_EXPLORE_STATES_MAX = 1024,        /* a power of two */
    OD_EXPLORE_EDGES_MAX = 16384,
    OD_EXPLORE_NODES_MAX = 500,
    /* expressions and decision models */
    FEEL_TEXT_MAX_BYTES = 256 * 1024,
    FEEL_TREE_DEPTH_MAX = 400,
    FEEL_PARSE_WORK_MAX = 100000000, /* comparisons of names while a text is read */
    FEEL_VALUE_DEPTH_MAX = 100,
    FEEL_STRING_MAX_BYTES = 4 * 1024 * 1024,
    FEEL_REGEX_TIME_LIMIT = 500, /* in ICU's units of about 10,000 matching steps */
    FEEL_REGEX_STACK_BYTES = 1024 * 1024,
    DMN_MODEL_MAX_BYTES = 16 * 1024 * 1024,
    DMN_XML_DEPTH_MAX = 100,
    DMN_ELEMENTS_MAX = 500000,
    DMN_IMPORTS_MAX = 100,
    DMN_MODEL_ARENA_MAX = 256 * 1024 * 1024,
};

/* words of a decision model's expressions times the names that each is compared with: some seconds of compiling */
#define DMN_NAMES_WORK_MAX INT64_C(500000000)

#endif
