#include "store/recent.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Some 400 bytes each, for as many as are at work at once. */
#define PLACES 4096

/* Texts are kept as long as they are. */
struct kept_user {
	int64_t due_from_ms; /* nothing falls due before */
	struct user user;    /* up to its texts, which follow: user_id, name, email */
};
#define USER_HEAD offsetof(struct user, user_id)

struct kept_timer {
	int64_t uid;
	struct session session; /* up to the end of its title */
};

struct recent {
	struct kept_user *users[PLACES];
	struct kept_timer *timers[PLACES];
};

struct recent *recent_create(void)
{
	struct recent *recent = calloc(1, sizeof(*recent));
	if (!recent)
		abort();
	return recent;
}

void recent_destroy(struct recent *recent)
{
	if (recent)
		recent_clear(recent);
	free(recent);
}

void recent_clear(struct recent *recent)
{
	for (size_t i = 0; i < PLACES; i++) {
		free(recent->users[i]);
		free(recent->timers[i]);
	}
	*recent = (struct recent){0};
}

static size_t place_of(uint64_t number)
{
	return (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 52);
}
static_assert(PLACES == 1 << 12, "a place is 12 bits");

static struct kept_user *find_user(const struct recent *recent, int64_t uid)
{
	struct kept_user *kept = recent->users[place_of((uint64_t)uid)];
	return kept && kept->user.uid == uid ? kept : NULL;
}

static char *put_text(char *at, const char *text)
{
	size_t len = strlen(text) + 1;
	memcpy(at, text, len);
	return at + len;
}

static const char *take_text(const char *at, char *ret)
{
	size_t len = strlen(at) + 1;
	memcpy(ret, at, len);
	return at + len;
}

bool recent_user(const struct recent *recent, int64_t uid, struct user *ret)
{
	const struct kept_user *kept = find_user(recent, uid);
	if (!kept)
		return false;
	memcpy(ret, &kept->user, USER_HEAD);
	const char *at = kept->user.user_id;
	at = take_text(at, ret->user_id);
	at = take_text(at, ret->name);
	take_text(at, ret->email);
	return true;
}

void recent_keep_user(struct recent *recent, const struct user *user)
{
	size_t texts = strlen(user->user_id) + strlen(user->name) + strlen(user->email) + 3;
	struct kept_user *kept = malloc(offsetof(struct kept_user, user) + USER_HEAD + texts);
	if (!kept)
		abort();
	kept->due_from_ms = INT64_MIN;
	memcpy(&kept->user, user, USER_HEAD);
	char *at = (char *)kept + offsetof(struct kept_user, user) + USER_HEAD;
	at = put_text(at, user->user_id);
	at = put_text(at, user->name);
	put_text(at, user->email);
	struct kept_user **place = &recent->users[place_of((uint64_t)user->uid)];
	free(*place);
	*place = kept;
}

void recent_drop_user(struct recent *recent, int64_t uid)
{
	struct kept_user **place = &recent->users[place_of((uint64_t)uid)];
	free(*place);
	*place = NULL;
}

void recent_note_event(struct recent *recent, int64_t uid, int64_t seq, uint32_t tag, int64_t now_ms)
{
	struct kept_user *kept = find_user(recent, uid);
	if (!kept)
		return;
	kept->user.seq = seq;
	kept->user.tag = tag;
	kept->user.clock_ms = now_ms;
}

bool recent_is_quiet(const struct recent *recent, int64_t uid, int64_t until_ms)
{
	const struct kept_user *kept = find_user(recent, uid);
	return kept && until_ms < kept->due_from_ms;
}

void recent_keep_due(struct recent *recent, int64_t uid, int64_t at_ms)
{
	struct kept_user *kept = find_user(recent, uid);
	if (kept)
		kept->due_from_ms = at_ms;
}

void recent_note_due(struct recent *recent, int64_t uid, int64_t at_ms)
{
	struct kept_user *kept = find_user(recent, uid);
	if (kept && at_ms < kept->due_from_ms)
		kept->due_from_ms = at_ms;
}

static size_t timer_place(const struct uuid *id)
{
	uint64_t halves[2];
	memcpy(halves, id->bytes, sizeof(halves));
	return place_of(halves[0] ^ halves[1]);
}

bool recent_timer(const struct recent *recent, int64_t uid, const struct uuid *id, struct session *ret)
{
	const struct kept_timer *kept = recent->timers[timer_place(id)];
	if (!kept || kept->uid != uid || !uuid_equal(&kept->session.id, id))
		return false;
	memcpy(ret, &kept->session, offsetof(struct session, title));
	take_text(kept->session.title, ret->title);
	return true;
}

void recent_keep_timer(struct recent *recent, int64_t uid, const struct session *session)
{
	assert(session->kind == KIND_TIMER);
	size_t size = offsetof(struct session, title) + strlen(session->title) + 1;
	struct kept_timer *kept = malloc(offsetof(struct kept_timer, session) + size);
	if (!kept)
		abort();
	kept->uid = uid;
	memcpy(&kept->session, session, size);
	struct kept_timer **place = &recent->timers[timer_place(&session->id)];
	free(*place);
	*place = kept;
}
