/* Copies committed pages from the WAL into the file, between transactions, so that nobody waits long for it.
 * Knows the store's connection; decides when by the length of the WAL, and reads no clock.
 *
 * Most of a checkpoint is waiting for the disk. So it comes in steps, with transactions between them. A
 * reader is put where the WAL ends: what comes behind it stays out of the next step. Then all before it is
 * copied, without a sync, since the copy is not whole. After some slices of that a thread waits until the
 * system has written them to the disk. When it has, the reader goes, and the checkpoint is made whole and
 * synced, as ever, with little left to wait for. Only that last step lets the WAL begin anew: nothing rests
 * on the others, nor on what the thread, which touches nothing but a descriptor, hears from the system. */
#ifndef LOCKSTEP_STORE_CHECKPOINT_H
#define LOCKSTEP_STORE_CHECKPOINT_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>

enum checkpoint_step { CHECKPOINT_WAIT, CHECKPOINT_COPY, CHECKPOINT_FINISH };

struct checkpoint {
	sqlite3 *reader; /* a connection of its own, which only ever reads */
	enum checkpoint_step next;
	int mark; /* the next step comes when the WAL has more pages */
	bool failed;

	int fd; /* of the file, for the thread; -1: there is none */
	bool has_thread;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool writing, ending;
};

/* The file is open and its journal is a WAL. Where the reader or the thread cannot be had, checkpoints are
 * made whole at once. */
void checkpoint_open(struct checkpoint *checkpoint, const char *path);
/* Ends the reader, which is in the way of a last checkpoint, and the thread. */
void checkpoint_end(struct checkpoint *checkpoint);
/* After the connection is closed: closing any descriptor of the file drops the locks that SQLite has on it.
 */
void checkpoint_close(struct checkpoint *checkpoint);
/* The next step, if the WAL, of *wal_pages pages, is long enough; a whole checkpoint sets *wal_pages 0. When
 * nothing else is to be done (`idle`) what was begun is finished at once. False: a sync has failed. SQLite
 * takes what an earlier step copied for written, and it may be gone: only the WAL has it still. There is no
 * further checkpoint then, not at closing either, and the next start reads the WAL anew. */
bool checkpoint_run(struct checkpoint *checkpoint, sqlite3 *db, int *wal_pages, bool idle)
	__attribute__((warn_unused_result));
/* A whole checkpoint now, which cuts the WAL to nothing: what was written over is nowhere any more. False:
 * another reader is in the way, or a sync has failed, as above. */
bool checkpoint_cut(struct checkpoint *checkpoint, sqlite3 *db, int *wal_pages)
	__attribute__((warn_unused_result));
/* Nothing is copied any more, at closing either. */
void checkpoint_give_up(struct checkpoint *checkpoint, sqlite3 *db);

#endif
