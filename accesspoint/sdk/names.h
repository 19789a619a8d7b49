/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* names.h - names of the SDK message's format, version 3. */
#pragma once

#define SDK_MESSAGE_NS "urn:riv:infrastructure:messaging:MessageWithAttachments:3"
