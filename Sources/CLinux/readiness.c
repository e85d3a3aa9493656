#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/epoll.h>
#include <unistd.h>

static int set_watch(int watch, int operation, int descriptor)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data = { .fd = descriptor } };
    return epoll_ctl(watch, operation, descriptor, &event);
}

int clinux_watch(int descriptor)
{
    int watch = epoll_create1(EPOLL_CLOEXEC);
    if (watch >= 0 && set_watch(watch, EPOLL_CTL_ADD, descriptor) < 0) {
        close(watch);
        return -1;
    }
    return watch;
}

int clinux_watch_again(int watch, int descriptor)
{
    return set_watch(watch, EPOLL_CTL_MOD, descriptor);
}

int clinux_watch_wait(int watch, int milliseconds)
{
    struct epoll_event event;
    return epoll_wait(watch, &event, 1, milliseconds);
}
