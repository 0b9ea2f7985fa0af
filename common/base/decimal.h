/* SPDX-License-Identifier: Apache-2.0
 * IEEE 754-2008 decimal128: 34 digits, exponents to 6144, by the Intel library. The one place that knows it: a value is
 * opaque here, and GCC's own _Decimal128 operators are never used beside it. Results are rounded half even; an operation
 * that has no finite result gives a number for which od_decimal_finite() is false. Any thread. */
#ifndef OD_BASE_DECIMAL_H
#define OD_BASE_DECIMAL_H

#include "common/base/str.h"

struct od_decimal {
    uint64_t w[2];
};

/* How od_decimal_round() treats what lies beyond the scale. */
enum od_rounding {
    OD_ROUND_HALF_EVEN,
    OD_ROUND_FLOOR,
    OD_ROUND_CEILING,
    OD_ROUND_DOWN,      /* towards zero */
    OD_ROUND_UP,        /* away from zero */
    OD_ROUND_HALF_UP,   /* halves away from zero */
    OD_ROUND_HALF_DOWN, /* halves towards zero */
};

enum { OD_DECIMAL_SCALE_MIN = -6111, OD_DECIMAL_SCALE_MAX = 6176, OD_DECIMAL_TEXT = 6240 };

struct od_decimal od_decimal_from_i64(int64_t v);
/* [+-] digits [. digits] [e [+-] digits], or .digits; the whole string. More than 34 digits are rounded. */
bool od_decimal_parse(struct od_str s, struct od_decimal *ret);
/* Plain notation, without exponent, without trailing zeros: equal numbers have equal texts. Returns the length. */
size_t od_decimal_format(struct od_decimal d, char out[OD_DECIMAL_TEXT]);
/* The integer part, towards zero; false if it does not fit (or d is not finite). */
bool od_decimal_to_i64(struct od_decimal d, int64_t *ret);

struct od_decimal od_decimal_add(struct od_decimal a, struct od_decimal b);
struct od_decimal od_decimal_sub(struct od_decimal a, struct od_decimal b);
struct od_decimal od_decimal_mul(struct od_decimal a, struct od_decimal b);
struct od_decimal od_decimal_div(struct od_decimal a, struct od_decimal b);
struct od_decimal od_decimal_rem(struct od_decimal a, struct od_decimal b); /* what a / b cut to a whole number leaves; exact */
struct od_decimal od_decimal_neg(struct od_decimal a);
struct od_decimal od_decimal_abs(struct od_decimal a);
struct od_decimal od_decimal_sqrt(struct od_decimal a);
struct od_decimal od_decimal_exp(struct od_decimal a);
struct od_decimal od_decimal_log(struct od_decimal a); /* natural */
struct od_decimal od_decimal_pow(struct od_decimal a, struct od_decimal b); /* whole exponents by multiplication */

/* To `scale` digits after the point (negative: before it). A scale that 34 digits cannot express leaves d as it is. */
struct od_decimal od_decimal_round(struct od_decimal d, int scale, enum od_rounding how);

int od_decimal_cmp_far(struct od_decimal a, struct od_decimal b); /* od_decimal_cmp without its short cut */

/* -1, 0, 1; both must be finite. Two of the same sign and exponent whose coefficients fit the low word are compared by those. */
static inline int od_decimal_cmp(struct od_decimal a, struct od_decimal b)
{
    const uint64_t coefficient_high = UINT64_C(0x0001ffffffffffff); /* above it in the high word lie exponent and sign */
    if (a.w[1] != b.w[1] || a.w[1] & coefficient_high)
        return od_decimal_cmp_far(a, b);
    int c = (a.w[0] > b.w[0]) - (a.w[0] < b.w[0]);
    return a.w[1] >> 63 ? -c : c;
}
bool od_decimal_finite(struct od_decimal d);
bool od_decimal_is_zero(struct od_decimal d);
bool od_decimal_is_negative(struct od_decimal d); /* below zero */
bool od_decimal_is_integer(struct od_decimal d);

#endif
