/* SPDX-License-Identifier: Apache-2.0
 * conform KIND CASES OUT: one row of the table answers. */
#include "tests/conformance/conform.h"

#include <libgen.h>

#include "common/base/base.h"

static const struct {
    const char *kind;
    enum od_status (*run)(FILE *cases, const char *dir, FILE *out, struct od_err *err);
} kinds[] = {
    {"valid", conform_valid},
    {"import", conform_import},
};

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: conform KIND CASES OUT\n", stderr);
        return 64;
    }
    for (size_t i = 0; i < OD_LEN(kinds); i++) {
        if (strcmp(kinds[i].kind, argv[1]))
            continue;
        FILE *in = fopen(argv[2], "r"), *out = fopen(argv[3], "w");
        if (!in || !out) {
            perror(in ? argv[3] : argv[2]);
            return 74;
        }
        char *path = od_xstrdup(argv[2]);
        struct od_err err;
        char text[1024];
        enum od_status s = kinds[i].run(in, dirname(path), out, &err);
        if (s != OD_OK)
            fprintf(stderr, "conform: %s\n", od_err_text(&err, text, sizeof text));
        free(path);
        fclose(in);
        return fclose(out) || s != OD_OK ? 1 : 0;
    }
    fprintf(stderr, "conform: no kind %s\n", argv[1]);
    return 64;
}
