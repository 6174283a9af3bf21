#include "store/arena.h"

#include <stdlib.h>
#include <string.h>

/* A plan's structure and some notes; larger texts get a block of their own size. */
#define BLOCK_BYTES 65536

struct arena_block {
	struct arena_block *next;
	size_t used, room;
	char bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t len)
{
	size_t room = len > BLOCK_BYTES ? len : BLOCK_BYTES;
	struct arena_block *block = malloc(sizeof(*block) + room);
	if (!block)
		abort();
	block->next = arena->blocks;
	block->used = 0;
	block->room = room;
	arena->blocks = block;
	return block;
}

const char *arena_copy(struct arena *arena, const char *bytes, size_t len)
{
	struct arena_block *block = arena->blocks;
	if (!block || block->room - block->used < len + 1)
		block = add_block(arena, len + 1);
	char *copy = block->bytes + block->used;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	block->used += len + 1;
	return copy;
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void arena_finish(struct arena *arena)
{
	free_blocks(arena->blocks);
	arena->blocks = NULL;
}

void arena_clear(struct arena *arena)
{
	struct arena_block *first = arena->blocks;
	if (!first)
		return;
	free_blocks(first->next);
	first->next = NULL;
	first->used = 0;
	if (first->room > BLOCK_BYTES)
		arena_finish(arena);
}
