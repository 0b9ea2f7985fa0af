/* SPDX-License-Identifier: Apache-2.0
 * The picture by rows: what must be in it. With a file as argument it draws that model to standard output instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/limits.h"
#include "server/domain/process/picture.h"

#define HEAD                                                                                                                             \
    "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:bpmndi=\"http://www.omg.org/spec/BPMN/20100524/DI\" "       \
    "xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\" xmlns:di=\"http://www.omg.org/spec/DD/20100524/DI\">"

static const char drawn[] = HEAD
    "<process id=\"p\"><startEvent id=\"s\" name=\"Go\"/><userTask id=\"a\" name=\"Check &lt;b&gt; &amp; sign\"/><sequenceFlow id=\"f\" sourceRef=\"s\" "
    "targetRef=\"a\"/></process><bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement=\"p\"><bpmndi:BPMNShape bpmnElement=\"s\"><dc:Bounds x=\"10\" "
    "y=\"20\" width=\"36\" height=\"36\"/></bpmndi:BPMNShape><bpmndi:BPMNShape bpmnElement=\"a\"><dc:Bounds x=\"100\" y=\"0\" width=\"100\" "
    "height=\"80\"/></bpmndi:BPMNShape><bpmndi:BPMNEdge bpmnElement=\"f\"><di:waypoint x=\"46\" y=\"38\"/><di:waypoint x=\"100\" y=\"38\"/>"
    "</bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>";

static const char undrawn[] = HEAD "<process id=\"p\"/></definitions>";

static char *draw(struct od_str xml, const struct picture_mark *marks, size_t n)
{
    struct od_arena arena;
    struct od_buf out;
    struct od_err err;
    struct model *m;
    od_arena_init(&arena, OD_MODEL_BYTES_MAX);
    od_buf_init(&out, 16 << 20);
    if (model_read(xml, NULL, &arena, &m, &err) == OD_OK)
        picture_draw(m, marks, n, &out);
    char *copy = od_xstrdup(od_buf_cstr(&out));
    od_buf_done(&out);
    od_arena_done(&arena);
    return copy;
}

static void picture_rows(void **state)
{
    static const struct picture_mark marks[] = {{{"a", 1}, 2, 1, 50}};
    static const struct {
        const char *name, *xml, *has;
    } rows[] = {
        {"an event is a circle at its place", drawn, "<circle class=\"b\" cx=\"28.0\" cy=\"38.0\" r=\"18.0\""},
        {"a flow is a line over its way points", drawn, "d=\"M46.0,38.0L100.0,38.0\""},
        {"names are escaped", drawn, ">Check &lt;b&gt;"},
        {"tokens are counted in a badge", drawn, "<g class=\"k\"><rect x=\"91.0\" y=\"-9.0\" width=\"18.0\" height=\"18\" rx=\"9\"/><text x=\"100.0\" y=\"4.0\">2</text>"},
        {"incidents have their own", drawn, "<g class=\"i\">"},
        {"heat colours the shape", drawn, "style=\"fill:rgb(255,145,135)\""},
        {"the view holds all of it", drawn, "viewBox=\"-20.0 -30.0 250.0 150.0\""},
        {"what is drawn can be found by its id", drawn, "<g data-id=\"a\">"},
        {"a model without a diagram says so", undrawn, "the model has no diagram"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        print_message("  %s\n", rows[i].name);
        char *svg = draw(od_str_c(rows[i].xml), marks, OD_LEN(marks));
        assert_non_null(strstr(svg, rows[i].has));
        free(svg);
    }
}

static int draw_file(const char *path)
{
    static char text[1 << 22];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    if (f)
        fclose(f);
    char *svg = draw((struct od_str){text, n}, NULL, 0);
    fputs(svg, stdout);
    free(svg);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(picture_rows)};
    return argc > 1 ? draw_file(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
