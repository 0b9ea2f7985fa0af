/* SPDX-License-Identifier: Apache-2.0
 * A server's side of ordo/1 for libordo's tests: a thread behind a real socket and TLS, with knobs that make it fail in
 * the ways a client must survive. It keeps answers by key and one inbox, as a server does. */
#ifndef ORDO_TEST_LIBORDO_PEER_H
#define ORDO_TEST_LIBORDO_PEER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct peer;

/* What is said wrongly, until the knob is turned back. */
enum peer_fault {
    PEER_FAULT_NONE,
    PEER_FAULT_NEW_KIND, /* EVENT: of a kind that this library does not know, with fields that it does not know */
    PEER_FAULT_EVENT,    /* EVENT: text with a NUL */
    PEER_FAULT_BOOKMARK, /* a cut message */
    PEER_FAULT_HELLO_OK,
    PEER_FAULT_AUTH_OK,
    PEER_FAULT_ANSWER, /* RESPONSE: a cut message */
    PEER_FAULT_ERROR,  /* ERROR in place of it: a cut message */
    PEER_FAULT_PART,
    PEER_FAULT_GOAWAY,
    PEER_FAULT_INFO,
};

/* Knobs are set by the test, counters by the peer; all may change while it runs. */
struct peer_control {
    /* knobs; a countdown acts when it reaches zero */
    atomic_int cut_before_answer; /* the n-th REQUEST from now is executed, then the connection is cut */
    atomic_int cut_before_run;    /* the same without executing it */
    atomic_int cut_after_events;  /* the connection is cut behind the n-th EVENT from now */
    atomic_int cut_after_parts;
    atomic_int contend;        /* so many REQUESTs are refused with CONTENTION */
    atomic_int busy_logins;    /* so many AUTHs are refused with OVERLOADED */
    atomic_bool silent;        /* REQUESTs are taken and never answered */
    atomic_bool refuse_tokens; /* session tokens have ended */
    atomic_int go_away;        /* the n-th REQUEST from now is answered, with GOAWAY before and behind */
    atomic_uint go_away_min_ms, go_away_max_ms;
    atomic_uint_fast64_t inbox;  /* events 1..inbox exist */
    atomic_uint_fast64_t oldest; /* the oldest kept */
    atomic_uchar environment;    /* the last byte of its id */
    atomic_int_fast64_t clock_ahead_us;
    atomic_int fault;            /* enum peer_fault */
    const char *_Atomic info;    /* a host that INFO names behind AUTH_OK; NULL: no INFO */
    /* counters */
    atomic_int connections, logins, password_logins, requests, executed, replayed, cancels, parts, pings, compressed;
    atomic_int largest_batch;   /* REQUESTs that came with one recv */
    atomic_int credit_overruns; /* CREDITs that grew a window beyond what HELLO said */
    atomic_uint_fast64_t acked;
    atomic_uint last_timeout_ms;
    atomic_uchar last_key[16];
};

/* directory: for certificates and the local socket; local: on directory/socket instead of TLS. Fails the test by
 * assertion. */
struct peer *peer_start(const char *directory, bool local, struct peer_control *control);
void peer_stop(struct peer *p);
/* Cuts the connection that is there; what it has learned stays. */
void peer_cut(struct peer *p);
/* "localhost:port" or "unix:/path". */
const char *peer_host(const struct peer *p);

#endif
