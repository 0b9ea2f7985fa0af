/* SPDX-License-Identifier: Apache-2.0
 * conform KIND CASES OUT: the row of the table answers. Exit 3: no such kind in this build. */
#include "tests/conformance/conform.h"

#include <libgen.h>

#include "common/base/base.h"

static const struct {
    const char *kind;
    conform_fn run;
} KINDS[] = {
    {"feel", conform_feel},
    {"dmn", conform_dmn},
    {"betsy", conform_betsy},
    {"tsim", conform_tsim},
    {"valid", conform_valid},
    {"import", conform_import},
    {"vector", conform_vector},
};

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: conform KIND CASES OUT\n", stderr);
        return 64;
    }
    size_t k = 0;
    while (k < OD_LEN(KINDS) && strcmp(KINDS[k].kind, argv[1]))
        k++;
    if (k == OD_LEN(KINDS)) {
        fprintf(stderr, "conform: the kind %s is not answered by this build\n", argv[1]);
        return 3;
    }
    FILE *cases = fopen(argv[2], "r"), *out = cases ? fopen(argv[3], "w") : NULL;
    if (!out) {
        perror(cases ? argv[3] : argv[2]);
        return 74;
    }
    char *path = od_xstrdup(argv[2]), text[1024];
    struct od_err err = {0};
    enum od_status s = KINDS[k].run(cases, dirname(path), out, &err);
    if (s != OD_OK)
        fprintf(stderr, "conform: %s\n", od_err_text(&err, text, sizeof text));
    free(path);
    fclose(cases);
    return fclose(out) || s != OD_OK ? 1 : 0;
}
