#include "store/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

/* Eight megabytes: what is written again and again is copied once, which is what most of a checkpoint would
 * be; and yet it stays short, and so does what damage to the WAL could cost. */
#define WAIT_PAGES 4000
/* So much of it is copied at once, as soon as it is there: nobody waits for all of it. */
#define SLICE_PAGES 1000

static void *run(void *context)
{
	struct checkpoint *checkpoint = context;
	pthread_mutex_lock(&checkpoint->lock);
	while (!checkpoint->ending) {
		if (!checkpoint->writing) {
			pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
			continue;
		}
		pthread_mutex_unlock(&checkpoint->lock);
		(void)sync_file_range(checkpoint->fd, 0, 0,
			SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
		pthread_mutex_lock(&checkpoint->lock);
		checkpoint->writing = false;
	}
	pthread_mutex_unlock(&checkpoint->lock);
	return NULL;
}

static void change(struct checkpoint *checkpoint, bool *flag)
{
	pthread_mutex_lock(&checkpoint->lock);
	*flag = true;
	pthread_cond_signal(&checkpoint->changed);
	pthread_mutex_unlock(&checkpoint->lock);
}

static bool is_writing(struct checkpoint *checkpoint)
{
	pthread_mutex_lock(&checkpoint->lock);
	bool writing = checkpoint->writing;
	pthread_mutex_unlock(&checkpoint->lock);
	return writing;
}

static void close_reader(struct checkpoint *checkpoint)
{
	sqlite3_close(checkpoint->reader);
	checkpoint->reader = NULL;
}

/* Reading anything fixes where the WAL ends for this reader. */
static bool hold(struct checkpoint *checkpoint)
{
	return checkpoint->reader && sqlite3_exec(checkpoint->reader, "BEGIN; PRAGMA schema_version", NULL,
					     NULL, NULL) == SQLITE_OK;
}

static void release(struct checkpoint *checkpoint)
{
	if (checkpoint->reader && !sqlite3_get_autocommit(checkpoint->reader))
		(void)sqlite3_exec(checkpoint->reader, "ROLLBACK", NULL, NULL, NULL);
}

void checkpoint_open(struct checkpoint *checkpoint, const char *path)
{
	*checkpoint = (struct checkpoint){.mark = SLICE_PAGES};
	pthread_mutex_init(&checkpoint->lock, NULL);
	pthread_cond_init(&checkpoint->changed, NULL);
	checkpoint->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	checkpoint->has_thread =
		checkpoint->fd >= 0 && pthread_create(&checkpoint->thread, NULL, run, checkpoint) == 0;
	if (!checkpoint->has_thread)
		return;
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	if (sqlite3_open_v2(path, &checkpoint->reader, flags, NULL) != SQLITE_OK)
		close_reader(checkpoint);
	if (!checkpoint->reader)
		return;
	sqlite3_db_config(checkpoint->reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	/* Its files are opened by the first reading: now, rather than when there are many descriptors. */
	(void)hold(checkpoint);
	release(checkpoint);
}

void checkpoint_end(struct checkpoint *checkpoint)
{
	close_reader(checkpoint);
	if (!checkpoint->has_thread)
		return;
	change(checkpoint, &checkpoint->ending);
	pthread_join(checkpoint->thread, NULL);
	pthread_cond_destroy(&checkpoint->changed);
	pthread_mutex_destroy(&checkpoint->lock);
}

void checkpoint_close(struct checkpoint *checkpoint)
{
	if (checkpoint->fd >= 0)
		close(checkpoint->fd);
	checkpoint->fd = -1;
}

void checkpoint_give_up(struct checkpoint *checkpoint, sqlite3 *db)
{
	checkpoint->failed = true;
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* True: all of the WAL. */
static bool copy(struct checkpoint *checkpoint, sqlite3 *db, int mode)
{
	int pages = 0, copied = 0;
	int rc = sqlite3_wal_checkpoint_v2(db, NULL, mode, &pages, &copied);
	if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC)
		checkpoint_give_up(checkpoint, db);
	return rc == SQLITE_OK && pages == copied;
}

static void finish(struct checkpoint *checkpoint, sqlite3 *db, int *wal_pages)
{
	release(checkpoint);
	bool whole = copy(checkpoint, db, SQLITE_CHECKPOINT_PASSIVE);
	/* Another reader in the way, or no room: again after as much more, not at every call. */
	checkpoint->mark = whole ? SLICE_PAGES : *wal_pages + WAIT_PAGES;
	checkpoint->next = CHECKPOINT_WAIT;
	if (whole)
		*wal_pages = 0;
}

static void step(struct checkpoint *checkpoint, sqlite3 *db, int *wal_pages)
{
	switch (checkpoint->next) {
	case CHECKPOINT_WAIT:
		if (!hold(checkpoint)) {
			finish(checkpoint, db, wal_pages);
			return;
		}
		checkpoint->mark = *wal_pages;
		checkpoint->next = CHECKPOINT_COPY;
		return;
	case CHECKPOINT_COPY:
		(void)copy(checkpoint, db, SQLITE_CHECKPOINT_PASSIVE);
		if (*wal_pages < WAIT_PAGES) {
			release(checkpoint);
			checkpoint->mark = *wal_pages + SLICE_PAGES;
			checkpoint->next = CHECKPOINT_WAIT;
			return;
		}
		change(checkpoint, &checkpoint->writing);
		checkpoint->next = CHECKPOINT_FINISH;
		return;
	case CHECKPOINT_FINISH:
		if (!is_writing(checkpoint))
			finish(checkpoint, db, wal_pages);
		return;
	}
}

bool checkpoint_run(struct checkpoint *checkpoint, sqlite3 *db, int *wal_pages, bool idle)
{
	if (checkpoint->failed)
		return false;
	if (idle && checkpoint->next != CHECKPOINT_WAIT)
		finish(checkpoint, db, wal_pages);
	else if (*wal_pages > checkpoint->mark)
		step(checkpoint, db, wal_pages);
	return !checkpoint->failed;
}

bool checkpoint_cut(struct checkpoint *checkpoint, sqlite3 *db, int *wal_pages)
{
	if (checkpoint->failed)
		return false;
	release(checkpoint);
	checkpoint->next = CHECKPOINT_WAIT;
	if (!copy(checkpoint, db, SQLITE_CHECKPOINT_TRUNCATE))
		return false;
	checkpoint->mark = SLICE_PAGES;
	*wal_pages = 0;
	return true;
}
