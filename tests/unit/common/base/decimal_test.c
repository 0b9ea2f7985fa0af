/* SPDX-License-Identifier: Apache-2.0
 * decimal128 by rows: texts, rounding, powers, order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/decimal.h"

static struct od_decimal dec(const char *s)
{
    struct od_decimal d;
    assert_true(od_decimal_parse(od_str_c(s), &d));
    return d;
}

static void is(struct od_decimal d, const char *want)
{
    char text[OD_DECIMAL_TEXT];
    assert_int_equal(od_decimal_format(d, text), strlen(want));
    assert_string_equal(text, want);
}

static void texts(void **state)
{
    static const struct {
        const char *name, *text, *want; /* NULL: refused */
    } rows[] = {
        {"zeros behind the point go", "1.500", "1.5"},
        {"zeros before it stay", "1500", "1500"},
        {"an exponent is written out", "1.2E-3", "0.0012"},
        {"a large one too", "12e3", "12000"},
        {"minus zero is zero", "-0.00", "0"},
        {"a point may come first", "-.5", "-0.5"},
        {"more than 34 digits are rounded", "0.33333333333333333333333333333333333339", "0.3333333333333333333333333333333333"},
        {"a point alone is none", ".", NULL},
        {"a point at the end is none", "1.", NULL},
        {"hexadecimal is none", "0x1", NULL},
        {"infinity is none", "inf", NULL},
        {"beyond the exponents is none", "1e7000", NULL},
        {"empty is none", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_decimal d;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(od_decimal_parse(od_str_c(rows[i].text), &d), rows[i].want != NULL);
        if (rows[i].want)
            is(d, rows[i].want);
    }
}

static void rounding(void **state)
{
    static const struct {
        const char *name, *text;
        int scale;
        enum od_rounding how;
        const char *want;
    } rows[] = {
        {"half even down", "2.5", 0, OD_ROUND_HALF_EVEN, "2"},     {"half even up", "3.5", 0, OD_ROUND_HALF_EVEN, "4"},
        {"half up", "-2.5", 0, OD_ROUND_HALF_UP, "-3"},            {"half down at a half", "-2.5", 0, OD_ROUND_HALF_DOWN, "-2"},
        {"half down above a half", "2.51", 0, OD_ROUND_HALF_DOWN, "3"}, {"up", "-1.01", 1, OD_ROUND_UP, "-1.1"},
        {"down", "-1.09", 1, OD_ROUND_DOWN, "-1"},                 {"floor", "-1.01", 1, OD_ROUND_FLOOR, "-1.1"},
        {"ceiling", "1.01", 1, OD_ROUND_CEILING, "1.1"},           {"before the point", "1250", -2, OD_ROUND_HALF_EVEN, "1200"},
        {"a scale that cannot be reached changes nothing", "5.5", 6176, OD_ROUND_UP, "5.5"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        is(od_decimal_round(dec(rows[i].text), rows[i].scale, rows[i].how), rows[i].want);
    }
}

static void arithmetic(void **state)
{
    int64_t n;
    (void)state;
    is(od_decimal_add(dec("0.1"), dec("0.2")), "0.3");
    is(od_decimal_sub(dec("1"), dec("0.9")), "0.1");
    is(od_decimal_mul(dec("1.1"), dec("1.1")), "1.21");
    is(od_decimal_div(dec("1"), dec("3")), "0.3333333333333333333333333333333333");
    is(od_decimal_pow(dec("2"), dec("64")), "18446744073709551616");
    is(od_decimal_pow(dec("10"), dec("-5")), "0.00001");
    is(od_decimal_sqrt(dec("2.25")), "1.5");
    assert_false(od_decimal_finite(od_decimal_div(dec("1"), dec("0"))));
    assert_true(od_decimal_to_i64(dec("-9223372036854775808"), &n) && n == INT64_MIN);
    assert_false(od_decimal_to_i64(dec("9223372036854775808"), &n));
    assert_true(od_decimal_to_i64(dec("-1.9"), &n) && n == -1);
}

static void order(void **state)
{
    (void)state;
    assert_int_equal(od_decimal_cmp(dec("1.0"), dec("1")), 0);
    assert_int_equal(od_decimal_cmp(dec("-2"), dec("-1")), -1);
    assert_int_equal(od_decimal_cmp(dec("2"), dec("1.99")), 1);
    assert_int_equal(od_decimal_cmp(dec("-0"), dec("0")), 0);
    assert_int_equal(od_decimal_cmp(dec("-1.20"), dec("-1.19")), -1);
    static const char *const texts[] = {"-36893488147419103233", "-18446744073709551616", "-1.5", "-1.05", "0", "0.7", "3", "3.0001",
                                        "18446744073709551615", "18446744073709551616", "36893488147419103233", "1E40"};
    for (int i = 0; i < (int)OD_LEN(texts); i++) /* with the short cut and without it */
        for (int k = 0; k < (int)OD_LEN(texts); k++) {
            assert_int_equal(od_decimal_cmp(dec(texts[i]), dec(texts[k])), (i > k) - (i < k));
            assert_int_equal(od_decimal_cmp_far(dec(texts[i]), dec(texts[k])), (i > k) - (i < k));
        }
    assert_true(od_decimal_is_integer(dec("1.50e1")) && !od_decimal_is_integer(dec("1.5")));
    assert_true(!od_decimal_is_negative(dec("-0")) && od_decimal_is_negative(dec("-0.1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(rounding), cmocka_unit_test(arithmetic),
                                       cmocka_unit_test(order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
