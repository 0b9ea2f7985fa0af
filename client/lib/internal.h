/* SPDX-License-Identifier: Apache-2.0
 * What the files of libordo share: the client, its connection, its calls. Everything hangs off one ordo_client and
 * belongs to the thread that holds it; README.md has the flow. */
#ifndef ORDO_CLIENT_INTERNAL_H
#define ORDO_CLIENT_INTERNAL_H

#include <pthread.h>
#include <sys/socket.h>

#include "client/lib/journal.h"
#include "client/lib/keys.h"
#include "client/lib/ordo.h"
#include "client/lib/reconnect.h"
#include "client/lib/timers.h"
#include "common/base/arena.h"
#include "common/base/limits.h"
#include "common/base/time.h"
#include "common/base/uuid.h"
#include "common/wire/frame.h"
#include "common/wire/tls.h"

enum {
    OD_CLIENT_ADDRESSES_MAX = 8,
    OD_CLIENT_ARES_SOCKETS_MAX = 16,
    OD_CLIENT_CALL_TABLE = 1024, /* a power of two */
    OD_CALL_KEY_AT = 4,          /* in a payload: behind the length of meta and the field's tag and size */
    OD_CLIENT_ARENA_MAX = 64 * 1024 * 1024,
    OD_CLIENT_RECV_BYTES = 64 * 1024,
    OD_CLIENT_POOL_MAX = 512,
    OD_CLIENT_PAYLOAD_KEPT = 4096,
    OD_CLIENT_OUT_HIGH = 1024 * 1024, /* no further calls into the output while so much waits for the socket */
};

/* A descriptor in the client's epoll set. ready() must bear being called without cause. */
struct od_source {
    int fd; /* -1: not in use */
    void (*ready)(struct od_source *source, uint32_t events);
};

/* --- dial.c: a host's name to a connected socket ------------------------------------------------------------------ */

struct od_dial_try {
    struct od_source source;
    ordo_client *client;
};

struct od_dial {
    void *channel; /* c-ares; NULL: not looking up */
    struct od_dial_try lookups[OD_CLIENT_ARES_SOCKETS_MAX];
    struct od_dial_try tries[OD_CLIENT_ADDRESSES_MAX];
    struct sockaddr_storage addresses[OD_CLIENT_ADDRESSES_MAX];
    socklen_t address_sizes[OD_CLIENT_ADDRESSES_MAX];
    unsigned n_addresses, n_started;
    int last_errno;
    int lookup_status; /* of c-ares */
    bool looked_up;    /* the answer is there, not yet used */
    struct od_timer timer;
};

void od_dial_init(ordo_client *c);
/* Goes for a host; ends in od_conn_dialed() or od_conn_failed(). */
void od_dial_start(ordo_client *c, const struct od_host *host);
void od_dial_stop(ordo_client *c);

/* --- conn.c: the connection --------------------------------------------------------------------------------------- */

enum od_conn_state { OD_CONN_NONE, OD_CONN_DIALING, OD_CONN_TLS, OD_CONN_HELLO, OD_CONN_AUTH, OD_CONN_READY };

struct od_conn {
    enum od_conn_state state;
    struct od_source source;
    struct od_tls *tls; /* NULL on a local socket */
    struct od_buf in;   /* plaintext not yet parsed */
    struct od_buf out;  /* frames not yet encrypted */
    struct od_buf wire; /* what the socket did not take yet */
    size_t wire_sent;   /* of it, gone already */
    struct od_buf inflated;
    struct od_timer timer; /* NONE: reconnect; until READY: give up; then: is the peer alive */
    int64_t received_us;
    int64_t reconnect_us; /* of a GOAWAY */
    uint64_t next_id;
    uint64_t auth_id;
    uint32_t ungranted; /* bytes of DATA and EVENT handled and not yet credited to the connection */
    uint32_t in_flight;
    uint32_t max_in_flight;
    size_t max_send; /* the largest payload that the server takes */
    bool zstd;
    bool writable_wanted; /* EPOLLOUT is set */
    bool by_token;        /* the AUTH under way shows the session token */
    bool going_away;
    bool reauth; /* other credentials were set while READY */
};

void od_conn_init(ordo_client *c);
void od_conn_done(ordo_client *c);
void od_conn_dialed(ordo_client *c, int fd);
/* The attempt or the connection is over: calls go back to the queue, the next attempt is scheduled if anything waits
 * for it. */
void od_conn_failed(ordo_client *c, const struct od_err *err);
/* Connects if it is wanted and time; sends what is queued. The end of every turn. */
void od_conn_flush(ordo_client *c);
/* Appends a frame without payload to the output. */
void od_conn_put(ordo_client *c, enum od_frame_type type, uint64_t id, uint32_t aux);
/* n bytes of DATA or EVENT for this id were handled: credits them in portions. */
void od_conn_grant(ordo_client *c, uint64_t id, uint32_t *ungranted, size_t n);

/* handshake.c: HELLO, AUTH, and what the server says about itself. */
void od_handshake_hello(ordo_client *c);
void od_handshake_auth(ordo_client *c);
void od_handshake_frame(ordo_client *c, const struct od_frame *f);
void od_handshake_goaway(ordo_client *c, const struct od_frame *f);
void od_handshake_info(ordo_client *c, const struct od_frame *f);
void od_handshake_forget(ordo_client *c); /* who and where; wipes the session */

enum od_auth_kind {
    OD_AUTH_NONE,
    OD_AUTH_PASSWORD,
    OD_AUTH_API_KEY,
    OD_AUTH_SESSION,
    OD_AUTH_CERTIFICATE,
    OD_AUTH_LOCAL,
};

struct od_credentials {
    enum od_auth_kind kind;
    char *login, *password;
    unsigned char secret[32]; /* API key or a session token that the caller gave */
    unsigned char token[32];  /* what the server gave for a password or a certificate */
    bool has_token;
};

void od_credentials_wipe(struct od_credentials *cred);

/* --- call.c ------------------------------------------------------------------------------------------------------- */

enum od_call_state {
    OD_CALL_IDLE,    /* in the pool */
    OD_CALL_QUEUED,  /* waits to be sent */
    OD_CALL_SENT,    /* in the table, by id */
    OD_CALL_RESTING, /* will be queued again by its timer */
    OD_CALL_ENDED,   /* its callback is due */
};

/* How a call ended here, without an answer. */
enum od_call_end {
    OD_END_NONE,
    OD_END_DEADLINE,
    OD_END_CANCELLED,
    OD_END_LOST,
    OD_END_MEMORY,
    OD_END_TOO_LARGE,
    OD_END_MALFORMED,
    OD_END_CLIENT,  /* client->why says it */
    OD_END_JOURNAL, /* client->journal_why says it */
};

/* Called exactly once. error NULL: reply is good. */
typedef void (*od_finish_fn)(ordo_call *call, struct od_str reply, const ordo_error *error);
/* Called for each part; false cancels. */
typedef bool (*od_part_fn)(ordo_call *call, struct od_str part);

struct ordo_call {
    ordo_call *next, *prev; /* in the queue, the list of the ended, or the pool */
    ordo_call *hash_next;
    ordo_client *client;
    const ordo_method *method;
    uint64_t id;
    enum od_call_state state;
    enum od_call_end end;
    bool keyed;   /* changes the world: has an idempotency key */
    bool has_key; /* and it is made */
    bool no_retry;
    bool cancelled;      /* by the caller; a CANCEL is on its way */
    bool maybe_executed; /* was sent on a connection that died without an answer */
    bool replayed;
    bool parts_seen;
    bool fresh; /* its journal entry is not on the disk yet */
    unsigned attempts;
    uint32_t timeout_ms;
    int64_t deadline_us;
    struct od_timer timer; /* the deadline, or the end of a rest */
    struct od_buf payload; /* u16 length of meta ‖ meta ‖ body */
    size_t body_at;
    uint32_t next_part;
    uint32_t ungranted;
    struct od_journal_entry *entry;
    od_finish_fn finish; /* NULL: the caller has been told already; the slot waits for the server */
    od_part_fn part;
    void (*on_reply)(void); /* the caller's functions, in the type that finish and part know */
    void (*on_part)(void);
    void *arg;
    void *waiter;
};

struct od_call_list {
    ordo_call *first, *last;
    size_t n;
};

struct od_start {
    const ordo_method *method;
    const ProtobufCMessage *message; /* the request; NULL: see bytes */
    struct od_str bytes;             /* the packed one */
    od_finish_fn finish;
    od_part_fn part;
    void (*on_reply)(void);
    void (*on_part)(void);
    void *arg;
    void *waiter;
    struct od_journal_entry *entry; /* a saved call that is sent again */
};

struct od_calls {
    ordo_call *table[OD_CLIENT_CALL_TABLE];
    struct od_call_list queue, ended, pool;
    size_t n_open;          /* callbacks still owed */
    ordo_call_options next; /* for the next call; its pointers lead to the two below */
    unsigned char next_key[16], next_trace[16];
};

void od_calls_done(ordo_client *c);
enum od_status od_call_start(ordo_client *c, const struct od_start *s, ordo_call **ret_call);
/* Told from a later moment of this turn or the next one: the callback is due. */
void od_call_end(ordo_call *call, enum od_call_end end);
/* Tells the caller, once. The call itself may have to stay until the server lets its slot go. */
void od_call_tell(ordo_call *call, struct od_str reply, const ordo_error *error);
void od_call_tell_end(ordo_call *call); /* the same with what call->end means */
void od_call_release(ordo_call *call, bool outcome_known);

/* flight.c */
ordo_call *od_calls_take_sent(ordo_client *c); /* any one, out of the table; NULL: none */
/* Moves queued calls into the output as far as the server's limits let them, journal first. */
void od_calls_send(ordo_client *c);
/* The connection is gone, or GOAWAY says that ids above last_id were not executed (then lost = false). */
void od_calls_requeue(ordo_client *c, uint64_t above_id, bool lost);
void od_calls_answer(ordo_client *c, const struct od_frame *f, struct od_str payload);
void od_calls_part(ordo_client *c, const struct od_frame *f, struct od_str payload);
/* Ends everything that waits (not what is in flight) with client->why. */
void od_calls_refuse(ordo_client *c);
bool od_calls_deliver(ordo_client *c); /* runs due callbacks; true: there were some */
void od_call_list_add(struct od_call_list *l, ordo_call *call);
void od_call_list_remove(struct od_call_list *l, ordo_call *call);

/* --- subscribe.c -------------------------------------------------------------------------------------------------- */

void od_subscriptions_done(ordo_client *c);
void od_subscriptions_send(ordo_client *c);
void od_subscriptions_lost(ordo_client *c);
void od_subscriptions_refuse(ordo_client *c);
bool od_subscriptions_deliver(ordo_client *c);
/* EVENT, BOOKMARK, ERROR, RESPONSE by id; false: not a subscription's id. */
bool od_subscriptions_frame(ordo_client *c, const struct od_frame *f, struct od_str payload);

/* --- error.c ------------------------------------------------------------------------------------------------------ */

/* Fills *error (may be NULL) from ours; returns the status. */
enum ordo_status od_error_local(ordo_error *error, const struct od_err *err);
/* From an ERROR frame; memory from the arena. False: it cannot be read, and *error says so. */
bool od_error_wire(ordo_error *error, uint16_t status, struct od_str payload, struct od_arena *arena);
/* od_fail() and od_error_local() in one for a reason with its arguments. */
enum ordo_status od_error_set(ordo_error *error, enum od_reason reason, const char *args_fmt, ...) od_printf(3, 4);

/* --- client.c ----------------------------------------------------------------------------------------------------- */

struct ordo_client {
    /* options, copied */
    char *program, *language, *server_name;
    uint32_t timeout_ms, connect_timeout_ms, reconnect_min_ms, reconnect_max_ms, calls_max;
    uint32_t credit_call, credit_connection;
    bool compress;
    ordo_state_cb on_state;
    ordo_info_cb on_info;
    void *arg;
    struct od_tls_context *tls;

    /* the loop */
    int epoll_fd;
    struct od_source timer_source;
    struct od_timers timers;
    int64_t armed_us; /* what the timerfd is set to; INT64_MAX: not set */
    int64_t now_us;   /* monotonic, of this turn */
    bool in_turn;     /* what is started will be flushed anyway */
    bool in_callback;
    bool woken; /* the timerfd is due at once */
    bool threaded;
    bool stopping;
    unsigned waiters;
    pthread_t thread;
    pthread_mutex_t lock; /* recursive; used once there is a thread */
    pthread_cond_t turned;

    /* who and where */
    struct od_credentials credentials;
    struct od_hosts hosts;
    struct od_dial dial;
    struct od_conn conn;
    enum ordo_state state;
    bool keep_up; /* ordo_connect*() was called */
    bool refused;
    uint64_t rounds; /* failed passes over the host list */
    ordo_error why;  /* the connection is not there, or the login was refused */
    Ordo__HelloOk *server;
    Ordo__AuthOk *identity;
    unsigned char environment[16];
    bool has_environment;
    int64_t clock_offset_us; /* server's real time less our monotonic time */
    bool has_clock;

    struct od_random random;
    struct od_arena arena; /* of the message that a callback is given */
    struct od_journal *journal;
    ordo_error journal_why;
    bool journal_bad;
    struct od_calls calls;
    ordo_subscription *subscriptions;
    bool subscriptions_due; /* something is to be sent or told */
};

void od_client_enter(ordo_client *c);
/* Leaves a public function: what was queued outside a turn makes ordo_fd() readable. */
void od_client_leave(ordo_client *c);
/* Runs turns, or lets the client's thread do it, until done(arg). */
void od_client_wait(ordo_client *c, bool (*done)(void *arg), void *arg);
/* Something waits for a connection. */
bool od_client_wants(const ordo_client *c);
bool od_client_watch(ordo_client *c, struct od_source *s, int fd, uint32_t events);
void od_client_rewatch(ordo_client *c, struct od_source *s, uint32_t events);
int od_client_release(ordo_client *c, struct od_source *s);  /* out of the set; the descriptor is the caller's */
void od_client_unwatch(ordo_client *c, struct od_source *s); /* and closes it */
void od_client_state(ordo_client *c, enum ordo_state state, const ordo_error *why);
/* Decodes into the client's arena, valid until the next one. For bytes that od_prescan_answer() let through: frames of
 * calls are looked at where they come in (flight.c). NULL: no memory. */
ProtobufCMessage *od_client_decode(ordo_client *c, const ProtobufCMessageDescriptor *d, struct od_str bytes);
/* Looks and decodes. NULL: the connection has failed with what was wrong; nothing else is to be done with it. */
ProtobufCMessage *od_client_read(ordo_client *c, const ProtobufCMessageDescriptor *d, struct od_str bytes);
int64_t od_client_real_us(const ordo_client *c);
ProtobufCAllocator od_arena_protobuf(struct od_arena *arena);

#endif
