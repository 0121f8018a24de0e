/*
 * The task protocol: one task, its user, two workers, a sweeper, the relay of the outbox, a broker that loses, repeats
 * and delays, and a clock by which a lease may be over at any moment. README.md says which function and which SQL
 * statement each step stands for, and what is left out.
 *
 * Every #ifdef seeds a fault; without any, this is the protocol as decant has it.
 */

#define MAX_ATTEMPTS 2 /* claims of one generation that were not given back */
#define DRAINS 1       /* of both workers together: a claim given back costs no attempt, and would go on for ever */

/* ---- The row, the outbox and the bell ---- */

mtype:state = {NOT_YET, UPLOADED, PROCESSING, PROCESSED, FAILED, CANCELED, PURGED};

mtype:state state = NOT_YET;
byte generation;
byte attempts;
byte holder;        /* the worker whose claim the row's fence names; 0 when no claim may change the row */
bool lease_is_over;
bool has_result;    /* the row names a result */
bool outbox;        /* a ring is still to be published */
bool bell;          /* a ring is under way: it may arrive at any time, and any number of times */

/* ---- The object store: a bit an object, called by who names it ---- */

#define SOURCE 0 /* the row */
                 /* 1, 2: what that worker's claim put */
#define RESULT 3 /* the row */
#define BIT(object) (1 << (object))

unsigned objects : 4;
unsigned orphans : 4; /* what the sweeper found and is about to remove */
bool litter;          /* there are objects that nobody names any more */

/* ---- What happened, for the properties ---- */

byte drains;
#ifdef NO_POLL
byte losses;
#endif
bool is_submitting = true; /* the row may still come */
bool was_canceled;
bool is_committed;         /* in this generation */
bool was_committed_twice;
bool was_committed_for_another_generation;

#define IS_THERE (state != NOT_YET && state != PURGED)
#define IS_LIVE (IS_THERE && state != CANCELED)
#define IS_SETTLED (state == PROCESSED || state == FAILED || state == CANCELED || state == PURGED)
#define NAMED (BIT(SOURCE) | has_result * BIT(RESULT))

/* ---- The properties ---- */

ltl no_task_is_lost { [] (IS_LIVE -> <> IS_SETTLED) }
ltl no_orphan_stays { <> [] (objects == IS_THERE * NAMED && !litter && state != CANCELED) }
ltl no_file_is_missing { [] (IS_LIVE -> (objects & NAMED) == NAMED) }
ltl one_commit_a_generation { [] !was_committed_twice }
ltl results_are_of_their_generation { [] !was_committed_for_another_generation }
ltl attempts_are_bounded { [] (attempts <= MAX_ATTEMPTS) }
ltl canceled_is_the_end { [] (was_canceled -> !IS_LIVE) }

/* ---- Broker and objects ---- */

inline publish() {
  if
  :: bell = true
#ifdef NO_POLL
  :: losses < 1 -> losses++ /* who lives by rings alone needs one to come through in the end */
#else
  :: skip /* lost */
#endif
  fi
}

inline acknowledge() {
  if
  :: bell = false
  :: skip /* the acknowledgement was lost, a copy was under way, or the claim came without a ring */
  fi
}

inline put(object) { objects = objects | BIT(object) }

inline remove(object) {
  objects = objects & ~BIT(object);
  orphans = orphans & ~BIT(object)
}

/* The row names the worker's object from now on; the sweeper may be about to remove it. */
inline make_result(object) {
  has_result = true;
  objects = objects | (((objects >> object) & 1) << RESULT);
  orphans = orphans | (((orphans >> object) & 1) << RESULT);
  remove(object)
}

/* Nobody names it any more. */
inline leave(object) {
  litter = litter || (objects & BIT(object)) != 0;
  remove(object)
}

/* ---- Statements of the database: atomic, and where they change a claimed row, its fence is checked ---- */

#define IS_CLAIMABLE (state == UPLOADED || (state == PROCESSING && lease_is_over && attempts < MAX_ATTEMPTS))
#define IS_MINE (holder == me && state == PROCESSING)
#define AFTER_A_FAILURE (attempts < MAX_ATTEMPTS -> UPLOADED : FAILED)

inline insert_task() {
  atomic {
    state = UPLOADED;
    generation = 1;
    outbox = true
  }
}

inline end_claim(next_state) {
  state = next_state;
  holder = 0;
  lease_is_over = false;
  outbox = outbox || state == UPLOADED /* the same transaction */
}

inline claim() {
  state = PROCESSING;
  attempts++;
  holder = me;
  lease_is_over = false;
  my_generation = generation
}

/* ---- Who asks ---- */

proctype User() {
  put(SOURCE);
  if
  :: insert_task()
  :: atomic { remove(SOURCE) } /* refused: the quota, or the key of an earlier request */
  :: skip                      /* the web process dies */
  :: skip ->                   /* no answer came, we looked and found no row, and then the statement is carried out */
#ifdef REMOVE_IN_DOUBT
     atomic { remove(SOURCE) }
#endif
     insert_task()
  fi;
  is_submitting = false;

  if
  :: atomic {
#ifdef RECONVERT_WITHOUT_STATE
       IS_THERE ->
#else
       IS_LIVE ->
#endif
       end_claim(UPLOADED);
       generation = 2;
       attempts = 0;
       is_committed = false
     }
  :: skip
  fi
}

proctype Owner() {
  if
  :: atomic {
       IS_LIVE ->
       end_claim(CANCELED);
       was_canceled = true
     }
     if
     :: atomic {
          remove(SOURCE);
          remove(RESULT)
        }
     :: skip /* the web process dies, or the store is away */
     fi
  :: skip
  fi
}

proctype Relay() {
end:
  do
  :: atomic {
       outbox ->
       publish();
       if
       :: outbox = false
       :: skip /* dies between publishing and marking */
       fi
     }
  od
}

proctype Clock() {
end:
  do
  :: atomic { state == PROCESSING && !lease_is_over -> lease_is_over = true }
  od
}

#ifdef NO_POLL
#define LOOKS bell
#else
#define LOOKS true /* at a ring, and now and then without one */
#endif

inline forget_claim() {
  leave(me);
  my_generation = 0;
  goto idle
}

inline finish() {
  acknowledge();
  forget_claim()
}

proctype Worker(byte me) {
  byte my_generation;

end:
idle:
  atomic {
    LOOKS ->
#ifdef ACKNOWLEDGE_FIRST
    bell = false;
#endif
    if
    :: IS_CLAIMABLE -> claim()
    :: else -> finish() /* a stale ring, or none */
    fi
  }

  if
  :: atomic { IS_MINE -> lease_is_over = false } /* heartbeat */
  :: skip
  fi;

  if
  :: put(me)
  :: atomic { IS_MINE -> end_claim(AFTER_A_FAILURE); finish() }
  :: atomic { IS_MINE -> end_claim(FAILED); finish() } /* another attempt would not help */
  :: atomic {
       IS_MINE && drains < DRAINS ->
       drains++;
       attempts--;
       end_claim(UPLOADED);
       forget_claim()
     }
  :: atomic { true -> finish() } /* a heartbeat was refused, or by the worker's own clock the lease is over */
  :: atomic { true -> forget_claim() } /* the worker dies */
  fi;

  if
  :: atomic {
#ifdef COMMIT_WITHOUT_FENCE
       state == PROCESSING ->
#else
       IS_MINE ->
#endif
       end_claim(PROCESSED);
       was_committed_twice = was_committed_twice || is_committed;
       is_committed = true;
       was_committed_for_another_generation = was_committed_for_another_generation || generation != my_generation;
       if
       :: remove(RESULT) /* the one that is replaced */
       :: leave(RESULT)  /* the worker dies, the store is away, or the commit's answer was lost */
       fi;
       make_result(me);
#ifdef FORGETS_THE_FIRST_TRY
       if
       :: remove(RESULT)
       :: skip
       fi;
#endif
       finish()
     }
  :: atomic { !IS_MINE -> remove(me); finish() }
  :: atomic { true -> forget_claim() } /* the worker dies */
  fi
}

#ifdef NO_GRACE
#define IN_GRACE 0
#else
#define IN_GRACE (is_submitting * BIT(SOURCE))
#endif
#ifdef ORPHANS_BY_AGE_ONLY
#define KEPT_FOR_ITS_CLAIM 0
#else
#define KEPT_FOR_ITS_CLAIM ((state == PROCESSING) * BIT(holder))
#endif

proctype Sweeper() {
#ifdef SWEEP_BY_TIME_ONLY
  bool is_late;
#endif
end:
  do
  ::
#ifdef SWEEP_BY_TIME_ONLY
     is_late = (state == PROCESSING && lease_is_over);
#endif
     atomic {
       if
#ifdef SWEEP_BY_TIME_ONLY
       :: is_late ->
#else
       :: state == PROCESSING && lease_is_over ->
#endif
#ifdef RELEASE_FOR_EVER
          end_claim(UPLOADED);
#else
          end_claim(AFTER_A_FAILURE);
#endif
#ifndef NO_RING_AGAIN
       :: state == UPLOADED -> outbox = true
#endif
       :: else
       fi
     }

     if
     :: atomic {
          state == CANCELED ->
          remove(SOURCE);
          remove(RESULT)
        }
        atomic {
          state = PURGED;
          has_result = false
        }
     :: else
     fi;

#ifndef NO_ORPHAN_SWEEP
     orphans = objects & ~(IS_THERE * NAMED) & ~IN_GRACE & ~KEPT_FOR_ITS_CLAIM;
     atomic {
       objects = objects & ~orphans;
       orphans = 0;
       litter = false
     }
#endif
  od
}

init {
  atomic {
    run Worker(1);
    run Worker(2);
#ifndef NO_SWEEP
    run Sweeper();
#endif
    run Clock();
#ifndef NO_RELAY
    run Relay();
#endif
    run User();
    run Owner()
  }
}
