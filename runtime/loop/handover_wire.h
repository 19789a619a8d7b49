/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* handover_wire.h - one message of a handover connection: a fixed frame, text, body, and at most one
 * descriptor. Both ends are of the same build, so the frame is in host order. Within
 * runtime/loop. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

struct handover_frame {
    uint64_t id;     /* of the question; the answer has the same */
    uint64_t size;   /* answers: octets of the body that is a file */
    uint32_t status; /* answers */
    uint32_t text_len; /* octets of the head or the content type, in front of the body */
    uint32_t has_file; /* answers: the descriptor is the body */
    uint32_t reserved;
};

/* How the two meet without connect(), which the asking process may not call (sandbox.h): it makes a
 * pair of sockets and sends one of them to the door, a datagram socket with a name. */
MUST_USE bool handover_door_open(const char *path, mode_t mode, int *door, struct error *e);
/* -1: nobody behind that door, or no room in front of it. Else our end, that does not block. */
int handover_knock(const char *path);
/* The end that somebody sent, which blocks; -1: none, or not what it should be. */
int handover_admit(int door);

/* A new socket: room to send for several whole messages, as far as the system allows. */
void handover_widen(int fd);
/* A body that does not fit into one message. */
MUST_USE bool handover_memory_file(struct str body, int *fd, struct error *e);

enum handover_io { HANDOVER_DONE, HANDOVER_WAIT, HANDOVER_BROKEN };

/* flags: MSG_DONTWAIT or 0. fd -1: none. */
enum handover_io handover_send(int to, const struct handover_frame *frame, struct str one,
                               struct str two, int fd, int flags);
/* Never waits. rest: what stands behind the frame, in room. *fd is the caller's, -1: none came. */
enum handover_io handover_receive(int from, struct handover_frame *frame, char *room, size_t size,
                                  struct str *rest, int *fd);
