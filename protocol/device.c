#include "protocol/device.h"

#include "protocol/member.h"

const char *const scope_names[SCOPE_COUNT + 1] = {[SCOPE_FULL] = "full", [SCOPE_READ] = "read"};

void device_encode(struct text *out, const struct device *device, const char *token)
{
	text_append_string(out, "{");
	member_id(out, "id", &device->id);
	member_string(out, "name", device->name);
	member_string(out, "scope", scope_names[device->scope]);
	member_integer(out, "createdAtMs", device->created_at_ms);
	member_integer_if(out, "lastUsedAtMs", device->last_used_ms != 0, device->last_used_ms);
	member_given(out, "token", token);
	text_append_string(out, "}");
}
