#include "protocol/json.h"

#include "protocol/limits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cJSON copies a number into 64 bytes and takes the rest of a longer one for garbage. */
#define NUMBER_BYTES 63

/* Where the check of the bytes stands. A step that returns false has filled *why. */
struct scan {
	const unsigned char *start, *at, *end;
	int depth, max_depth;
	struct refusal *why;
};

static bool fail(struct scan *scan, const char *what)
{
	refuse(scan->why, ERR_BAD_JSON, NULL, "%s at byte %zu", what, (size_t)(scan->at - scan->start));
	return false;
}

static bool take(struct scan *scan, char byte)
{
	if (scan->at == scan->end || *scan->at != (unsigned char)byte)
		return false;
	scan->at++;
	return true;
}

static void skip_space(struct scan *scan)
{
	while (scan->at < scan->end && memchr(" \t\r\n", *scan->at, 4))
		scan->at++;
}

static bool scan_word(struct scan *scan, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
		return fail(scan, "no JSON value");
	scan->at += len;
	return true;
}

static bool take_digits(struct scan *scan)
{
	const unsigned char *first = scan->at;
	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
		scan->at++;
	return scan->at > first;
}

static bool scan_number(struct scan *scan)
{
	const unsigned char *first = scan->at;
	take(scan, '-');
	if (!take(scan, '0') && !take_digits(scan))
		return fail(scan, "no JSON value");
	if (take(scan, '.') && !take_digits(scan))
		return fail(scan, "a number without digits behind its point");
	if (take(scan, 'e') || take(scan, 'E')) {
		if (!take(scan, '+'))
			take(scan, '-');
		if (!take_digits(scan))
			return fail(scan, "a number without digits in its exponent");
	}
	if (scan->at - first > NUMBER_BYTES)
		return fail(scan, "a number of more than 63 characters");
	return true;
}

/* Length of the UTF-8 character at `at`, 0 when there is none: cut short, overlong, a surrogate or beyond
 * U+10FFFF. */
static size_t utf8_length(const unsigned char *at, const unsigned char *end)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	size_t extra = 0;
	while (extra < 4 && (*at & forms[extra].mask) != forms[extra].lead)
		extra++;
	if (extra == 4 || (size_t)(end - at) <= extra)
		return 0;
	uint32_t code = *at & (unsigned char)~forms[extra].mask;
	for (size_t i = 1; i <= extra; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	bool surrogate = code >= 0xd800 && code <= 0xdfff;
	return code < forms[extra].least || code > 0x10ffff || surrogate ? 0 : extra + 1;
}

static bool scan_char(struct scan *scan)
{
	if (*scan->at < 0x20)
		return fail(scan, "a raw control character in a string");
	size_t len = utf8_length(scan->at, scan->end);
	if (!len)
		return fail(scan, "invalid UTF-8");
	scan->at += len;
	return true;
}

static int hex_value(unsigned char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool scan_hex(struct scan *scan, unsigned *ret)
{
	unsigned code = 0;
	for (int i = 0; i < 4; i++) {
		int value = scan->at < scan->end ? hex_value(*scan->at) : -1;
		if (value < 0)
			return fail(scan, "an escape without four hex digits");
		code = code << 4 | (unsigned)value;
		scan->at++;
	}
	*ret = code;
	return true;
}

/* What follows a `\u`. */
static bool scan_unicode(struct scan *scan)
{
	unsigned code, low;
	if (!scan_hex(scan, &code))
		return false;
	/* cJSON ends the string there, and "alice\u0000x" would be alice. */
	if (code == 0)
		return fail(scan, "U+0000 in a string");
	if (code < 0xd800 || code > 0xdfff)
		return true;
	if (code >= 0xdc00 || !take(scan, '\\') || !take(scan, 'u'))
		return fail(scan, "half a surrogate pair");
	if (!scan_hex(scan, &low))
		return false;
	return (low >= 0xdc00 && low <= 0xdfff) || fail(scan, "half a surrogate pair");
}

/* What follows a backslash. */
static bool scan_escape(struct scan *scan)
{
	if (take(scan, 'u'))
		return scan_unicode(scan);
	if (scan->at == scan->end || !memchr("\"\\/bfnrt", *scan->at, 8))
		return fail(scan, "an unknown escape");
	scan->at++;
	return true;
}

static bool scan_string(struct scan *scan)
{
	if (!take(scan, '"'))
		return fail(scan, "a key that is no string");
	while (scan->at < scan->end) {
		if (take(scan, '"'))
			return true;
		if (!(take(scan, '\\') ? scan_escape(scan) : scan_char(scan)))
			return false;
	}
	return fail(scan, "a string without its end");
}

static bool scan_value(struct scan *scan);

static bool scan_member(struct scan *scan)
{
	skip_space(scan);
	if (!scan_string(scan))
		return false;
	skip_space(scan);
	return take(scan, ':') ? scan_value(scan) : fail(scan, "no ':' behind a key");
}

/* An array or an object, whose members `scan_inner` reads. */
static bool scan_nested(struct scan *scan, char close, bool (*scan_inner)(struct scan *))
{
	if (++scan->depth > scan->max_depth)
		return fail(scan, "JSON nested too deep");
	scan->at++;
	skip_space(scan);
	if (!take(scan, close)) {
		do {
			if (!scan_inner(scan))
				return false;
		} while (take(scan, ','));
		if (!take(scan, close))
			return fail(scan, close == ']' ? "neither ',' nor ']'" : "neither ',' nor '}'");
	}
	scan->depth--;
	return true;
}

/* One value with the white space around it. */
static bool scan_value(struct scan *scan)
{
	bool ok;
	skip_space(scan);
	switch (scan->at < scan->end ? *scan->at : '\0') {
	case '{':
		ok = scan_nested(scan, '}', scan_member);
		break;
	case '[':
		ok = scan_nested(scan, ']', scan_value);
		break;
	case '"':
		ok = scan_string(scan);
		break;
	case 't':
		ok = scan_word(scan, "true");
		break;
	case 'f':
		ok = scan_word(scan, "false");
		break;
	case 'n':
		ok = scan_word(scan, "null");
		break;
	default:
		ok = scan_number(scan);
		break;
	}
	skip_space(scan);
	return ok;
}

/* The grammar of RFC 8259, byte by byte: cJSON is lax about white space, numbers, strings and the end. */
static bool check_bytes(const char *bytes, size_t len, int max_depth, struct refusal *ret_why)
{
	const unsigned char *start = (const unsigned char *)bytes;
	struct scan scan = {
		.start = start, .at = start, .end = start + len, .max_depth = max_depth, .why = ret_why};
	return scan_value(&scan) && (scan.at == scan.end || fail(&scan, "something behind the JSON value"));
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, because thousands of keys fit into one message and pairs of them would be millions. */
static enum err check_keys(const cJSON *object, struct refusal *ret_why)
{
	size_t count = 0;
	for (const cJSON *item = object->child; item; item = item->next)
		count++;
	if (count < 2)
		return OK;
	const char **keys = calloc(count, sizeof(*keys));
	if (!keys)
		abort();
	size_t at = 0;
	for (const cJSON *item = object->child; item; item = item->next)
		keys[at++] = item->string;
	qsort(keys, count, sizeof(*keys), compare_keys);
	enum err err = OK;
	for (at = 1; at < count && !err; at++) {
		if (strcmp(keys[at - 1], keys[at]) == 0)
			err = refuse(ret_why, ERR_BAD_JSON, keys[at], "a field is given twice");
	}
	free(keys);
	return err;
}

/* What only the decoded values show. Recursion ends at the depth that the bytes were allowed. */
static enum err check_values(const cJSON *item, struct refusal *ret_why)
{
	if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
		return refuse(ret_why, ERR_BAD_JSON, item->string, "a number is too large");
	enum err err = cJSON_IsObject(item) ? check_keys(item, ret_why) : OK;
	for (const cJSON *child = item->child; child && !err; child = child->next)
		err = check_values(child, ret_why);
	return err;
}

enum err json_parse(const char *bytes, size_t len, cJSON **ret_tree, struct refusal *ret_why)
{
	return json_parse_within(bytes, len, LIMIT_JSON_DEPTH, ret_tree, ret_why);
}

enum err json_parse_within(
	const char *bytes, size_t len, int max_depth, cJSON **ret_tree, struct refusal *ret_why)
{
	if (!check_bytes(bytes, len, max_depth, ret_why))
		return ERR_BAD_JSON;
	const char *end = NULL;
	JSON_AUTO *tree = cJSON_ParseWithLengthOpts(bytes, len, &end, false);
	if (!tree)
		return refuse(ret_why, ERR_BAD_JSON, NULL, "unreadable JSON");
	while (end < bytes + len && memchr(" \t\r\n", *end, 4))
		end++;
	if (end != bytes + len)
		return refuse(ret_why, ERR_BAD_JSON, NULL, "something behind the JSON value");
	enum err err = check_values(tree, ret_why);
	if (err)
		return err;
	*ret_tree = tree;
	tree = NULL;
	return OK;
}

const cJSON *json_get(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Hidden, because jansson exports a json_integer too: libjwt would call this one in its place. */
__attribute__((visibility("hidden"))) bool json_integer(const cJSON *item, int64_t *ret)
{
	if (!cJSON_IsNumber(item))
		return false;
	double number = item->valuedouble;
	/* Written so that no NaN passes. */
	if (!(fabs(number) <= (double)LIMIT_INTEGER) || floor(number) != number)
		return false;
	*ret = (int64_t)number;
	return true;
}

/* cJSON's own printer rounds large integers. */
static void print_number(const cJSON *item, struct text *out)
{
	int64_t integer;
	char number[32];
	if (json_integer(item, &integer)) {
		text_append_integer(out, integer);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(number, sizeof(number), "%.*g", digits, item->valuedouble);
		if (strtod(number, NULL) == item->valuedouble)
			break;
	}
	text_append_string(out, number);
}

/* Recursion ends at the depth that was allowed when the tree was parsed. */
void json_print(const cJSON *item, struct text *out)
{
	if (cJSON_IsNumber(item)) {
		print_number(item, out);
	} else if (cJSON_IsString(item)) {
		text_append_json(out, item->valuestring);
	} else if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
		bool object = cJSON_IsObject(item);
		text_append_string(out, object ? "{" : "[");
		for (const cJSON *child = item->child; child; child = child->next) {
			if (object) {
				text_append_json(out, child->string);
				text_append(out, ":", 1);
			}
			json_print(child, out);
			if (child->next)
				text_append(out, ",", 1);
		}
		text_append_string(out, object ? "}" : "]");
	} else {
		text_append_string(out, cJSON_IsNull(item) ? "null" : cJSON_IsTrue(item) ? "true" : "false");
	}
}

int json_depth(const cJSON *item)
{
	int deepest = 0;
	if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
		return 0;
	for (const cJSON *child = item->child; child; child = child->next) {
		int depth = json_depth(child);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}

void json_free(cJSON **tree)
{
	cJSON_Delete(*tree);
	*tree = NULL;
}
