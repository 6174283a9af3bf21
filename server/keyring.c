#include "server/keyring.h"

#include "auth/key.h"
#include "auth/keyset.h"
#include "protocol/text.h"
#include "server/clock.h"
#include "server/discovery.h"
#include "server/fetch.h"
#include "server/log.h"
#include "server/refresh.h"

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For discovery and keys together: whoever signs in meanwhile waits for it. */
#define WITHIN_MS (10 * 1000)
/* Providers hardly ever move their keys to another address. */
#define DISCOVER_AGAIN_MS (24 * 3600 * 1000)

enum { WHY_BYTES = 256 };

/* Where one issuer's keys come from. */
struct source {
	struct keyring *keyring;
	const struct issuer_option *option;
	bool is_file;
	struct refresh refresh;
	struct ev_timer timer; /* until refresh.next_ms */
	struct fetch_request *request;
	int64_t until_ms; /* when the try under way ends at the latest */
	char *discovered; /* where the issuer says that its keys are; NULL: not known */
	int64_t discovered_ms;
};

struct keyring {
	struct ev_loop *ev;
	struct auth *auth;
	struct fetch *fetch;
	void (*news)(void *context);
	void *context;
	size_t count;
	struct source sources[];
};

/* --- Keys ------------------------------------------------------------------------------------------------
 */

/* The issuer's keys are those of this document from now on. */
static enum err take_keys(const struct source *source, const char *text, size_t len, char why[WHY_BYTES])
{
	struct key **keys;
	size_t count;
	struct refusal refusal = {0};
	enum err err = keyset_read(text, len, &keys, &count, &refusal);
	if (err) {
		snprintf(why, WHY_BYTES, "%s", refusal.message);
		return err;
	}
	auth_set_keys(source->keyring->auth, source->option->issuer, keys, count);
	free(keys);
	return OK;
}

/* --- Files -----------------------------------------------------------------------------------------------
 */

/* A pipe, or one that grows for ever, would hold the loop up. */
static enum err read_descriptor(int fd, struct text *ret, char why[WHY_BYTES])
{
	struct stat stat;
	ssize_t got = 1;
	if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode) || stat.st_size > KEYSET_BYTES_MAX) {
		snprintf(why, WHY_BYTES, "it is no file of at most %d bytes", KEYSET_BYTES_MAX);
		return ERR_BAD_REQUEST;
	}
	while (got > 0 && ret->len <= KEYSET_BYTES_MAX) {
		char bytes[4096];
		got = read(fd, bytes, sizeof(bytes));
		if (got > 0)
			text_append(ret, bytes, (size_t)got);
	}
	if (got == 0)
		return OK;
	snprintf(why, WHY_BYTES, "%s", got < 0 ? strerror(errno) : "it is too large");
	return ERR_BAD_REQUEST;
}

static enum err read_file(const char *path, struct text *ret, char why[WHY_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		snprintf(why, WHY_BYTES, "%s", strerror(errno));
		return ERR_BAD_REQUEST;
	}
	enum err err = read_descriptor(fd, ret, why);
	close(fd);
	return err;
}

static enum err load_file(const struct source *source, char why[WHY_BYTES])
{
	TEXT_AUTO text = {0};
	enum err err = read_file(source->option->jwks, &text, why);
	return err ? err : take_keys(source, text.data ? text.data : "", text.len, why);
}

static void reload_file(const struct source *source)
{
	char why[WHY_BYTES];
	if (load_file(source, why))
		log_error(
			"%s: the old keys of %s stay: %s", source->option->jwks, source->option->issuer, why);
	else
		log_info("the keys of %s were read again", source->option->issuer);
}

/* --- Addresses -------------------------------------------------------------------------------------------
 */

static void end(struct source *source)
{
	struct keyring *keyring = source->keyring;
	int64_t wait_ms = source->refresh.next_ms - clock_monotonic_ms();
	source->request = NULL;
	ev_timer_stop(keyring->ev, &source->timer);
	ev_timer_set(&source->timer, wait_ms > 0 ? (double)wait_ms / 1000 : 0, 0);
	ev_timer_start(keyring->ev, &source->timer);
	if (keyring->news)
		keyring->news(keyring->context);
}

/* The log hears of the first failure in a row, and of its end. */
static void fail(struct source *source, const char *address, const char *why)
{
	const char *kept = source->refresh.had ? "the old ones stay" : "nobody of theirs can sign in";
	if (source->refresh.failures == 0)
		log_warn("no keys of %s from %s: %s; %s, and it is tried again", source->option->issuer,
			address, why, kept);
	refresh_fail(&source->refresh, clock_monotonic_ms());
	end(source);
}

static void succeed(struct source *source, int64_t keep_seconds)
{
	if (!source->refresh.had || source->refresh.failures)
		log_info("the keys of %s are here", source->option->issuer);
	refresh_succeed(&source->refresh, keep_seconds, clock_monotonic_ms());
	end(source);
}

static const char *keys_address(const struct source *source)
{
	return source->option->jwks ? source->option->jwks : source->discovered;
}

static void on_keys(void *context, const struct fetch_answer *answer)
{
	struct source *source = context;
	char why[WHY_BYTES];
	if (answer->why)
		fail(source, keys_address(source), answer->why);
	else if (take_keys(source, answer->body, answer->len, why))
		fail(source, keys_address(source), why);
	else
		succeed(source, answer->keep_seconds);
}

static void get(struct source *source, const char *address,
	void (*done)(void *context, const struct fetch_answer *answer))
{
	int64_t left_ms = source->until_ms - clock_monotonic_ms();
	source->request = fetch_get(source->keyring->fetch, address, left_ms, done, source);
}

/* False, and nothing has changed, when it doesn't tell. */
static bool take_discovery(struct source *source, const struct fetch_answer *answer, char why[WHY_BYTES])
{
	struct refusal refusal = {0};
	char *address;
	if (answer->why) {
		snprintf(why, WHY_BYTES, "%s", answer->why);
		return false;
	}
	if (discovery_read(answer->body, answer->len, source->option->issuer, &address, &refusal)) {
		snprintf(why, WHY_BYTES, "%s", refusal.message);
		return false;
	}
	free(source->discovered);
	source->discovered = address;
	source->discovered_ms = clock_monotonic_ms();
	return true;
}

/* While the issuer doesn't tell, the address that it told before is good enough for its keys. */
static void on_discovery(void *context, const struct fetch_answer *answer)
{
	struct source *source = context;
	char why[WHY_BYTES];
	if (!take_discovery(source, answer, why) && !source->discovered) {
		char *address = discovery_address(source->option->issuer);
		fail(source, address, why);
		free(address);
		return;
	}
	get(source, source->discovered, on_keys);
}

static bool needs_discovery(const struct source *source)
{
	if (source->option->jwks)
		return false;
	return !source->discovered || source->refresh.failures ||
	       clock_monotonic_ms() - source->discovered_ms >= DISCOVER_AGAIN_MS;
}

static void begin(struct source *source)
{
	refresh_begin(&source->refresh);
	ev_timer_stop(source->keyring->ev, &source->timer);
	source->until_ms = clock_monotonic_ms() + WITHIN_MS;
	if (!needs_discovery(source)) {
		get(source, keys_address(source), on_keys);
		return;
	}
	char *address = discovery_address(source->option->issuer);
	get(source, address, on_discovery);
	free(address);
}

static void on_time(struct ev_loop *ev, struct ev_timer *timer, int events)
{
	(void)ev;
	(void)events;
	begin(timer->data);
}

/* --- The ring --------------------------------------------------------------------------------------------
 */

/* Its issuer is believed from here on, with the keys of its file, or with none yet. */
static enum err open_source(struct source *source, char ret_why[WHY_BYTES])
{
	const struct issuer_option *option = source->option;
	struct refusal refusal = {0};
	char why[WHY_BYTES];
	if (auth_add_issuer(source->keyring->auth, option->issuer, option->audience, NULL, 0, &refusal)) {
		snprintf(ret_why, WHY_BYTES, "%s", refusal.message);
		return ERR_BAD_REQUEST;
	}
	if (!source->is_file || !load_file(source, why))
		return OK;
	snprintf(ret_why, WHY_BYTES, "jwks %.100s: %.130s", option->jwks, why);
	return ERR_BAD_REQUEST;
}

/* Without a loop it only reads the files. */
static enum err open_sources(struct ev_loop *loop, struct auth *auth, const struct options *options,
	struct keyring **ret, char ret_why[WHY_BYTES])
{
	struct keyring *keyring =
		calloc(1, sizeof(*keyring) + options->issuer_count * sizeof(keyring->sources[0]));
	enum err err = OK;
	if (!keyring)
		abort();
	keyring->ev = loop;
	keyring->auth = auth;
	keyring->count = options->issuer_count;
	for (size_t i = 0; i < keyring->count && !err; i++) {
		struct source *source = &keyring->sources[i];
		const char *jwks = options->issuers[i].jwks;
		source->keyring = keyring;
		source->option = &options->issuers[i];
		source->is_file = jwks && !strstr(jwks, "://");
		ev_timer_init(&source->timer, on_time, 0, 0);
		source->timer.data = source;
		err = open_source(source, ret_why);
	}
	if (err)
		keyring_destroy(keyring);
	else
		*ret = keyring;
	return err;
}

enum err keyring_create(struct ev_loop *loop, struct auth *auth, const struct options *options,
	struct keyring **ret, char ret_why[256])
{
	enum err err = open_sources(loop, auth, options, ret, ret_why);
	if (err)
		return err;
	(*ret)->fetch = fetch_create(loop);
	for (size_t i = 0; i < (*ret)->count; i++) {
		if (!(*ret)->sources[i].is_file)
			begin(&(*ret)->sources[i]);
	}
	return OK;
}

void keyring_destroy(struct keyring *keyring)
{
	if (!keyring)
		return;
	for (size_t i = 0; i < keyring->count; i++) {
		struct source *source = &keyring->sources[i];
		if (keyring->ev)
			ev_timer_stop(keyring->ev, &source->timer);
		fetch_cancel(source->request);
		free(source->discovered);
	}
	fetch_destroy(keyring->fetch);
	free(keyring);
}

enum err keyring_check(const struct options *options, char ret_why[256])
{
	struct auth *auth = auth_create();
	struct keyring *keyring;
	enum err err = open_sources(NULL, auth, options, &keyring, ret_why);
	if (!err)
		keyring_destroy(keyring);
	auth_destroy(auth);
	return err;
}

void keyring_on_news(struct keyring *keyring, void (*news)(void *context), void *context)
{
	keyring->news = news;
	keyring->context = context;
}

static struct source *find_source(struct keyring *keyring, const char *issuer)
{
	for (size_t i = 0; i < keyring->count; i++) {
		if (strcmp(keyring->sources[i].option->issuer, issuer) == 0)
			return &keyring->sources[i];
	}
	return NULL;
}

/* The local issuer is none of ours: its one key doesn't change. */
enum keyring_state keyring_want(struct keyring *keyring, const char *issuer)
{
	struct source *source = find_source(keyring, issuer);
	if (!source || source->is_file)
		return KEYRING_KNOWN;
	if (source->refresh.asking)
		return KEYRING_ASKING;
	if (refresh_wanted(&source->refresh, clock_monotonic_ms())) {
		begin(source);
		return KEYRING_ASKING;
	}
	return source->refresh.had ? KEYRING_KNOWN : KEYRING_MISSING;
}

void keyring_reload(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->count; i++) {
		struct source *source = &keyring->sources[i];
		if (source->is_file) {
			reload_file(source);
		} else if (!source->refresh.asking) {
			log_info("the keys of %s are asked for again", source->option->issuer);
			begin(source);
		}
	}
}
