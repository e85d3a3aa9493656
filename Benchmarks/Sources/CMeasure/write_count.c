// Stands in front of the calls by which an event loop writes to a connection, in the program that links it, and counts.
#include "CMeasure.h"
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static __thread long writes;

long write_count(void) { return writes; }

ssize_t write(int descriptor, const void *bytes, size_t count) {
    writes++;
    return syscall(SYS_write, descriptor, bytes, count);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    writes++;
    return syscall(SYS_writev, descriptor, parts, count);
}
