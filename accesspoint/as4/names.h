/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* names.h - the URIs of ebMS3, WS-Security and XML-Enc that AS4 is written and read with. */
#pragma once

#define NS_SOAP12 "http://www.w3.org/2003/05/soap-envelope"
#define NS_SOAP11 "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_EB     "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
#define NS_EBBP   "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"
#define NS_WSSE   "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define NS_WSU    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define NS_WSSE11 "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
#define NS_DS     "http://www.w3.org/2000/09/xmldsig#"
#define NS_XENC   "http://www.w3.org/2001/04/xmlenc#"
#define NS_XENC11 "http://www.w3.org/2009/xmlenc11#"
#define NS_XML    "http://www.w3.org/XML/1998/namespace"

#define AS4_DEFAULT_MPC  NS_EB "defaultMPC"
#define AS4_INITIATOR    NS_EB "initiator"
#define AS4_RESPONDER    NS_EB "responder"
#define AS4_TEST_SERVICE NS_EB "service"
#define AS4_TEST_ACTION  NS_EB "test"

#define X509_TOKEN    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#"
#define TOKEN_X509V3  X509_TOKEN "X509v3"
#define TOKEN_PKIPATH X509_TOKEN "X509PKIPathv1"
#define TOKEN_SKI     X509_TOKEN "X509SubjectKeyIdentifier"
#define TOKEN_BASE64 \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
#define TOKEN_ENCRYPTED_KEY \
    "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey"

#define SWA                   "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"
#define SWA_CONTENT_ONLY      SWA "Attachment-Content-Only"
#define SWA_CONTENT_SIGNATURE SWA "Attachment-Content-Signature-Transform"
#define SWA_CIPHERTEXT        SWA "Attachment-Ciphertext-Transform"

#define ALG_RSA_SHA256     "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define ALG_SHA1           NS_DS "sha1"
#define ALG_SHA256         NS_XENC "sha256"
#define ALG_EXC_C14N       "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ALG_AES128_GCM     NS_XENC11 "aes128-gcm"
#define ALG_RSA_OAEP11     NS_XENC11 "rsa-oaep"
#define ALG_RSA_OAEP_MGF1P NS_XENC "rsa-oaep-mgf1p"
#define ALG_MGF1_SHA1      NS_XENC11 "mgf1sha1"
#define ALG_MGF1_SHA256    NS_XENC11 "mgf1sha256"

#define TYPE_SOAP   "application/soap+xml"
#define TYPE_GZIP   "application/gzip"
#define TYPE_OCTETS "application/octet-stream"
