#include "protocol/group.h"

#include <string.h>

static void take_fields(struct group *group, const struct command *command)
{
	command_copy_text(command, FIELD_NAME, group->name, sizeof(group->name));
	command_copy_text(command, FIELD_DESCRIPTION, group->description, sizeof(group->description));
}

void group_add(const struct command *command, const struct uuid *id, int64_t at_ms, struct group *ret)
{
	*ret = (struct group){.id = *id, .version = 1, .created_at_ms = at_ms, .updated_at_ms = at_ms};
	take_fields(ret, command);
}

bool group_apply(const struct group *group, const struct command *command, int64_t at_ms, struct group *ret)
{
	struct group next = *group;
	take_fields(&next, command);
	if (command->type == COMMAND_DELETE_GROUP)
		next.deleted = true;
	if (next.deleted == group->deleted && strcmp(next.name, group->name) == 0 &&
		strcmp(next.description, group->description) == 0)
		return false;
	next.version++;
	if (at_ms > next.updated_at_ms)
		next.updated_at_ms = at_ms;
	*ret = next;
	return true;
}
