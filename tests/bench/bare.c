/*
 * bench-bare URL COUNT: fetches the URL that often over one connection with
 * libcurl, reads the answer with json-c, and takes its numbers: nothing else.
 * Prints the processor time of each in ns, and how many numbers there were.
 */
#include <curl/curl.h>
#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/number.h"

#define COUNT_MAX 1000000
#define BODY_MAX (256 * 1024)
#define NUMBERS_MAX 1024

struct body {
	size_t size;
	char bytes[BODY_MAX];
};

static struct body body;

static size_t
take(char *data, size_t size, size_t count, void *context)
{
	struct body *to = context;

	if (size * count > sizeof(to->bytes) - to->size)
		return 0;
	memcpy(to->bytes + to->size, data, size * count);
	to->size += size * count;
	return size * count;
}

/* How many numbers, into numbers; 0 if it is not such an answer. */
static unsigned
read_rates(struct json_tokener *parser, double *numbers)
{
	struct json_object *all, *rates;
	unsigned count = 0;

	json_tokener_reset(parser);
	all = json_tokener_parse_ex(parser, body.bytes, (int)body.size);
	if (json_object_object_get_ex(all, "rates", &rates)) {
		json_object_object_foreach(rates, code, value) {
			(void)code;
			if (count < NUMBERS_MAX)
				numbers[count++] =
				    json_object_get_double(value);
		}
	}
	json_object_put(all);
	return count;
}

static unsigned
fetch(CURL *easy, struct json_tokener *parser)
{
	static double numbers[NUMBERS_MAX];

	body.size = 0;
	if (curl_easy_perform(easy) != CURLE_OK)
		return 0;
	return read_rates(parser, numbers);
}

static int64_t
busy(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

static int
run(CURL *easy, struct json_tokener *parser, int64_t count)
{
	unsigned numbers = fetch(easy, parser); /* which also connects */
	int64_t began = busy();

	for (int64_t i = 0; i < count; i++)
		if (numbers == 0 || fetch(easy, parser) != numbers) {
			fprintf(stderr, "bench-bare: no rates\n");
			return 1;
		}
	printf("%.1f %u\n", (double)(busy() - began) / (double)count,
	    numbers);
	return 0;
}

int
main(int argc, char **argv)
{
	struct json_tokener *parser = json_tokener_new();
	CURL *easy = curl_easy_init();
	int64_t count;
	int status;

	if (argc != 3 || number_parse_int(argv[2], 1, COUNT_MAX, &count) == -1 ||
	    parser == NULL || easy == NULL)
		return 2;
	curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
	status = run(easy, parser, count);
	json_tokener_free(parser);
	curl_easy_cleanup(easy);
	return status;
}
