# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
#
# SDK QA: AP certificates APnnnn-SDK-QA.
# What is not here has the value of the federation's v1.0 documents (spec/sdk.md 1.4).

[federation]
federation-id = urn:fdc:digg.se:edelivery:federation:sdk
