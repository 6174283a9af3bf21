/* `lockstep restore`: brings back what was deleted. The server tells of it only in the log of events. */
#include "examples/cli/clean.h"
#include "examples/cli/name.h"
#include "examples/cli/term.h"
#include "examples/cli/verbs.h"
#include "examples/cli/visit.h"
#include "examples/cli/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many events back; the server replays 500 by default, and fewer when they are large or old. */
#define EVENTS_MOST  400
#define EVENTS_LEAST 4

struct deleted {
	char title[LIMIT_BYTES(LIMIT_TITLE_CHARS)];
	struct uuid id;
};

/* Sessions that were deleted, and not brought back since, in the last events. */
struct trash {
	struct deleted *items;
	size_t count;
};

static const char *text_of(const cJSON *object, const char *name)
{
	const cJSON *item = json_get(object, name);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static void take_session(struct trash *trash, const cJSON *session)
{
	struct uuid id;
	size_t at = 0;
	if (!uuid_parse(text_of(session, "id"), &id))
		return;
	while (at < trash->count && !uuid_equal(&trash->items[at].id, &id))
		at++;
	if (at < trash->count)
		trash->items[at] = trash->items[--trash->count];
	if (!cJSON_IsTrue(json_get(session, "isDeleted")))
		return;
	trash->items = realloc(trash->items, (trash->count + 1) * sizeof(*trash->items));
	if (!trash->items)
		abort();
	struct deleted *item = &trash->items[trash->count++];
	const char *title = text_of(session, "title");
	clean_copy(*title ? title : text_of(session, "kind"), item->title, sizeof(item->title));
	item->id = id;
}

/* The last events, or a snapshot where there are too many to be had. */
static enum code ask_events(const struct visit *visit, int64_t count, cJSON **ret)
{
	const struct replica *replica = &visit->mirror.replica;
	char path[160];
	int64_t seq = replica->seq > count ? replica->seq - count : 0;
	snprintf(path, sizeof(path), "/v1/events?epoch=%s&seq=%" PRId64 "&waitMs=0", replica->epoch, seq);
	struct web_request request = {"GET", path, NULL, visit->mirror.token.text, visit_left_ms(visit)};
	return web_ask(visit->mirror.config, &request, ret);
}

static enum code load(const struct visit *visit, struct trash *ret)
{
	const cJSON *event;
	JSON_AUTO *answer = NULL;
	enum code code = CODE_OK;
	for (int64_t count = EVENTS_MOST; !code && !json_get(answer, "events") && count >= EVENTS_LEAST;
		count /= 2) {
		json_free(&answer);
		code = ask_events(visit, count, &answer);
	}
	cJSON_ArrayForEach (event, json_get(answer, "events"))
		take_session(ret, json_get(event, "session"));
	return code;
}

static enum code find(const struct trash *trash, const char *name, struct uuid *ret)
{
	TEXT_AUTO several = {0};
	struct name_candidate *candidates = calloc(trash->count + 1, sizeof(*candidates));
	if (!candidates)
		abort();
	for (size_t i = 0; i < trash->count; i++)
		candidates[i] = (struct name_candidate){trash->items[i].title, trash->items[i].id, true};
	size_t found = name_find(candidates, trash->count, name, &several);
	free(candidates);
	if (found == NAME_NONE)
		term_say("nothing called %s was deleted lately; its whole id would do", name);
	else if (found == NAME_MANY)
		term_list(&several, "%s may be any of these:", name);
	else
		*ret = trash->items[found].id;
	return found < trash->count ? CODE_OK : CODE_NAME;
}

static enum code restore(struct visit *visit, const char *name)
{
	struct trash trash = {0};
	struct uuid id;
	VERDICT_AUTO verdict = {0};
	TEXT_AUTO command = {0};
	enum code code = CODE_OK;
	if (!uuid_parse(name, &id)) {
		code = load(visit, &trash);
		if (!code)
			code = find(&trash, name, &id);
		free(trash.items);
	}
	if (code)
		return code;
	visit_append_command(&command, "restoreSession", &id);
	code = visit_do(visit, &command, &verdict);
	if (!code)
		visit_tell(visit, &verdict);
	return code;
}

enum code verb_restore(const struct args *args, const struct config *config)
{
	struct visit visit;
	enum code code = visit_begin(&visit, args, config);
	if (code)
		return code;
	code = restore(&visit, args->words[1]);
	visit_end(&visit);
	return code;
}
