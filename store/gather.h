/* A layer between SQLite and the system: what is written to the write-ahead log and, by a checkpoint, to the
 * database goes out in large pieces. SQLite writes each page by a call of its own, and in the log each page's
 * 24-byte header by another; a commit is one or a few, and pages side by side are one.
 * Knows SQLite's files; knows nothing of what is in them.
 *
 * What has been written stands in memory until the file is synced or cut, or it is read. With
 * synchronous=FULL a commit ends by a sync, so what it wrote has gone to the system by then, and an error of
 * such a late write is the sync's, which is within the commit. Before anybody is told of it, it is on disk:
 * here, or by the caller's own sync. */
#ifndef LOCKSTEP_STORE_GATHER_H
#define LOCKSTEP_STORE_GATHER_H

#include "protocol/errors.h"

#include <sqlite3.h>
#include <stdbool.h>

#define GATHER_VFS "lockstep-gather"

/* Makes GATHER_VFS known to SQLite, on top of its default one; again does nothing. ERR_INTERNAL: SQLite
 * refuses.
 */
enum err gather_register(void) MUST_CHECK;

/* From now on, or no longer, syncs of this log are left to the caller: what is written goes to the system,
 * and that is all. But not the sync of a log that begins anew: its first pages must not reach the disk after
 * those that follow. */
void gather_leave_syncs(sqlite3_file *log, bool leave);
/* Whether one was left since syncs began to be. */
bool gather_has_left(const sqlite3_file *log);

#endif
