/* JSON in, read strictly. Knows what cJSON lets through and must not; knows no commands.
 * The trees it returns are cJSON's; whoever holds one frees it (JSON_AUTO). */
#ifndef LOCKSTEP_PROTOCOL_JSON_H
#define LOCKSTEP_PROTOCOL_JSON_H

#include "protocol/errors.h"
#include "protocol/text.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/* Parses exactly `len` bytes of UTF-8: one JSON value of RFC 8259, nothing behind it, depth at most
 * LIMIT_JSON_DEPTH, no key twice in one object, no NUL and no \u0000, no number beyond a double.
 * On failure *ret_why is badJson (with a reason), *ret_tree untouched. */
enum err json_parse(const char *bytes, size_t len, cJSON **ret_tree, struct refusal *ret_why) MUST_CHECK;
/* The same with another depth: what the server says may hold what a client said, deep inside. */
enum err json_parse_within(
	const char *bytes, size_t len, int max_depth, cJSON **ret_tree, struct refusal *ret_why) MUST_CHECK;

/* The member of that exact name, or NULL. */
const cJSON *json_get(const cJSON *object, const char *name);

/* True, with the value, for a number that is integral and within +-LIMIT_INTEGER. */
bool json_integer(const cJSON *item, int64_t *ret) MUST_CHECK;

/* Appends it without white space. Integers that JSON carries exactly stay digits; other numbers are the
 * shortest text that reads as the same double. */
void json_print(const cJSON *item, struct text *out);
/* Levels of objects and arrays: 1 for a flat one, 0 for what is neither. */
int json_depth(const cJSON *item);

void json_free(cJSON **tree);
#define JSON_AUTO __attribute__((cleanup(json_free))) cJSON

#endif
