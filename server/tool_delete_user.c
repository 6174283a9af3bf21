/* Deletes a person: by the server that runs, or itself where none does. */
#include "server/control.h"
#include "server/entropy.h"
#include "server/forget.h"
#include "server/tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wish {
	const char *db, *user;
};

static int print_line(const struct text *line)
{
	fwrite(line->data, 1, line->len, stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : tool_complain(EXIT_RUNTIME, strerror(errno));
}

static int complain_nobody(const struct wish *wish)
{
	char why[256];
	snprintf(why, sizeof(why), "there is no user %.200s", wish->user);
	return tool_complain(EXIT_RUNTIME, why);
}

/* The server knows whom to tell, and what else is under way. */
static int ask_server(const struct wish *wish)
{
	TEXT_AUTO body = {0};
	TEXT_AUTO answer = {0};
	char path[PATH_MAX], why[256];
	int status = 0;
	text_append_string(&body, "{\"user\":");
	text_append_json(&body, wish->user);
	text_append_string(&body, "}");
	if (store_beside(wish->db, CONTROL_SUFFIX, path, why) ||
		control_ask(path, CONTROL_DELETE_USER, &body, &status, &answer, why))
		return tool_complain(EXIT_RUNTIME, why);
	if (status == 200)
		return print_line(&answer);
	if (status == 404)
		return complain_nobody(wish);
	snprintf(why, sizeof(why), "the server answers %d: %.200s", status, answer.len ? answer.data : "");
	return tool_complain(EXIT_RUNTIME, why);
}

/* Each slice is on disk before the next: after any end it goes on where it was, here or in the server. */
static enum err delete_slices(struct store *store, struct forgetting *person)
{
	bool done = false;
	enum err err = OK;
	while (!err && !done) {
		err = store_begin(store);
		if (!err)
			err = store_forget_slice(store, person, &done);
		if (!err)
			err = store_commit(store);
		if (!err)
			err = store_checkpoint(store, false);
	}
	return err;
}

/* Whoever is still to be deleted, as often as there is somebody; *ret is the one with that uid. */
static enum err delete_all(struct store *store, int64_t uid, struct forgetting *ret, bool *ret_rewritten)
{
	struct forgetting person;
	enum err err;
	while (!(err = store_begin(store)) && !(err = store_forget_next(store, &person))) {
		store_rollback(store);
		err = delete_slices(store, &person);
		if (!err)
			err = store_forget_wipe(store, INT64_MAX, ret_rewritten);
		if (!err)
			err = store_begin(store);
		if (!err)
			err = store_forget_end(store, person.uid);
		if (!err)
			err = store_commit(store);
		if (err)
			break;
		if (person.uid == uid)
			*ret = person;
	}
	store_rollback(store);
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err begin(struct store *store, const struct wish *wish, int64_t *ret_uid)
{
	struct entropy entropy = {0};
	unsigned char random[16];
	entropy_fill(&entropy, random, sizeof(random));
	enum err err = store_begin(store);
	if (!err)
		err = store_forget_begin(store, wish->user, random, ret_uid);
	if (!err)
		return store_commit(store);
	store_rollback(store);
	return err;
}

static int delete_here(struct store *store, const struct wish *wish)
{
	TEXT_AUTO line = {0};
	struct forgetting person = {0};
	bool rewritten = false;
	int64_t uid = 0;
	enum err err = begin(store, wish, &uid);
	if (err == ERR_NOT_FOUND)
		return complain_nobody(wish);
	if (!err)
		err = delete_all(store, uid, &person, &rewritten);
	if (err)
		return tool_complain(EXIT_RUNTIME, store_message(store));
	forget_tell(&line, wish->user, &person, rewritten);
	return print_line(&line);
}

int tool_delete_user(const struct tool *tool, int argc, char *const *argv)
{
	struct wish wish = {0};
	const struct tool_flag flags[] = {{"db", &wish.db, true}, {"user", &wish.user, true}};
	struct store *store;
	char why[256];
	if (!tool_read_flags(tool, argc, argv, flags, sizeof(flags) / sizeof(*flags)))
		return EXIT_USAGE;
	/* Opening would make it. */
	if (access(wish.db, F_OK) != 0) {
		snprintf(why, sizeof(why), "%.180s: %s", wish.db, strerror(errno));
		return tool_complain(EXIT_RUNTIME, why);
	}
	enum err err = store_open(wish.db, &store, why);
	if (err == ERR_CONFLICT)
		return ask_server(&wish);
	if (err)
		return tool_complain(EXIT_RUNTIME, why);
	int exit_code = delete_here(store, &wish);
	store_close(store);
	return exit_code;
}
