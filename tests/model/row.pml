/*
 * A row's lock, the writers around it, and the choices that they have: what a
 * model needs before it defines take() and release() (writers.pml).
 */

#define N 3 /* writers; the unrolled lines below know it */
#ifndef KILLS
#define KILLS 2
#endif

/* worker_id(): unique for the life of the board. */
#define ID(i) (1 + (i) + N * incarnation[i])
#define slot _pid
#define ME ID(slot)

byte value = 1; /* of the semaphore */
byte owner = 0; /* the owner word */
byte kills = KILLS;
byte incarnation[N];
bool killed[N]; /* SIGKILL is on its way: it does nothing more */
bool dead[N];   /* a zombie */
bool inside[N];

bool calm;
byte chosen;
bool got_in;

/* The choices of a wait: any in the wild, a fixed one in a calm run. */
#define rests (calm && slot != chosen)
#define waits (!rests)
#define times_out (waits && (!calm || value == 0))
#define gives_up (!calm || rests) /* its deadline has passed */

/* sem_post(3). */
inline post()
{
	d_step {
		value++;
		assert(value <= N)
	}
}
