#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# accesspoint-api alone, with a real store and TLS: every operation, and every refusal with its status, its problem
# and its pointer; and that what is refused leaves nothing behind.
set -u
for tool in curl jq openssl python3; do
    command -v $tool >/dev/null || {
        echo "skipped: $tool is not installed"
        exit 77
    }
done
top=${top_srcdir:-.} build=${top_builddir:-build}
world=${POSTHORN_WORLD:-$build/test-world}
export POSTHORN_SCHEMA_DIR=$top/schemas
"$top/certs/make-world" "$world" >/dev/null || exit 1
scratch=$(mktemp -d)
pid=
trap 'kill_api; rm -rf "$scratch"' EXIT
kill_api() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    [ -z "$pid" ] || wait "$pid" || {
        echo "FAIL accesspoint-api ended with $?"
        failures=$((failures + 1))
        tail -n 20 "$dir/log"
    }
    pid=
}

# --- an organisation with two clients and two mailboxes
dir=$scratch/kommun
sh "$top/packaging/demo/make-organisation" "$dir" "$world" kommun AP0001-OPEN-TEST https://127.0.0.1:1/ || exit 1
sed -i 's/^\[accesspoint-receive\]/message-size = 64K\nattachment-size = 24M\n\n&/' "$dir/posthorn.conf"
first=sdk:inkorg:0203:kommun.example second=sdk:skola:0203:kommun.example
cat >>"$dir/posthorn.conf" <<END

[mailbox $second]
participant = 0203:kommun.example
name = Skolan

[client skola]
token-sha256 = $(printf 'the token of the school' | sha256sum | cut -d ' ' -f 1)
addresses = $second
END
seed() { "$build/tests/flow/api_seed" "$dir/store" "$dir/storage.key" "$@"; }
seed migrate || exit 1

start_api() { # start_api [COMMAND...]: runs the program, perhaps inside another one
    : >"$dir/ready"
    "$@" "$build/accesspoint-api" --config "$dir/posthorn.conf" --ready-fd 5 5>"$dir/ready" 2>>"$dir/log" &
    pid=$!
    for _ in $(seq 200); do
        [ -s "$dir/ready" ] && break
        sleep 0.05
    done
    read -r _ listen admin <"$dir/ready" || {
        echo 'accesspoint-api did not start:'
        cat "$dir/log"
        exit 1
    }
    url=https://$listen/meddelanden/v1
}
token=$(cat "$dir/token")
failures=0 checks=0
fail() {
    echo "FAIL $*"
    failures=$((failures + 1))
}
ask() { # ask CURL-ARGUMENTS: status in $status, header in $scratch/head, body in $scratch/body
    status=$(curl -sS --max-time 60 --cacert "$world/open-test/trust/tls.pem" -H "Authorization: Bearer $token" \
        -D "$scratch/head" -o "$scratch/body" -w '%{http_code}' "$@") || status="curl failed"
}
see() { # see NAME STATUS JQ-FILTER: what was answered is as the claim says
    checks=$((checks + 1))
    if [ "$status" != "$2" ]; then
        fail "$1: status $status, not $2: $(head -c 400 "$scratch/body")"
    elif [ -n "$3" ] && ! jq -e "$3" "$scratch/body" >/dev/null 2>&1; then
        fail "$1: not so: $3: $(head -c 600 "$scratch/body")"
    fi
}
field() { # field NAME: a header field of the last answer
    tr -d '\r' <"$scratch/head" | awk -v n="$1" 'BEGIN {IGNORECASE = 1} tolower($1) == tolower(n) ":" {sub(/^[^ ]* /, ""); print; exit}'
}
see_field() { # see_field NAME FIELD PATTERN
    checks=$((checks + 1))
    field "$2" | grep -Eq "$3" || fail "$1: $2 is '$(field "$2")'"
}
problem() { # problem NAME STATUS KIND [JQ-FILTER]
    see "$1" "$2" ".type == \"https://posthorn.example/problems/$3\" and .status == $2 and (.title | length > 0) and (.detail | length > 0) and (.instance | startswith(\"urn:uuid:\")) and (.traceId | length == 32)"
    see_field "$1" Content-Type '^application/problem\+json'
    [ -z "${4:-}" ] || see "$1" "$2" "$4"
}
key() { cat /proc/sys/kernel/random/uuid; }
post() { # post BODY [CURL-ARGUMENTS]: a message with a new key
    local body=$1
    shift
    ask -H 'Content-Type: application/json' -H "Idempotency-Key: $(key)" --data-binary "$body" "$@" "$url/messages"
}
message() { # message JQ-FILTER: a good message, changed
    jq -nc --arg from "$first" '{sender: {address: $from}, recipient: {participant: "0203:myndighet.example", address: "sdk:inkorg:0203:myndighet.example"},
        subject: "Begäran", confidential: true, documents: [{texts: ["Hej"]}]} | '"${1:-.}"
}
payloads() { find "$dir/store" -path '*payload*' -type f | wc -l; }

start_api
head -c 300000 /dev/urandom >"$scratch/file"
sum=$(sha256sum "$scratch/file" | cut -d ' ' -f 1)

# --- about
ask "$url/api-info"
see 'the API says what it is' 200 '.apiStatus == "active"'
version=$(jq -r .apiVersion "$scratch/body")
ask "$url/openapi.json"
see 'the contract is served as JSON' 200 ".openapi == \"3.1.0\" and .info.version == \"$version\""
ask "$url/openapi.yaml"
see 'and as YAML' 200 ''
cmp -s "$scratch/body" "$top/schemas/openapi/accesspoint.yaml" || fail 'the YAML is another one'
ask "http://$admin/health/ready"
see 'it is ready' 200 '.failing == []'
ask "http://$admin/health/live"
see 'it lives' 200 ''

# --- who
token=wrong
ask "$url/messages"
problem 'a wrong token' 401 unauthorized
see_field 'a wrong token' WWW-Authenticate '^Bearer'
ask -X POST --data-binary '{}' "$url/messages"
problem 'a wrong token comes before all else' 401 unauthorized
token='the token of the school'
ask "$url/mailboxes"
see 'the school sees its own mailbox alone' 200 ".mailboxes | length == 1 and .[0].address == \"$second\""
school=$(jq -r '.mailboxes[0].mailboxId' "$scratch/body")
token=$(cat "$dir/token")
ask "$url/mailboxes"
see 'the other client sees the other one' 200 ".mailboxes | length == 1 and .[0].address == \"$first\""
mailbox=$(jq -r '.mailboxes[0].mailboxId' "$scratch/body")
ask "$url/mailboxes/$mailbox"
see 'one mailbox' 200 ".mailboxId == \"$mailbox\""
ask "$url/mailboxes/$school"
problem "another client's mailbox" 404 not-found
ask "$url/mailboxes/$school/messages"
problem "another client's inbox" 404 not-found

# --- uploads
ask -H 'Content-Type: application/pdf' -H 'Content-Disposition: attachment; filename="b.pdf"' \
    -H "Content-Digest: sha-256=:$(openssl dgst -sha256 -binary "$scratch/file" | base64):" --data-binary @"$scratch/file" "$url/attachments"
see 'a file is uploaded' 201 ".digest == \"$sum\" and .size == 300000 and .fileName == \"b.pdf\" and .contentType == \"application/pdf\""
upload=$(jq -r .attachmentId "$scratch/body")
see_field 'a file is uploaded' Location "/meddelanden/v1/attachments/$upload\$"
ask "$url/attachments/$upload"
see 'it is there' 200 ".digest == \"$sum\" and .fileName == \"b.pdf\""
ask -H 'Content-Type: application/pdf' -H "Content-Disposition: attachment ; filename*=utf-8''%C3%A5.pdf; filename=\"x\"" --data-binary x "$url/attachments"
see 'both names, in any order' 201 '.fileName == "å.pdf"'
ask -H 'Content-Type: application/pdf' -H 'Content-Disposition: attachment; filename="på väg.pdf"' --data-binary x "$url/attachments"
see 'a name in UTF-8 as it is' 201 '.fileName == "på väg.pdf"'
token='the token of the school'
ask "$url/attachments/$upload"
problem 'for its client alone' 404 not-found
ask -X DELETE "$url/attachments/$upload"
problem 'which alone may take it back' 404 not-found
token=$(cat "$dir/token")
before=$(payloads)
ask -H 'Content-Type: application/pdf' -H 'Content-Digest: sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:' --data-binary x "$url/attachments"
problem 'another digest' 422 wrong-file
for digests in 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg= LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=' \
    'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE= LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='; do
    ask -H 'Content-Type: application/pdf' -H "Content-Digest: sha-256=:${digests% *}:" \
        -H "Content-Digest: sha-256=:${digests#* }:" --data-binary x "$url/attachments"
    problem 'two digests' 400 bad-request '.detail | startswith("Content-Digest")'
done
ask -H 'Content-Type: application/pdf' -H 'Content-Disposition: attachment; filename=a' \
    -H 'Content-Disposition: attachment; filename=b' --data-binary x "$url/attachments"
problem 'two names' 400 bad-request '.detail | startswith("Content-Disposition")'
ask -F 'file=@/etc/hostname;type=application/pdf' "$url/attachments"
problem 'a form' 415 unsupported-type '.detail | contains("whole body")'
ask -H 'Content-Type: application/pdf' -H "Content-Disposition: attachment; filename*=UTF-8''x%E2%80%AEfdp.exe" --data-binary x "$url/attachments"
problem 'a name that reads backwards' 422 wrong-file
ask -H 'Content-Type: application/pdf' -H 'Content-Disposition: attachment; filename="../x"' --data-binary x "$url/attachments"
problem 'a path as file name' 422 wrong-file
ask -H 'Content-Type: application/pdf' -H 'Content-Disposition: form-data' --data-binary x "$url/attachments"
problem 'another disposition' 400 bad-request
ask -H 'Accept-Language: sv' -H 'Content-Type: application/pdf' -H 'Content-Disposition: form-data' --data-binary x "$url/attachments"
problem 'also in Swedish' 400 bad-request '.detail | startswith("Content-Disposition ska vara")'
ask -H 'Content-Type: application/pdf' --data-binary '' -X POST "$url/attachments"
problem 'an empty file' 422 wrong-file
ask -H 'Content-Type:' --data-binary x "$url/attachments"
problem 'no media type' 415 unsupported-type
head -c 26000000 /dev/zero >"$scratch/large"
ask -H 'Content-Type: application/pdf' --data-binary @"$scratch/large" "$url/attachments"
problem 'a file that is too large' 413 too-large
ask -H 'Content-Type: application/pdf' -H 'Transfer-Encoding: chunked' --data-binary @"$scratch/large" "$url/attachments"
problem 'also without its length' 413 too-large
[ "$(payloads)" = "$before" ] || fail "refused files left something: $(payloads) payloads, not $before"

# --- messages
body=$(message ".documents[0].attachments = [{attachmentId: \"$upload\"}]")
one=$(key)
ask -H 'Content-Type: application/json' -H "Idempotency-Key: \"$one\"" -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' \
    --data-binary "$body" "$url/messages"
see 'a message is taken' 202 '.status == "accepted" and .conversationId == .messageId'
see_field 'the trace goes on' traceparent '^00-0af7651916cd43dd8448eb211c80319c-'
id=$(jq -r .messageId "$scratch/body")
see_field 'it says where it is' Location "/meddelanden/v1/messages/$id\$"
cp "$scratch/body" "$scratch/answer"
ask -H 'Content-Type: application/json' -H "Idempotency-Key: $one" --data-binary "$body" "$url/messages"
see 'the same again has the same answer' 202 ''
cmp -s "$scratch/body" "$scratch/answer" || fail 'the second answer differs'
ask -H 'Content-Type: application/json' -H 'Accept-Language: sv' -H "Idempotency-Key: $one" --data-binary "$(message)" "$url/messages"
problem 'the same key for another message' 422 idempotency-key-reused '.title | startswith("Idempotency-Key har")'
see_field 'and in Swedish' Content-Language '^sv$'
ask "$url/messages/$id"
see 'its status' 200 ".status == \"accepted\" and .recipient.participant == \"0203:myndighet.example\" and .mailboxId == \"$mailbox\" and (has(\"subject\") | not)"
ask "$url/messages/$id/events"
see 'its steps' 200 '.events | length == 1 and .[0].event == "accepted"'
checks=$((checks + 1))
seed letter "$id" | jq -e ".messageId == \"$id\" and .sender.participant == \"0203:kommun.example\" and .sender.label == \"kommun\" and .sender.addressLabel == \"Registratur\" and
    .documents[0].documentId == \"SDK-Meddelande\" and .documents[0].attachments[0] == {attachmentId: \"file-1\", fileName: \"b.pdf\", contentType: \"application/pdf\", size: 300000, digest: \"$sum\"}" >/dev/null ||
    fail "the stored letter: $(seed letter "$id")"
ask "$url/attachments/$upload"
problem 'the upload went into its message' 404 not-found
post "$(message ".documents[0].attachments = [{attachmentId: \"$upload\"}]")"
problem 'and cannot go into another' 422 wrong-message '.errors[0].pointer == "/documents/0/attachments/0" and .errors[0].code == "not-found"'
token='the token of the school'
ask "$url/messages/$id"
problem "another client's message" 404 not-found
ask "$url/messages/$id/events"
problem 'and its steps' 404 not-found
ask "$url/messages"
see 'and none in the list' 200 '.messages == [] and ._meta.totalRecords == 0'
post "$(message)"
problem 'a foreign function address' 403 address-not-yours '.errors[0].pointer == "/sender/address"'
token=$(cat "$dir/token")

# the same request ten times at once is one message
for n in $(seq 10); do
    curl -sS --max-time 60 --cacert "$world/open-test/trust/tls.pem" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        -H 'Idempotency-Key: all-at-once' --data-binary "$(message)" -o "$scratch/race.$n" "$url/messages" &
    racers="${racers:-} $!"
done
for racer in $racers; do wait "$racer"; done
checks=$((checks + 1))
[ "$(cat "$scratch"/race.* | jq -r .messageId | sort -u | wc -l)" = 1 ] || fail "one key gave several messages: $(cat "$scratch"/race.*)"

# form data: the JSON and its files in one request
form() { ask -H "Idempotency-Key: ${form_key:-$(key)}" "$@" "$url/messages"; }
json=$(message '.documents[0].attachments = [{part: "one"}, {part: "two", fileName: "t.txt", contentType: "text/plain"}]')
form_key=the-same-form
form -F "message=$json;type=application/json" -F "one=@$scratch/file;type=application/pdf;filename=o.pdf" -F 'two=some text'
see 'a form with two files' 202 '.status == "accepted"'
formed=$(jq -r .messageId "$scratch/body")
form -F "message=$json;type=application/json" -F "one=@$scratch/file;type=application/pdf;filename=o.pdf" -F 'two=some text'
see 'the same form with another boundary' 202 ".messageId == \"$formed\""
form -F "message=$json;type=application/json" -F "one=@$scratch/file;type=application/pdf;filename=o.pdf" -F 'two=other text'
problem 'the same form with another file' 422 idempotency-key-reused
unset form_key
checks=$((checks + 1))
seed letter "$formed" | jq -e ".documents[0].attachments | .[0].fileName == \"o.pdf\" and .[0].digest == \"$sum\" and .[1].fileName == \"t.txt\" and .[1].contentType == \"text/plain\" and .[1].size == 9" >/dev/null ||
    fail "the stored letter of the form: $(seed letter "$formed")"
before=$(payloads)
form -F "one=@$scratch/file"
problem 'a form without a message' 400 bad-request
form -F "message=$(message);type=application/json" -F "one=@$scratch/file"
problem 'a file that nobody refers to' 422 wrong-message '.errors[0].code == "not-used"'
form -F "message=$(message '.documents[0].attachments = [{part: "one"}]');type=application/json" -F "one=@$scratch/file;filename=../../x"
problem 'a part whose name is a path' 422 wrong-message '.errors[0].pointer == "/documents/0/attachments/0" and .errors[0].code == "form"'
form -F "message=$json;type=application/json" -F "one=@$scratch/file"
problem 'a part that is not there' 422 wrong-message '.errors[0].pointer == "/documents/0/attachments/1"'
form -F "message=$json;type=application/json" -F "one=@$scratch/file" -F 'one=x' -F 'two=x'
problem 'two parts of one name' 400 bad-request
printf -- '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\n{"a' >"$scratch/half"
ask -H "Idempotency-Key: $(key)" -H 'Content-Type: multipart/form-data; boundary=b' --data-binary @"$scratch/half" "$url/messages"
problem 'half a form' 400 bad-request
[ "$(payloads)" = "$before" ] || fail "refused forms left something: $(payloads) payloads, not $before"

# refusals: name | status | problem | pointer | change of a good message
while IFS='|' read -r name want kind pointer change; do
    post "$(message "$change")"
    problem "$name" "$want" "$kind" ".errors | map(.pointer) | index(\"$pointer\") != null"
done <<'END'
recipient of no known scheme|422|wrong-message|/recipient/participant|.recipient.participant = "0204:x"
recipient without an address|422|wrong-message|/recipient/address|del(.recipient.address)
empty recipient address|422|wrong-message|/recipient/address|.recipient.address = " "
subject of 257 characters|422|wrong-message|/subject|.subject = "å" * 257
U+0000 in a text|422|wrong-message|/documents/0/texts/0|.documents[0].texts = ["a\u0000b"]
control character in a text|422|wrong-message|/documents/0/texts/0|.documents[0].texts = ["a\u0001"]
no documents|422|wrong-message|/documents|.documents = []
document with nothing in it|422|wrong-message|/documents/0|.documents = [{}]
unknown member|422|wrong-message|/priority|.priority = 1
base64 in the JSON|422|wrong-message|/documents/0/attachments/0/content|.documents[0].attachments = [{part: "a", content: "AAAA"}]
another participant than the address has|422|wrong-message|/sender/participant|.sender.participant = "0203:other.example"
upload that is not there|422|wrong-message|/documents/0/attachments/0|.documents[0].attachments = [{attachmentId: "00000000-0000-4000-8000-000000000000"}]
part in a request without parts|422|wrong-message|/documents/0/attachments/0|.documents[0].attachments = [{part: "a"}]
conversation that is no UUID|422|wrong-message|/conversationId|.conversationId = "x"
media type that is none|422|wrong-message|/documents/0/attachments/0/contentType|.documents[0].attachments = [{part: "a", contentType: "x"}]
sender address of nobody|403|address-not-yours|/sender/address|.sender.address = "sdk:nobody"
END
post "$(message '.subject = "" | .priority = 1')" -H 'Accept-Language: sv'
problem 'faults in Swedish' 422 wrong-message '.detail == "2 fel; se errors" and (.errors | map(.detail) | all(test("ska|känd")))'
post '{"a'
problem 'half an object' 400 bad-request
post '{"subject": 1, "subject": 2}'
problem 'a name twice' 400 bad-request
ask -H 'Content-Type: application/json' --data-binary "$(message)" "$url/messages"
problem 'no Idempotency-Key' 400 idempotency-key-missing
post "$(message)" -H 'Content-Type: text/plain'
problem 'two media types' 415 unsupported-type
ask -H 'Content-Type: text/plain' -H "Idempotency-Key: $(key)" --data-binary "$(message)" "$url/messages"
problem 'another media type' 415 unsupported-type
ask -H 'Content-Type: application/json; charset=iso-8859-1' -H "Idempotency-Key: $(key)" --data-binary "$(message)" "$url/messages"
problem 'another character set' 415 unsupported-type
post "$(message '.documents[0].texts = ["x" * 70000]')"
problem 'JSON that is too large' 413 too-large
post "$(message '.documents[0].texts = ["x" * 70000]')" -H 'Transfer-Encoding: chunked'
problem 'also in chunks' 413 too-large
post "$(message)" -H 'Accept: text/html'
problem 'an answer nobody makes' 406 not-acceptable
ask -X PUT "$url/messages"
problem 'an unknown method' 405 method-not-allowed
see_field 'an unknown method' Allow 'GET.*POST'
ask "$url/nothing"
problem 'an unknown path' 404 not-found
ask "$url/messages/not-a-uuid"
problem 'an id that is none' 404 not-found
ask "$url/messages/00000000-0000-4000-8000-000000000000"
problem 'an id of nothing' 404 not-found
for query in page=0 page=x limit=201 sort=subject status=sending createdFrom=yesterday createdFrom=2026-03-01T09:00:00 unknown=1 mailboxId; do
    ask "$url/messages?$query"
    case $query in mailboxId) problem "?$query" 404 not-found ;; *) problem "?$query" 400 bad-request ;; esac
done
head -c 21999000 /dev/zero | tr '\0' 'a' >"$scratch/most"
ask -H 'Content-Type: text/plain' -H 'Content-Disposition: attachment; filename=a.txt' --data-binary @"$scratch/most" "$url/attachments"
see 'a file just below the limit of a message' 201 ''
most=$(jq -r .attachmentId "$scratch/body")
post "$(message ".documents[0] = {texts: [\"x\" * 2000], attachments: [{attachmentId: \"$most\"}]}")"
problem 'more than a message may carry' 422 wrong-message '.errors[0].pointer == "/documents" and .errors[0].code == "too-long"'
post "$(message ".documents[0] = {texts: [\"x\" * 1000], attachments: [{attachmentId: \"$most\"}]}")"
see 'as much as a message may carry' 202 ''

# --- lists
post "$(message)"
later=$(jq -r .messageId "$scratch/body")
ask "$url/messages?limit=1"
see 'the newest first' 200 ".messages[0].messageId == \"$later\" and ._meta.count == 1 and ._meta.totalRecords == 5 and (._links.next.href | contains(\"page=2\"))"
ask "$url/messages?limit=1&sort=createdAt&status=accepted&mailboxId=$mailbox"
see 'the oldest first' 200 ".messages[0].messageId == \"$id\" and (._links.next.href | contains(\"sort=createdAt\") and contains(\"status=accepted\"))"
ask "$url/messages?page=9&limit=2"
see 'a page beyond the last' 200 '.messages == [] and (._links.prev.href | contains("page=3"))'
ask "$url/messages?createdTo=2026-01-01T00:00:00%2B01:00"
see 'a time with an offset' 200 '.messages == []'
ask -H 'Accept: application/json' -I "$url/messages"
see 'HEAD' 200 ''

# --- outcomes
seed move "$id" sealed '' - && ask "$url/messages/$id"
see 'what is on its way is sealed' 200 '.status == "sealed"'
seed move "$id" refused 'the recipient has no such address' 'REJECTED BV/not-found Unknown address; SV/structure' && ask "$url/messages/$id"
see 'a refusal and its codes' 200 '.status == "refused" and .reason == "the recipient has no such address" and .outcome == {code: "REJECTED", reasons: [{code: "BV/not-found", text: "Unknown address"}, {code: "SV/structure", text: ""}]}'
seed move "$later" delivered '' ACCEPTED && ask "$url/messages?status=delivered"
see 'by status' 200 ".messages | length == 1 and .[0].messageId == \"$later\" and .[0].outcome.code == \"ACCEPTED\""
seed move "$formed" parked 'a person must look' - && ask "$url/messages/$formed"
see 'parked, and why' 200 '.status == "parked" and .reason == "a person must look"'

# --- the inbox
inbox=$(seed inbox "$first" "$scratch/file")
ask "$url/mailboxes/$mailbox/messages?status=new"
see 'a letter came in' 200 ".messages | length == 1 and .[0].inboxMessageId == \"$inbox\" and .[0].sender.participant == \"0203:myndighet.example\" and (.[0]._links | has(\"acknowledge\"))"
ask "$url/inbox-messages/$inbox"
see 'it is read' 200 ".letter.subject == \"Svar\" and .letter.documents[0].attachments[0].digest == \"$sum\" and .letter.documents[0].attachments[0].fileName == \"svar på frågan.pdf\""
file=$url/inbox-messages/$inbox/attachments/file-1
ask "$file"
see 'its attachment' 200 ''
cmp -s "$scratch/body" "$scratch/file" || fail 'the attachment differs'
see_field 'its attachment' ETag "^\"$sum\"\$"
see_field 'its attachment' Content-Length '^300000$'
see_field 'its attachment' Accept-Ranges '^bytes$'
[ -z "$(field Transfer-Encoding)" ] || fail "its attachment: chunks, though its length is known"
ask -I "$file"
see 'HEAD of an attachment' 200 ''
see_field 'HEAD of an attachment' Content-Length '^300000$'
see_field 'its attachment' Content-Disposition '^attachment$'
while IFS='|' read -r range want from count; do
    ask -H "Range: $range" "$file"
    see "Range: $range" "$want" ''
    [ "$want" = 416 ] && see_field "Range: $range" Content-Range '^bytes \*/300000$'
    [ "$want" = 206 ] || continue
    see_field "Range: $range" Content-Range "^bytes $from-$((from + count - 1))/300000\$"
    see_field "Range: $range" Content-Length "^$count\$"
    tail -c +$((from + 1)) "$scratch/file" | head -c "$count" | cmp -s - "$scratch/body" || fail "Range: $range: other octets"
done <<'END'
bytes=0-0|206|0|1
bytes=65530-65545|206|65530|16
bytes=299999-|206|299999|1
bytes=-10|206|299990|10
bytes=100000-199999|206|100000|100000
bytes=300000-|416||
bytes=0-1,5-6|200||
END
ask -H 'Range: bytes=0-0' -H 'If-Range: "other"' "$file"
see 'If-Range with another tag' 200 ''
ask -H 'Range: bytes=0-0' -H "If-Range: \"$sum\"" "$file"
see 'If-Range with this tag' 206 ''
ask -H "If-None-Match: \"$sum\"" "$file"
see 'If-None-Match' 304 ''
for slot in file-2 letter file-0 file-01 ..%2fletter; do
    ask "$url/inbox-messages/$inbox/attachments/$slot"
    case $slot in ..*) problem "slot $slot" 400 bad-request ;; *) problem "slot $slot" 404 not-found ;; esac
done
token='the token of the school'
for path in "inbox-messages/$inbox" "inbox-messages/$inbox/attachments/file-1"; do
    ask "$url/$path"
    problem "another client's letter" 404 not-found
done
ask -X POST "$url/inbox-messages/$inbox/acknowledgements"
problem "another client's letter" 404 not-found
token=$(cat "$dir/token")
ask "$url/inbox-messages/$id"
problem 'a sent message is no letter' 404 not-found
ask "$url/messages/$inbox"
problem 'a letter is no sent message' 404 not-found
acknowledge() { ask -H 'Content-Type: application/json' --data-binary "$1" "$url/inbox-messages/$inbox/acknowledgements"; }
acknowledge '{"note/1": "x", "b": 1}'
problem 'an acknowledgement with unknown members' 400 bad-request '.errors | map(.pointer) == ["/note~11", "/b"]'
acknowledge '[]'
problem 'one that is no object' 400 bad-request '.errors[0].pointer == "" and .errors[0].code == "type"'
acknowledge '{"a'
problem 'half an object' 400 bad-request
ask --data-binary '{}' "$url/inbox-messages/$inbox/acknowledgements"
problem 'another media type' 415 unsupported-type
acknowledge "{\"a\": \"$(head -c 2000 /dev/zero | tr '\0' a)\"}"
problem 'one that is too large' 413 too-large
ask "$url/inbox-messages/$inbox"
see 'none of these took it over' 200 '.status == "new"'
acknowledge '{}'
see 'an empty object is as no body' 200 '.status == "acknowledged"'
ask -X POST "$url/inbox-messages/$inbox/acknowledgements"
see 'it is taken over' 200 '.status == "acknowledged" and (._links | has("acknowledge") | not)'
ask -X POST "$url/inbox-messages/$inbox/acknowledgements"
see 'twice is as once' 200 '.status == "acknowledged"'
ask "$url/mailboxes/$mailbox/messages?status=new"
see 'it is not new any more' 200 '.messages == []'
ask "$url/mailboxes/$mailbox/messages"
see 'but there' 200 '.messages | length == 1'

# --- an upload that breaks off leaves nothing
before=$(payloads)
curl -sS --max-time 1 --limit-rate 1M --cacert "$world/open-test/trust/tls.pem" -H "Authorization: Bearer $token" -H 'Content-Type: application/pdf' \
    --data-binary @"$scratch/most" -o "$scratch/body" "$url/attachments" 2>"$scratch/curl" && fail 'an upload was to break off'
sleep 0.3
checks=$((checks + 1))
[ "$(payloads)" = "$before" ] || fail "a broken upload left something: $(payloads) payloads, not $before"

# --- reload: a new client comes, and the old one stays
cat >>"$dir/posthorn.conf" <<END

[client new]
token-sha256 = $(printf 'a new token' | sha256sum | cut -d ' ' -f 1)
addresses = $second
END
kill -HUP "$pid"
token='a new token'
for _ in $(seq 50); do
    ask "$url/mailboxes"
    [ "$status" = 200 ] && break
    sleep 0.1
done
see 'a new client after SIGHUP' 200 '.mailboxes | length == 1'
token=$(cat "$dir/token")

if [ "${POSTHORN_STORE:-sqlite}" = sqlite ]; then # the other engine has no file to hold or to fill
# --- the database is away: nothing is taken, and the same request goes through later
while_away=$(key)
python3 - "$dir/store" "$scratch" <<'END' &
import glob, os, sqlite3, sys, time
name = [n for n in glob.glob(sys.argv[1] + "/*") if os.path.isfile(n) and open(n, "rb").read(6) == b"SQLite"][0]
db = sqlite3.connect(name, isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
open(sys.argv[2] + "/locked", "w").close()
for _ in range(600):
    if os.path.exists(sys.argv[2] + "/unlock"):
        break
    time.sleep(0.1)
db.execute("ROLLBACK")
END
locker=$!
for _ in $(seq 100); do [ -f "$scratch/locked" ] && break || sleep 0.05; done
ask -H 'Content-Type: application/json' -H "Idempotency-Key: $while_away" --data-binary "$(message)" "$url/messages"
problem 'the database is away' 503 unavailable
see_field 'the database is away' Retry-After '^[0-9]+$'
: >"$scratch/unlock"
wait "$locker"
ask -H 'Content-Type: application/json' -H "Idempotency-Key: $while_away" --data-binary "$(message)" "$url/messages"
see 'it is back' 202 ''
fi
ask "http://$admin/metrics"
see 'metrics' 200 ''
grep -q '^posthorn_api_messages_accepted_total [56]$' "$scratch/body" || fail "metrics: $(grep posthorn_api "$scratch/body")"

if [ "${POSTHORN_STORE:-sqlite}" = sqlite ]; then
kill_api
# --- the disk is full: files may grow to 8 MiB only; refused in order, and what is small still goes
disk_full() {
    trap '' XFSZ
    ulimit -f 8192
    exec "$@"
}
start_api disk_full
before=$(payloads)
ask -H 'Content-Type: application/pdf' --data-binary @"$scratch/most" "$url/attachments"
problem 'no room for a file' 503 unavailable
form -F "message=$(message '.documents[0].attachments = [{part: "one", fileName: "x"}]');type=application/json" -F "one=@$scratch/most"
problem 'no room for a form' 503 unavailable
[ "$(payloads)" = "$before" ] || fail "a full disk left something: $(payloads) payloads, not $before"
post "$(message)"
see 'a small message still goes' 202 ''
checks=$((checks + 1))
for _ in $(seq 100); do # the states are counted soon after the start
    ask "http://$admin/metrics"
    grep -q '^posthorn_messages{kind="sdk-out",state="parked"} 1$' "$scratch/body" && break
    sleep 0.1
done
grep -q '^posthorn_messages{kind="sdk-out",state="parked"} 1$' "$scratch/body" || fail 'metrics do not count the store'

fi
kill_api
checks=$((checks + 2))
if grep -qE 'Begäran|priority|the token|"x{9}' "$dir/log"; then fail 'the log holds what the callers wrote'; fi
if grep -E '"level":"error"' "$dir/log" | grep -vE '"(unavailable|api.store_lost)"|store'; then fail 'the log has errors'; fi
echo "$checks checks, $failures failed"
[ "$failures" = 0 ]
