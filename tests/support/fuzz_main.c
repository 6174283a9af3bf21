/* Stands in for the fuzzing engine: gives every file named, or in a folder named, to the fuzz target once.
 *
 *     fuzz_json tests/fuzz/corpus/json crash-1234
 */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Exactly as long as the file, so that the address sanitizer sees every read past its end. */
static uint8_t *read_all(FILE *file, size_t size)
{
	uint8_t *data = malloc(size);
	if (size > 0 && (!data || fread(data, 1, size, file) != size)) {
		free(data);
		return NULL;
	}
	return data;
}

/* The number of inputs given: 1, or 0 when the file can't be read. */
static int replay_file(const char *path, size_t size)
{
	fprintf(stderr, "%s\n", path);
	FILE *file = fopen(path, "rbe");
	if (!file)
		return 0;
	uint8_t *data = read_all(file, size);
	fclose(file);
	if (size > 0 && !data)
		return 0;
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static int replay(const char *path);

static int replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	int inputs = 0;
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		char inside[PATH_MAX];
		snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			inputs += replay(inside);
	}
	if (folder)
		closedir(folder);
	return inputs;
}

static int replay(const char *path)
{
	struct stat about;
	if (stat(path, &about) < 0)
		return 0;
	return S_ISDIR(about.st_mode) ? replay_folder(path) : replay_file(path, (size_t)about.st_size);
}

int main(int argc, char **argv)
{
	int inputs = 0;
	for (int i = 1; i < argc; i++)
		inputs += replay(argv[i]);
	fprintf(stderr, "%d inputs\n", inputs);
	return inputs > 0 ? 0 : 1;
}
