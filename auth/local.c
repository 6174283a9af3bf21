#include "auth/local.h"

#include "auth/auth.h"
#include "auth/claims.h"
#include "auth/key.h"

#include <errno.h>
#include <fcntl.h>
#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Such a key takes about 240 bytes. */
#define PEM_BYTES 4096
/* One coordinate of a P-256 key, and a SHA-256, in bytes and in base64 with its NUL. */
#define FIELD_BYTES  32
#define FIELD_BASE64 45

struct local {
	EVP_PKEY *pkey;
	char kid[FIELD_BASE64];
	size_t pem_len;
	char pem[PEM_BYTES]; /* libjwt reads the key anew for each token */
};

/* A path may fill the message, so the reason comes first. */
static enum err refuse_file(struct refusal *ret_why, const char *what, const char *path)
{
	return refuse(ret_why, ERR_INTERNAL, NULL, "%s: %s: %s", what, strerror(errno), path);
}

static bool write_key(int fd)
{
	FILE *file = fdopen(fd, "w");
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	if (!file || !pkey)
		abort();
	bool ok = PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL) == 1 && fflush(file) == 0 &&
		  fsync(fd) == 0;
	EVP_PKEY_free(pkey);
	return fclose(file) == 0 && ok;
}

/* The key gets its name only when it is whole and on disk, and only if nobody else was first. */
static enum err make_file(const char *path, struct refusal *ret_why)
{
	char *draft;
	if (asprintf(&draft, "%s.XXXXXX", path) < 0)
		abort();
	enum err err = OK;
	int fd = mkostemp(draft, O_CLOEXEC); /* 0600 */
	if (fd < 0) {
		err = refuse_file(ret_why, "cannot make the key file", path);
	} else {
		if (!write_key(fd))
			err = refuse_file(ret_why, "cannot write the key file", path);
		else if (link(draft, path) && errno != EEXIST)
			err = refuse_file(ret_why, "cannot name the key file", path);
		unlink(draft);
	}
	free(draft);
	return err;
}

static enum err check_file(int fd, const char *path, struct refusal *ret_why)
{
	struct stat status;
	if (fstat(fd, &status))
		return refuse_file(ret_why, "cannot look at the key file", path);
	if (!S_ISREG(status.st_mode))
		return refuse(ret_why, ERR_INTERNAL, NULL, "the key file is no file: %s", path);
	if (status.st_mode & 077)
		return refuse(ret_why, ERR_INTERNAL, NULL,
			"the key file is open to others than its owner (mode %04o), chmod 600 it: %s",
			(unsigned)status.st_mode & 07777, path);
	if (status.st_size >= PEM_BYTES)
		return refuse(ret_why, ERR_INTERNAL, NULL, "the key file is too large: %s", path);
	return OK;
}

static enum err read_file(int fd, const char *path, struct local *local, struct refusal *ret_why)
{
	enum err err = check_file(fd, path, ret_why);
	if (err)
		return err;
	ssize_t len = read(fd, local->pem, PEM_BYTES - 1);
	if (len < 0)
		return refuse_file(ret_why, "cannot read the key file", path);
	local->pem_len = (size_t)len;
	return OK;
}

/* The key file's descriptor, or -1 with the reason; the file is made when there is none. */
static int open_file(const char *path, struct refusal *ret_why)
{
	/* Without O_NONBLOCK a fifo of that name would hold us for ever. */
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
	int fd = open(path, flags);
	if (fd < 0 && errno == ENOENT) {
		if (make_file(path, ret_why))
			return -1;
		fd = open(path, flags);
	}
	if (fd < 0)
		refuse_file(ret_why, "cannot open the key file", path);
	return fd;
}

/* Asked when the PEM is encrypted; OpenSSL would ask the terminal. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer, (void)size, (void)writing, (void)context;
	return -1;
}

static EVP_PKEY *parse_pem(const char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	if (!bio)
		abort();
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return pkey;
}

/* 32 bytes as base64url without padding. */
static void encode_field(const unsigned char bytes[FIELD_BYTES], char ret[FIELD_BASE64])
{
	EVP_EncodeBlock((unsigned char *)ret, bytes, FIELD_BYTES);
	for (char *at = ret; *at; at++) {
		if (*at == '+')
			*at = '-';
		else if (*at == '/')
			*at = '_';
		else if (*at == '=')
			*at = '\0';
	}
}

static void encode_coordinate(const EVP_PKEY *pkey, const char *name, char ret[FIELD_BASE64])
{
	BIGNUM *number = NULL;
	unsigned char bytes[FIELD_BYTES];
	if (!EVP_PKEY_get_bn_param(pkey, name, &number) ||
		BN_bn2binpad(number, bytes, FIELD_BYTES) != FIELD_BYTES)
		abort();
	BN_free(number);
	encode_field(bytes, ret);
}

/* RFC 7638: the same key has the same name everywhere. */
static void make_kid(const EVP_PKEY *pkey, char ret[FIELD_BASE64])
{
	char x[FIELD_BASE64], y[FIELD_BASE64], jwk[160];
	encode_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X, x);
	encode_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, y);
	int len = snprintf(
		jwk, sizeof(jwk), "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
	unsigned char digest[FIELD_BYTES];
	if (!EVP_Digest(jwk, (size_t)len, digest, NULL, EVP_sha256(), NULL))
		abort();
	encode_field(digest, ret);
}

static enum err read_key(const char *path, struct local *local, struct refusal *ret_why)
{
	int fd = open_file(path, ret_why);
	if (fd < 0)
		return ret_why->code;
	enum err err = read_file(fd, path, local, ret_why);
	close(fd);
	if (err)
		return err;
	local->pkey = parse_pem(local->pem, local->pem_len);
	struct key *key;
	struct refusal why;
	if (!local->pkey || key_create("", "ES256", local->pkey, &key, &why))
		return refuse(ret_why, ERR_INTERNAL, NULL,
			"the key file holds no unencrypted private EC P-256 key: %s", path);
	key_destroy(key);
	make_kid(local->pkey, local->kid);
	return OK;
}

enum err local_open(const char *db_path, struct local **ret, struct refusal *ret_why)
{
	char *path;
	struct local *local = calloc(1, sizeof(*local));
	if (!local || asprintf(&path, "%s.key", db_path) < 0)
		abort();
	enum err err = read_key(path, local, ret_why);
	free(path);
	if (err)
		local_destroy(local);
	else
		*ret = local;
	return err;
}

void local_destroy(struct local *local)
{
	if (!local)
		return;
	EVP_PKEY_free(local->pkey);
	OPENSSL_cleanse(local, sizeof(*local));
	free(local);
}

enum err local_register(const struct local *local, struct auth *auth, struct refusal *ret_why)
{
	struct key *key;
	enum err err = key_create(local->kid, "ES256", local->pkey, &key, ret_why);
	return err ? err : auth_add_issuer(auth, LOCAL_ISSUER, LOCAL_AUDIENCE, &key, 1, ret_why);
}

/* What auth would refuse or leave out is not written either. */
static enum err check_claims(
	const char *user, const char *name, const char *email, int64_t minutes, struct refusal *ret_why)
{
	if (!claims_subject_valid(user))
		return refuse(ret_why, ERR_BAD_REQUEST, "user",
			"user must have 1 to %d bytes and no control characters", LIMIT_SUBJECT_BYTES);
	if (name && !claims_name_valid(name))
		return refuse(ret_why, ERR_BAD_REQUEST, "name", "name must have at most %d characters",
			LIMIT_NAME_CHARS);
	if (email && !claims_email_valid(email))
		return refuse(ret_why, ERR_BAD_REQUEST, "email", "email must have at most %d bytes",
			LIMIT_EMAIL_BYTES);
	if (minutes < 1 || minutes > LOCAL_MINUTES_MAX)
		return refuse(
			ret_why, ERR_BAD_REQUEST, "minutes", "minutes must be 1 to %d", LOCAL_MINUTES_MAX);
	return OK;
}

/* libjwt takes no text that isn't UTF-8; the field with such a text, or NULL. */
static const char *add_texts(jwt_t *jwt, const char *user, const char *name, const char *email)
{
	const struct {
		const char *claim, *value, *field;
	} texts[] = {
		{"iss", LOCAL_ISSUER, NULL},
		{"aud", LOCAL_AUDIENCE, NULL},
		{"sub", user, "user"},
		{"name", name, "name"},
		{"email", email, "email"},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value && jwt_add_grant(jwt, texts[i].claim, texts[i].value))
			return texts[i].field;
	}
	return NULL;
}

static char *sign(const struct local *local, jwt_t *jwt, int64_t now_ms, int64_t minutes)
{
	int64_t now = now_ms / 1000;
	if (jwt_add_grant_int(jwt, "iat", now) || jwt_add_grant_int(jwt, "exp", now + minutes * 60) ||
		jwt_add_header(jwt, "kid", local->kid) ||
		jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)local->pem, (int)local->pem_len))
		abort();
	char *token = jwt_encode_str(jwt);
	if (!token)
		abort();
	return token;
}

enum err local_mint(const struct local *local, const char *user, const char *name, const char *email,
	int64_t now_ms, int64_t minutes, char **ret_token, struct refusal *ret_why)
{
	enum err err = check_claims(user, name, email, minutes, ret_why);
	if (err)
		return err;
	jwt_t *jwt;
	if (jwt_new(&jwt))
		abort();
	const char *field = add_texts(jwt, user, name, email);
	if (field)
		err = refuse(ret_why, ERR_BAD_REQUEST, field, "%s is not valid UTF-8", field);
	else
		*ret_token = sign(local, jwt, now_ms, minutes);
	jwt_free(jwt);
	return err;
}
