/* SPDX-License-Identifier: Apache-2.0
 * Accounts, and running other programs under them. */
#include "server/admin/program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/str.h"

static void account_fill(const struct passwd *pw, uid_t uid, gid_t gid, struct account *ret_account)
{
    ret_account->uid = uid;
    ret_account->gid = gid;
    if (pw)
        snprintf(ret_account->name, sizeof ret_account->name, "%s", pw->pw_name);
    else
        snprintf(ret_account->name, sizeof ret_account->name, "%ld", (long)uid);
}

void account_self(struct account *ret_account) { account_fill(getpwuid(geteuid()), geteuid(), getegid(), ret_account); }

bool account_find(const char *name, struct account *ret_account)
{
    const struct passwd *pw = getpwnam(name);
    if (pw)
        account_fill(pw, pw->pw_uid, pw->pw_gid, ret_account);
    return pw != NULL;
}

bool account_of(const char *path, struct account *ret_account)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    account_fill(getpwuid(st.st_uid), st.st_uid, st.st_gid, ret_account);
    return true;
}

static bool become(const struct account *account)
{
    return !initgroups(account->name, account->gid) && !setgid(account->gid) && !setuid(account->uid);
}

enum od_status account_become(const struct account *account, struct od_err *err)
{
    if (!become(account))
        return od_fail(err, OD_R_PROGRAM_FAILED, "program=becoming user %s" OD_AND "why=%s", account->name,
                       strerror(errno));
    return OD_OK;
}

enum { EXIT_NO_PROGRAM = 127, EXIT_NO_ACCOUNT = 126 };

static _Noreturn void child(const char *const *argv, const struct account *account, int out)
{
    char *const environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, (char[]){"LC_ALL=C.UTF-8"}, NULL};
    int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    umask(077);
    if (chdir("/") != 0 || (account && account->uid != geteuid() && !become(account)))
        _exit(EXIT_NO_ACCOUNT);
    union { /* exec does not write to its arguments, its prototype is older than const */
        const char *const *ours;
        char *const *theirs;
    } args = {argv};
    execvpe(argv[0], args.theirs, environment);
    _exit(EXIT_NO_PROGRAM);
}

/* Reads until the program has closed its output; keeps the end of it. */
static void drain(int fd, char *tail, size_t n)
{
    size_t at = 0;
    for (;;) {
        if (at == n - 1) {
            memmove(tail, tail + n / 2, n - 1 - n / 2);
            at -= n / 2;
        }
        ssize_t got = read(fd, tail + at, n - 1 - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        at += (size_t)got;
    }
    tail[at] = '\0';
}

/* The last line that says something. */
static struct od_str last_line(const char *text)
{
    struct od_str all = od_str_trim(od_str_c(text));
    for (size_t i = all.n; i > 0; i--)
        if (all.p[i - 1] == '\n')
            return (struct od_str){all.p + i, all.n - i};
    return all;
}

enum od_status program_run(const char *const *argv, const struct account *account, struct od_err *err)
{
    char tail[2048];
    int pipe_fds[2], status;
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return od_fail(err, OD_R_PROGRAM_FAILED, "program=%s" OD_AND "why=%s", argv[0], strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        child(argv, account, pipe_fds[1]);
    close(pipe_fds[1]);
    if (pid < 0) {
        close(pipe_fds[0]);
        return od_fail(err, OD_R_PROGRAM_FAILED, "program=%s" OD_AND "why=%s", argv[0], strerror(errno));
    }
    drain(pipe_fds[0], tail, sizeof tail);
    close(pipe_fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return OD_OK;
    struct od_str why = last_line(tail);
    if (!why.n)
        why = od_str_c(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_PROGRAM   ? "it is not installed"
                       : WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_ACCOUNT ? "the account cannot be taken"
                                                                                     : "it ended without a word");
    return od_fail(err, OD_R_PROGRAM_FAILED, "program=%s" OD_AND "why=%.*s", argv[0], (int)(why.n < 300 ? why.n : 300),
                   why.p);
}
