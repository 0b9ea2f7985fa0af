/* SPDX-License-Identifier: Apache-2.0
 * Settings by rows: what a file may say, what is refused and how; the pages that are made from the rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "common/base/str.h"
#include "server/conf/conf.h"

static enum od_status read_text(struct conf *c, const char *text, struct od_err *err)
{
    char path[] = "/tmp/ordo-conf.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    enum od_status status = conf_read(c, path, err);
    unlink(path);
    return status;
}

static void file_rows(void **state)
{
    static const struct {
        const char *name, *text, *refusal; /* NULL: it is accepted */
    } rows[] = {
        {"empty is the defaults", "", NULL},
        {"comments and blank lines say nothing", "# listen = x\n\n  \n\t# y\n", NULL},
        {"a value may hold = and #", "database = host=/x password=a#b\n", NULL},
        {"a file may lack its last line feed", "workers = 8", NULL},
        {"white space around key and value is dropped", "  workers\t=  8  \r\n", NULL},
        {"an unknown key is refused with its line", "workers = 2\n\nworker = 4\n",
         ", line 3: the key worker is not known; see `ordod --help-config`"},
        {"keys are in small letters", "Workers = 2\n", ", line 1: the key Workers is not known"},
        {"a line without = is refused", "workers 4\n", ", line 1: the line must be key = value"},
        {"a key comes once", "workers = 2\nworkers = 3\n", ", line 2: workers must be given once"},
        {"a number below its range", "# x\nauth_threads = 0\n", ", line 2: auth_threads must be a whole number from 1 to 16"},
        {"a number above its range", "workers = 65\n", "from 0 to 64"},
        {"a number with rubbish behind it", "workers = 4x\n", "from 0 to 64"},
        {"an empty number", "workers =\n", "from 0 to 64"},
        {"a bool is yes or no", "log_calls = true\n", "log_calls must be yes or no"},
        {"a level is one of four", "log_level = loud\n", "must be debug, info, warn or error"},
        {"a path is absolute", "data_dir = data\n", "must be an absolute path"},
        {"what must be there may not be empty", "data_dir =\n", "data_dir must be an absolute path"},
        {"an optional path may be empty", "tls_client_ca =\n", NULL},
        {"a duration has a known unit", "drain_ms = 5d\n", "must be a time such as"},
        {"a duration keeps its maximum", "drain_ms = 11m\n", "at most 600s"},
        {"a duration may not overflow", "drain_ms = 99999999999999999999h\n", "at most 600s"},
        {"a list has no empty word", "hosts = a,,b\n", "hosts must be words between commas, 1 to 32 of them"},
        {"text is UTF-8", "node = \xff\n", "node must be text"},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(rows); i++) {
        struct conf c;
        struct od_err err;
        char text[512];
        print_message("  %s\n", rows[i].name);
        conf_init(&c);
        enum od_status status = read_text(&c, rows[i].text, &err);
        assert_int_equal(status, rows[i].refusal ? OD_CONFIG : OD_OK);
        if (rows[i].refusal && !strstr(od_err_text(&err, text, sizeof text), rows[i].refusal))
            fail_msg("it says: %s", text);
        conf_done(&c);
    }
}

static void values_arrive(void **state)
{
    struct conf c;
    struct od_err err;
    (void)state;
    conf_init(&c);
    assert_string_equal(c.listen, "127.0.0.1:7223");
    assert_int_equal(c.drain_ms, 10000);
    assert_int_equal(c.hosts.n, 3);
    assert_int_equal(
        read_text(&c,
                  "listen = [::]:1\nnode=a b\ndrain_ms = 2m\nhosts = x , y\nlog_calls = no\nlog_level = warn\n"
                  "io_threads = 3\ntls_client_ca = /a/b\n",
                  &err),
        OD_OK);
    assert_string_equal(c.listen, "[::]:1");
    assert_string_equal(c.node, "a b");
    assert_string_equal(c.tls_client_ca, "/a/b");
    assert_int_equal(c.drain_ms, 120000);
    assert_int_equal(c.io_threads, 3);
    assert_int_equal(c.log_level, OD_LOG_WARN);
    assert_false(c.log_calls);
    assert_int_equal(c.hosts.n, 2);
    assert_string_equal(c.hosts.items[1], "y");
    conf_done(&c);
}

static void the_later_source_wins(void **state)
{
    struct conf c;
    struct od_err err;
    char text[512];
    char *const given[] = {(char[]){"PATH=/bin"},           (char[]){"ORDOD=x"},
                           (char[]){"ORDO_WORKERS=9"},      (char[]){"ORDOD_IO_THREADS=3"},
                           (char[]){"ORDOD_AUTH_PASSES=3"}, NULL};
    char *const wrong[] = {(char[]){"ORDOD_WORKER=3"}, NULL};
    (void)state;
    conf_init(&c);
    assert_int_equal(read_text(&c, "workers = 2\nio_threads = 2\nauth_passes = 2\n", &err), OD_OK);
    assert_int_equal(conf_environment(&c, given, &err), OD_OK);
    assert_int_equal(conf_set(&c, "auth_passes=4", &err), OD_OK);
    assert_true(c.workers == 2 && c.io_threads == 3 && c.auth_passes == 4);

    assert_int_equal(conf_environment(&c, wrong, &err), OD_CONFIG);
    assert_string_equal(od_err_text(&err, text, sizeof text),
                        "environment: the key worker is not known; see `ordod --help-config`");
    assert_int_equal(conf_set(&c, "workers=many", &err), OD_CONFIG);
    assert_string_equal(od_err_text(&err, text, sizeof text), "--set: workers must be a whole number from 0 to 64");
    assert_int_equal(conf_set(&c, "workers", &err), OD_USAGE);
    assert_int_equal(conf_read(&c, "/nowhere/ordod.conf", &err), OD_IO);
    assert_string_equal(od_err_text(&err, text, sizeof text), "/nowhere/ordod.conf: No such file or directory");
    conf_done(&c);
}

static void what_is_written_reads_back(void **state)
{
    static const char given[] =
        "unix_socket =\nhosts = a,::1\nworkers = 9\ndrain_ms = 2500ms\nlog_level = error\nlog_calls = no\n";
    struct conf c;
    struct od_err err;
    char *text = NULL;
    size_t n;
    (void)state;
    conf_init(&c);
    assert_int_equal(read_text(&c, given, &err), OD_OK);
    FILE *out = open_memstream(&text, &n);
    conf_write(&c, out);
    fclose(out);
    assert_string_equal(text, given);
    free(text);
    conf_done(&c);
}

/* The page must hold what the rows render to, whole. */
static void pages_are_up_to_date(void **state)
{
    static const struct {
        const char *path;
        void (*render)(FILE *out);
    } pages[] = {
        {"deploy/ordod.conf.sample", conf_sample},
        {"docs/configuration.md", conf_markdown},
        {"deploy/man/ordod.conf.5", conf_mdoc},
    };
    (void)state;
    for (size_t i = 0; i < OD_LEN(pages); i++) {
        char *made = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&made, &n), *page = fopen(pages[i].path, "r");
        od_cleanup(od_freep) char *text = od_xcalloc(1, CONF_FILE_BYTES_MAX);
        pages[i].render(out);
        fclose(out);
        assert_non_null(page);
        assert_true(fread(text, 1, CONF_FILE_BYTES_MAX - 1, page) > 0);
        fclose(page);
        if (!strstr(text, made))
            fail_msg("%s does not say what conf.def does; run make docs", pages[i].path);
        free(made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_rows),
        cmocka_unit_test(values_arrive),
        cmocka_unit_test(the_later_source_wins),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(pages_are_up_to_date),
    };
    return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
