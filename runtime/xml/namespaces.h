/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* namespaces.h - the namespaces in scope at an element. Inside of runtime/xml only. */
#pragma once

#include "runtime/xml/doc.h"

struct xml_namespace {
    struct str prefix; /* "": the default */
    struct str uri;    /* "": the default is none */
};
struct xml_ns_list {
    struct xml_namespace *at; /* mem_free; what it points to lives as long as the document */
    size_t count;
};
struct xml_ns_list xml_namespaces_at(const struct xml_node *n); /* nearest first */
