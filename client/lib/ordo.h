/* SPDX-License-Identifier: Apache-2.0
 * libordo: calls and pushes of an Ordo server from C and C++.
 *
 *   ordo_options o = {.struct_size = sizeof o, .hosts = "desk.example.com:7223", .journal_path = "my.journal"};
 *   ordo_client_new(&o, &client, &error);
 *   ordo_auth_api_key(client, key);
 *   ordo_request_take(client, &req, &rep, &error);
 *   ordo_free_message(rep);
 *   ordo_client_free(client);
 *
 * Threads. A client is used by one thread at a time; different clients are independent. The library makes no thread
 * unless ordo_start_thread() asks for one; from then on that client may be used by any thread. No client survives a
 * fork(): the child may only close its descriptors by execve() or _exit().
 *
 * Callbacks run inside ordo_process(), inside a synchronous call of the same client, inside ordo_client_free(), or on
 * the client's own thread; nowhere else, and never from within a function that starts something. A callback may start
 * calls, cancel, subscribe and acknowledge; it may not make a synchronous call, run ordo_process() (ORDO_USAGE), or
 * free its client.
 *
 * Memory. What a callback is given lives until it returns. A reply that a synchronous call returns is the caller's,
 * freed by ordo_free_message(). Strings in options are copied. No function ends the process when memory is out: it, or
 * the callback of the call concerned, reports ORDO_INTERNAL with the reason OUT_OF_MEMORY. No signal is raised or
 * handled.
 *
 * ABI of one soname (libordo.so.0): handles are opaque; a struct that the caller fills begins with struct_size and
 * grows at its end; what lies beyond the caller's struct_size counts as zero. A struct that the library fills for the
 * caller has reserved room. Functions and enum values are added, never changed: treat an unknown value as the nearest
 * general case. Messages are structs of protobuf-c, initialised by their __INIT values: their layout is part of the
 * ABI, so a release in which an existing message gains a field has the next soname, and programs are rebuilt for it,
 * not changed. Between programs of different releases on the wire that makes no difference. */
#ifndef ORDO_H
#define ORDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin.pb-c.h"
#include "common.pb-c.h"
#include "customer.pb-c.h"
#include "import.pb-c.h"
#include "push.pb-c.h"
#include "request.pb-c.h"
#include "session.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what the shared library exports. */
#define ORDO_API __attribute__((visibility("default")))
/* Marks a result that must be looked at. */
#define ORDO_CHECK __attribute__((warn_unused_result))

/* A connection to a service, kept up; see ordo_client_new(). */
typedef struct ordo_client ordo_client;
/* A call under way. Valid until its reply callback has returned. */
typedef struct ordo_call ordo_call;
/* A subscription to one's inbox. Valid until its end callback has returned. */
typedef struct ordo_subscription ordo_subscription;

/* --- errors ------------------------------------------------------------------------------------------------------ */

/* How a call ended: the wire codes of ordo/1. */
enum ordo_status {
    ORDO_OK = 0,
    ORDO_INVALID = 1, /* the request is wrong: see the violations */
    ORDO_UNAUTHENTICATED = 2,
    ORDO_FORBIDDEN = 3,
    ORDO_NOT_FOUND = 4,
    ORDO_CONFLICT = 5, /* the state does not allow it: read again, decide again */
    ORDO_EXISTS = 6,
    ORDO_CONTENTION = 7,
    ORDO_DEADLINE = 8,
    ORDO_CANCELLED = 9,
    ORDO_UNAVAILABLE = 10,
    ORDO_OVERLOADED = 11,
    ORDO_TOO_LARGE = 12,
    ORDO_PROTOCOL = 13,
    ORDO_UNIMPLEMENTED = 14,
    ORDO_KEY_REUSED = 15,
    ORDO_KEY_EXPIRED = 16,
    ORDO_KEY_IN_FUTURE = 17,
    ORDO_UNKNOWN = 18, /* the answer was lost; the same key tells, see ordo_journal_resolve() */
    ORDO_INTERNAL = 19,
    ORDO_RESYNC_REQUIRED = 20,
    ORDO_IO = 21,
    ORDO_USAGE = 22, /* this library was used against its rules */
    ORDO_CONFIG = 23,
    ORDO_SCHEMA = 24
};

/* What is known of the effect of a call that failed. */
enum ordo_outcome { ORDO_NOT_EXECUTED = 0, ORDO_EXECUTED = 1, ORDO_OUTCOME_UNKNOWN = 2 };

/* Whether doing it again makes sense: not; the same call with the same key; after reading the state again. */
enum ordo_retry { ORDO_RETRY_NO = 0, ORDO_RETRY_YES = 1, ORDO_RETRY_FRESH = 2 };

/* One field of the request that was refused. */
typedef struct ordo_violation {
    char field[64];  /* its path: fields[3].name */
    char reason[32]; /* FIELD_REQUIRED, ... */
    char text[160];
} ordo_violation;

/* An error as plain data: may be copied and kept. Names and text are terminated UTF-8, cut where they do not fit. */
typedef struct ordo_error {
    enum ordo_status status;
    enum ordo_outcome outcome;
    enum ordo_retry retry;
    uint32_t retry_after_ms; /* 0: at once or not said */
    unsigned n_violations;   /* those kept in violations[] */
    unsigned char trace[16]; /* finds the call in the server's log; zero where there is none */
    char reason[32];         /* a name of the registry, the contract: REQUEST_STATE */
    char args[512];          /* its named arguments, see ordo_error_arg() */
    char text[640];          /* one rendering for people, in the client's language where the server has it */
    ordo_violation violations[8];
    uint64_t reserved[8];
} ordo_error;

/* "CONFLICT". Never NULL. */
ORDO_API const char *ordo_status_name(enum ordo_status status);
/* "the current state does not allow it". Never NULL. */
ORDO_API const char *ordo_status_text(enum ordo_status status);
/* What a program should exit with: 0 for ORDO_OK, else a value of sysexits.h. */
ORDO_API int ordo_status_exit_code(enum ordo_status status);
/* The value of a named argument of the reason ("state" of REQUEST_STATE), copied to out and terminated; false: not
 * there. */
ORDO_API bool ordo_error_arg(const ordo_error *error, const char *name, char *out, size_t size);
/* The version of the library, "0.1.0". */
ORDO_API const char *ordo_version(void);

/* --- a client ---------------------------------------------------------------------------------------------------- */

/* What became of the connection; reported to ordo_options.on_state. */
enum ordo_state {
    ORDO_STATE_IDLE = 0, /* not connected, nothing wanted yet */
    ORDO_STATE_CONNECTING = 1,
    ORDO_STATE_CONNECTED = 2,  /* HELLO_OK was read; ordo_server() tells whose */
    ORDO_STATE_READY = 3,      /* authenticated (or no login was set): calls flow; ordo_identity() tells who */
    ORDO_STATE_GOING_AWAY = 4, /* the server asked to leave; new calls wait for the next connection */
    ORDO_STATE_LOST = 5,       /* cut or not reached, `why` says how; tried again while something waits */
    ORDO_STATE_REFUSED = 6     /* the login was refused: calls fail with it until another ordo_auth_*() */
};

/* Told of each change of state. why: the error behind LOST and REFUSED, else NULL. */
typedef void (*ordo_state_cb)(ordo_client *client, enum ordo_state state, const ordo_error *why, void *arg);
/* Told what an operator wrote to everybody connected. */
typedef void (*ordo_info_cb)(ordo_client *client, const char *text, void *arg);

/* How to reach the service. Zero means the default; struct_size and hosts are required. */
typedef struct ordo_options {
    size_t struct_size;          /* sizeof(ordo_options) */
    const char *hosts;           /* "host:port,[2001:db8::1]:port", "unix:/path"; tried in turn from a random one */
    const char *ca_file;         /* PEM; whom to trust. NULL: the system's */
    const char *cert_file;       /* PEM chain of a client certificate, or NULL */
    const char *key_file;        /* PEM */
    const char *server_name;     /* the name in the server's certificate where it is not the host's */
    const char *journal_path;    /* keys of changing calls are saved here before they are sent; NULL: they are not */
    const char *program;         /* "billing-bridge 2.1", for the server's log */
    const char *language;        /* BCP 47; error texts come in it where there is a rendering */
    uint32_t timeout_ms;         /* deadline of a call that names none; 30 s */
    uint32_t connect_timeout_ms; /* of one attempt: name, TCP, TLS, HELLO, AUTH; 10 s */
    uint32_t reconnect_min_ms;   /* the first wait is random within this, each further round doubles it; 100 ms */
    uint32_t reconnect_max_ms;   /* 10 s */
    uint32_t calls_max;          /* calls waiting or in flight at most, beyond it ORDO_OVERLOADED; 4096 */
    uint32_t credit_bytes;       /* how far a list or subscription may run ahead of its callback; 256 KiB */
    uint32_t credit_all_bytes;   /* the same for the whole connection; 1 MiB; both at least 128 KiB */
    bool compress;               /* worth it on a slow line */
    ordo_state_cb on_state;      /* or NULL */
    ordo_info_cb on_info;        /* or NULL */
    void *arg;                   /* for the two */
} ordo_options;

/* Makes a client; reads the certificates and opens the journal, does not connect yet: the first call, subscription or
 * ordo_connect_start() does. ORDO_USAGE, ORDO_CONFIG, ORDO_IO (files), ORDO_INTERNAL (memory). error may be NULL, here
 * and everywhere. */
ORDO_API ORDO_CHECK enum ordo_status ordo_client_new(const ordo_options *options, ordo_client **ret_client,
                                                     ordo_error *error);
/* Ends it. Callbacks of calls still under way run with ORDO_CANCELLED, those of changing calls that were sent with
 * ORDO_UNKNOWN (they stay in the journal); subscriptions end with ORDO_CANCELLED. NULL is legal. */
ORDO_API void ordo_client_free(ordo_client *client);

/* How the client proves who it is, on this and every later connection. Only while no call is in flight and no
 * subscription is open (ORDO_USAGE). Nothing waits here: a refusal comes to on_state, to ordo_connect() and to the
 * calls. After a password the server's session token is used for reconnects, and the password again only when that has
 * ended. */
ORDO_API ORDO_CHECK enum ordo_status ordo_auth_password(ordo_client *client, const char *login, const char *password);
/* By API key: its 32 bytes. */
ORDO_API ORDO_CHECK enum ordo_status ordo_auth_api_key(ordo_client *client, const unsigned char key[32]);
/* By a session token that an earlier ordo_identity()->session gave: its 32 bytes. */
ORDO_API ORDO_CHECK enum ordo_status ordo_auth_session(ordo_client *client, const unsigned char token[32]);
/* By the client certificate of the options. */
ORDO_API ORDO_CHECK enum ordo_status ordo_auth_certificate(ordo_client *client);
/* By being the peer of the server's local socket. */
ORDO_API ORDO_CHECK enum ordo_status ordo_auth_local(ordo_client *client);
/* Not at all (so it begins): secrets are wiped. */
ORDO_API ORDO_CHECK enum ordo_status ordo_auth_none(ordo_client *client);

/* Connects now and keeps the connection up from here on, also while nothing waits for it; on_state tells the rest.
 * Without it the first call or subscription connects, and a connection that is lost while nothing waits stays away. */
ORDO_API enum ordo_status ordo_connect_start(ordo_client *client);
/* The same and waits: until calls can flow, the login is refused, every host was tried once in vain, or timeout_ms (0:
 * the client's) passed. After a failure the client goes on trying only while calls or subscriptions wait. */
ORDO_API ORDO_CHECK enum ordo_status ordo_connect(ordo_client *client, uint32_t timeout_ms, ordo_error *error);
/* The state now. */
ORDO_API enum ordo_state ordo_client_state(const ordo_client *client);
/* Who one is: the server's answer to the last login, until the next one; NULL before. If the client has a thread, look
 * at it inside a callback; the same holds for ordo_server(). */
ORDO_API const Ordo__AuthOk *ordo_identity(const ordo_client *client);
/* Whom one talks to: version, limits, environment, node; of the last connection; NULL before. */
ORDO_API const Ordo__HelloOk *ordo_server(const ordo_client *client);
/* The server's clock, by the last HELLO_OK and this machine's monotonic clock: microseconds since 1970-01-01T00:00:00Z.
 * This machine's own clock before the first connection. */
ORDO_API int64_t ordo_server_time_us(const ordo_client *client);

/* --- the loop ---------------------------------------------------------------------------------------------------- */

/* One descriptor for the client's whole life; readable when ordo_process() has something to do. Only poll it. */
ORDO_API int ordo_fd(const ordo_client *client);
/* One turn: sends what was started, waits for at most timeout_ms (-1: without end, 0: not at all), takes what came,
 * runs the callbacks. ORDO_USAGE inside a callback or when the client has a thread. */
ORDO_API enum ordo_status ordo_process(ordo_client *client, int timeout_ms);
/* Gives the client a thread of its own that runs the loop until ordo_client_free(). From here on every function may be
 * called from any thread; callbacks run on the client's thread, one at a time. Call it before the client is shared. */
ORDO_API ORDO_CHECK enum ordo_status ordo_start_thread(ordo_client *client, ordo_error *error);

/* --- calls ------------------------------------------------------------------------------------------------------- */

/* What one call wants otherwise than the client's default. Zero means the default. */
typedef struct ordo_call_options {
    size_t struct_size;         /* sizeof(ordo_call_options) */
    uint32_t timeout_ms;        /* deadline from now; at most 10 minutes */
    const unsigned char *key;   /* 16 bytes, UUIDv7: the idempotency key of a changing call; NULL: a new one */
    const unsigned char *trace; /* 16 bytes, found again in the server's log */
    bool no_retry;              /* CONTENTION, OVERLOADED and a lost connection end the call instead of repeating it */
} ordo_call_options;

/* Sets the options of the next call that is started on this client, by any of the functions below, and of that one
 * only. */
ORDO_API ORDO_CHECK enum ordo_status ordo_next_call(ordo_client *client, const ordo_call_options *options);

/* Asks the server to leave it. The reply callback still comes exactly once: with ORDO_CANCELLED, or with the answer if
 * it was too late (a change that has reached its commit is not undone). */
ORDO_API void ordo_call_cancel(ordo_call *call);
/* The method's id. */
ORDO_API uint16_t ordo_call_method(const ordo_call *call);
/* The idempotency key, from when the call was first sent; false where there is none (reading calls; not yet sent). */
ORDO_API bool ordo_call_key(const ordo_call *call, unsigned char ret_key[16]);
/* Whether the answer is the stored one of an earlier attempt with the same key. In the reply callback. */
ORDO_API bool ordo_call_replayed(const ordo_call *call);
/* A new idempotency key dated by the server's clock, for those who save keys themselves. */
ORDO_API ORDO_CHECK enum ordo_status ordo_key_make(ordo_client *client, unsigned char ret_key[16]);
/* Frees a message that a synchronous call returned. NULL is legal. */
ORDO_API void ordo_free_message(void *message);

/* Each row of methods.def declares its functions by one of the two macros below. Requests are not kept: what they point
 * to may go when the function returns.
 *
 * A deadline, a lost connection and a busy server are handled inside: until the deadline the same bytes go out again
 * with the same key, so that a change happens once. When the deadline passes without an answer, a reading call ends
 * with ORDO_DEADLINE, a changing one that was sent with ORDO_UNKNOWN.
 *
 * ordo_<name>():        sends, waits, returns. *ret_rep is the caller's (ret_rep may be NULL: not wanted).
 * ordo_<name>_start():  queues; the callback comes exactly once, if and only if ORDO_OK is returned: rep or error, the
 * other one is NULL. *ret_call (ret_call may be NULL) until then. */
#define ORDO_DECLARE_UNARY(name, Stem)                                                                                 \
    typedef void (*ordo_##name##_cb)(ordo_call * call, const Ordo__##Stem##Rep *rep, const ordo_error *error,          \
                                     void *arg);                                                                       \
    ORDO_API ORDO_CHECK enum ordo_status ordo_##name(ordo_client *client, const Ordo__##Stem##Req *req,                \
                                                     Ordo__##Stem##Rep **ret_rep, ordo_error *error);                  \
    ORDO_API ORDO_CHECK enum ordo_status ordo_##name##_start(ordo_client *client, const Ordo__##Stem##Req *req,        \
                                                             ordo_##name##_cb on_reply, void *arg,                     \
                                                             ordo_call **ret_call);

/* A list: on_part comes for each part in order, then the reply. The server runs ahead of on_part by the credit only.
 * on_part returns false to cancel. A list that loses its connection after its first part ends with ORDO_UNAVAILABLE:
 * start it again from a cursor. */
#define ORDO_DECLARE_LIST(name, Stem)                                                                                  \
    typedef bool (*ordo_##name##_part_cb)(ordo_call * call, const Ordo__##Stem##Part *part, void *arg);                \
    typedef void (*ordo_##name##_cb)(ordo_call * call, const Ordo__##Stem##Rep *rep, const ordo_error *error,          \
                                     void *arg);                                                                       \
    ORDO_API ORDO_CHECK enum ordo_status ordo_##name(ordo_client *client, const Ordo__##Stem##Req *req,                \
                                                     ordo_##name##_part_cb on_part, void *arg,                         \
                                                     Ordo__##Stem##Rep **ret_rep, ordo_error *error);                  \
    ORDO_API ORDO_CHECK enum ordo_status ordo_##name##_start(ordo_client *client, const Ordo__##Stem##Req *req,        \
                                                             ordo_##name##_part_cb on_part, ordo_##name##_cb on_reply, \
                                                             void *arg, ordo_call **ret_call);

#define ORDO_DECLARE_NODB ORDO_DECLARE_UNARY
#define ORDO_DECLARE_READ ORDO_DECLARE_UNARY
#define ORDO_DECLARE_WRITE ORDO_DECLARE_UNARY
#define ORDO_DECLARE_LOCAL ORDO_DECLARE_UNARY
#define ORDO_DECLARE_REPORT ORDO_DECLARE_UNARY
#define M(id, name, Stem, permission, access) ORDO_DECLARE_##access(name, Stem)
#include "methods.def"
#undef M

/* --- any call, as bytes ------------------------------------------------------------------------------------------ */

/* What a method does to the world. */
enum ordo_access {
    ORDO_ACCESS_NODB = 0, /* does not touch the database */
    ORDO_ACCESS_READ = 1,
    ORDO_ACCESS_WRITE = 2, /* keyed: happens once */
    ORDO_ACCESS_LIST = 3,  /* reads; parts, then the reply */
    ORDO_ACCESS_LOCAL = 4, /* keyed; on the server's local socket only */
    ORDO_ACCESS_REPORT = 5 /* reads much, and takes its time */
};

/* A method, for programs that treat them alike. Lives as long as the library. */
typedef struct ordo_method {
    uint16_t id;
    enum ordo_access access;
    const char *name;       /* "request_register" */
    const char *permission; /* "REQUEST_WRITE" */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *reply;
    const ProtobufCMessageDescriptor *part; /* of lists, else NULL */
} ordo_method;

/* How many methods this library knows. */
ORDO_API size_t ordo_method_count(void);
/* The i-th of them, by ascending id; NULL beyond the last. */
ORDO_API const ordo_method *ordo_method_at(size_t i);
/* By id; NULL: not known. */
ORDO_API const ordo_method *ordo_method_find(uint16_t id);
/* By name; NULL: not known. */
ORDO_API const ordo_method *ordo_method_by_name(const char *name);

/* A part of a list as packed bytes; false cancels. */
typedef bool (*ordo_bytes_part_cb)(ordo_call *call, const void *part, size_t size, void *arg);
/* The end of a call: the packed reply, or the error (then reply is NULL). */
typedef void (*ordo_bytes_cb)(ordo_call *call, const void *reply, size_t size, const ordo_error *error, void *arg);

/* Callbacks of a call as bytes. */
typedef struct ordo_bytes_callbacks {
    ordo_bytes_part_cb on_part; /* NULL: parts are dropped */
    ordo_bytes_cb on_reply;
    void *arg;
} ordo_bytes_callbacks;

/* Starts any known method with a packed request. ORDO_UNIMPLEMENTED: the method is not known. */
ORDO_API ORDO_CHECK enum ordo_status ordo_bytes_start(ordo_client *client, uint16_t method, const void *request,
                                                      size_t size, const ordo_bytes_callbacks *callbacks,
                                                      ordo_call **ret_call);
/* The same and waits; the callbacks have run when it returns. */
ORDO_API ORDO_CHECK enum ordo_status ordo_bytes(ordo_client *client, uint16_t method, const void *request, size_t size,
                                                const ordo_bytes_callbacks *callbacks, ordo_error *error);

/* --- the journal ------------------------------------------------------------------------------------------------- */

/* A changing call whose outcome this client does not know: it was saved, perhaps sent, and no answer was seen. */
typedef struct ordo_journal_entry {
    unsigned char key[16];
    uint16_t method;
    int64_t saved_us;    /* by the server's clock */
    const void *request; /* packed */
    size_t request_size;
} ordo_journal_entry;

/* Told of one saved call; false: no more, please. */
typedef bool (*ordo_journal_cb)(const ordo_journal_entry *entry, void *arg);
/* Told how a saved call came out: reply (packed) or error; the other one is NULL. */
typedef void (*ordo_resolve_cb)(const ordo_journal_entry *entry, const void *reply, size_t size,
                                const ordo_error *error, void *arg);

/* The calls without a known outcome, oldest first; calls under way are not among them. ORDO_USAGE: there is no journal.
 */
ORDO_API ORDO_CHECK enum ordo_status ordo_journal_list(ordo_client *client, ordo_journal_cb on_entry, void *arg,
                                                       ordo_error *error);
/* Sends each of them again with its own key: what was done is answered from the server's store, what was not is done
 * now. The callback comes once for each. An entry leaves the journal when its outcome is known or can no longer be
 * learned (KEY_EXPIRED). Waits for all; ORDO_OK when each outcome is known, else the first error that left one open. */
ORDO_API ORDO_CHECK enum ordo_status ordo_journal_resolve(ordo_client *client, ordo_resolve_cb on_outcome, void *arg,
                                                          ordo_error *error);
/* The same without waiting: *ret_count callbacks will come. */
ORDO_API ORDO_CHECK enum ordo_status ordo_journal_resolve_start(ordo_client *client, ordo_resolve_cb on_outcome,
                                                                void *arg, size_t *ret_count, ordo_error *error);
/* Gives up knowing: the entry with this key is removed. ORDO_NOT_FOUND. */
ORDO_API ORDO_CHECK enum ordo_status ordo_journal_drop(ordo_client *client, const unsigned char key[16],
                                                       ordo_error *error);

/* --- subscriptions ----------------------------------------------------------------------------------------------- */

/* An event, in order, each once: event->seq is one more than the last one's. */
typedef void (*ordo_event_cb)(ordo_subscription *subscription, const Ordo__Event *event, void *arg);
/* Nothing up to seq is missing: the backlog is through, or it is quiet. oldest: the oldest event the server still
 * keeps. */
typedef void (*ordo_bookmark_cb)(ordo_subscription *subscription, uint64_t seq, uint64_t oldest, void *arg);
/* The subscription is over: ORDO_CANCELLED after ordo_unsubscribe(); ORDO_RESYNC_REQUIRED: events were lost to age
 * (argument "oldest"): read the state, then subscribe anew; or what refused it. A lost connection does not end it. */
typedef void (*ordo_end_cb)(ordo_subscription *subscription, const ordo_error *error, void *arg);

/* What to subscribe to. struct_size, name and on_event are required. */
typedef struct ordo_subscribe_options {
    size_t struct_size; /* sizeof(ordo_subscribe_options) */
    const char *name;   /* of this device or program: each name has its own place in the inbox */
    uint64_t after;     /* begin behind this sequence; used if has_after */
    bool has_after;     /* false: behind what this name has acknowledged */
    bool from_now;      /* a name that is new begins at the end instead of the oldest event kept */
    ordo_event_cb on_event;
    ordo_bookmark_cb on_bookmark; /* or NULL */
    ordo_end_cb on_end;           /* or NULL */
    void *arg;
} ordo_subscribe_options;

/* Opens a subscription to one's own inbox. It lives through reconnects and resumes behind the last event that was
 * handed out, without gap or repeat. */
ORDO_API ORDO_CHECK enum ordo_status ordo_subscribe(ordo_client *client, const ordo_subscribe_options *options,
                                                    ordo_subscription **ret_subscription, ordo_error *error);
/* Everything up to seq is safely handled: the server may forget it, and a new process begins behind it. Call it after
 * one's own commit. Cumulative; may be called at any time; one frame a turn goes out. ORDO_USAGE: seq was not handed
 * out yet. */
ORDO_API enum ordo_status ordo_subscription_ack(ordo_subscription *subscription, uint64_t seq);
/* The last sequence that was handed to on_event; 0: none yet. */
ORDO_API uint64_t ordo_subscription_seq(const ordo_subscription *subscription);
/* Ends it; on_end comes from the next turn, no on_event after this. */
ORDO_API void ordo_unsubscribe(ordo_subscription *subscription);

#ifdef __cplusplus
}
#endif
#endif
