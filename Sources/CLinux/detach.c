#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for_child(pid_t child, int readiness) {
    char byte;
    ssize_t count;
    do count = read(readiness, &byte, 1);
    while (count < 0 && errno == EINTR);
    if (count == 1) _exit(0);

    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int clinux_detach(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    pid_t child = fork();
    if (child < 0) return -1;
    if (child > 0) {
        close(ends[1]);
        wait_for_child(child, ends[0]);
    }
    close(ends[0]);
    setsid();
    return ends[1];
}
