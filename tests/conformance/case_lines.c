/* SPDX-License-Identifier: Apache-2.0
 * One case, one child process, one line. */
#include "tests/conformance/case_lines.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CASE_SECONDS_MAX = 20 };

static void put_failed(const char *line, int status, FILE *out)
{
    json_t *row = json_loads(line, 0, NULL), *reply = json_object();
    const char *how = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "the case did not end in time" : "the case ended abnormally";
    json_object_set(reply, "id", json_object_get(row, "id"));
    json_object_set_new(reply, "error", json_string(how));
    json_dumpf(reply, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(reply);
    json_decref(row);
}

void case_lines(FILE *cases, void (*answer)(void *ctx, const char *line, FILE *out), void *ctx, FILE *out)
{
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, cases) > 0) {
        if (line[strspn(line, " \t\r\n")] == 0)
            continue;
        fflush(out);
        pid_t child = fork();
        if (child == 0) {
            alarm(CASE_SECONDS_MAX);
            answer(ctx, line, out);
            _exit(fflush(out) ? 1 : 0);
        }
        int status = 1;
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
            put_failed(line, status, out);
    }
    free(line);
}
