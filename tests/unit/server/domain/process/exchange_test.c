/* SPDX-License-Identifier: Apache-2.0
 * Models of other modelers come back as they went: read, written, read again they are the same, and written again the same bytes.
 * The files are those of the BPMN Model Interchange Working Group; where the reference data is not there the test says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/limits.h"
#include "server/domain/process/model.h"

#define MODELS "../shared/data/miwg/models"

static unsigned n_files, n_elements, n_changed, n_unread; /* nftw has no context of its own */

static char *slurp(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *ret_n = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*ret_n + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *ret_n, f), *ret_n);
    (void)fclose(f);
    return bytes;
}

/* Every class as often, every flow between the same ends. */
static bool same_model(const struct model *a, const struct model *b)
{
    if (a->file.n_elements != b->file.n_elements)
        return false;
    for (unsigned i = 0; i < a->file.n_elements; i++) {
        const struct xml_node *x = a->file.elements[i], *y = b->file.elements[i];
        const struct xml_node *from = model_source(a, x), *to = model_target(a, x), *from2 = model_source(b, y), *to2 = model_target(b, y);
        if (x->kind != y->kind || !from != !from2 || !to != !to2)
            return false;
        if ((from && from->ordinal != from2->ordinal) || (to && to->ordinal != to2->ordinal))
            return false;
    }
    return true;
}

enum way { CAME_BACK, CHANGED, UNREAD };

static enum way send_round(struct od_str text)
{
    struct od_arena arena, again_arena;
    struct model *m, *again;
    struct od_buf once, twice;
    struct od_err err;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_arena_init(&again_arena, OD_MODEL_BYTES_MAX);
    od_buf_init(&once, (size_t)64 << 20);
    od_buf_init(&twice, (size_t)64 << 20);
    bool read = model_read(text, NULL, &arena, &m, &err) == OD_OK, ok = read;
    if (ok) {
        xml_write(m->file.doc.root, &once);
        n_elements += m->file.n_elements;
        ok = model_read(od_buf_view(&once), NULL, &again_arena, &again, &err) == OD_OK;
    }
    if (ok) {
        xml_write(again->file.doc.root, &twice);
        ok = xml_same(m->file.doc.root, again->file.doc.root) && same_model(m, again) && od_str_eq(od_buf_view(&once), od_buf_view(&twice));
    }
    od_buf_done(&once);
    od_buf_done(&twice);
    od_arena_done(&arena);
    od_arena_done(&again_arena);
    return !read ? UNREAD : ok ? CAME_BACK : CHANGED;
}

static int on_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)ftw;
    size_t n = strlen(path);
    if (kind != FTW_F || n < 5 || strcmp(path + n - 5, ".bpmn") != 0)
        return 0;
    char *bytes = slurp(path, &n);
    n_files++;
    enum way way = send_round((struct od_str){bytes, n});
    if (way != CAME_BACK)
        print_message("  %s %s\n", path, way == UNREAD ? "is no XML" : "comes back changed");
    n_changed += way == CHANGED || (way == UNREAD && strstr(path, "/Reference/"));
    n_unread += way == UNREAD;
    free(bytes);
    return 0;
}

static void models_of_others(void **state)
{
    (void)state;
    if (nftw(MODELS, on_file, 16, FTW_PHYS) != 0) {
        print_message("  " MODELS " is not there: nothing was compared\n");
        skip();
    }
    print_message("  %u files, %u elements, %u unreadable\n", n_files, n_elements, n_unread);
    assert_true(n_files > 2 * n_unread && n_elements > n_files);
    assert_int_equal(n_changed, 0);
}

/* What a writer could lose: each must come back, and the comparison must see it when it does not. */
static void kept_rows(void **state)
{
#define IN(text) "<d xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:v='urn:v'>" text "</d>"
    static const struct {
        const char *name, *text, *other;
    } rows[] = {
        {"an attribute", IN("<task id='a'/>"), IN("<task id='b'/>")},
        {"an attribute of another namespace", IN("<task v:a='1'/>"), IN("<task v:a='2'/>")},
        {"line ends in an attribute", IN("<task name='a&#10;b&#13;&#9;c'/>"), IN("<task name='a b  c'/>")},
        {"marks in an attribute", IN("<task name='&lt;&amp;&quot;&apos;>'/>"), IN("<task name='&lt;&amp;&quot;>'/>")},
        {"text", IN("<documentation> a\n &lt;b> </documentation>"), IN("<documentation>a\n &lt;b></documentation>")},
        {"text between elements", IN("<documentation>a<v:b/>c</documentation>"), IN("<documentation>ac<v:b/></documentation>")},
        {"blanks that are all there is", IN("<documentation>  </documentation>"), IN("<documentation/>")},
        {"characters as they are", IN("<documentation><![CDATA[<a>&]]></documentation>"), IN("<documentation>a</documentation>")},
        {"letters of other scripts", IN("<task name='\xd0\xbf\xe2\x82\xac\xf0\x9f\x99\x82'/>"), IN("<task name='?'/>")},
        {"a carriage return in text", IN("<documentation>a&#13;b</documentation>"), IN("<documentation>a\nb</documentation>")},
        {"a prefix", IN("<v:a/>"), IN("<w:a xmlns:w='urn:v'/>")},
        {"the order of children", IN("<task/><v:a/>"), IN("<v:a/><task/>")},
    };
#undef IN
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct od_arena arena;
        struct model *m, *other;
        struct od_err err;
        print_message("  %s\n", rows[i].name);
        assert_int_equal(send_round(od_str_c(rows[i].text)), CAME_BACK);
        od_arena_init(&arena, OD_MODEL_BYTES_MAX);
        assert_int_equal(model_read(od_str_c(rows[i].text), NULL, &arena, &m, &err), OD_OK);
        assert_int_equal(model_read(od_str_c(rows[i].other), NULL, &arena, &other, &err), OD_OK);
        assert_false(xml_same(m->file.doc.root, other->file.doc.root));
        od_arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_rows), cmocka_unit_test(models_of_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
