/* SPDX-License-Identifier: Apache-2.0
 * decimal128 by Intel's library: arguments by value, rounding and flags as arguments. The header knows its
 * encoding (BID) for the fast comparison of small numbers of one scale. */
#include "common/base/decimal.h"

#include <stdio.h>

#define DECIMAL_CALL_BY_REFERENCE 0
#define DECIMAL_GLOBAL_ROUNDING 0
#define DECIMAL_GLOBAL_EXCEPTION_FLAGS 0
#include <bid_conf.h>
#include <bid_functions.h>

enum { HALF_EVEN = 0, FLOOR = 1, CEILING = 2, TO_ZERO = 3, HALF_AWAY = 4 }; /* the library's _IDEC_round */
enum { POW_EXACT_MAX = 1000000 };

static inline BID_UINT128 in(struct od_decimal d)
{
    BID_UINT128 x;
    memcpy(&x, &d, sizeof d);
    return x;
}

static inline struct od_decimal out(BID_UINT128 x)
{
    struct od_decimal d;
    memcpy(&d, &x, sizeof d);
    return d;
}

struct od_decimal od_decimal_from_i64(int64_t v) { return out(bid128_from_int64(v)); }

static bool digits_skip(struct od_str s, size_t *at)
{
    size_t from = *at;
    while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9')
        ++*at;
    return *at > from;
}

bool od_decimal_parse(struct od_str s, struct od_decimal *ret)
{
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool digits = digits_skip(s, &at);
    if (at < s.n && s.p[at] == '.') {
        at++;
        if (!digits_skip(s, &at))
            return false;
        digits = true;
    }
    if (!digits)
        return false;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        at++;
        if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
            at++;
        if (!digits_skip(s, &at))
            return false;
    }
    char text[256];
    if (at != s.n || s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    unsigned flags = 0;
    *ret = out(bid128_from_string(text, HALF_EVEN, &flags));
    return od_decimal_finite(*ret);
}

size_t od_decimal_format(struct od_decimal d, char text[OD_DECIMAL_TEXT])
{
    char raw[64] = "";
    unsigned flags = 0;
    bid128_to_string(raw, in(d), &flags);
    const char *digits = raw + 1, *e = strchr(raw, 'E');
    if (!e)
        return (size_t)snprintf(text, OD_DECIMAL_TEXT, "%s", raw);
    size_t n = (size_t)(e - digits);
    int exponent = 0;
    for (const char *p = e + 2; *p; p++)
        exponent = exponent * 10 + (*p - '0');
    if (e[1] == '-')
        exponent = -exponent;
    while (n > 1 && *digits == '0')
        digits++, n--;
    while (n > 1 && digits[n - 1] == '0')
        n--, exponent++;
    if (n == 1 && *digits == '0')
        exponent = 0;
    size_t at = 0;
    if (raw[0] == '-' && *digits != '0')
        text[at++] = '-';
    int point = (int)n + exponent; /* digits before the point */
    if (point <= 0) {
        text[at++] = '0';
        text[at++] = '.';
        for (int i = point; i < 0; i++)
            text[at++] = '0';
    }
    for (size_t i = 0; i < n; i++) {
        if ((int)i == point && i)
            text[at++] = '.';
        text[at++] = digits[i];
    }
    for (int i = (int)n; i < point; i++)
        text[at++] = '0';
    text[at] = '\0';
    return at;
}

bool od_decimal_to_i64(struct od_decimal d, int64_t *ret)
{
    unsigned flags = 0;
    BID_SINT64 v = bid128_to_int64_int(in(d), &flags);
    *ret = v;
    return !(flags & BID_INVALID_EXCEPTION);
}

struct od_decimal od_decimal_add(struct od_decimal a, struct od_decimal b)
{
    unsigned flags = 0;
    return out(bid128_add(in(a), in(b), HALF_EVEN, &flags));
}

struct od_decimal od_decimal_sub(struct od_decimal a, struct od_decimal b)
{
    unsigned flags = 0;
    return out(bid128_sub(in(a), in(b), HALF_EVEN, &flags));
}

struct od_decimal od_decimal_mul(struct od_decimal a, struct od_decimal b)
{
    unsigned flags = 0;
    return out(bid128_mul(in(a), in(b), HALF_EVEN, &flags));
}

struct od_decimal od_decimal_div(struct od_decimal a, struct od_decimal b)
{
    unsigned flags = 0;
    return out(bid128_div(in(a), in(b), HALF_EVEN, &flags));
}

struct od_decimal od_decimal_rem(struct od_decimal a, struct od_decimal b)
{
    unsigned flags = 0;
    return out(bid128_fmod(in(a), in(b), &flags));
}

struct od_decimal od_decimal_neg(struct od_decimal a) { return out(bid128_negate(in(a))); }
struct od_decimal od_decimal_abs(struct od_decimal a) { return out(bid128_abs(in(a))); }

struct od_decimal od_decimal_sqrt(struct od_decimal a)
{
    unsigned flags = 0;
    return out(bid128_sqrt(in(a), HALF_EVEN, &flags));
}

struct od_decimal od_decimal_exp(struct od_decimal a)
{
    unsigned flags = 0;
    return out(bid128_exp(in(a), HALF_EVEN, &flags));
}

struct od_decimal od_decimal_log(struct od_decimal a)
{
    unsigned flags = 0;
    return out(bid128_log(in(a), HALF_EVEN, &flags));
}

/* The library's pow goes through binary: 2**5 would not be exactly 32. */
static struct od_decimal pow_whole(struct od_decimal base, int64_t n)
{
    bool inverse = n < 0;
    struct od_decimal power = od_decimal_from_i64(1);
    for (uint64_t e = (uint64_t)(inverse ? -n : n); e; e >>= 1) {
        if (e & 1)
            power = od_decimal_mul(power, base);
        if (e > 1)
            base = od_decimal_mul(base, base);
    }
    return inverse ? od_decimal_div(od_decimal_from_i64(1), power) : power;
}

struct od_decimal od_decimal_pow(struct od_decimal a, struct od_decimal b)
{
    int64_t n;
    if (od_decimal_is_integer(b) && od_decimal_to_i64(b, &n) && n >= -POW_EXACT_MAX && n <= POW_EXACT_MAX)
        return pow_whole(a, n);
    unsigned flags = 0;
    return out(bid128_pow(in(a), in(b), HALF_EVEN, &flags));
}

static struct od_decimal quantize(struct od_decimal d, int scale, unsigned rounding)
{
    unsigned flags = 0;
    char unit[16];
    snprintf(unit, sizeof unit, "1E%d", -scale);
    BID_UINT128 quantum = bid128_from_string(unit, HALF_EVEN, &flags);
    flags = 0;
    BID_UINT128 q = bid128_quantize(in(d), quantum, rounding, &flags);
    return flags & BID_INVALID_EXCEPTION ? d : out(q);
}

struct od_decimal od_decimal_round(struct od_decimal d, int scale, enum od_rounding how)
{
    bool negative = od_decimal_is_negative(d);
    switch (how) {
    case OD_ROUND_HALF_EVEN: return quantize(d, scale, HALF_EVEN);
    case OD_ROUND_FLOOR: return quantize(d, scale, FLOOR);
    case OD_ROUND_CEILING: return quantize(d, scale, CEILING);
    case OD_ROUND_DOWN: return quantize(d, scale, TO_ZERO);
    case OD_ROUND_UP: return quantize(d, scale, negative ? FLOOR : CEILING);
    case OD_ROUND_HALF_UP: return quantize(d, scale, HALF_AWAY);
    case OD_ROUND_HALF_DOWN: break;
    }
    /* The library has no half-down: round away at halves, and take it back where it was exactly a half. */
    struct od_decimal away = quantize(d, scale, HALF_AWAY), zero = quantize(d, scale, TO_ZERO);
    struct od_decimal up = od_decimal_abs(od_decimal_sub(away, d)), down = od_decimal_abs(od_decimal_sub(d, zero));
    return od_decimal_cmp(up, down) == 0 ? zero : away;
}

int od_decimal_cmp_far(struct od_decimal a, struct od_decimal b)
{
    unsigned flags = 0;
    if (bid128_quiet_less(in(a), in(b), &flags))
        return -1;
    return bid128_quiet_greater(in(a), in(b), &flags) ? 1 : 0;
}

bool od_decimal_finite(struct od_decimal d) { return bid128_isFinite(in(d)); }
bool od_decimal_is_zero(struct od_decimal d) { return bid128_isZero(in(d)); }
bool od_decimal_is_negative(struct od_decimal d) { return d.w[1] >> 63 && !od_decimal_is_zero(d); }

bool od_decimal_is_integer(struct od_decimal d)
{
    unsigned flags = 0;
    return od_decimal_finite(d) && bid128_quiet_equal(in(d), bid128_round_integral_zero(in(d), &flags), &flags);
}
