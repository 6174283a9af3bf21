#include "server/options_issuers.h"

#include "auth/local.h"
#include "protocol/limits.h"
#include "server/url.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What Firebase calls itself in its tokens, before the project's id; and where it publishes its keys. */
#define FIREBASE_ISSUER "https://securetoken.google.com/"
#define FIREBASE_KEYS \
	"https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com"
/* Google's have 6 to 30 characters, older ones a domain in front. */
#define PROJECT_BYTES 128
/* Of a web key, which has 39; and of a name in the DNS. */
#define KEY_BYTES  128
#define HOST_BYTES 253

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"
#define PROJECT LETTERS DIGITS "._:-"

__attribute__((format(printf, 2, 3))) static bool refuse_with(char *ret_why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(ret_why, ISSUER_WHY_BYTES, format, args);
	va_end(args);
	return false;
}

static char *copy(const char *text)
{
	char *made = strdup(text);
	if (!made)
		abort();
	return made;
}

static struct issuer_option *last_of(const struct options *options)
{
	return options->issuer_count ? &options->issuers[options->issuer_count - 1] : NULL;
}

static bool is_known(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->issuer_count; i++) {
		if (strcmp(options->issuers[i].issuer, name) == 0)
			return true;
	}
	return strcmp(name, LOCAL_ISSUER) == 0;
}

static bool add(struct options *options, struct issuer_reader *reader, const char *issuer, char *ret_why)
{
	if (is_known(options, issuer))
		return refuse_with(ret_why, "the issuer %.100s is there already", issuer);
	struct issuer_option *grown =
		realloc(options->issuers, (options->issuer_count + 1) * sizeof(*options->issuers));
	if (!grown)
		abort();
	options->issuers = grown;
	options->issuers[options->issuer_count++] = (struct issuer_option){.issuer = copy(issuer)};
	reader->jwks = false;
	return true;
}

static bool consists_of(const char *text, const char *allowed, size_t max)
{
	size_t len = strlen(text);
	return len <= max && strspn(text, allowed) == len;
}

static bool take_firebase(
	struct options *options, struct issuer_reader *reader, const char *value, char *ret_why)
{
	char issuer[sizeof(FIREBASE_ISSUER) + PROJECT_BYTES];
	if (!consists_of(value, PROJECT, PROJECT_BYTES))
		return refuse_with(ret_why, "firebase-project must be a project's id, not %.60s", value);
	snprintf(issuer, sizeof(issuer), "%s%s", FIREBASE_ISSUER, value);
	if (!add(options, reader, issuer, ret_why))
		return false;
	last_of(options)->audience = copy(value);
	last_of(options)->jwks = copy(FIREBASE_KEYS);
	return true;
}

static bool take_oidc(struct options *options, struct issuer_reader *reader, const char *value, char *ret_why)
{
	if (!url_is_web(value) || strchr(value, '?'))
		return refuse_with(ret_why,
			"oidc-issuer must be an https:// or http:// address without a query, not %.60s",
			value);
	if (strlen(value) > LIMIT_ISSUER_BYTES)
		return refuse_with(ret_why, "oidc-issuer must have at most %d bytes", LIMIT_ISSUER_BYTES);
	return add(options, reader, value, ret_why);
}

/* Firebase's audience is its project, and is there from the start. */
static bool take_audience(
	struct options *options, struct issuer_reader *reader, const char *value, char *ret_why)
{
	struct issuer_option *issuer = last_of(options);
	(void)reader;
	if (!issuer || issuer->audience)
		return refuse_with(ret_why, "oidc-audience needs an oidc-issuer of its own before it");
	issuer->audience = copy(value);
	return true;
}

static bool take_jwks(struct options *options, struct issuer_reader *reader, const char *value, char *ret_why)
{
	struct issuer_option *issuer = last_of(options);
	if (!issuer)
		return refuse_with(ret_why, "jwks needs a firebase-project or an oidc-issuer before it");
	if (reader->jwks)
		return refuse_with(ret_why, "jwks is given twice for %.100s", issuer->issuer);
	if (strstr(value, "://") && !url_may_be_asked(value))
		return refuse_with(
			ret_why, "jwks must be a file, https://, or http:// on loopback, not %.60s", value);
	reader->jwks = true;
	free((void *)issuer->jwks);
	issuer->jwks = copy(value);
	return true;
}

bool options_issuers_take(struct options *options, struct issuer_reader *reader, enum issuer_part part,
	const char *value, char ret_why[ISSUER_WHY_BYTES])
{
	static const struct {
		const char *name;
		bool (*take)(struct options *, struct issuer_reader *, const char *value, char *ret_why);
	} parts[] = {
		[ISSUER_FIREBASE] = {"firebase-project", take_firebase},
		[ISSUER_OIDC] = {"oidc-issuer", take_oidc},
		[ISSUER_AUDIENCE] = {"oidc-audience", take_audience},
		[ISSUER_JWKS] = {"jwks", take_jwks},
	};
	if (!*value)
		return refuse_with(ret_why, "%s must not be empty", parts[part].name);
	if (!reader->began)
		options_issuers_finish(options);
	reader->began = true;
	return parts[part].take(options, reader, value, ret_why);
}

/* They go into JSON and into a header. */
static bool check_page(const struct options *options, char *ret_why)
{
	const char *key = options->firebase_api_key, *domain = options->firebase_auth_domain,
		   *emulator = options->firebase_emulator;
	if (key && !options_firebase_project(options))
		return refuse_with(ret_why, "firebase-api-key needs a firebase-project");
	if (!key && (domain || emulator))
		return refuse_with(
			ret_why, "firebase-%s needs a firebase-api-key", domain ? "auth-domain" : "emulator");
	if (key && !consists_of(key, LETTERS DIGITS "_-", KEY_BYTES))
		return refuse_with(ret_why, "firebase-api-key must be a project's web key, not %.60s", key);
	if (domain && !consists_of(domain, LETTERS DIGITS ".-", HOST_BYTES))
		return refuse_with(ret_why, "firebase-auth-domain must be a host's name, not %.60s", domain);
	if (emulator && !options->dev)
		return refuse_with(ret_why, "firebase-emulator is for dev only");
	if (emulator && !url_is_loopback_origin(emulator))
		return refuse_with(ret_why,
			"firebase-emulator must be http:// on loopback without a path, not %.60s", emulator);
	return true;
}

/* An issuer whose keys are told elsewhere is only a name, and may be any; else it is asked for them. */
bool options_issuers_check(const struct options *options, char ret_why[ISSUER_WHY_BYTES])
{
	for (size_t i = 0; i < options->issuer_count; i++) {
		const struct issuer_option *issuer = &options->issuers[i];
		if (!issuer->audience)
			return refuse_with(
				ret_why, "oidc-issuer %.60s needs an oidc-audience", issuer->issuer);
		if (!issuer->jwks && !url_may_be_asked(issuer->issuer))
			return refuse_with(ret_why,
				"oidc-issuer %.60s must be https://, or http:// on loopback, or needs jwks",
				issuer->issuer);
	}
	return check_page(options, ret_why);
}

/* What FIREBASE_ISSUER stands before, if it does. An oidc-issuer may be called anything. */
static const char *project_of(const struct issuer_option *issuer)
{
	size_t len = strlen(FIREBASE_ISSUER);
	if (strncmp(issuer->issuer, FIREBASE_ISSUER, len) != 0)
		return NULL;
	const char *project = issuer->issuer + len;
	return *project && consists_of(project, PROJECT, PROJECT_BYTES) ? project : NULL;
}

static void tell(struct issuer_telling *telling, const char *name, const char *value)
{
	telling->parts[telling->count].name = name;
	telling->parts[telling->count++].value = value;
}

void options_issuers_tell(const struct issuer_option *issuer, struct issuer_telling *ret)
{
	const char *project = project_of(issuer);
	bool firebase = project && strcmp(project, issuer->audience) == 0;
	*ret = (struct issuer_telling){0};
	if (firebase) {
		tell(ret, "firebase-project", project);
	} else {
		tell(ret, "oidc-issuer", issuer->issuer);
		tell(ret, "oidc-audience", issuer->audience);
	}
	if (issuer->jwks && !(firebase && strcmp(issuer->jwks, FIREBASE_KEYS) == 0))
		tell(ret, "jwks", issuer->jwks);
}

const char *options_firebase_project(const struct options *options)
{
	for (size_t i = 0; i < options->issuer_count; i++) {
		const char *project = project_of(&options->issuers[i]);
		if (project)
			return project;
	}
	return NULL;
}

void options_issuers_finish(struct options *options)
{
	for (size_t i = 0; i < options->issuer_count; i++) {
		free((void *)options->issuers[i].issuer);
		free((void *)options->issuers[i].audience);
		free((void *)options->issuers[i].jwks);
	}
	free(options->issuers);
	options->issuers = NULL;
	options->issuer_count = 0;
}
