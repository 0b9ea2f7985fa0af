/* SPDX-License-Identifier: Apache-2.0
 * The life of a call: made once, reset between uses. */
#include "server/rpc/rpc.h"

#include <stdlib.h>

#include "common/base/limits.h"
#include "server/rpc/session.h"

enum { KEPT_ARENA_BYTES = 64 * 1024, KEPT_OUT_BYTES = 16 * 1024 };

void rpc_init(struct rpc *rpc)
{
    *rpc = (struct rpc){0};
    od_arena_init(&rpc->arena, OD_RPC_ARENA_MAX);
    od_buf_init(&rpc->out, OD_FRAME_MAX);
    od_buf_init(&rpc->tail, OD_FRAME_MAX);
}

void rpc_reset(struct rpc *rpc)
{
    struct od_arena arena = rpc->arena;
    struct od_buf out = rpc->out, tail = rpc->tail;
    session_unref(rpc->session);
    od_arena_reset(&arena);
    if (arena.used_bytes > KEPT_ARENA_BYTES)
        od_arena_done(&arena);
    od_buf_clear(&out);
    od_buf_shrink(&out, KEPT_OUT_BYTES);
    od_buf_done(&tail);
    /* err is left as it is: od_fail() fills it before anyone reads it, and its 1.5 KB are not worth clearing a call. */
    memset(rpc, 0, offsetof(struct rpc, err));
    od_err_clear(&rpc->err);
    memset(&rpc->state, 0, sizeof *rpc - offsetof(struct rpc, state));
    rpc->arena = arena;
    rpc->out = out;
    rpc->tail = tail;
}

void rpc_done(struct rpc *rpc)
{
    session_unref(rpc->session);
    od_arena_done(&rpc->arena);
    od_buf_done(&rpc->out);
    od_buf_done(&rpc->tail);
}

struct rpc *rpc_new(struct conn *conn)
{
    struct rpc *rpc = malloc(sizeof *rpc);
    if (!rpc)
        return NULL;
    rpc_init(rpc);
    rpc->conn = conn;
    return rpc;
}

void rpc_free(struct rpc *rpc)
{
    if (!rpc)
        return;
    rpc_done(rpc);
    free(rpc);
}
