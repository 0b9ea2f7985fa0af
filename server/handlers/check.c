/* SPDX-License-Identifier: Apache-2.0
 * Checks that many handlers share. */
#include "server/handlers/check.h"

#include "common/base/zone.h"

struct od_str check_optional(struct rpc *rpc, const char *field, const char *value, size_t max_chars)
{
    struct od_str s = value ? od_str_trim(od_str_c(value)) : (struct od_str){NULL, 0};
    if (!s.n)
        return (struct od_str){NULL, 0};
    if (od_utf8_len(s) > max_chars)
        od_fail_field(&rpc->err, field, OD_R_FIELD_TOO_LONG, "max=%zu", max_chars);
    return s;
}

struct od_str check_text(struct rpc *rpc, const char *field, const char *value, size_t max_chars)
{
    struct od_str s = check_optional(rpc, field, value, max_chars);
    if (!s.p) {
        od_fail_field(&rpc->err, field, OD_R_FIELD_REQUIRED, NULL);
        return OD_STR("");
    }
    return s;
}

int64_t check_id(struct rpc *rpc, const char *field, bool has, int64_t value)
{
    if (!has || value <= 0)
        od_fail_field(&rpc->err, field, OD_R_FIELD_REQUIRED, NULL);
    return value;
}

void check_zone(struct rpc *rpc, const char *field, const char *name)
{
    const struct od_zone *zone;
    struct od_err err;
    if (!name || od_zone_get(od_str_c(name), &zone, &err) != OD_OK)
        od_fail_field(&rpc->err, field, OD_R_ZONE_UNKNOWN, "zone=%.60s", name ? name : "");
}

enum od_status check_done(struct rpc *rpc)
{
    return rpc->err.n_violations ? rpc->err.status : OD_OK;
}
