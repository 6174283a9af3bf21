/* Members of a JSON object that is being written: each appends `"name":value`, with a comma where one is
 * needed. Knows JSON text and units; knows no object of ours. `name` needs no escaping. */
#ifndef LOCKSTEP_PROTOCOL_MEMBER_H
#define LOCKSTEP_PROTOCOL_MEMBER_H

#include "protocol/text.h"
#include "protocol/uuid.h"

#include <stdbool.h>
#include <stdint.h>

/* The name alone: the caller appends the value. The object's brace is open. */
void member_open(struct text *out, const char *name);
void member_null(struct text *out, const char *name);
void member_integer(struct text *out, const char *name, int64_t number);
void member_bool(struct text *out, const char *name, bool flag);
void member_string(struct text *out, const char *name, const char *string);
void member_id(struct text *out, const char *name, const struct uuid *id);
/* Eight hexadecimal digits, or null. */
void member_tag_if(struct text *out, const char *name, bool is, uint32_t tag);
/* Seconds, with as many decimals as the milliseconds (>= 0) need. */
void member_seconds(struct text *out, const char *name, int64_t ms);
/* Minutes to two places, rounded. */
void member_minutes(struct text *out, const char *name, int64_t ms);
/* A day as YYYY-MM-DD; minutes of a day as HH:MM; an instant in ISO 8601, UTC. */
void member_day(struct text *out, const char *name, int32_t day);
void member_day_time(struct text *out, const char *name, int minutes);
void member_instant(struct text *out, const char *name, int64_t ms);

/* The same, or null unless `is`. */
void member_integer_if(struct text *out, const char *name, bool is, int64_t number);
void member_seconds_if(struct text *out, const char *name, bool is, int64_t ms);
void member_minutes_if(struct text *out, const char *name, bool is, int64_t ms);
void member_hundredths_if(struct text *out, const char *name, bool is, int64_t hundredths);
void member_instant_if(struct text *out, const char *name, bool is, int64_t ms);
/* null for what is empty, nil, NULL. */
void member_string_or_null(struct text *out, const char *name, const char *string);
void member_id_or_null(struct text *out, const char *name, const struct uuid *id);
void member_text(struct text *out, const char *name, const char *string);
/* JSON as it stands, or `otherwise` for NULL. */
void member_json(struct text *out, const char *name, const char *json, const char *otherwise);
/* No member at all for NULL and the empty string. */
void member_given(struct text *out, const char *name, const char *string);

#endif
