/* People, a store of their own and virtual time, for the paths of the engine's thread. What goes wrong ends
 * the process. */
#ifndef LOCKSTEP_TESTS_BENCH_GUARD_SCENE_H
#define LOCKSTEP_TESTS_BENCH_GUARD_SCENE_H

#include "tests/support/player.h"

#define SCENE_PEOPLE_MAX 100

struct scene {
	struct player player;
	struct entropy entropy; /* fixed: tags go into the file, and small numbers take less room there */
	int64_t uids[SCENE_PEOPLE_MAX];
	int64_t done; /* the path's own count */
};

struct scene *scene_create(int people);
void scene_destroy(void *scene);

/* A transaction, now, with random bytes for some fifty events; scene_fill begins anew with them each time. */
struct pass scene_begin(struct scene *scene);
void scene_commit(struct scene *scene, const struct pass *pass);
/* Drops all that is to be sent. */
void scene_drop(struct scene *scene);

struct request *scene_request(enum request_kind kind, int64_t uid);
/* Of what a socket says: one command. */
struct request *scene_command(int64_t uid, const char *text);
/* Answers the request, and destroys it. */
void scene_take(struct pass *pass, struct request *request);
/* The same, where nothing is counted. */
void scene_fill(struct pass *pass, struct request *request);

/* Adds a timer of half an hour, the `number`th of that person. */
void scene_add_timer(struct scene *scene, struct pass *pass, int person, int number);
/* "01890a5d-…": the id of that timer. */
void scene_timer_id(char ret[UUID_TEXT], int person, int number);

#endif
