#include "server/page.h"

#include "protocol/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Somebody's home directory given as --web by mistake must not be read into memory. */
#define FILES_MAX 1000
#define BYTES_MAX (64 * 1024 * 1024)
#define DEPTH_MAX 8

struct page {
	struct page_file *files;
	size_t count, bytes;
};

static const char *type_of(const char *name)
{
	static const struct {
		const char *extension, *type;
	} types[] = {
		{"html", "text/html; charset=utf-8"},
		{"js", "text/javascript; charset=utf-8"},
		{"css", "text/css; charset=utf-8"},
		{"svg", "image/svg+xml"},
		{"png", "image/png"},
		{"ico", "image/x-icon"},
		{"woff2", "font/woff2"},
		{"json", "application/json"},
		{"map", "application/json"},
		{"webmanifest", "application/manifest+json"},
		{"txt", "text/plain; charset=utf-8"},
	};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(dot + 1, types[i].extension) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

/* FNV-1a: an ETag tells versions of one file apart, nothing more. */
static uint64_t hash(const unsigned char *bytes, size_t len)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
	return sum;
}

static void compress_file(struct page_file *file)
{
	enum { WINDOW_GZIP = 15 + 16, MEMORY = 8 };
	z_stream stream = {0};
	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_GZIP, MEMORY, Z_DEFAULT_STRATEGY) !=
		Z_OK)
		abort();
	size_t room = deflateBound(&stream, file->plain_len);
	unsigned char *made = malloc(room);
	if (!made)
		abort();
	stream.next_in = (unsigned char *)file->plain;
	stream.avail_in = (unsigned)file->plain_len;
	stream.next_out = made;
	stream.avail_out = (unsigned)room;
	bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
	file->gzip_len = stream.total_out;
	deflateEnd(&stream);
	if (done && file->gzip_len < file->plain_len)
		file->gzip = made;
	else
		free(made);
}

static void add(struct page *page, const char *path, struct text *content)
{
	static const char assets[] = "/assets/";
	struct page_file *grown = realloc(page->files, (page->count + 1) * sizeof(*grown));
	char *kept = strdup(strcmp(path, "/index.html") == 0 ? "/" : path);
	if (!grown || !kept)
		abort();
	page->files = grown;
	struct page_file *file = &page->files[page->count++];
	*file = (struct page_file){
		.path = kept,
		.type = type_of(path),
		/* Names below /assets/ change with their content. */
		.cache = strncmp(path, assets, strlen(assets)) == 0 ? "public, max-age=31536000, immutable"
								    : "no-cache",
		.plain = (unsigned char *)content->data,
		.plain_len = content->len,
	};
	snprintf(file->etag, sizeof(file->etag), "W/\"%016" PRIx64 "\"", hash(file->plain, file->plain_len));
	compress_file(file);
	page->bytes += content->len;
	*content = (struct text){0};
}

static enum err refuse_path(char ret_why[256], const char *path, const char *why)
{
	snprintf(ret_why, 256, "web: %.180s: %s", path, why);
	return ERR_INTERNAL;
}

static enum err read_all(int fd, struct text *ret)
{
	char block[16384];
	ssize_t got;
	text_append(ret, "", 0);
	while ((got = read(fd, block, sizeof(block))) > 0 && ret->len <= BYTES_MAX)
		text_append(ret, block, (size_t)got);
	return got < 0 ? ERR_INTERNAL : OK;
}

static enum err read_file(struct page *page, int fd, const char *path, char ret_why[256])
{
	TEXT_AUTO content = {0};
	if (read_all(fd, &content))
		return refuse_path(ret_why, path, strerror(errno));
	if (page->count == FILES_MAX || page->bytes + content.len > BYTES_MAX)
		return refuse_path(ret_why, path, "this is more than a page");
	add(page, path, &content);
	return OK;
}

static enum err read_directory(struct page *page, int fd, const char *path, int depth, char ret_why[256]);

/* Takes over fd. What is neither a file nor a directory is no part of the page. */
static enum err read_entry(struct page *page, int fd, const char *path, int depth, char ret_why[256])
{
	struct stat about;
	enum err err = OK;
	if (fstat(fd, &about) != 0)
		err = refuse_path(ret_why, path, strerror(errno));
	else if (S_ISDIR(about.st_mode))
		return read_directory(page, fd, path, depth + 1, ret_why);
	else if (S_ISREG(about.st_mode))
		err = read_file(page, fd, path, ret_why);
	close(fd);
	return err;
}

/* Takes over fd. `path` is "" for the page's own directory. */
static enum err read_directory(struct page *page, int fd, const char *path, int depth, char ret_why[256])
{
	enum err err = OK;
	DIR *directory = fdopendir(fd);
	if (!directory)
		abort();
	if (depth > DEPTH_MAX)
		err = refuse_path(ret_why, path, "this is more than a page");
	for (const struct dirent *entry; !err && (entry = readdir(directory));) {
		TEXT_AUTO below = {0};
		if (entry->d_name[0] == '.')
			continue;
		text_append_format(&below, "%s/%s", path, entry->d_name);
		int inner = openat(fd, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (inner >= 0)
			err = read_entry(page, inner, below.data, depth, ret_why);
		else if (errno != ELOOP)
			err = refuse_path(ret_why, below.data, strerror(errno));
	}
	closedir(directory);
	return err;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct page_file *)a)->path, ((const struct page_file *)b)->path);
}

enum err page_create(const char *dir, struct page **ret, char ret_why[256])
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		refuse_path(ret_why, dir, strerror(errno));
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL;
	}
	struct page *page = calloc(1, sizeof(*page));
	if (!page)
		abort();
	enum err err = read_directory(page, fd, "", 0, ret_why);
	if (page->count)
		qsort(page->files, page->count, sizeof(*page->files), compare);
	if (!err && !page_find(page, "/")) {
		refuse_path(ret_why, dir, "there is no index.html");
		err = ERR_NOT_FOUND;
	}
	if (err)
		page_destroy(page);
	else
		*ret = page;
	return err;
}

void page_destroy(struct page *page)
{
	if (!page)
		return;
	for (size_t i = 0; i < page->count; i++) {
		free((void *)page->files[i].path);
		free((void *)page->files[i].plain);
		free((void *)page->files[i].gzip);
	}
	free(page->files);
	free(page);
}

const struct page_file *page_find(const struct page *page, const char *path)
{
	struct page_file key = {.path = path};
	if (!page->count)
		return NULL;
	return bsearch(&key, page->files, page->count, sizeof(*page->files), compare);
}
