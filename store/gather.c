#include "store/gather.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Some thirty pages. SQLite's own writing takes less than 131072 bytes at a time. */
#define ROOM 65536

struct gather_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
	char *bytes;        /* ROOM of them; the first len belong at `offset` */
	int len;
	sqlite3_int64 offset;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
} gather;

static struct gather_file *of(sqlite3_file *file)
{
	return (struct gather_file *)file;
}

/* What can't be written is forgotten, as SQLite is told: it takes a commit back whose pages are not all
 * there. */
static int flush(struct gather_file *own)
{
	int len = own->len;
	own->len = 0;
	return len ? own->real->pMethods->xWrite(own->real, own->bytes, len, own->offset) : SQLITE_OK;
}

/* What stands here was never synced: nobody was told of it. */
static int gather_close(sqlite3_file *file)
{
	free(of(file)->bytes);
	return of(file)->real->pMethods->xClose(of(file)->real);
}

static int gather_read(sqlite3_file *file, void *data, int len, sqlite3_int64 offset)
{
	int rc = flush(of(file));
	return rc ? rc : of(file)->real->pMethods->xRead(of(file)->real, data, len, offset);
}

static int gather_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	struct gather_file *own = of(file);
	int rc = SQLITE_OK;
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
	int rc = flush(of(file));
	return rc ? rc : of(file)->real->pMethods->xSync(of(file)->real, flags);
}

static int gather_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	int rc = flush(of(file));
	return rc ? rc : of(file)->real->pMethods->xFileSize(of(file)->real, ret);
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

static int gather_control(sqlite3_file *file, int operation, void *argument)
{
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

/* Version 1: a log is neither mapped nor has shared memory of its own. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
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
};

/* Other files are the real ones. A database file too: a checkpoint that a reader stops halfway counts what it
 * has copied without a sync. */
static int gather_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)vfs;
	if (!(flags & SQLITE_OPEN_WAL))
		return gather.real->xOpen(gather.real, path, file, flags, ret_flags);
	struct gather_file *own = of(file);
	*own = (struct gather_file){.real = (sqlite3_file *)(void *)(own + 1), .bytes = malloc(ROOM)};
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
