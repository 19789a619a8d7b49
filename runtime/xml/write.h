/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* write.h - XML written in canonical form as it goes: text and attribute values escaped as C14N
 * wants them (so the octets are their own canonical form when names and namespaces are given in
 * its order), no white space of its own. */
#pragma once

#include "runtime/base/sink.h"

struct xml_writer {
    struct sink *out; /* NULL: hold is where it goes */
    struct error *e;
    bool failed;      /* the first failure sticks */
    struct buf *hold; /* small writes are gathered here */
};
struct xml_writer xml_writer_on(struct sink *out, struct buf *hold, struct error *e);
struct xml_writer xml_writer_into(struct buf *out, struct error *e);
void xml_put(struct xml_writer *w, struct str raw);             /* as it is: our own tags */
void xml_put_text(struct xml_writer *w, struct str text);       /* & < > CR escaped */
void xml_put_attribute(struct xml_writer *w, struct str value); /* & < " TAB LF CR escaped */
void xml_put_base64(struct xml_writer *w, struct str octets);   /* as one line */
/* <name>text</name>; nothing where text.at is NULL */
void xml_put_element(struct xml_writer *w, const char *name, struct str text);
/* The same of a text that nobody has looked at: REJECT names the element it cannot be carried in. */
void xml_put_value(struct xml_writer *w, const char *name, struct str text);
MUST_USE bool xml_flush(struct xml_writer *w);
/* Characters XML 1.0 cannot carry, or bad UTF-8? */
bool xml_text_is_legal(struct str text);
