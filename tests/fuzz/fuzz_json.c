/* json_parse on any bytes: what it accepts can be written and read again, what it refuses it says why. */
#include "protocol/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_refusal(const cJSON *tree, const struct refusal *why)
{
	check(!tree && why->code == ERR_BAD_JSON && why->message[0] && !strchr(why->message, '\n'));
}

static void check_tree(const cJSON *tree)
{
	char *text = cJSON_PrintUnformatted(tree);
	check(text);
	JSON_AUTO *again = NULL;
	struct refusal why;
	check(json_parse(text, strlen(text), &again, &why) == OK);
	check(cJSON_Compare(tree, again, true));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	JSON_AUTO *tree = NULL;
	struct refusal why = {0};
	if (json_parse((const char *)data, size, &tree, &why))
		check_refusal(tree, &why);
	else
		check_tree(tree);
	return 0;
}
