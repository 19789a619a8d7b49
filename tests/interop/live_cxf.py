#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""A Domibus-strict CXF/WSS4J access point and ours, both ways over mutual TLS (issue line 6.3)."""
import sys

import live_cases
import live_peers

sys.exit(live_cases.run(live_peers.Cxf))
