/* SPDX-License-Identifier: Apache-2.0
 * Checks that many handlers share. */
#include "server/handlers/check.h"

#include <stdio.h>

#include "common/base/limits.h"
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

struct od_str check_zone_optional(struct rpc *rpc, const char *field, const char *name)
{
    struct od_str s = check_optional(rpc, field, name, OD_ZONE_MAX);
    if (s.p)
        check_zone(rpc, field, name);
    return s;
}

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Subtags of one to eight letters and digits, the first of two or three letters. */
static bool is_language(struct od_str s)
{
    for (bool first = true; first || s.n; first = false) {
        bool last = !memchr(s.p, '-', s.n);
        struct od_str tag = od_str_cut(&s, '-');
        if (tag.n < (first ? 2 : 1) || tag.n > (first ? 3 : 8) || (!last && !s.n))
            return false;
        for (size_t i = 0; i < tag.n; i++)
            if (!is_alnum(tag.p[i]) || (first && tag.p[i] <= '9'))
                return false;
    }
    return true;
}

struct od_str check_language(struct rpc *rpc, const char *field, const char *value)
{
    struct od_str s = check_optional(rpc, field, value, OD_LANGUAGE_MAX);
    if (s.p && (s.n > OD_LANGUAGE_MAX || !is_language(s)))
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=a language such as en or pt-BR");
    return s;
}

struct od_str check_mail(struct rpc *rpc, const char *field, const char *value)
{
    struct od_str s = check_optional(rpc, field, value, OD_NAME_MAX), domain = s;
    if (!s.p)
        return s;
    struct od_str local = od_str_cut(&domain, '@');
    if (!local.n || !domain.n || memchr(domain.p, '@', domain.n) || memchr(s.p, ' ', s.n))
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=a mail address such as ann@example.org");
    return s;
}

struct od_str check_sha256(struct rpc *rpc, const char *field, ProtobufCBinaryData bytes)
{
    if (bytes.len != 32)
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=a SHA-256 of 32 bytes");
    return (struct od_str){(char *)bytes.data, bytes.len};
}

int64_t check_day(struct rpc *rpc, const char *field, const char *value)
{
    char text[OD_TIME_TEXT];
    int64_t us = 0;
    struct od_str s = check_text(rpc, field, value, sizeof "2026-01-31" - 1);
    snprintf(text, sizeof text, "%.20sT00:00:00Z", s.p);
    if (s.n && (s.n != sizeof "2026-01-31" - 1 || !od_time_parse(od_str_c(text), &us)))
        od_fail_field(&rpc->err, field, OD_R_FIELD_FORMAT, "expected=a date such as 2026-01-31");
    return us / (OD_S_PER_DAY * OD_US_PER_S);
}

int64_t check_time(struct rpc *rpc, const char *field, bool has, int64_t us, int64_t absent)
{
    if (!has)
        return absent;
    if (us < CHECK_TIME_FIRST_US || us > CHECK_TIME_LAST_US)
        od_fail_field(&rpc->err, field, OD_R_FIELD_RANGE, "min=the year 1" OD_AND "max=the year 9999");
    return us;
}

void check_count(struct rpc *rpc, const char *field, size_t n, size_t max)
{
    if (n > max)
        od_fail_field(&rpc->err, field, OD_R_LIMIT_EXCEEDED, "limit=the number of them" OD_AND "max=%zu", max);
}

enum od_status check_done(struct rpc *rpc)
{
    return rpc->err.n_violations ? rpc->err.status : OD_OK;
}
