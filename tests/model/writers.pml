/*
 * One row's writers, who may be killed, and their supervisor; and what is asked
 * of both models, lock.pml and naive.pml, in the same words.
 *
 * A model includes row.pml, defines
 *
 *	take()		returns with the lock, or goes to the label "outside"
 *	release()	gives it back
 *
 * for the writer `slot', who calls itself ME, and includes this file.
 *
 * Asked, by assertion:
 *
 *	exclusion	never two writers inside
 *	tokens		never more of them than writers
 *
 * (and by lock.pml, that a writer which leaves is the owner).
 *
 * Asked, by the formula can_get_in: from every state, every writer can still
 * get in (in CTL: AG EF inside, for each).  LTL has no "can", so the
 * existence is shown by a schedule that works: at any moment, in any state,
 * the run may turn calm, with any one writer chosen.  From then on nobody is
 * killed, the supervisor finishes what it does, the others finish what they
 * hold and then rest, and a wait that can have a token has it.  Under weak
 * fairness the chosen one must then get in.  A calm run is a run of the wild
 * model too, only with its choices made, and every wild state has calm
 * successors for each writer; so if can_get_in holds then AG EF inside does.
 * The reverse is not claimed, and isn't needed: a model that has no way in
 * fails.  Weak fairness says only that a process which can go on does so at
 * some time.
 *
 * The formula alone would be true of a chosen writer that is dead for ever:
 * it isn't, for the supervisor has to replace it, and its replacement to get
 * in.
 *
 * Not shown here: how long it takes; weak memory (a
 * step is seen by all at once; lock.c uses acquire and release, and what they
 * protect is the row's latch); the death of the supervisor, which ends all
 * its workers and the board with them; and what sem_post(3) does after the
 * token is there, for a wake-up that is lost is a wait that times out, and
 * here every wait may do that at any moment.
 *
 * Steps: what one line or one d_step does is one atomic instruction (or one
 * call) of lock.c.  A kill falls between any two of them.
 */

active [N] proctype writer()
{
begin:
	{
		do
		:: waits ->
			take();
			inside[slot] = true;
			d_step {
				assert(inside[0] + inside[1] + inside[2] == 1);
				got_in = got_in || (calm && slot == chosen)
			}
			inside[slot] = false;
			release();
outside:		skip
		od
	} unless {
		d_step {
			killed[slot] ->
			killed[slot] = false;
			inside[slot] = false;
			dead[slot] = true
		}
	}
	!dead[slot]; /* this process is now its replacement */
	goto begin
}

/*
 * lock_recover(), which may be cut off between its two steps (then the post
 * is lost: begun anew, it finds nothing to do), and repeated.  Only then does
 * the supervisor bury the dead and start another one under a new id; one
 * repetition too many must then find nothing of the new one's.
 */
inline replace(i)
{
	do
	:: d_step { owner == ID(i) -> owner = 0 }
		if
		:: post()
		:: !calm
		fi
	:: d_step {
			owner != ID(i) ->
			former = ID(i);
			incarnation[i]++;
			dead[i] = false
		}
		break
	od;
	if
	:: d_step { !calm -> owner = (owner == former -> 0 : owner); former = 0 }
	:: former = 0
	fi
}

active proctype supervisor()
{
	byte former;
end:
	do
	:: dead[0] -> replace(0)
	:: dead[1] -> replace(1)
	:: dead[2] -> replace(2)
	od
}

inline kill_one(i)
{
	d_step {
		kills > 0 && !killed[i] && !dead[i];
		kills--;
		killed[i] = true
	}
}

active proctype world()
{
	do
	:: kill_one(0)
	:: kill_one(1)
	:: kill_one(2)
	:: d_step { calm = true; chosen = 0 } break
	:: d_step { calm = true; chosen = 1 } break
	:: d_step { calm = true; chosen = 2 } break
	od
}

ltl can_get_in { [] (calm -> <> got_in) }
