#include "auth/claims.h"

#include "auth/auth.h"
#include "protocol/json.h"
#include "protocol/text.h"

#include <stdio.h>
#include <string.h>

/* The issuer's clock may be ahead of ours. */
#define LEEWAY_MS 60000
/* The end of the year 9999: beyond it lies a mistake, and below it nothing overflows. */
#define DATE_MAX_SECONDS 253402300799LL

static const char *get_string(const cJSON *payload, const char *name)
{
	return cJSON_GetStringValue(json_get(payload, name));
}

const char *claims_issuer(const struct cJSON *payload)
{
	return get_string(payload, "iss");
}

/* C0, DEL, and C1, which UTF-8 spells C2 80 to C2 9F. */
static bool has_control(const char *string)
{
	for (const unsigned char *at = (const unsigned char *)string; *at; at++) {
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0))
			return true;
	}
	return false;
}

bool claims_subject_valid(const char *subject)
{
	size_t len = strlen(subject);
	return len >= 1 && len <= LIMIT_SUBJECT_BYTES && !has_control(subject);
}

bool claims_name_valid(const char *name)
{
	return text_count_chars(name) <= LIMIT_NAME_CHARS;
}

bool claims_email_valid(const char *email)
{
	return strlen(email) <= LIMIT_EMAIL_BYTES;
}

static bool audience_holds(const cJSON *aud, const char *audience)
{
	if (cJSON_IsString(aud))
		return strcmp(aud->valuestring, audience) == 0;
	if (!cJSON_IsArray(aud))
		return false;
	bool found = false;
	for (const cJSON *item = aud->child; item; item = item->next) {
		if (!cJSON_IsString(item))
			return false;
		found = found || strcmp(item->valuestring, audience) == 0;
	}
	return found;
}

static enum err check_parties(
	const cJSON *payload, const char *issuer, const char *audience, struct refusal *ret_why)
{
	const char *iss = claims_issuer(payload);
	if (!iss || strcmp(iss, issuer) != 0)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token is of another issuer");
	if (!audience_holds(json_get(payload, "aud"), audience))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token is for another audience");
	const char *subject = get_string(payload, "sub");
	if (!subject || !claims_subject_valid(subject))
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL,
			"the token's sub is not a text of 1 to %d bytes without control characters",
			LIMIT_SUBJECT_BYTES);
	return OK;
}

/* A NumericDate: seconds in the token, milliseconds here. */
static enum err read_date(const cJSON *payload, const char *name, int64_t *ret_ms, struct refusal *ret_why)
{
	int64_t seconds;
	if (!json_integer(json_get(payload, name), &seconds) || seconds < 0 || seconds > DATE_MAX_SECONDS)
		return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's %s is not a date", name);
	*ret_ms = seconds * 1000;
	return OK;
}

/* The dates that must have come. */
static enum err check_past(const cJSON *payload, int64_t now_ms, struct refusal *ret_why)
{
	static const struct {
		const char *name;
		bool required;
	} dates[] = {{"iat", true}, {"nbf", false}, {"auth_time", false}};

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		if (!dates[i].required && !json_get(payload, dates[i].name))
			continue;
		int64_t at_ms;
		enum err err = read_date(payload, dates[i].name, &at_ms, ret_why);
		if (err)
			return err;
		if (at_ms > now_ms + LEEWAY_MS)
			return refuse(ret_why, ERR_TOKEN_INVALID, NULL, "the token's %s lies in the future",
				dates[i].name);
	}
	return OK;
}

static void fill(const cJSON *payload, int64_t expires_at_ms, struct auth_claims *ret)
{
	const char *name = get_string(payload, "name");
	const char *email = get_string(payload, "email");
	*ret = (struct auth_claims){.expires_at_ms = expires_at_ms};
	snprintf(ret->issuer, sizeof(ret->issuer), "%s", get_string(payload, "iss"));
	snprintf(ret->subject, sizeof(ret->subject), "%s", get_string(payload, "sub"));
	/* A person is let in whatever they are called; what doesn't fit is left out, never cut. */
	if (name && claims_name_valid(name))
		snprintf(ret->name, sizeof(ret->name), "%s", name);
	if (email && claims_email_valid(email))
		snprintf(ret->email, sizeof(ret->email), "%s", email);
}

enum err claims_read(const struct cJSON *payload, const char *issuer, const char *audience, int64_t now_ms,
	struct auth_claims *ret, struct refusal *ret_why)
{
	enum err err = check_parties(payload, issuer, audience, ret_why);
	if (!err)
		err = check_past(payload, now_ms, ret_why);
	int64_t expires_at_ms;
	if (!err)
		err = read_date(payload, "exp", &expires_at_ms, ret_why);
	if (err)
		return err;
	/* Last, so that "expired" is said only of a token that was good. */
	if (now_ms >= expires_at_ms)
		return refuse(ret_why, ERR_TOKEN_EXPIRED, NULL, "the token has expired");
	fill(payload, expires_at_ms, ret);
	return OK;
}
