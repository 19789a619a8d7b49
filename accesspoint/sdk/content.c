/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/sdk/message.h"
#include "runtime/crypto/base64.h"

static bool write_plain(const struct sdk_content *c, struct sink *out, struct error *e)
{
    if (c->node != NULL)
        return xml_text_to(c->node, out, e);
    if (c->memory.at != NULL)
        return sink_write(out, c->memory, e);
    return sink_from_file(out, c->fd, c->offset, c->len, e);
}

/* "files" as the peer sees it: a fault of the text is the sender's, a fault of our sink is not. */
static bool decode(const struct xml_node *node, struct sink *out, struct error *e)
{
    struct base64_sink decoder;
    base64_decode_sink_init(&decoder, true, out);
    if (xml_text_to(node, &decoder.sink, e) && sink_finish(&decoder.sink, e))
        return true;
    if (e->kind == ERROR_REJECT && e->code == NULL)
        e->code = "BV/invariant";
    return false;
}

bool sdk_file_content(const struct sdk_file *f, struct sink *out, struct error *e)
{
    if (f->content.node != NULL)
        return decode(f->content.node, out, e);
    return write_plain(&f->content, out, e) && sink_finish(out, e);
}

bool sdk_text_content(const struct sdk_text *t, struct sink *out, struct error *e)
{
    return write_plain(&t->content, out, e) && sink_finish(out, e);
}
