/* SPDX-License-Identifier: Apache-2.0
 * A case that crashes costs its own line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/case_lines.h"

static void answer(void *ctx, const char *line, FILE *out)
{
    if (strstr(line, "half"))
        fputs("{\"id\":", out); /* and nothing more: it is lost with its process */
    if (strstr(line, "crash") || strstr(line, "half"))
        raise(SIGKILL);
    fprintf(out, "%s %s", (const char *)ctx, line);
}

static void a_crash_costs_its_line(void **state)
{
    static char cases[] = "{\"id\":\"a\"}\n\n{\"id\":\"crash\"}\n{\"id\":\"half\"}\n{\"id\":\"b\"}\n";
    char got[512];
    FILE *in = fmemopen(cases, sizeof cases - 1, "r"), *out = tmpfile();
    (void)state;
    assert_non_null(in);
    assert_non_null(out);
    case_lines(in, answer, (void *)"answer", out);
    rewind(out);
    got[fread(got, 1, sizeof got - 1, out)] = 0;
    assert_string_equal(got, "answer {\"id\":\"a\"}\n"
                             "{\"id\":\"crash\",\"error\":\"the case ended abnormally\"}\n"
                             "{\"id\":\"half\",\"error\":\"the case ended abnormally\"}\n"
                             "answer {\"id\":\"b\"}\n");
    fclose(in);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_crash_costs_its_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
