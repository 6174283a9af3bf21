#include "store/gather.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Some thirty pages. SQLite's own writing takes less than 131072 bytes at a time. */
#define ROOM 65536

struct gather_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
	bool is_log;
	bool leaves, left; /* its syncs are the caller's; one was left */
	bool begins;       /* its first page was written, and not yet synced */
	char *bytes;       /* ROOM of them; the first len belong at `offset` */
	int len;
	sqlite3_int64 offset;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
} gather;

static const sqlite3_io_methods methods;

static struct gather_file *of(sqlite3_file *file)
{
	return (struct gather_file *)file;
}

/* What a log has no room for is forgotten: SQLite takes a commit back whose pages are not all there. What a
 * database has no room for is kept: a checkpoint that a reader stops halfway doesn't sync, and is believed to
 * have written. Whoever reads it, writes or syncs next tries again, and is told. */
static int flush(struct gather_file *own)
{
	if (!own->len)
		return SQLITE_OK;
	int rc = own->real->pMethods->xWrite(own->real, own->bytes, own->len, own->offset);
	if (rc == SQLITE_OK || own->is_log)
		own->len = 0;
	return rc;
}

/* What stands here was never synced: nobody was told of it. */
static int gather_close(sqlite3_file *file)
{
	(void)flush(of(file));
	free(of(file)->bytes);
	return of(file)->real->pMethods->xClose(of(file)->real);
}

static int gather_read(sqlite3_file *file, void *data, int len, sqlite3_int64 offset)
{
	struct gather_file *own = of(file);
	sqlite3_int64 end = own->offset + own->len;
	if (offset >= own->offset && offset + len <= end) {
		memcpy(data, own->bytes + (offset - own->offset), (size_t)len);
		return SQLITE_OK;
	}
	bool apart = offset + len <= own->offset || offset >= end;
	int rc = apart ? SQLITE_OK : flush(own);
	return rc ? rc : own->real->pMethods->xRead(own->real, data, len, offset);
}

static int gather_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	struct gather_file *own = of(file);
	int rc = SQLITE_OK;
	own->begins |= offset == 0;
	if (offset != own->offset + own->len || len > ROOM - own->len)
		rc = flush(own);
	if (rc)
		return rc;
	if (len > ROOM)
		return own->real->pMethods->xWrite(own->real, data, len, offset);
	if (!own->len)
		own->offset = offset;
	memcpy(own->bytes + own->len, data, (size_t)len);
	own->len += len;
	return SQLITE_OK;
}

static int gather_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = flush(of(file));
	return rc ? rc : of(file)->real->pMethods->xTruncate(of(file)->real, size);
}

static int gather_sync(sqlite3_file *file, int flags)
{
	struct gather_file *own = of(file);
	int rc = flush(own);
	if (rc)
		return rc;
	if (own->leaves && !own->begins) {
		own->left = true;
		return SQLITE_OK;
	}
	own->begins = false;
	return own->real->pMethods->xSync(own->real, flags);
}

void gather_leave_syncs(sqlite3_file *log, bool leave)
{
	assert(of(log)->base.pMethods == &methods && of(log)->is_log);
	of(log)->leaves = leave;
	if (leave)
		of(log)->left = false;
}

bool gather_has_left(const sqlite3_file *log)
{
	return ((const struct gather_file *)log)->left;
}

static int gather_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	const struct gather_file *own = of(file);
	int rc = own->real->pMethods->xFileSize(own->real, ret);
	if (rc == SQLITE_OK && own->len && *ret < own->offset + own->len)
		*ret = own->offset + own->len;
	return rc;
}

static int gather_lock(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xLock(of(file)->real, level);
}

static int gather_unlock(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xUnlock(of(file)->real, level);
}

static int gather_check_lock(sqlite3_file *file, int *ret)
{
	return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, ret);
}

/* One of these ends a checkpoint's writing. */
static int gather_control(sqlite3_file *file, int operation, void *argument)
{
	if (!of(file)->is_log)
		(void)flush(of(file));
	return of(file)->real->pMethods->xFileControl(of(file)->real, operation, argument);
}

static int gather_sector(sqlite3_file *file)
{
	return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int gather_device(sqlite3_file *file)
{
	return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

static int gather_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	return of(file)->real->pMethods->xShmMap(of(file)->real, page, size, extend, ret);
}

static int gather_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return of(file)->real->pMethods->xShmLock(of(file)->real, offset, count, flags);
}

static void gather_shm_barrier(sqlite3_file *file)
{
	of(file)->real->pMethods->xShmBarrier(of(file)->real);
}

static int gather_shm_unmap(sqlite3_file *file, int remove)
{
	return of(file)->real->pMethods->xShmUnmap(of(file)->real, remove);
}

/* Version 2: no file is mapped. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = gather_close,
	.xRead = gather_read,
	.xWrite = gather_write,
	.xTruncate = gather_truncate,
	.xSync = gather_sync,
	.xFileSize = gather_size,
	.xLock = gather_lock,
	.xUnlock = gather_unlock,
	.xCheckReservedLock = gather_check_lock,
	.xFileControl = gather_control,
	.xSectorSize = gather_sector,
	.xDeviceCharacteristics = gather_device,
	.xShmMap = gather_shm_map,
	.xShmLock = gather_shm_lock,
	.xShmBarrier = gather_shm_barrier,
	.xShmUnmap = gather_shm_unmap,
};

/* Other files, a journal say, are the real ones. */
static int gather_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)vfs;
	if (!(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)))
		return gather.real->xOpen(gather.real, path, file, flags, ret_flags);
	struct gather_file *own = of(file);
	*own = (struct gather_file){
		.real = (sqlite3_file *)(void *)(own + 1),
		.is_log = (flags & SQLITE_OPEN_WAL) != 0,
		.bytes = malloc(ROOM),
	};
	int rc = own->bytes ? gather.real->xOpen(gather.real, path, own->real, flags, ret_flags)
			    : SQLITE_NOMEM;
	if (rc == SQLITE_OK)
		own->base.pMethods = &methods;
	else
		free(own->bytes);
	return rc;
}

enum err gather_register(void)
{
	if (gather.real)
		return OK;
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);
	if (!real)
		return ERR_INTERNAL;
	gather.vfs = *real;
	gather.vfs.zName = GATHER_VFS;
	gather.vfs.pNext = NULL;
	gather.vfs.szOsFile = real->szOsFile + (int)sizeof(struct gather_file);
	gather.vfs.xOpen = gather_open;
	if (sqlite3_vfs_register(&gather.vfs, 0) != SQLITE_OK)
		return ERR_INTERNAL;
	gather.real = real;
	return OK;
}
