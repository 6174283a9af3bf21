/* A layer under SQLite that makes disks fail: an operation that goes wrong after a countdown, and a power cut
 * that loses what was not synced. One per process. Knows SQLite's VFS; knows nothing of the store. */
#ifndef LOCKSTEP_TESTS_SUPPORT_VFS_FAULT_H
#define LOCKSTEP_TESTS_SUPPORT_VFS_FAULT_H

#include <stdbool.h>

enum vfs_fault {
	VFS_FAULT_NONE, /* only counts */
	VFS_FAULT_FULL, /* no room: counts writes */
	VFS_FAULT_IO, /* EIO: counts reads, writes, truncations, syncs, maps of shared memory and deletions */
	VFS_FAULT_SYNC, /* EIO: counts syncs */
	VFS_FAULT_CUT   /* the power goes, as vfs_fault_cut does; counts what changes a file */
};

/* Puts itself in front of SQLite's default VFS; before any file is opened. */
void vfs_fault_install(void);
/* Forgets the files it has followed; none is open. */
void vfs_fault_forget(void);
/* The n-th operation from now on fails (1: the next one; 0: none), and with `lasting` every one after it too.
 * A long write counts as several; one that fails has written half. Starts the count anew. */
void vfs_fault_set(enum vfs_fault fault, int n, bool lasting);
/* Operations that counted since then. */
int vfs_fault_count(void);

/* What VFS_FAULT_CUT leaves of unsynced changes: 0 nothing, else a random choice of them, some torn. */
void vfs_fault_seed(unsigned seed);
/* Leaves every file as a power cut could, and ends the process with status 3. */
_Noreturn void vfs_fault_cut(void);

#endif
