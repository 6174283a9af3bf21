/* Bytes to commands: strict JSON, known fields, right types, within bounds. Knows the command table. */
#ifndef LOCKSTEP_PROTOCOL_DECODE_H
#define LOCKSTEP_PROTOCOL_DECODE_H

#include "protocol/command.h"

struct cJSON;

/* One command object. Takes over *tree (sets it NULL) in any case: the command owns it, or it is freed.
 * On refusal ret->id holds the id that could be read, and nothing in *ret needs freeing. */
enum err decode_command(struct cJSON **tree, struct command *ret, struct refusal *ret_why) MUST_CHECK;

/* What the client says besides commands (protocol.md sections 2, 3 and 5). */
enum message_type {
	MESSAGE_COMMAND,
	MESSAGE_BATCH,
	MESSAGE_AUTH,
	MESSAGE_RESUME,
	MESSAGE_TIME,
	MESSAGE_HELP
};

/* A position in the user's event log. */
struct position {
	bool given;
	bool has_tag;
	char epoch[33];
	int64_t seq;
	uint32_t tag;
};

/* A whole message of a socket. Plain fields are set by type; commands are on the heap. */
struct message {
	enum message_type type;
	char id[LIMIT_COMMAND_ID_BYTES * 6 + 3];           /* as JSON text, "null" where there was none */
	char *token;                                       /* auth: on the heap */
	char client[LIMIT_BYTES(LIMIT_CLIENT_NAME_CHARS)]; /* auth: client.name, or empty */
	struct position position;                          /* auth's resume, resume */
	char t0[32];                                       /* time: the number as it came */
	char help[64];                                     /* help: the command asked for, or empty */
	size_t count;                                      /* command: 1; batch: 1..64 */
	struct decoded {
		struct refusal why; /* why.code OK: the command is good */
		struct command command;
	} * commands;
};

/* Reads one message. On refusal ret->id holds the id if one could be read. A refused command inside a batch
 * is no refusal of the batch. message_finish() is due only after success. */
enum err decode_message(
	const char *bytes, size_t len, struct message *ret, struct refusal *ret_why) MUST_CHECK;
void message_finish(struct message *message);

/* Reads "<epoch>", seq and tag (eight hex digits; NULL: none) as text, as they stand in a URL. An epoch or a
 * tag that this server cannot have made is no error: ret->epoch is then "?", which no log has. */
enum err decode_position(const char *epoch, const char *seq, const char *tag, struct position *ret,
	struct refusal *ret_why) MUST_CHECK;

/* The object's `id` as JSON text; "null" when it has none, or one that is refused. */
enum err decode_id(const struct cJSON *object, char ret[LIMIT_COMMAND_ID_BYTES * 6 + 3],
	struct refusal *ret_why) MUST_CHECK;

/* True for 1..64 of A-Za-z0-9._:- */
bool decode_key_valid(const char *key);

#endif
