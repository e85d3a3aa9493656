#define _GNU_SOURCE
#include "CLinux.h"

#include <time.h>

int32_t clinux_utc_offset(int64_t seconds) {
    time_t moment = (time_t)seconds;
    struct tm local;
    return localtime_r(&moment, &local) ? (int32_t)local.tm_gmtoff : 0;
}
