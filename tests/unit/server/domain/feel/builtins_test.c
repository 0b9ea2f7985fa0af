/* SPDX-License-Identifier: Apache-2.0
 * The built-in functions of DMN 1.5 §10.3.4 by rows, at least one each. */
#include "tests/unit/server/domain/feel/rows.h"

static void conversion(void **state)
{
    static const struct feel_row rows[] = {
        {"date of a text", "date(\"2026-02-14\")", "2026-02-14"},
        {"date of its parts", "date(2026, 2, 29)", "null"},
        {"date of a date and time", "date(@\"2026-02-14T23:00:00Z\")", "2026-02-14"},
        {"time of a text", "time(\"10:30:00+02:00\")", "10:30:00+02:00"},
        {"time of its parts", "time(12, 59, 1.3, duration(\"-PT1H\"))", "12:59:01.3-01:00"},
        {"date and time of a text", "date and time(\"2026-02-14T10:30:00@Europe/Rome\")", "2026-02-14T10:30:00@Europe/Rome"},
        {"date and time of a date and a time", "date and time(@\"2026-02-14\", @\"10:00:00Z\")", "2026-02-14T10:00:00Z"},
        {"24:00 is the next day's first moment", "date and time(\"2026-02-14T24:00:00\")", "2026-02-15T00:00:00"},
        {"duration of a text", "[duration(\"PT36H\"), duration(\"P14M\"), duration(\"P1M2D\")]", "[P1DT12H, P1Y2M, null]"},
        {"whole months between two dates", "years and months duration(@\"2026-01-31\", @\"2026-03-30\")", "P1M"},
        {"number with its separators", "number(\"1.000.000,5\", \".\", \",\")", "1000000.5"},
        {"number with equal separators", "number(\"1\", \".\", \".\")", "null"},
        {"string of anything", "string({a: [1.50, \"b\", @\"P1D\", null]})", "{a: [1.5, \"b\", P1D, null]}"},
        {"range of a text", "range(\"[18..21)\") = [18..21)", "true"},
        {"range that ends before it starts", "range(\"[3..1]\")", "null"},
        {"range without a start or an end", "[range(\"(..2]\") = (<= 2), range(\" ] .. 2 ) \") = (< 2), range(\"[2..)\") = (>= 2), range(\"(2..[\") = (> 2)]", "[true, true, true, true]"},
        {"range that is open where nothing is", "[range(\"[..2]\"), range(\"[2..]\"), range(\"(..)\"), range(\"[..]\"), range(\"..\"), range(\"(\"), range(\"\")]", "[null, null, null, null, null, null, null]"},
        {"range between literals only", "[range(\"[null..3]\"), range(\"[true..)\"), range(\"[1 + 1..)\"), range(\"[x..)\")]", "[null, null, null, null]"},
        {"not", "[not(true), not(null), not(1), not([true])]", "[false, null, null, false]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void strings(void **state)
{
    static const struct feel_row rows[] = {
        {"substring counts code points from 1", "substring(\"f😀bar\", 2, 2)", "😀b"},
        {"substring from the end", "substring(\"foobar\", -2)", "ar"},
        {"string length", "string length(\"😀\")", "1"},
        {"upper case, lower case", "upper case(\"aß\") + lower case(\"ÀB\")", "ASSàb"},
        {"substring before", "[substring before(\"foobar\", \"bar\"), substring before(\"foobar\", \"x\")]", "[\"foo\", \"\"]"},
        {"substring after", "[substring after(\"foobar\", \"ob\"), substring after(\"foobar\", \"\")]", "[\"ar\", \"foobar\"]"},
        {"contains, starts with, ends with", "[contains(\"abc\", \"b\"), starts with(\"abc\", \"b\"), ends with(\"abc\", \"c\")]", "[true, false, true]"},
        {"matches", "[matches(\"foobar\", \"^fo*b\"), matches(\"FOO\", \"foo\", \"i\")]", "[true, true]"},
        {"matches subtracts classes", "[matches(\"X\", \"[A-Z-[OI]]\"), matches(\"O\", \"[A-Z-[OI]]\")]", "[true, false]"},
        {"what is subtracted is taken from a complement too", "[matches(\"c\", \"[^a-[b]]\"), matches(\"b\", \"[^a-[b]]\")]", "[true, false]"},
        {"x drops white space, also in escapes, not in classes", "[matches(\"hello world\", \"hello\\ sworld\", \"x\"), matches(\"hello world\", \"hello world\", \"x\"), matches(\"helloworld\", \"hello[ ]world\", \"x\"), matches(\"a\", \"\\p{ L u }\", \"xi\")]", "[true, false, false, false]"},
        {"i leaves categories alone", "[matches(\"m\", \"\\p{Lu}\", \"i\"), matches(\"m\", \"[^\\p{Lu}]\", \"i\"), matches(\"m\", \"[K-N]\", \"i\"), matches(\"\\u212A\", \"[A-Z]\", \"i\")]", "[false, true, true, true]"},
        {"i compares single characters", "[matches(\"ß\", \"SS\", \"i\"), matches(\"Σ\", \"ς\", \"i\"), matches(\"aA\", \"(a)\\1\", \"i\"), matches(\"A.C\", \"a.c\", \"iq\")]", "[false, true, true, true]"},
        {"a last newline begins no line", "[matches(\"a\\nb\\n\", \"^$\", \"m\"), matches(\"\\na\\n\", \"^$\", \"m\"), matches(\"\", \"^$\", \"m\")]", "[false, true, true]"},
        {"properties are categories and blocks", "[matches(\"α\", \"\\p{IsGreek}\"), matches(\"a\", \"\\p{Alphabetic}\"), matches(\"a\", \"\\p{Latin}\"), matches(\"a\", \"\\p{IsNone}\")]", "[true, null, null, null]"},
        {"matches knows no look-around", "matches(\"a\", \"(?=a)\")", "null"},
        {"$ is the very end", "matches(\"a\\n\", \"a$\")", "false"},
        {"replace with groups", "replace(\"abracadabra\", \"a(.)\", \"[$1]\")", "[b]r[c][d][b]ra"},
        {"replace refuses what matches nothing", "[replace(\"abc\", \"x*\", \"-\"), replace(\"abc\", \"^.*$\", \"-\")]", "[null, null]"},
        {"split too", "[split(\"abc\", \"\"), split(\"a,b\", \"^$|,\")]", "[null, null]"},
        {"split by a pattern", "split(\"a;b, c\", \"[;,]\\s*\")", "[\"a\", \"b\", \"c\"]"},
        {"string join passes nulls over", "string join([\"a\", null, \"b\"], \"-\")", "a-b"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void lists(void **state)
{
    static const struct feel_row rows[] = {
        {"list contains, also null", "[list contains([1, null], null), list contains([1], 2)]", "[true, false]"},
        {"list replace at a position", "list replace([1, 2, 3], -1, 9)", "[1, 2, 9]"},
        {"list replace where it matches", "list replace([1, 2, 3], function(item, newItem) item < newItem, 2)", "[2, 2, 3]"},
        {"count", "[count([]), count([1, null]), count(5)]", "[0, 2, 1]"},
        {"min and max of anything with an order", "[min(3, 1, 2), max([\"a\", \"c\"]), max(@\"P1D\", @\"PT25H\")]", "[1, \"c\", P1DT1H]"},
        {"sum, mean, product", "[sum(1, 2), mean([1, 2, 6]), product(2, 3), sum([])]", "[3, 3, 6, null]"},
        {"sum of durations", "sum([@\"PT1H\", @\"PT30M\"])", "PT1H30M"},
        {"all and any", "[all([true, null]), all([]), any([false, true, null]), any([])]", "[null, true, true, false]"},
        {"sublist", "[sublist([1, 2, 3], 2), sublist([1, 2, 3], -2, 1)]", "[[2, 3], [2]]"},
        {"sublist of a length from 1 to what is there", "[sublist([1, 2, 3], 2, 0), sublist([1, 2, 3], 2, 3), sublist([1, 2, 3], -1, 1)]", "[null, null, [3]]"},
        {"append, concatenate", "[append([1], 2, 3), concatenate([1], [2, 3])]", "[[1, 2, 3], [1, 2, 3]]"},
        {"insert before", "insert before([1, 3], 2, 2)", "[1, 2, 3]"},
        {"remove, reverse", "[remove([1, 2, 3], 2), reverse([1, 2])]", "[[1, 3], [2, 1]]"},
        {"index of", "index of([1, 2, 1], 1)", "[1, 3]"},
        {"union, distinct values", "[union([1, 2], [2, 3]), distinct values([1, 1.0, 2])]", "[[1, 2, 3], [1, 2]]"},
        {"flatten", "flatten([[1, [2]], 3])", "[1, 2, 3]"},
        {"median, stddev, mode", "[median(8, 2, 5, 7), stddev([47]), mode([3, 6, 1, 6, 3])]", "[6, null, [3, 6]]"},
        {"sort by a function is stable", "sort([{k: 1, v: 1}, {k: 0, v: 2}, {k: 1, v: 3}], function(a, b) a.k < b.k).v", "[2, 1, 3]"},
        {"sort by the values' own order", "sort([3, 1, 2])", "[1, 2, 3]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void numbers(void **state)
{
    static const struct feel_row rows[] = {
        {"decimal rounds half to even", "[decimal(2.5, 0), decimal(3.5, 0), decimal(1 / 3, 2)]", "[2, 4, 0.33]"},
        {"floor and ceiling", "[floor(-1.5), ceiling(-1.5), floor(1.57, 1)]", "[-2, -1, 1.5]"},
        {"round up and round down", "[round up(-5.5, 0), round down(-5.5, 0)]", "[-6, -5]"},
        {"round half up and round half down", "[round half up(-5.5, 0), round half down(-5.5, 0), round half down(5.51, 0)]", "[-6, -5, 6]"},
        {"abs of numbers and durations", "[abs(-1), abs(@\"-PT1H\"), abs(@\"-P1Y\")]", "[1, PT1H, P1Y]"},
        {"modulo of long quotients is exact", "[modulo(10 ** 34, 7), modulo(-(10 ** 40), 7), modulo(10 ** 6144, 7), modulo(5, 0.3)]", "[4, 3, 1, 0.2]"},
        {"modulo takes the divisor's sign", "[modulo(10, 4), modulo(-12, 5), modulo(12, -5)]", "[2, 3, -3]"},
        {"sqrt, log, exp", "[sqrt(16), log(1), exp(0), sqrt(-1)]", "[4, 0, 1, null]"},
        {"odd and even", "[odd(5), even(-2), odd(1.5)]", "[true, true, null]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void dates(void **state)
{
    static const struct feel_row rows[] = {
        {"now is what the host says", "now()", "2026-02-14T10:30:00Z"},
        {"today", "today()", "2026-02-14"},
        {"day of year", "day of year(@\"2026-03-01\")", "60"},
        {"day of week", "day of week(@\"2026-02-14\")", "Saturday"},
        {"month of year", "month of year(@\"2026-02-14\")", "February"},
        {"week of year is ISO's", "[week of year(@\"2027-01-01\"), week of year(@\"2026-01-01\")]", "[53, 1]"},
        {"is asks for the same element", "[is(@\"10:00:00Z\", @\"11:00:00+01:00\"), @\"10:00:00Z\" = @\"11:00:00+01:00\"]", "[false, true]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void ranges(void **state)
{
    static const struct feel_row rows[] = {
        {"before", "[before(1, 10), before([1..5), [5..6]), before([1..5], [5..6])]", "[true, true, false]"},
        {"after", "[after(10, 1), after(5, [1..5)), after([5..6], [1..5])]", "[true, true, false]"},
        {"meets", "[meets([1..5], [5..10]), meets([1..5), [5..10])]", "[true, false]"},
        {"met by", "met by([5..10], [1..5])", "true"},
        {"overlaps", "[overlaps([1..5], [5..8]), overlaps([1..5), [5..8])]", "[true, false]"},
        {"overlaps before", "[overlaps before([1..5], [3..8]), overlaps before([1..5], [1..8])]", "[true, false]"},
        {"overlaps after", "[overlaps after([3..8], [1..5]), overlaps after([1..5], [3..8])]", "[true, false]"},
        {"finishes", "[finishes(10, [1..10]), finishes([5..10), [1..10])]", "[true, false]"},
        {"finished by", "finished by([1..10], 10)", "true"},
        {"includes", "[includes([1..10], 5), includes((1..10), 1), includes([1..10], [1..10])]", "[true, false, true]"},
        {"during", "during([4..6], [1..10])", "true"},
        {"starts", "[starts(1, [1..5]), starts([1..3], [1..5])]", "[true, true]"},
        {"started by", "started by([1..10], 1)", "true"},
        {"coincides", "[coincides(5, 5), coincides([1..5], [1..5))]", "[true, false]"},
        {"ranges of two kinds", "before([1..2], [\"a\"..\"b\"])", "null"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void contexts(void **state)
{
    static const struct feel_row rows[] = {
        {"get value", "[get value({a: 1}, \"a\"), get value({a: 1}, \"b\")]", "[1, null]"},
        {"get entries", "get entries({a: 1})", "[{key: \"a\", value: 1}]"},
        {"context of entries", "context([{key: \"a\", value: 1}])", "{a: 1}"},
        {"context put replaces in place", "context put({a: 1, b: 2}, \"a\", 3)", "{a: 3, b: 2}"},
        {"context put along keys", "context put({a: {b: 1}}, [\"a\", \"c\"], 2)", "{a: {b: 1, c: 2}}"},
        {"context merge: the last one wins", "context merge([{a: 1, b: 1}, {b: 2}])", "{a: 1, b: 2}"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void arguments(void **state)
{
    static const struct feel_row rows[] = {
        {"by name in any order", "substring(start position: 3, string: \"foobar\")", "obar"},
        {"a name that is no parameter", "substring(text: \"a\", start position: 1)", "null"},
        {"a name that is there twice", "[abs(n: 1, n: 2), {f: function(a) a, r: f(a: 1, a: 2)}.r]", "[null, null]"},
        {"too many", "upper case(\"a\", \"b\")", "null"},
        {"a list of one where an item is wanted", "upper case([\"a\"])", "A"},
        {"null where a value is wanted", "upper case(null)", "null"},
        {"a function is a value", "{f: upper case, r: f(\"a\")}.r", "A"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversion), cmocka_unit_test(strings), cmocka_unit_test(lists),    cmocka_unit_test(numbers),
        cmocka_unit_test(dates),      cmocka_unit_test(ranges),  cmocka_unit_test(contexts), cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
