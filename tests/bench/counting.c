#include "counting.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_MAX 256

static void
add_plain(struct counted *c, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++) {
		uint64_t value =
		    atomic_load_explicit(&c->value, memory_order_relaxed);

		atomic_store_explicit(
		    &c->value, value + 1, memory_order_relaxed);
	}
}

static void
add_mutex(struct counted *c, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++) {
		pthread_mutex_lock(&c->mutex);
		add_plain(c, 1);
		pthread_mutex_unlock(&c->mutex);
	}
}

static void
add_semaphore(struct counted *c, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++) {
		while (sem_wait(&c->semaphore) == -1)
			;
		add_plain(c, 1);
		sem_post(&c->semaphore);
	}
}

static void
add_atomic(struct counted *c, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++)
		atomic_fetch_add_explicit(&c->value, 1, memory_order_relaxed);
}

const struct counting_way counting_ways[COUNTING_WAY_COUNT] = {
#define X(name, exact) { #name, exact, add_##name },
	COUNTING_WAYS(X)
#undef X
};

/* Whoever counts waits at the gate until all are there. */
struct run {
	struct counted counted;
	pthread_barrier_t gate;
	const struct counting_way *way;
	uint32_t times;
};

static struct run *
begin(const struct counting_way *way, unsigned count, uint32_t times)
{
	pthread_barrierattr_t for_gate;
	pthread_mutexattr_t for_mutex;
	struct run *run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (run == MAP_FAILED)
		return NULL;
	run->way = way;
	run->times = times;
	pthread_mutexattr_init(&for_mutex);
	pthread_mutexattr_setpshared(&for_mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&run->counted.mutex, &for_mutex);
	pthread_mutexattr_destroy(&for_mutex);
	pthread_barrierattr_init(&for_gate);
	pthread_barrierattr_setpshared(&for_gate, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&run->gate, &for_gate, count);
	pthread_barrierattr_destroy(&for_gate);
	sem_init(&run->counted.semaphore, 1, 1);
	return run;
}

static int64_t
end(struct run *run)
{
	int64_t value = (int64_t)atomic_load(&run->counted.value);

	sem_destroy(&run->counted.semaphore);
	pthread_mutex_destroy(&run->counted.mutex);
	pthread_barrier_destroy(&run->gate);
	munmap(run, sizeof(*run));
	return value;
}

static void *
count_all(void *argument)
{
	struct run *run = argument;

	pthread_barrier_wait(&run->gate);
	run->way->add(&run->counted, run->times);
	return NULL;
}

/* Those that wait at the gate would do so for ever: nothing but to end. */
static void
give_up(void)
{
	abort();
}

int64_t
counting_threads(
    const struct counting_way *way, unsigned count, uint32_t times)
{
	pthread_t threads[COUNT_MAX];
	struct run *run =
	    count <= COUNT_MAX ? begin(way, count, times) : NULL;

	if (run == NULL)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, count_all, run) != 0)
			give_up();
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return end(run);
}

int64_t
counting_processes(
    const struct counting_way *way, unsigned count, uint32_t times)
{
	pid_t children[COUNT_MAX];
	struct run *run =
	    count <= COUNT_MAX ? begin(way, count, times) : NULL;

	if (run == NULL)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		children[i] = fork();
		if (children[i] == -1)
			give_up();
		if (children[i] == 0) {
			count_all(run);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < count; i++)
		while (waitpid(children[i], NULL, 0) == -1)
			;
	return end(run);
}
