#include "tests/support/vfs_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 32
#define SECTOR    512
#define PIECE     1024

/* A change that was made and not synced. data NULL: a truncation to `offset`. */
struct change {
	sqlite3_int64 offset;
	int len;
	char *data;
};

/* What a disk holds of one file: what was synced, and the changes since. */
struct disk_file {
	char path[512];
	char *synced;
	size_t len;
	struct change *changes;
	size_t change_count, change_room;
};

struct fault_file {
	sqlite3_file base;
	struct disk_file *disk; /* NULL: a temporary file, not followed */
	sqlite3_file *real;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct disk_file files[FILES_MAX + 1]; /* the last one has no path */
	enum vfs_fault fault;
	int n, count;
	bool lasting;
	unsigned seed;
} fault;

enum operation { READ, WRITE, TRUNCATE, SYNC, MAP, DELETE, OPERATION_COUNT };

static bool counts(enum operation operation)
{
	switch (fault.fault) {
	case VFS_FAULT_FULL:
		return operation == WRITE;
	case VFS_FAULT_CUT:
		return operation == WRITE || operation == TRUNCATE || operation == SYNC ||
		       operation == DELETE;
	case VFS_FAULT_SYNC:
		return operation == SYNC;
	case VFS_FAULT_NONE:
	case VFS_FAULT_IO:
		return true;
	}
	abort();
}

/* True when this operation is to fail; a power cut doesn't return. */
static bool fails(enum operation operation)
{
	if (!counts(operation))
		return false;
	fault.count++;
	if (fault.fault == VFS_FAULT_NONE || fault.n == 0)
		return false;
	bool now = fault.lasting ? fault.count >= fault.n : fault.count == fault.n;
	if (now && fault.fault == VFS_FAULT_CUT)
		vfs_fault_cut();
	errno = now ? (fault.fault == VFS_FAULT_FULL ? ENOSPC : EIO) : errno;
	return now;
}

static void *grow(void *memory, size_t size)
{
	memory = realloc(memory, size ? size : 1);
	if (!memory)
		abort();
	return memory;
}

static void disk_resize(struct disk_file *disk, size_t len)
{
	disk->synced = grow(disk->synced, len);
	if (len > disk->len)
		memset(disk->synced + disk->len, 0, len - disk->len);
	disk->len = len;
}

static void disk_apply(struct disk_file *disk, const struct change *change)
{
	size_t offset = (size_t)change->offset, len = (size_t)change->len;
	if (!change->data) {
		disk_resize(disk, offset);
		return;
	}
	if (offset + len > disk->len)
		disk_resize(disk, offset + len);
	memcpy(disk->synced + offset, change->data, len);
}

static void disk_note(struct disk_file *disk, sqlite3_int64 offset, const void *data, int len)
{
	if (!disk)
		return;
	if (disk->change_count == disk->change_room) {
		disk->change_room = disk->change_room ? disk->change_room * 2 : 64;
		disk->changes = grow(disk->changes, disk->change_room * sizeof(*disk->changes));
	}
	struct change *change = &disk->changes[disk->change_count++];
	*change = (struct change){.offset = offset, .len = len};
	if (data) {
		change->data = grow(NULL, (size_t)len);
		memcpy(change->data, data, (size_t)len);
	}
}

static void disk_drop_changes(struct disk_file *disk)
{
	for (size_t i = 0; i < disk->change_count; i++)
		free(disk->changes[i].data);
	disk->change_count = 0;
}

static void disk_sync(struct disk_file *disk)
{
	if (!disk)
		return;
	for (size_t i = 0; i < disk->change_count; i++)
		disk_apply(disk, &disk->changes[i]);
	disk_drop_changes(disk);
}

static void disk_read(struct disk_file *disk)
{
	int fd = open(disk->path, O_RDONLY | O_CLOEXEC);
	off_t len = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	disk_resize(disk, (size_t)len);
	if (fd >= 0 && pread(fd, disk->synced, (size_t)len, 0) != len)
		abort();
	if (fd >= 0)
		close(fd);
}

/* A file is followed from its first opening on; what it holds then counts as synced. */
static struct disk_file *disk_find(const char *path)
{
	struct disk_file *disk = fault.files;
	while (disk->path[0] && strcmp(disk->path, path) != 0)
		if (++disk == fault.files + FILES_MAX)
			abort();
	if (!disk->path[0]) {
		snprintf(disk->path, sizeof(disk->path), "%s", path);
		disk_read(disk);
	}
	return disk;
}

/* Each change survives or not; of a write that survives perhaps only some sectors do. */
static void cut_changes(struct disk_file *disk)
{
	for (size_t i = 0; fault.seed && i < disk->change_count; i++) {
		struct change change = disk->changes[i];
		unsigned luck = (unsigned)rand_r(&fault.seed) % 4;
		if (luck == 0)
			continue;
		if (luck == 1 && change.len > SECTOR)
			change.len = SECTOR * (1 + rand_r(&fault.seed) % (change.len / SECTOR));
		disk_apply(disk, &change);
	}
}

void vfs_fault_cut(void)
{
	for (struct disk_file *disk = fault.files; disk->path[0]; disk++) {
		cut_changes(disk);
		int fd = open(disk->path, O_WRONLY | O_CLOEXEC); /* deleted: it stays so */
		if (fd < 0)
			continue;
		if (ftruncate(fd, 0) != 0 || pwrite(fd, disk->synced, disk->len, 0) != (ssize_t)disk->len)
			abort();
		close(fd);
	}
	_exit(3);
}

static struct fault_file *of(sqlite3_file *file)
{
	return (struct fault_file *)file;
}

static int fault_close(sqlite3_file *file)
{
	return of(file)->real->pMethods->xClose(of(file)->real);
}

static int fault_read(sqlite3_file *file, void *data, int len, sqlite3_int64 offset)
{
	if (fails(READ))
		return SQLITE_IOERR_READ;
	return of(file)->real->pMethods->xRead(of(file)->real, data, len, offset);
}

static int write_piece(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	bool failing = fails(WRITE);
	int error = errno;
	int done = failing ? len / 2 : len;
	int rc = of(file)->real->pMethods->xWrite(of(file)->real, data, done, offset);
	if (rc == SQLITE_OK)
		disk_note(of(file)->disk, offset, data, done);
	if (!failing)
		return rc;
	errno = error;
	return fault.fault == VFS_FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

/* A disk takes a long write in pieces: each is an operation of its own. */
static int fault_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	int rc = SQLITE_OK;
	for (int at = 0; rc == SQLITE_OK && at < len; at += PIECE)
		rc = write_piece(
			file, (const char *)data + at, len - at < PIECE ? len - at : PIECE, offset + at);
	return rc;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (fails(TRUNCATE))
		return SQLITE_IOERR_TRUNCATE;
	int rc = of(file)->real->pMethods->xTruncate(of(file)->real, size);
	if (rc == SQLITE_OK)
		disk_note(of(file)->disk, size, NULL, 0);
	return rc;
}

static int fault_sync(sqlite3_file *file, int flags)
{
	/* A sync that fails has kept something or not: the changes stay unsynced. The real one is not needed,
	 * since the power never really goes. */
	(void)flags;
	if (fails(SYNC))
		return SQLITE_IOERR_FSYNC;
	disk_sync(of(file)->disk);
	return SQLITE_OK;
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	return of(file)->real->pMethods->xFileSize(of(file)->real, ret);
}

static int fault_lock(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xLock(of(file)->real, level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xUnlock(of(file)->real, level);
}

static int fault_check_lock(sqlite3_file *file, int *ret)
{
	return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, ret);
}

static int fault_control(sqlite3_file *file, int operation, void *argument)
{
	return of(file)->real->pMethods->xFileControl(of(file)->real, operation, argument);
}

static int fault_sector(sqlite3_file *file)
{
	return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int fault_device(sqlite3_file *file)
{
	return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	if (fails(MAP))
		return SQLITE_IOERR_SHMMAP;
	return of(file)->real->pMethods->xShmMap(of(file)->real, page, size, extend, ret);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return of(file)->real->pMethods->xShmLock(of(file)->real, offset, n, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
	of(file)->real->pMethods->xShmBarrier(of(file)->real);
}

static int fault_shm_unmap(sqlite3_file *file, int delete)
{
	return of(file)->real->pMethods->xShmUnmap(of(file)->real, delete);
}

/* Version 2: with shared memory, without mapped files. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = fault_close,
	.xRead = fault_read,
	.xWrite = fault_write,
	.xTruncate = fault_truncate,
	.xSync = fault_sync,
	.xFileSize = fault_size,
	.xLock = fault_lock,
	.xUnlock = fault_unlock,
	.xCheckReservedLock = fault_check_lock,
	.xFileControl = fault_control,
	.xSectorSize = fault_sector,
	.xDeviceCharacteristics = fault_device,
	.xShmMap = fault_shm_map,
	.xShmLock = fault_shm_lock,
	.xShmBarrier = fault_shm_barrier,
	.xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)vfs;
	struct fault_file *own = of(file);
	own->real = (sqlite3_file *)(void *)(own + 1);
	own->disk = path ? disk_find(path) : NULL;
	int rc = fault.real->xOpen(fault.real, path, own->real, flags, ret_flags);
	own->base.pMethods = own->real->pMethods ? &methods : NULL;
	return rc;
}

static int fault_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	if (fails(DELETE))
		return SQLITE_IOERR_DELETE;
	struct disk_file *disk = disk_find(path);
	disk_drop_changes(disk);
	disk_resize(disk, 0);
	return fault.real->xDelete(fault.real, path, sync_folder);
}

void vfs_fault_install(void)
{
	fault.real = sqlite3_vfs_find(NULL);
	fault.vfs = *fault.real;
	fault.vfs.zName = "fault";
	fault.vfs.pNext = NULL;
	fault.vfs.szOsFile = fault.real->szOsFile + (int)sizeof(struct fault_file);
	fault.vfs.xOpen = fault_open;
	fault.vfs.xDelete = fault_delete;
	if (sqlite3_vfs_register(&fault.vfs, 1) != SQLITE_OK)
		abort();
}

void vfs_fault_forget(void)
{
	for (struct disk_file *disk = fault.files; disk->path[0]; disk++) {
		disk_drop_changes(disk);
		free(disk->changes);
		free(disk->synced);
		*disk = (struct disk_file){0};
	}
}

void vfs_fault_set(enum vfs_fault kind, int n, bool lasting)
{
	fault.fault = kind;
	fault.n = n;
	fault.lasting = lasting;
	fault.count = 0;
}

int vfs_fault_count(void)
{
	return fault.count;
}

void vfs_fault_seed(unsigned seed)
{
	fault.seed = seed;
}
