#include "protocol/group.h"

#include <assert.h>
#include <string.h>

/* Decoding has bounded it. True if it changes. */
static bool take_text(char *to, size_t room, const struct value *from)
{
	if (!from || strcmp(to, from->text) == 0)
		return false;
	size_t len = strlen(from->text);
	assert(len < room);
	memcpy(to, from->text, len + 1);
	return true;
}

static bool take_fields(struct group *group, const struct command *command)
{
	bool name = take_text(group->name, sizeof(group->name), command_value(command, FIELD_NAME));
	bool description = take_text(
		group->description, sizeof(group->description), command_value(command, FIELD_DESCRIPTION));
	return name || description;
}

void group_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct group *ret)
{
	*ret = (struct group){.id = *id, .version = 1, .created_at_ms = at_ms, .updated_at_ms = at_ms};
	take_fields(ret, command);
}

bool group_apply(const struct group *group, const struct command *command, int64_t at_ms, struct group *ret)
{
	struct group next = *group;
	if (command->type == COMMAND_DELETE_GROUP)
		next.deleted = true;
	else if (!take_fields(&next, command))
		return false;
	next.version++;
	if (at_ms > next.updated_at_ms)
		next.updated_at_ms = at_ms;
	*ret = next;
	return true;
}
