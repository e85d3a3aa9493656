#ifndef CLINUX_H
#define CLINUX_H
// The few calls and macros of Linux that Swift cannot reach by itself. Each says why it is here.

#include <stdint.h>

/// Seconds that local time is ahead of UTC at this time (seconds since the epoch).
/// Here because localtime_r takes pointers, and OperatorInterface, which writes the log, says no `unsafe`.
int32_t clinux_utc_offset(int64_t seconds);

/// Goes on as a child process in a session of its own. The parent waits until the child writes a byte to the descriptor
/// returned here, then exits with 0; or, when the child ends before, with its status. -1 and errno where refused.
/// Here because Swift may not call fork, which is sound only while the process has one thread.
int clinux_detach(void);

// Structures of the kernel's interface that the Glibc module does not export.
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/neighbour.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/socket.h>

/// `struct mmsghdr`, which glibc declares for _GNU_SOURCE only.
struct clinux_message {
    struct msghdr header;
    unsigned int length;
};

/// sendmmsg(2), which glibc declares for _GNU_SOURCE only.
int clinux_sendmmsg(int descriptor, struct clinux_message *messages, unsigned int count, int flags);

/// Attaches a socket filter that rejects every packet: linux/filter.h and pcap's bpf.h can't be imported together.
int clinux_reject_everything(int descriptor);

/// Gives a fanout group its program: so many instructions, laid out as `struct sock_filter`, in linux/filter.h like the
/// above.
int clinux_set_fanout_program(int descriptor, const void *instructions, unsigned short count);

/// An errno's symbolic name, `EPERM`; null for an unknown one. strerrorname_np(3) is declared for _GNU_SOURCE only.
const char *clinux_error_name(int code);

/// Names the calling thread, as the system's tools show it: pthread_setname_np(3) is declared for _GNU_SOURCE only.
void clinux_name_thread(const char *name);

/// An epoll descriptor that tells once when a descriptor is readable, and after each `clinux_watch_again` once more.
/// Here because struct epoll_event is packed, which Swift does not import.
int clinux_watch(int descriptor);
int clinux_watch_again(int watch, int descriptor);

/// Waits until the watched descriptor is readable: 1; 0 when the time is over, -1 and errno.
int clinux_watch_wait(int watch, int milliseconds);

#endif
