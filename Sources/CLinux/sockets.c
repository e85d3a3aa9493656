#define _GNU_SOURCE
#include "CLinux.h"

#include <linux/filter.h>
#include <string.h>

_Static_assert(sizeof(struct clinux_message) == sizeof(struct mmsghdr), "same layout as struct mmsghdr");

int clinux_sendmmsg(int descriptor, struct clinux_message *messages, unsigned int count, int flags)
{
    return sendmmsg(descriptor, (struct mmsghdr *)messages, count, flags);
}

int clinux_reject_everything(int descriptor)
{
    struct sock_filter reject = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = { .len = 1, .filter = &reject };
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

int clinux_set_fanout_program(int descriptor, const void *instructions, unsigned short count)
{
    struct sock_fprog program = { .len = count, .filter = (struct sock_filter *)instructions };
    return setsockopt(descriptor, SOL_PACKET, PACKET_FANOUT_DATA, &program, sizeof program);
}

const char *clinux_error_name(int code)
{
    return strerrorname_np(code);
}
