#ifndef CLINUX_H
#define CLINUX_H
// The few calls and macros of Linux that Swift cannot reach by itself. Each says why it is here.
#endif
