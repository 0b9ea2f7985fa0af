/* SPDX-License-Identifier: Apache-2.0
 * An error becomes a message: on the stack, so that it can be told when memory is what is missing. */
#include "server/rpc/reply.h"

#include <stdio.h>

#include "common.pb-c.h"
#include "common/wire/prescan.h"

enum { ARGS_MAX = 16, TEXT_MAX = 600 };

struct packing {
    Ordo__Error error;
    Ordo__Arg args[ARGS_MAX];
    Ordo__Arg *arg_list[ARGS_MAX];
    char arg_text[OD_ERR_ARGS_MAX];
    Ordo__Violation violations[OD_ERR_VIOLATIONS_MAX];
    Ordo__Violation *violation_list[OD_ERR_VIOLATIONS_MAX];
    char violation_text[OD_ERR_VIOLATIONS_MAX][TEXT_MAX / 2];
    char text[TEXT_MAX];
};

/* Arguments may hold text from outside, cut by their buffer: what is sent must pass the receiver's pre-scan all the same. */
static char *cleaned(char *s)
{
    bool valid = od_utf8_len(od_str_c(s)) != SIZE_MAX;
    for (char *c = s; *c; c++)
        if ((unsigned char)*c < ' ' || (!valid && (unsigned char)*c >= 0x80))
            *c = '?';
    return s;
}

/* Cuts "a=1", "b=2" out of the copy in arg_text. */
static void args_pack(struct packing *p, const struct od_err *err)
{
    snprintf(p->arg_text, sizeof p->arg_text, "%s", err->args);
    p->error.args = p->arg_list;
    for (char *at = p->arg_text, *next; *at && p->error.n_args < ARGS_MAX; at = next) {
        next = strchr(at, *OD_AND);
        if (next)
            *next++ = '\0';
        else
            next = at + strlen(at);
        char *value = strchr(at, '=');
        if (!value)
            continue;
        *value++ = '\0';
        Ordo__Arg *a = &p->args[p->error.n_args];
        ordo__arg__init(a);
        a->name = cleaned(at);
        a->value = cleaned(value);
        p->arg_list[p->error.n_args++] = a;
    }
}

static void violations_pack(struct packing *p, const struct od_err *err, enum od_language language)
{
    p->error.violations = p->violation_list;
    for (unsigned i = 0; i < err->n_violations && i < OD_ERR_VIOLATIONS_MAX; i++) {
        const struct od_violation *from = &err->violations[i];
        Ordo__Violation *v = &p->violations[i];
        ordo__violation__init(v);
        v->field = (char *)from->field;
        v->reason = (char *)od_reason_name(from->reason);
        od_reason_text_in(language, from->reason, from->args, p->violation_text[i], sizeof p->violation_text[i]);
        v->text = cleaned(p->violation_text[i]);
        p->violation_list[p->error.n_violations++] = v;
    }
}

void reply_error(const struct od_err *err, const unsigned char trace[16], enum od_language language, struct od_buf *out)
{
    struct packing p;
    ordo__error__init(&p.error);
    p.error.reason = (char *)od_reason_name(err->reason);
    args_pack(&p, err);
    violations_pack(&p, err, language);
    od_err_text_in(language, err, p.text, sizeof p.text);
    p.error.text = cleaned(p.text);
    p.error.has_outcome = true;
    p.error.outcome = (Ordo__Outcome)err->outcome;
    p.error.has_retry = true;
    p.error.retry = (Ordo__Retry)od_status_retry(err->status);
    p.error.has_trace = true;
    p.error.trace = (ProtobufCBinaryData){16, (uint8_t *)trace};
    od_message_pack(&p.error.base, out);
}
