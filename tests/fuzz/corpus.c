/* SPDX-License-Identifier: Apache-2.0
 * A fuzzer without the fuzzing: every input of tests/fuzz/corpus/<name>, among them each that once broke something, goes through
 * it again. build/.../<name>_corpus takes its name from itself; what breaks ends it, and the last line says with which input. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20, PATH_TEXT_MAX = 512 };

static int run(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_MAX);
    if (!f || !bytes) {
        perror(path);
        exit(1);
    }
    size_t n = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    uint8_t *exact = realloc(bytes, n ? n : 1); /* so that a sanitizer sees reads behind its end */
    printf("%s\n", path);
    fflush(stdout);
    int skipped = LLVMFuzzerTestOneInput(exact ? exact : bytes, n);
    free(exact ? exact : bytes);
    return skipped;
}

int main(int argc, char **argv)
{
    const char *slash = argc ? strrchr(argv[0], '/') : NULL, *name = slash ? slash + 1 : "";
    char dir[PATH_TEXT_MAX], path[2 * PATH_TEXT_MAX];
    struct dirent **list;
    int passed = 0;
    snprintf(dir, sizeof dir, "tests/fuzz/corpus/%.*s", (int)strcspn(name, "_"), name);
    int n = scandir(dir, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
        if (list[i]->d_name[0] != '.' && run(path) == 0)
            passed++;
        free(list[i]);
    }
    if (n < 0 || passed == 0) {
        fprintf(stderr, "%s has no inputs; run it from the project's root\n", dir);
        return 1;
    }
    free(list);
    printf("%d passed, 0 failed\n", passed);
    return 0;
}
