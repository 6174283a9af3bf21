/* A store in a folder of its own, with rows to put into it. Knows the store from inside: it reads every
 * table. */
#ifndef LOCKSTEP_TESTS_SUPPORT_STORE_FIXTURE_H
#define LOCKSTEP_TESTS_SUPPORT_STORE_FIXTURE_H

#include "store/statement.h"
#include "store/store.h"

#define T0           1700000000000LL
#define STORE_ISSUER "https://issuer.example"

struct store_fixture {
	char folder[128];
	char path[160];
	struct store *store;
};

/* Where the folders of tests are made: TMPDIR, or memory, or /tmp. */
const char *store_fixture_where(void);
/* Below it. Fails the process if it can't. */
void store_fixture_init(struct store_fixture *fixture);
/* Another folder, `where`, and no store in it yet. */
void store_fixture_init_in(struct store_fixture *fixture, const char *where);
/* Closes the store and deletes the folder. */
void store_fixture_finish(struct store_fixture *fixture);
void store_fixture_open(struct store_fixture *fixture);
void store_fixture_close(struct store_fixture *fixture);
void store_fixture_reopen(struct store_fixture *fixture);

struct uuid store_fixture_id(unsigned number);
/* A user with a first rule that isn't added yet. */
struct user store_fixture_user(const char *user_id);
/* A paused timer in which every field has a value of its own. */
struct session store_fixture_session(unsigned number);
struct group store_fixture_group(unsigned number);
/* An active one of another kind, the same way. A training is of plan 60. */
struct session store_fixture_session_of(enum session_kind kind, unsigned number);
struct task store_fixture_task(unsigned number, const struct uuid *session);
struct problem store_fixture_problem(unsigned number, const struct uuid *group);
struct plan store_fixture_plan(unsigned number);
/* All steps of a checkpoint, however short the WAL is. */
void store_fixture_checkpoint(struct store *store);
/* Adds an event with any line of the audit log. */
enum err store_fixture_event(struct store *store, int64_t uid, int64_t seq, uint32_t tag, int64_t now_ms,
	const char *body, size_t len) MUST_CHECK;

/* What most tests begin with: two users, Anna and Ben, and an open transaction. For cmocka's set-up and
 * tear-down. */
struct store_world {
	struct store_fixture fixture;
	struct store *store;
	int64_t anna, ben;
};
int store_world_set_up(void **state);
int store_world_tear_down(void **state);
/* Commits and begins anew; and opens the store anew in between. */
void store_world_commit(struct store_world *world);
void store_world_reopen(struct store_world *world);

/* The rows of every table as text, in the order of their keys; what differs between two files of the same
 * history (the epoch) left out. ret is appended to. */
enum err store_fixture_dump(struct store *store, struct text *ret) MUST_CHECK;
/* Those lines of it that begin with that user. */
enum err store_fixture_dump_user(struct store *store, int64_t uid, struct text *ret) MUST_CHECK;

/* A history of STORE_SCRIPT_STEPS transactions that uses every function which writes. Each runs one step,
 * commit included; after an error it is rolled back. *ret_at_commit tells whether it was the commit that
 * failed. */
#define STORE_SCRIPT_STEPS 8
enum err store_script_step(struct store *store, int step, bool *ret_at_commit) MUST_CHECK;

#endif
