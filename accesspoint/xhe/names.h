/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* names.h - names and algorithms of the envelope and its protection (spec/sdk.md 3.4, 3.5). */
#pragma once

#define DS_NS   "http://www.w3.org/2000/09/xmldsig#"
#define XENC_NS "http://www.w3.org/2001/04/xmlenc#"

#define XENC_TYPE_ELEMENT   XENC_NS "Element"
#define XENC_AES256_CBC     XENC_NS "aes256-cbc"
#define XENC_AES256_GCM     "http://www.w3.org/2009/xmlenc11#aes256-gcm"
#define XENC_RSA_OAEP_MGF1P XENC_NS "rsa-oaep-mgf1p"
#define XENC_SHA256         XENC_NS "sha256"
#define DS_SHA1             DS_NS "sha1"
#define DS_ENVELOPED        DS_NS "enveloped-signature"
#define DS_RSA_SHA256       "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
