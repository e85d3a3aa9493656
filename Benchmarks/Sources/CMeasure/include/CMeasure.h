#ifndef CMEASURE_H
#define CMEASURE_H

/// Allocations of this thread so far: calls of malloc, calloc, realloc, memalign, aligned_alloc and posix_memalign.
long allocation_count(void);

/// Calls of write and writev by this thread so far.
long write_count(void);

/// Bytes of this process that are in memory now.
long resident_bytes(void);

/// Nanoseconds of processor time of this thread: what other programs take in between is not counted.
long long processor_time(void);

#endif
