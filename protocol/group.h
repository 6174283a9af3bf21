/* A group (the documents' project and quest too) as a plain value, and what its commands do. Pure. */
#ifndef LOCKSTEP_PROTOCOL_GROUP_H
#define LOCKSTEP_PROTOCOL_GROUP_H

#include "protocol/command.h"

struct group {
	struct uuid id;
	int64_t version;
	bool deleted;
	int64_t created_at_ms, updated_at_ms;
	char name[LIMIT_BYTES(LIMIT_NAME_CHARS)];
	char description[LIMIT_BYTES(LIMIT_DESCRIPTION_CHARS)];
};

void group_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct group *ret);
/* editGroup and deleteGroup. True, with the group after it, if it changes. */
bool group_apply(const struct group *group, const struct command *command, int64_t at_ms, struct group *ret);

#endif
