#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <libnet.h>
