/* The built page: its files, read into memory once at start, plain and compressed. Knows files and their
 * types; knows nothing of requests. */
#ifndef LOCKSTEP_SERVER_PAGE_H
#define LOCKSTEP_SERVER_PAGE_H

#include "protocol/errors.h"

#include <stddef.h>

struct page_file {
	const char *path;  /* "/assets/x.js"; that of index.html is "/" */
	const char *type;  /* Content-Type */
	const char *cache; /* Cache-Control */
	char etag[24];     /* with its quotes; weak, since it stands for both encodings */
	const unsigned char *plain;
	size_t plain_len;
	const unsigned char *gzip; /* NULL where it would not be smaller */
	size_t gzip_len;
};

struct page;

/* Reads all files below `dir`, but none that begins with a dot or is a link. ERR_NOT_FOUND when there is no
 * such directory or no index.html in it, ERR_INTERNAL when it cannot be read or is too large. */
enum err page_create(const char *dir, struct page **ret, char ret_why[256]) MUST_CHECK;
void page_destroy(struct page *page);

/* NULL when the page has no such path. Lives as long as the page. */
const struct page_file *page_find(const struct page *page, const char *path);

#endif
