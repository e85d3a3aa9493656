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
#endif
