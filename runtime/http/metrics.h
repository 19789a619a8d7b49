/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* metrics.h - counters, gauges and histograms of one process, and their text (OpenMetrics 1.0).
 * Names and labels are fixed at registration; values may change from any thread. */
#pragma once

#include <stdint.h>

#include "runtime/base/buf.h"

struct metrics;
struct metric; /* one series: a name and its label values */

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
/* name: "http_requests" (a counter's "_total" is added in the text); labels: "" or
 * 'server="api",status="200"', escaped already. The same name and labels give the same series; a
 * name with another kind is a bug and ends the process. help is static. At most 2000 series. */
struct metric *metrics_counter(struct metrics *m, const char *name, const char *labels,
                               const char *help);
struct metric *metrics_gauge(struct metrics *m, const char *name, const char *labels,
                             const char *help);
/* Bounds in the unit of the name, ascending, at most 16; "+Inf" is added. */
struct metric *metrics_histogram(struct metrics *m, const char *name, const char *labels,
                                 const char *help, const double *bounds, unsigned bound_count);
void metric_add(struct metric *c, uint64_t more);      /* counter; NULL is fine */
void metric_set(struct metric *g, int64_t value);      /* gauge; NULL is fine */
void metric_observe(struct metric *h, double value);   /* histogram; NULL is fine */
/* The whole text, with the log's event counts as log_events_total{event="..."}, and "# EOF". */
MUST_USE bool metrics_write(struct metrics *m, struct buf *out, struct error *e);
#define METRICS_CONTENT_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"
