/* SPDX-License-Identifier: Apache-2.0
 * The journal's file: what was synced is found again after any cut of its end, what was struck out is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/lib/journal.h"

static char path[64];
static const unsigned char HERE[16] = "this database...", THERE[16] = "another database";

static int setup(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/journal_test.XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0 || unlink(path) != 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static struct od_journal *open_bound(void)
{
    struct od_journal *j;
    struct od_err err;
    assert_int_equal(od_journal_open(path, &j, &err), OD_OK);
    assert_int_equal(od_journal_bind(j, HERE, 7, &err), OD_OK);
    return j;
}

static struct od_journal_entry *add(struct od_journal *j, uint8_t n, size_t size)
{
    struct od_journal_entry *e;
    struct od_uuid key = {.b = {n}};
    char *body = malloc(size + 1);
    assert_non_null(body);
    memset(body, n, size);
    assert_int_equal(od_journal_add(j, &key, (uint16_t)(n + 1), n * 1000, (struct od_str){body, size}, &e, NULL),
                     OD_OK);
    free(body);
    return e;
}

/* Entries lo..hi, in order and whole. */
static void expect(struct od_journal *j, unsigned lo, unsigned hi)
{
    struct od_journal_entry *e = od_journal_first(j);
    for (unsigned n = lo; n <= hi; n++, e = e->next) {
        od_cleanup(od_buf_done) struct od_buf b;
        od_buf_init(&b, 1 << 20);
        assert_non_null(e);
        assert_int_equal(e->key.b[0], n);
        assert_int_equal(e->method, n + 1);
        assert_int_equal(e->saved_us, n * 1000);
        assert_int_equal(od_journal_read(j, e, &b, NULL), OD_OK);
        assert_int_equal(b.n, e->body_size);
        for (size_t i = 0; i < b.n; i++)
            assert_int_equal(b.p[i], n);
    }
    assert_null(e);
}

static off_t file_size(void)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    return st.st_size;
}

static void what_was_synced_is_found_again(void **state)
{
    (void)state;
    struct od_journal *j = open_bound();
    for (uint8_t n = 1; n <= 5; n++)
        add(j, n, n * 100u);
    assert_int_equal(od_journal_sync(j, NULL), OD_OK);
    expect(j, 1, 5);
    od_journal_strike(j, od_journal_first(j));
    od_journal_close(j);
    j = open_bound();
    expect(j, 2, 5);
    while (od_journal_first(j))
        od_journal_strike(j, od_journal_first(j));
    od_journal_close(j);
    assert_int_equal(file_size(), 48); /* the head alone */
}

static void a_torn_end_is_cut_off(void **state)
{
    (void)state;
    struct od_journal *j = open_bound();
    off_t size[5] = {file_size()};
    for (uint8_t n = 1; n <= 4; n++) {
        add(j, n, n * 10u);
        assert_int_equal(od_journal_sync(j, NULL), OD_OK);
        size[n] = file_size();
    }
    od_journal_close(j);
    for (unsigned whole = 4; whole-- > 0;)
        for (off_t cut = size[whole + 1] - 1; cut >= size[whole]; cut -= 7) {
            assert_int_equal(truncate(path, cut), 0);
            j = open_bound();
            expect(j, 1, whole);
            od_journal_close(j);
            assert_int_equal(file_size(), size[whole]);
        }
}

static void a_flipped_bit_ends_the_reading(void **state)
{
    (void)state;
    struct od_journal *j = open_bound();
    add(j, 1, 50);
    assert_int_equal(od_journal_sync(j, NULL), OD_OK);
    off_t first = file_size();
    add(j, 2, 50);
    assert_int_equal(od_journal_sync(j, NULL), OD_OK);
    od_journal_close(j);
    int fd = open(path, O_RDWR);
    char c;
    assert_int_equal(pread(fd, &c, 1, first + 40), 1);
    c ^= 4;
    assert_int_equal(pwrite(fd, &c, 1, first + 40), 1);
    close(fd);
    j = open_bound();
    expect(j, 1, 1);
    add(j, 2, 70);
    assert_int_equal(od_journal_sync(j, NULL), OD_OK);
    od_journal_close(j);
    j = open_bound();
    expect(j, 1, 2);
    od_journal_close(j);
}

static void a_file_that_is_no_journal_is_left_alone(void **state)
{
    struct od_journal *j;
    struct od_err err;
    (void)state;
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 20; i++)
        fputs("dear diary\n", f);
    fclose(f);
    assert_int_equal(od_journal_open(path, &j, &err), OD_CONFIG);
    assert_int_equal(err.reason, OD_R_JOURNAL_BROKEN);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 220);
}

static void it_has_one_owner(void **state)
{
    struct od_journal *second;
    struct od_err err;
    (void)state;
    struct od_journal *j = open_bound();
    assert_int_equal(od_journal_open(path, &second, &err), OD_CONFIG);
    assert_int_equal(err.reason, OD_R_JOURNAL_BUSY);
    assert_int_equal(od_journal_bind(j, THERE, 7, &err), OD_OK);
    add(j, 1, 1);
    assert_int_equal(od_journal_sync(j, &err), OD_OK);
    assert_int_equal(od_journal_bind(j, HERE, 7, &err), OD_CONFIG);
    assert_int_equal(err.reason, OD_R_JOURNAL_OTHER);
    assert_int_equal(od_journal_bind(j, THERE, 8, &err), OD_CONFIG);
    od_journal_close(j);
}

static void it_does_not_grow_with_what_is_done(void **state)
{
    (void)state;
    struct od_journal *j = open_bound();
    struct od_journal_entry *kept = add(j, 1, 100);
    for (int i = 0; i < 20000; i++) {
        struct od_journal_entry *e = add(j, 2, 1000);
        if (i % 16 == 0)
            assert_int_equal(od_journal_sync(j, NULL), OD_OK);
        od_journal_strike(j, e);
    }
    assert_ptr_equal(od_journal_first(j), kept);
    assert_true(file_size() < 5 * 1024 * 1024);
    od_journal_close(j);
    j = open_bound();
    expect(j, 1, 1);
    od_journal_strike(j, od_journal_first(j));
    for (int i = 0; i < 2000; i++) {
        struct od_journal_entry *e = add(j, 2, 1000);
        assert_int_equal(od_journal_sync(j, NULL), OD_OK);
        od_journal_strike(j, e);
    }
    assert_true(file_size() < 300 * 1024);
    od_journal_close(j);
}

/* What cannot be written is taken back, and what was there before stays. */
static void a_full_disk_loses_nothing(void **state)
{
    struct od_err err;
    (void)state;
    struct od_journal *j = open_bound();
    add(j, 1, 100);
    assert_int_equal(od_journal_sync(j, &err), OD_OK);
    struct rlimit before, small = {(rlim_t)file_size() + 50, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    add(j, 2, 100);
    add(j, 3, 100);
    assert_int_equal(od_journal_sync(j, &err), OD_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    expect(j, 1, 1);
    add(j, 2, 100);
    assert_int_equal(od_journal_sync(j, &err), OD_OK);
    od_journal_close(j);
    j = open_bound();
    expect(j, 1, 2);
    od_journal_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(what_was_synced_is_found_again),
        T(a_torn_end_is_cut_off),
        T(a_flipped_bit_ends_the_reading),
        T(a_file_that_is_no_journal_is_left_alone),
        T(it_has_one_owner),
        T(it_does_not_grow_with_what_is_done),
        T(a_full_disk_loses_nothing),
#undef T
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
