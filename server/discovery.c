#include "server/discovery.h"

#include "protocol/json.h"
#include "server/url.h"

#include <stdlib.h>
#include <string.h>

/* Section 4.1: it follows the issuer, without the slash that this may end with. */
char *discovery_address(const char *issuer)
{
	struct text address = {0};
	size_t len = strlen(issuer);
	text_append(&address, issuer, len && issuer[len - 1] == '/' ? len - 1 : len);
	text_append_string(&address, "/.well-known/openid-configuration");
	return address.data;
}

/* Section 4.3: the issuer must be the very text that was asked for; else one that is believed for its own
 * tokens could speak for another. */
enum err discovery_read(
	const char *text, size_t len, const char *issuer, char **ret_keys_address, struct refusal *ret_why)
{
	JSON_AUTO *tree = NULL;
	if (json_parse(text, len, &tree, ret_why) || !cJSON_IsObject(tree))
		return refuse(ret_why, ERR_BAD_REQUEST, NULL, "it is no JSON object");
	const char *said = cJSON_GetStringValue(json_get(tree, "issuer"));
	const char *keys = cJSON_GetStringValue(json_get(tree, "jwks_uri"));
	if (!said || strcmp(said, issuer) != 0)
		return refuse(ret_why, ERR_BAD_REQUEST, "issuer", "it is another issuer's");
	if (!keys)
		return refuse(ret_why, ERR_BAD_REQUEST, "jwks_uri", "it has no jwks_uri");
	if (!url_may_be_asked(keys) || (url_is_encrypted(issuer) && !url_is_encrypted(keys)))
		return refuse(ret_why, ERR_BAD_REQUEST, "jwks_uri", "its jwks_uri is no https:// address");
	*ret_keys_address = strdup(keys);
	if (!*ret_keys_address)
		abort();
	return OK;
}
