/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* creation.h - one message on its way into the store: what create.c read, body.c took in and
 * accept.c checks and stores. */
#pragma once

#include "accesspoint/api/upload.h"
#include "accesspoint/letter.h"
#include "runtime/mime/multipart.h"

enum { CREATION_PARTS_MAX = LETTER_FILES_MAX };

struct creation_part { /* a file of a multipart/form-data request */
    struct str name;
    struct str file_name; /* empty: none */
    struct str type;
    struct store_writer *writer;
    bool is_used;
};

struct creation_body { /* a sink: the JSON, or a multipart scanner around it and the files */
    struct sink sink;  /* of the JSON */
    struct buf json;
    bool json_too_large;
    bool has_json;
    struct multipart *scanner; /* NULL: the body is the JSON */
    struct creation_part parts[CREATION_PARTS_MAX];
    size_t part_count;
};

struct creation {
    struct call *call;
    struct str key; /* Idempotency-Key */
    struct creation_body body;
    struct letter letter;
    struct letter_faults faults;
    const struct client_mailbox *mailbox;
    struct upload *uploads;         /* beside letter.files; id empty where the file is a part */
    struct creation_part **parts;   /* beside letter.files; NULL where it is an upload */
    struct uuid id;                 /* SDK messageId = XHE id = id in the store */
    struct str key_name, body_name; /* names of the key, and of the key with this very content */
    struct str existing;            /* message that has the key already */
    bool same_content;
    struct store_writer *letter_writer;
    bool tried_again;
};

/* body.c: where the body flows to; NULL: answered (wrong type, too large). */
struct sink *creation_open_body(struct creation *n);
void creation_release(struct creation *n);
/* accept.c: the body is whole; answers. */
void creation_accept(struct creation *n);
