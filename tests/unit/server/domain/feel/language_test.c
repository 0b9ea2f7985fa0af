/* SPDX-License-Identifier: Apache-2.0
 * The language of DMN 1.5 §10.3.1 and .2 by rows: names, literals, operators, three-valued logic, iterations, filters. */
#include "tests/unit/server/domain/feel/rows.h"

static void names(void **state)
{
    static const struct feel_row rows[] = {
        {"a name holds spaces", "Monthly Salary * 12", "12000"},
        {"white space inside a name is any", "Monthly \n  Salary", "1000"},
        {"a name holds an operator where it is known", "net-price", "7"},
        {"white space around an operator inside a name is free", "net - price", "7"},
        {"of two known names the longer wins", "net price + net", "13"},
        {"a name may begin with a keyword", "for each", "4"},
        {"words nobody knows are one name", "no such thing", "null"},
        {"a comment is white space", "net /* of all */ + // the end\n 1", "4"},
        {"a variable hides a built-in function", "count + 1", "6"},
        {"an emoji is a name", "{🐎: 3}.🐎", "3"},
        {"a member's name with a space follows a dot", "items[1].unit price", "2.5"},
        {"a member's name with an operator follows a dot", "items[1].p+q", "9"},
    };
    (void)state;
    FEEL_ROWS(rows, "{\"Monthly Salary\":1000,\"net-price\":7,\"net\":3,\"net price\":10,\"for each\":4,\"count\":5,"
                    "\"items\":[{\"unit price\":2.5,\"p+q\":9}]}");
}

static void literals(void **state)
{
    static const struct feel_row rows[] = {
        {"a number without a leading zero", ".5 + 1.50", "2"},
        {"a number with an exponent", "1.2e-3", "0.0012"},
        {"34 digits are kept", "1234567890123456789012345678901234", "1234567890123456789012345678901234"},
        {"escapes of a string", "\"a\\tb\\\"\\u00e9\\U01F600\"", "a\tb\"é😀"},
        {"a pair of surrogates is one character", "string length(\"\\uD83D\\uDCA9\")", "1"},
        {"an unknown escape stays, as patterns need it", "\"\\d\"", "\\d"},
        {"a string without an end is refused", "\"abc", "!the string has no end"},
        {"a date by @", "@\"2026-02-14\"", "2026-02-14"},
        {"@ with no date is null", "@\"tomorrow\"", "null"},
        {"a list", "[1, [2], \"a\"]", "[1, [2], \"a\"]"},
        {"a context keeps its order", "{b: 1, a: 2}", "{b: 1, a: 2}"},
        {"an entry sees the entries before it", "{a: 2, b: a * 3}.b", "6"},
        {"a key may be any string", "{\"a b)\": 1}", "{\"a b)\": 1}"},
        {"two entries of one name are refused", "{a: 1, a: 2}", "!two entries of this name"},
        {"an open range by either bracket", "]1..2[ = (1..2)", "true"},
        {"a range that ends before it starts is null", "[2..1]", "null"},
        {"an open end before an operator", "[1..10[ = [1..10)", "true"},
        {"null", "null", "null"},
        {"an empty text is refused", "", "!ends too early"},
        {"what follows an expression is refused", "1 2", "!the end is expected"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void operators(void **state)
{
    static const struct feel_row rows[] = {
        {"the sign binds closer than the power", "-5 ** 2", "25"},
        {"powers go from left to right", "3 ** 4 ** 5", "3486784401"},
        {"a negative power", "10 ** -3", "0.001"},
        {"division by zero is null", "1 / 0", "null"},
        {"strings are joined by +", "\"a\" + \"b\"", "ab"},
        {"a string and a number are not added", "\"a\" + 1", "null"},
        {"false and anything is false", "false and 1", "false"},
        {"true and null is null", "true and null", "null"},
        {"true or null is true", "null or true", "true"},
        {"values of two kinds are not comparable", "1 = \"1\"", "null"},
        {"null equals null only", "[null = null, 1 = null, 1 != null]", "[true, false, true]"},
        {"contexts are equal in any order", "{a: 1, b: 2} = {b: 2, a: 1}", "true"},
        {"between includes both ends", "[1 between 1 and 2, 2 between 1 and 2, null between 1 and 2]", "[true, true, null]"},
        {"in a range", "[1 in (1..2], 2 in (1..2]]", "[false, true]"},
        {"in a list of tests", "10 in (1, < 5, >= 10)", "true"},
        {"in a list that holds ranges", "5 in [[1..3], [4..6]]", "true"},
        {"in by an operator", "[5 in <= 5, 5 in != 5]", "[true, false]"},
        {"in a parenthesis that is an operand", "3 in (1 + 1) + 1", "true"},
        {"an unbounded range", "(< 10).start", "null"},
        {"an end that is null leaves it unknown", "5 in [1..null]", "null"},
        {"if takes else for null", "if null then 1 else 2", "2"},
        {"null has no properties, and its reason is handed on", "(1 / 0) + 1", "null"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void iterations(void **state)
{
    static const struct feel_row rows[] = {
        {"for over a list", "for i in [1, 2] return i * 2", "[2, 4]"},
        {"for over a range, also downwards", "for i in 3..1 return i", "[3, 2, 1]"},
        {"for over dates", "for d in @\"2026-02-27\"..@\"2026-03-01\" return d.day", "[27, 28, 1]"},
        {"for over a half-open range", "for i in [1..4) return i", "[1, 2, 3]"},
        {"the last name runs fastest", "for i in 1..2, j in [\"a\", \"b\"] return string(i) + j", "[\"1a\", \"1b\", \"2a\", \"2b\"]"},
        {"a domain sees the names before it", "for i in 1..3, j in 1..i return j", "[1, 1, 2, 1, 2, 3]"},
        {"partial is what there is so far", "for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3, 5]"},
        {"functions made in a loop keep their own turn", "for f in (for i in 1..3 return function(x) x + i) return f(10)", "[11, 12, 13]"},
        {"some", "[some x in [1, 2] satisfies x > 1, some x in [] satisfies true]", "[true, false]"},
        {"every", "[every x in [1, 2] satisfies x > 1, every x in [] satisfies false]", "[false, true]"},
        {"an unknown answer leaves some unknown", "some x in [1, null] satisfies x > 1", "null"},
        {"one false decides every", "every x in [null, 1] satisfies x > 1", "false"},
        {"a filter by a condition on item", "[1, 2, 3][item > 1]", "[2, 3]"},
        {"a filter sees the item's members first", "[{item: 1}, {item: 3}][item > 2]", "[{item: 3}]"},
        {"an index from the start and from the end", "[[5, 6, 7][1], [5, 6, 7][-1], [5][0], [5][2]]", "[5, 7, null, null]"},
        {"a value is a list of one for a filter", "[\"a\"[1], 100[item > 200]]", "[\"a\", []]"},
        {"a path into a list gives a list", "[{a: 1}, {b: 2}].a", "[1, null]"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

static void functions_and_types(void **state)
{
    static const struct feel_row rows[] = {
        {"a function sees where it was made", "{k: 3, f: function(x) x * k, r: f(2)}.r", "6"},
        {"arguments by name", "{f: function(a, b) a - b, r: f(b: 1, a: 5)}.r", "4"},
        {"an argument of the wrong type makes the call null", "(function(x: number) x)(\"a\")", "null"},
        {"a list of one converts for a typed parameter", "(function(x: number) x + 1)([2])", "3"},
        {"too many arguments make the call null", "(function(x) x)(1, 2)", "null"},
        {"recursion by passing itself", "{f: function(f, n) if n < 2 then 1 else n * f(f, n - 1), r: f(f, 20)}.r", "2432902008176640000"},
        {"instance of a simple type", "[1 instance of number, \"1\" instance of number, null instance of number]", "[true, false, false]"},
        {"instance of a list", "[[1, 2] instance of list<number>, [1, \"a\"] instance of list<number>]", "[true, false]"},
        {"instance of a context may have more", "{a: 1, b: 2} instance of context<a: number>", "true"},
        {"instance of a function", "(function(a) a) instance of function<Any>->Any", "true"},
        {"instance of a function by its result", "(function() \"a\") instance of function<>->number", "false"},
        {"instance of a range", "[1..2] instance of range<number>", "true"},
        {"instance of both durations", "[@\"P1D\" instance of days and time duration, @\"P1D\" instance of years and months duration]", "[true, false]"},
        {"a list without its parameter is no type", "[1] instance of list", "null"},
        {"an unknown type is null", "1 instance of money", "null"},
        {"what is no function is not called", "(1)(2)", "null"},
        {"a function in Java is refused", "function(x) external {java: {class: \"c\", method signature: \"m\"}}", "!external functions"},
    };
    (void)state;
    FEEL_ROWS(rows, "{}");
}

/* Rules 13-15: what a cell of a decision table means for an input. */
static void unary_tests(void **state)
{
    static const struct {
        const char *name, *tests, *input, *want;
    } rows[] = {
        {"a hyphen takes everything", "-", "1", "true"},
        {"a value is compared", "\"open\"", "\"open\"", "true"},
        {"any of several", "1, 2, 3", "2", "true"},
        {"an operator", ">= 10", "9", "false"},
        {"a range", "[1..5)", "5", "false"},
        {"not any of several", "not(1, 2)", "3", "true"},
        {"not is an expression where more follows", "not(? > 3) and ? > 1", "2", "true"},
        {"a question about the input", "? * 2 = 14", "7", "true"},
        {"a question by a function", "contains(?, \"b\")", "\"abc\"", "true"},
        {"the input in a list", "[1, 2]", "2", "true"},
        {"a boolean cell is compared, not taken as the answer", "true", "false", "false"},
        {"null passes only what asks for it", "true", "null", "false"},
        {"null asked for", "null", "null", "true"},
        {"what cannot be compared is null", "> 3", "\"a\"", "null"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena a;
        const struct feel_program *p;
        struct feel_value input, v;
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        od_arena_init(&a, 1 << 20);
        assert_int_equal(feel_json_decode_plain(od_str_c(rows[i].input), &a, &input, &err), OD_OK);
        assert_int_equal(feel_parse(od_str_c(rows[i].tests), FEEL_UNARY_TESTS, NULL, &a, &p, &err), OD_OK);
        assert_int_equal(feel_test(p, NULL, &input, &a, &v, &err), OD_OK);
        assert_string_equal(v.kind == FEEL_NULL ? "null" : v.boolean ? "true" : "false", rows[i].want);
        od_arena_done(&a);
    }
}

static void faults_say_where(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        {"an unknown name", "1 +\n  amount", "line 2, column 3: there is no amount"},
        {"the first reason is the one that is kept", "(1 / 0) + 1 > 2", "line 1, column 4: division by zero"},
        {"a function names itself", "substring(1, 2)", "line 1, column 1: substring: an argument is of the wrong kind"},
        {"a value that is no null has none", "1", ""},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena a;
        const struct feel_program *p;
        struct feel_value v;
        struct od_err err;
        char why[200];
        print_message("  %s\n", rows[i].name);
        od_arena_init(&a, 1 << 20);
        assert_int_equal(feel_parse(od_str_c(rows[i].text), FEEL_EXPRESSION, NULL, &a, &p, &err), OD_OK);
        assert_int_equal(feel_eval(p, NULL, &a, &v, &err), OD_OK);
        assert_string_equal(feel_fault_text(&v, why, sizeof why), rows[i].want);
        od_arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),      cmocka_unit_test(literals),           cmocka_unit_test(operators),
        cmocka_unit_test(iterations), cmocka_unit_test(functions_and_types), cmocka_unit_test(unary_tests),
        cmocka_unit_test(faults_say_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
