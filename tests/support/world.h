/* Two users who say anything at all over days of virtual time, and what their clients make of the answers.
 * world.c has the clients, world_commands.c what is said, world_database.c what the database must hold of it,
 * world_step.c how it goes on.
 * Everything fails the running test when it is not as it must be. Include after cmocka.h. */
#ifndef LOCKSTEP_TESTS_SUPPORT_WORLD_H
#define LOCKSTEP_TESTS_SUPPORT_WORLD_H

#include "protocol/json.h"
#include "tests/support/player.h"
#include "tests/support/source.h"

#define MINUTE_MS          INT64_C(60000)
#define HOUR_MS            (60 * MINUTE_MS)
#define DAY_MS             (24 * HOUR_MS)
#define WORLD_KEPT         16
#define WORLD_COMMANDS_MAX 6

/* A command with a key, as it was first answered. */
struct kept {
	char *body;
	char key[16];
	int64_t seq;
	bool changed;
};

/* What a client knows: each entity as its last event showed it, by id, and every event as it came. */
struct client {
	const char *user;
	int64_t seq, now_ms;
	/* The last reset that came by itself, and when; 0 as well after a change of the day's rule. */
	int64_t reset_at_ms, reset_now_ms;
	cJSON *entities[ENTITY_COUNT]; /* objects of entities by id; that of the user is the user, or NULL */
	struct text *events;           /* events[seq - 1] */
	struct kept kept[WORLD_KEPT];
	int keys;
};

/* One message and what it asks for. */
struct asked {
	int count;
	struct {
		const char *name;
		char key[16];
		char *body;
		int repeats; /* which of the kept ones; -1: none */
	} commands[WORLD_COMMANDS_MAX];
};

struct world {
	struct player player;
	struct client clients[2];
	struct source source;
	unsigned given[ENTITY_COUNT]; /* ids given out to new ones */
	const struct client *speaker; /* whose message is being made */
	const char *step;             /* what is being done, for messages */
};

#define MUST(condition)                                                                                 \
	do {                                                                                            \
		if (!(condition))                                                                       \
			fail_msg("%s:%d: %s\n  after %s", __FILE__, __LINE__, #condition, world->step); \
	} while (0)

/* The source is where what is said, and when, comes from. */
void world_init(struct world *world, int64_t start_ms, struct source source);
void world_finish(struct world *world);
/* Opens the database as a test may: quickly. */
void world_open_quickly(struct world *world);

uint64_t world_draw(struct world *world, uint64_t below);
int64_t world_draw_ms(struct world *world, int64_t below_ms);
bool world_chance(struct world *world, int percent);

/* Members of what was sent: -1, "" and false where there is none. */
int64_t get_integer(const cJSON *object, const char *name);
const char *get_string(const cJSON *object, const char *name);
bool get_bool(const cJSON *object, const char *name);
/* Whether the member changes while time goes by, with nothing said. */
bool moves_with_time(const cJSON *entity, const char *name);
/* Two objects with the same members and values, but for what moves with time. */
void check_same(struct world *world, const cJSON *known, const cJSON *told);

/* Adds a command to the message, or the repetition of one that was answered before. */
void world_ask(struct world *world, struct client *client, struct asked *asked);
void asked_encode(const struct asked *asked, bool batch, struct text *out);
void asked_finish(struct asked *asked);

/* Takes all that was sent: events to their clients, and copies of events and answers to the lists (or NULL).
 * Events stand before every answer; without `client` they may be anybody's. */
void world_take_sent(struct world *world, struct client *client, cJSON *events, cJSON *answers);
/* Each result tells of the events that its own command made, and of no others. */
void world_check_results(struct world *world, struct client *client, const struct asked *asked,
	const cJSON *events, const cJSON *results);

/* Few of everything, so that the limits are met. */
void world_limit(struct world *world);
/* Time passes, somebody says something, and all that must always hold is looked at. */
void world_step(struct world *world);
/* What must hold of the logs as a whole; their old events are deleted then. */
void world_check_logs(struct world *world);

/* What follows from a session: intervals, due items, goals, tracked time. */
void world_check_database(struct world *world, const struct client *client, const cJSON *snapshot);
/* Every entity is stored as the last event about it said. */
void world_check_stored(struct world *world, const struct client *client, const cJSON *snapshot);
/* All that check-db looks at. */
void world_check_invariants(struct world *world);
/* A row for each event, each saying what the event says. */
void world_check_audit(struct world *world, const struct client *client);

#endif
