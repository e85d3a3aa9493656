// injection-floor sendmmsg|pcap|libnet INTERFACE FRAMESIZE MILLISECONDS [PER_SECOND]: sends one ready-made frame again and
// again by the plain call, and prints frames a second. What the project's injectors are held against.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <libnet.h>

enum { batch = 64 };

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// An Ethernet frame with a TCP segment to port 8080, for a station that is not there.
static void fill(uint8_t *frame, int size) {
    static const uint8_t head[54] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6,
                                     0, 0, 10, 0, 0, 1, 10, 255, 0, 3, 0x27, 0x10, 0x1f, 0x90, 0, 0, 0, 1, 0, 0,
                                     0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0};
    memset(frame, 'a', size);
    memcpy(frame, head, sizeof head);
    frame[16] = (uint8_t)((size - 14) >> 8);
    frame[17] = (uint8_t)(size - 14);
}

static long send_batches(int index, uint8_t *frame, int size, int64_t end, long rate, int64_t start) {
    int descriptor = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = index};
    struct iovec vector = {frame, (size_t)size};
    struct mmsghdr messages[batch];
    long sent = 0;
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < batch; i++) {
        messages[i].msg_hdr.msg_iov = &vector;
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &address;
        messages[i].msg_hdr.msg_namelen = sizeof address;
    }
    for (int64_t time = start; time < end; time = now()) {
        if (rate && sent >= (long)((double)(time - start) * (double)rate / 1e9)) continue;
        int count = sendmmsg(descriptor, messages, batch, 0);
        if (count < 0) {
            perror("sendmmsg");
            exit(71);
        }
        sent += count;
    }
    return sent;
}

// Both libraries' sockets listen to everything; the project's injectors shut theirs in the same way.
static void deafen(int descriptor) {
    struct bpf_insn nothing = {BPF_RET | BPF_K, 0, 0, 0};
    struct {
        unsigned short length;
        struct bpf_insn *code;
    } program = {1, &nothing};
    setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static long send_pcap(const char *interface, uint8_t *frame, int size, int64_t end) {
    char error[PCAP_ERRBUF_SIZE];
    long sent = 0;
    pcap_t *handle = pcap_create(interface, error);
    if (!handle || pcap_set_snaplen(handle, 64) || pcap_activate(handle) < 0) exit(71);
    deafen(pcap_fileno(handle));
    while (now() < end)
        for (int i = 0; i < batch; i++) sent += pcap_inject(handle, frame, (size_t)size) == size;
    return sent;
}

static long send_libnet(const char *interface, uint8_t *frame, int size, int64_t end) {
    char error[LIBNET_ERRBUF_SIZE];
    long sent = 0;
    libnet_t *handle = libnet_init(LIBNET_LINK_ADV, interface, error);
    if (!handle) exit(71);
    deafen(libnet_getfd(handle));
    while (now() < end)
        for (int i = 0; i < batch; i++) sent += libnet_adv_write_link(handle, frame, (uint32_t)size) == size;
    return sent;
}

int main(int count, char **arguments) {
    static uint8_t frame[1514];
    int size = count > 3 ? atoi(arguments[3]) : 0;
    unsigned index = count > 2 ? if_nametoindex(arguments[2]) : 0;
    long sent;
    if (count < 5 || !index || size < 60 || size > 1514) {
        fprintf(stderr, "usage: injection-floor sendmmsg|pcap|libnet INTERFACE FRAMESIZE MILLISECONDS [PER_SECOND]\n");
        return 64;
    }
    fill(frame, size);
    int64_t start = now(), end = start + atoll(arguments[4]) * 1000000;
    if (!strcmp(arguments[1], "pcap")) sent = send_pcap(arguments[2], frame, size, end);
    else if (!strcmp(arguments[1], "libnet")) sent = send_libnet(arguments[2], frame, size, end);
    else sent = send_batches((int)index, frame, size, end, count > 5 ? atol(arguments[5]) : 0, start);
    printf("%.0f\n", (double)sent / ((double)(now() - start) / 1e9));
    return 0;
}
