/* What the check of one token costs the loop's thread: auth_verify, with keys that are kept, and claims and
 * all; beside it libjwt's jwt_decode, which reads the PEM for each token and checks no claim. In turns, some
 * rounds of each; processor time, so that others on the machine count less. The median round, and the median
 * of the rounds' ratios.
 *
 *     bench_token [rounds [checks a round]]
 */
#include "auth/auth.h"
#include "auth/key.h"
#include "tests/support/signing.h"

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW_S  1700000000
#define ISSUER "https://securetoken.google.com/lockstep-bench"
#define COUNT  (sizeof(algorithms) / sizeof(algorithms[0]))

static const struct algorithm {
	const char *name;
	int salt;
	bool libjwt; /* knows it */
} algorithms[] = {
	{"RS256", SIGNING_PKCS1, true},
	{"PS256", SIGNING_PSS_SHA256, false},
	{"ES256", SIGNING_PKCS1, true},
	{"EdDSA", SIGNING_PKCS1, false},
};

struct subject {
	const struct algorithm *algorithm;
	struct auth *auth;
	struct text token; /* with its NUL, for libjwt */
	struct text pem;
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_token: %s failed\n", what);
	exit(1);
}

static int64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static EVP_PKEY *make_pair(const char *alg)
{
	EVP_PKEY *pair = strcmp(alg, "ES256") == 0   ? EVP_EC_gen("P-256")
			 : strcmp(alg, "EdDSA") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
						     : EVP_RSA_gen(2048);
	must(pair, alg);
	return pair;
}

static struct text make_pem(EVP_PKEY *pair)
{
	struct text pem = {0};
	char *bytes;
	BIO *bio = BIO_new(BIO_s_mem());
	must(bio && PEM_write_bio_PUBKEY(bio, pair), "PEM");
	text_append(&pem, bytes, (size_t)BIO_get_mem_data(bio, &bytes));
	BIO_free(bio);
	return pem;
}

/* What Firebase says of a person who signed in with Google. */
static struct text make_token(const struct algorithm *algorithm, EVP_PKEY *pair)
{
	char header[128], payload[1024];
	snprintf(header, sizeof(header),
		"{\"alg\":\"%s\",\"kid\":\"3f6e1a0bd2c94c55a8e1f7d0c4b29e6a7d18f0c3\",\"typ\":\"JWT\"}",
		algorithm->name);
	snprintf(payload, sizeof(payload),
		"{\"name\":\"Alice "
		"Example\",\"picture\":\"https://lh3.example/a/photo=s96-c\",\"iss\":\"%s\","
		"\"aud\":\"lockstep-bench\",\"auth_time\":%d,\"user_id\":\"Zt4cJx2NnUgV1mQf0aKp8rYsDe73\","
		"\"sub\":\"Zt4cJx2NnUgV1mQf0aKp8rYsDe73\",\"iat\":%d,\"exp\":%d,\"email\":\"alice@example."
		"org\","
		"\"email_verified\":true,\"firebase\":{\"identities\":{\"google.com\":["
		"\"104861527390184625379\"],"
		"\"email\":[\"alice@example.org\"]},\"sign_in_provider\":\"google.com\"}}",
		ISSUER, NOW_S - 60, NOW_S - 60, NOW_S + 3540);
	return signing_token(header, payload, pair, algorithm->salt);
}

static struct subject make_subject(const struct algorithm *algorithm)
{
	struct subject subject = {.algorithm = algorithm, .auth = auth_create()};
	struct refusal why;
	EVP_PKEY *old = make_pair(algorithm->name), *pair = make_pair(algorithm->name);
	struct key *keys[2];
	must(!key_create("0d1c2b3a49586776859403f2e1d0cfbeadf0c9b8", algorithm->name, old, &keys[0], &why) &&
			!key_create("3f6e1a0bd2c94c55a8e1f7d0c4b29e6a7d18f0c3", algorithm->name, pair,
				&keys[1], &why) &&
			!auth_add_issuer(subject.auth, ISSUER, "lockstep-bench", keys, 2, &why),
		"the issuer");
	subject.token = make_token(algorithm, pair);
	subject.pem = make_pem(pair);
	EVP_PKEY_free(old);
	EVP_PKEY_free(pair);
	return subject;
}

static void finish_subject(struct subject *subject)
{
	auth_destroy(subject->auth);
	text_finish(&subject->token);
	text_finish(&subject->pem);
}

static double run_auth(const struct subject *subject, int checks)
{
	int64_t start_ns = clock_ns();
	for (int i = 0; i < checks; i++) {
		struct auth_claims claims;
		struct refusal why;
		must(!auth_verify(subject->auth, subject->token.data, subject->token.len, NOW_S * 1000LL,
			     &claims, &why),
			"auth_verify");
	}
	return (double)(clock_ns() - start_ns) / checks / 1000;
}

static double run_libjwt(const struct subject *subject, int checks)
{
	int64_t start_ns = clock_ns();
	for (int i = 0; i < checks; i++) {
		jwt_t *jwt;
		must(!jwt_decode(&jwt, subject->token.data, (const unsigned char *)subject->pem.data,
			     (int)subject->pem.len),
			"jwt_decode");
		jwt_free(jwt);
	}
	return (double)(clock_ns() - start_ns) / checks / 1000;
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;
	return (first > second) - (first < second);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

static void run(const struct subject *subject, int rounds, int checks)
{
	double *ours = calloc((size_t)rounds * 3, sizeof(*ours));
	must(ours, "calloc");
	double *theirs = ours + rounds, *ratios = theirs + rounds;
	for (int i = 0; i < rounds; i++) {
		ours[i] = run_auth(subject, checks);
		if (subject->algorithm->libjwt) {
			theirs[i] = run_libjwt(subject, checks);
			ratios[i] = theirs[i] / ours[i];
		}
	}
	printf("%9s  %6zu  %14.1f", subject->algorithm->name, subject->token.len, median(ours, rounds));
	if (subject->algorithm->libjwt)
		printf("  %13.1f  %5.1f\n", median(theirs, rounds), median(ratios, rounds));
	else
		printf("  %13s  %5s\n", "-", "-");
	free(ours);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 15;
	int checks = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 500;
	must(rounds > 0 && checks > 0, "reading the arguments");
	printf("%9s  %6s  %14s  %13s  %5s\n", "algorithm", "bytes", "auth_verify us", "jwt_decode us",
		"ratio");
	for (size_t i = 0; i < COUNT; i++) {
		struct subject subject = make_subject(&algorithms[i]);
		run_auth(&subject, checks / 10 + 1); /* to warm up */
		run(&subject, rounds, checks);
		finish_subject(&subject);
	}
	return 0;
}
