# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
#
# The open test environment with no limit that a bench of large files would meet. Of no federation.

[federation]
federation-id = urn:fdc:digg.se:edelivery:federation:test
send-octets = 64G
message-octets = 64G
content-octets = 64G
