/* For tests of protocol/decode: texts that must be read, and texts that must be refused at a named field. */
#ifndef LOCKSTEP_TESTS_SUPPORT_DECODING_H
#define LOCKSTEP_TESTS_SUPPORT_DECODING_H

#include "protocol/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S  "\"session\":\"01890a5d-ac96-774b-bcce-b302099a8057\""
#define G  "\"group\":\"01890a5d-ac96-774b-bcce-b302099a8058\""
#define G0 "\"group\":null"
#define T  "\"task\":\"01890a5d-ac96-774b-bcce-b302099a8059\""
#define P  "\"problem\":\"01890a5d-ac96-774b-bcce-b302099a805a\""
#define L  "\"plan\":\"01890a5d-ac96-774b-bcce-b302099a805b\""

static inline enum err decode(const char *text, struct message *ret, struct refusal *ret_why)
{
	/* Without its NUL, so that the sanitizer sees a read beyond it. */
	size_t len = strlen(text);
	char *bytes = malloc(len ? len : 1);
	memcpy(bytes, text, len);
	enum err err = decode_message(bytes, len, ret, ret_why);
	free(bytes);
	return err;
}

static inline struct message accept(const char *text)
{
	struct message message;
	struct refusal why = {0};
	if (decode(text, &message, &why))
		fail_msg("refused %s: %s (%s)", text, why.message, why.field);
	return message;
}

static inline struct message accept_command(const char *text)
{
	struct message message = accept(text);
	assert_int_equal(message.type, MESSAGE_COMMAND);
	assert_int_equal(message.count, 1);
	assert_int_equal(message.commands[0].why.code, OK);
	return message;
}

static inline void expect_refusal(const char *text, enum err code, const char *field)
{
	struct message message;
	struct refusal why = {0};
	if (!decode(text, &message, &why))
		fail_msg("accepted %s", text);
	if (why.code != code || strcmp(why.field, field) != 0)
		fail_msg("%s: %s at \"%s\": %s", text, error_row(why.code)->code, why.field, why.message);
	assert_true(why.message[0]);
	assert_null(message.commands);
	assert_null(message.token);
}

struct example {
	const char *text;
	const char *field; /* at fault; NULL: the text is good */
};

static inline void check_examples(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (examples[i].field) {
			expect_refusal(examples[i].text, ERR_BAD_REQUEST, examples[i].field);
			continue;
		}
		struct message message = accept(examples[i].text);
		message_finish(&message);
	}
}
#define CHECK(examples) check_examples((examples), sizeof(examples) / sizeof((examples)[0]))

#endif
