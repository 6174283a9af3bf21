/* Every cap on what a user or a peer controls, with its reason. Knows numbers only. */
#ifndef LOCKSTEP_PROTOCOL_LIMITS_H
#define LOCKSTEP_PROTOCOL_LIMITS_H

#include <stdint.h>

/* Units. */
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

/* One message or HTTP body: a plan of 48 KiB and its envelope must fit. Default of --max-message. */
#define LIMIT_MESSAGE_BYTES 65536
/* Before a socket has signed in: a token of 8 KiB and its envelope. */
#define LIMIT_MESSAGE_UNAUTHENTICATED_BYTES 12288
/* Deeper JSON than this is nobody's command, and recursion stays shallow. */
#define LIMIT_JSON_DEPTH 16
/* 64 commands keep one transaction of a batch to a few milliseconds. */
#define LIMIT_BATCH_COMMANDS 64
/* A command's own id, as a string. */
#define LIMIT_COMMAND_ID_BYTES 64
/* An idempotency key, [A-Za-z0-9._:-]. */
#define LIMIT_KEY_BYTES 64
/* A client may call itself anything that fits on one line of a list. */
#define LIMIT_CLIENT_NAME_CHARS 100

/* Texts are counted in Unicode code points; a code point takes at most four bytes. */
#define LIMIT_TITLE_CHARS       200
#define LIMIT_NAME_CHARS        200
#define LIMIT_DESCRIPTION_CHARS 2000
#define LIMIT_REASON_CHARS      500
#define LIMIT_LONG_TEXT_CHARS   10000
#define LIMIT_TASK_CHARS        500
#define LIMIT_PROBLEM_CHARS_MIN 10
#define LIMIT_PROBLEM_CHARS     1000
#define LIMIT_SOLUTION_CHARS    1000
#define LIMIT_BYTES(chars)      ((chars)*4 + 1)

/* A token of an identity provider with many claims has 2 KiB; it must fit into 8 KiB of HTTP headers. */
#define LIMIT_TOKEN_BYTES 8192
/* RFC 5321: 64 before the @, 255 behind it. */
#define LIMIT_EMAIL_BYTES 320
/* A user is named by the token's `sub`. */
#define LIMIT_SUBJECT_BYTES 128
#define LIMIT_ISSUER_BYTES  256
/* A person's phones, widgets and scripts; each has a token that can be revoked by itself. */
#define LIMIT_DEVICES 100
/* The longest IANA name has 32 characters. */
#define LIMIT_ZONE_BYTES 64

/* A timer's length: 1 s to 24 h (domain.md section 1). */
#define LIMIT_TIMER_MIN_MS 1000
#define LIMIT_TIMER_MAX_MS (24 * HOUR_MS)
#define LIMIT_GOAL_MINUTES 1440
/* A focus session's length, its pauses (domain.md section 1). */
#define LIMIT_FOCUS_MIN_MINUTES 5
#define LIMIT_FOCUS_MAX_MINUTES 120
#define LIMIT_FOCUS_PAUSES      3
#define LIMIT_PAUSE_MINUTES     10
#define LIMIT_QUALITY_RATING    5
#define LIMIT_FOCUS_SCORE       100
/* A work session ends by itself then, and can have begun no longer ago than that. */
#define LIMIT_WORK_HOURS 24
/* What a person may have open at once on projects. */
#define LIMIT_WORK_ACTIVE 20
/* Lists of texts: planned tasks, tools, parts. */
#define LIMIT_LIST_ITEMS      100
#define LIMIT_LIST_ITEM_CHARS 200
/* A plan's structure, minified: with its envelope it must fit into a message, and a session with it into an
 * event. */
#define LIMIT_STRUCTURE_BYTES 49152
#define LIMIT_STRUCTURE_DEPTH 12
/* Money and hours lost to a problem, kept as hundredths: a million millions is enough of either. */
#define LIMIT_IMPACT INT64_C(1000000000000)
/* 9999-12-31, the last day that a calendar of four digits shows. */
#define LIMIT_INSTANT_MS INT64_C(253402300799999)
/* A command made offline may be this late (protocol.md section 3). */
#define LIMIT_OFFLINE_MS (7 * 24 * HOUR_MS)
/* The largest integer that JSON carries exactly. */
#define LIMIT_INTEGER 9007199254740991LL

#endif
