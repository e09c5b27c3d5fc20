package org.spikecast.kernel.internal;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of threads, of which the caller is the first, that compute the parts of a task at the same time.
 * Handing out a task allocates nothing and takes less than a microsecond while the others wait for it. The caller also
 * computes the parts that no other thread has begun when it is done with its own: where cores are busy with something
 * else, a task takes as long as on one thread. A task within a task runs on the calling thread alone.
 *
 * <p>One thread at a time may call. The others are daemons, and begin with the first task.
 */
public final class Team implements AutoCloseable {
    /** A task in parts. */
    @FunctionalInterface
    public interface Task {
        /** Computes one part; each is computed once, by any thread. */
        void part(int part);
    }

    /**
     * Multiply-adds that take 20 microseconds. Half as much was slower on two threads while the cores exchanged a line of the
     * cache in 200 nanoseconds, as they may where they share none; at 50 it was faster.
     */
    private static final long WORTH_SHARING = 1_000_000;

    /** Multiply-adds that take 200 microseconds: waking a thread costs its caller 10 to 25, and it begins as late. */
    private static final long WORTH_WAKING = 10_000_000;

    /**
     * The time for which a waiting thread keeps its core: about that of packing, clipping and Adam between the
     * micro-batches of one update and the next in small networks. Then it gives way to any other process. It does not
     * call Thread.onSpinWait, with which it began the next task half a microsecond later: a virtual machine's host may
     * take a processor away that pauses again and again.
     */
    private static final long SPIN_NS = 100_000;

    /**
     * The time that a thread waits for the next task before it sleeps, and the caller for others before it gives way.
     */
    private static final long AWAKE_NS = 1_000_000;

    /** A round is its number times this, plus the number of its parts. */
    private static final int MOST_PARTS = 1 << 16;

    /** The distance, in an array, of numbers that different threads write: two cache lines. */
    private static final int APART = 16;

    private final Helper[] helpers;
    private final long worthSharing;
    private final long worthWaking;

    /** For each part, the last round in which a thread took it. */
    private final AtomicLongArray taken;

    private final AtomicInteger unfinished = new AtomicInteger();
    private Task task;
    private boolean running;
    private volatile long round;
    private volatile boolean closed;
    private volatile Throwable failure;

    /** A team of {@code size} threads, the caller included. */
    public Team(int size) {
        this(size, WORTH_SHARING, WORTH_WAKING);
    }

    private Team(int size, long worthSharing, long worthWaking) {
        if (size < 1 || size >= MOST_PARTS) {
            throw new IllegalArgumentException("threads: expected 1 to " + (MOST_PARTS - 1) + ", got " + size);
        }
        helpers = new Helper[size - 1];
        taken = new AtomicLongArray(size * APART);
        this.worthSharing = worthSharing;
        this.worthWaking = worthWaking;
    }

    /** A team that shares whatever can be shared, however little: for tests of small sizes. */
    public static Team sharingAll(int size) {
        return new Team(size, 0, 0);
    }

    /** The number of threads, the caller included. */
    public int size() {
        return helpers.length + 1;
    }

    /**
     * Whether it pays to share an operation: there are several threads, this one is not within a task, and the work is
     * worth handing out, or worth waking threads that sleep.
     *
     * @param multiplyAdds the size of the operation, in multiply-adds of a product
     */
    public boolean pays(long multiplyAdds) {
        return isFree() && multiplyAdds >= worthSharing && (multiplyAdds >= worthWaking || isAwake());
    }

    private boolean isFree() {
        return helpers.length > 0 && !running;
    }

    private boolean isAwake() {
        for (Helper helper : helpers) {
            if (helper == null || helper.asleep) {
                return false;
            }
        }
        return true;
    }

    /**
     * Computes all parts of a task and returns when they are done; throws the exception of a part.
     *
     * @param parts at most as many as there are threads
     */
    public void run(int parts, Task task) {
        if (parts < 2 || !isFree()) {
            for (int part = 0; part < parts; part++) {
                task.part(part);
            }
            return;
        }
        for (int h = 0; h < parts - 1; h++) {
            start(h);
        }
        running = true;
        this.task = task;
        unfinished.set(parts);
        long now = (round / MOST_PARTS + 1) * MOST_PARTS + parts;
        round = now; // volatile: a thread that reads it reads all earlier writes, too
        for (int h = 0; h < parts - 1; h++) {
            if (helpers[h] != null && helpers[h].asleep) {
                LockSupport.unpark(helpers[h]);
            }
        }
        work(0, now);
        long start = System.nanoTime();
        while (unfinished.get() > 0) {
            if (System.nanoTime() - start > AWAKE_NS) {
                Thread.yield();
            }
        }
        running = false;
        Throwable thrown = failure;
        failure = null;
        if (thrown instanceof Error) {
            throw (Error) thrown;
        } else if (thrown != null) {
            throw (RuntimeException) thrown;
        }
    }

    private void start(int h) {
        if (helpers[h] == null && !closed) {
            Helper helper = new Helper(h + 1);
            helper.start();
            helpers[h] = helper;
        }
    }

    /** Computes the parts of a round that no other thread has taken, beginning with its own. */
    private void work(int own, long now) {
        int parts = (int) (now % MOST_PARTS);
        for (int k = 0; k < parts; k++) {
            int part = (own + k) % parts;
            long last = taken.get(part * APART);
            // A thread that comes too late, to a round that is over, finds all of its parts taken.
            if (last < now && taken.compareAndSet(part * APART, last, now)) {
                try {
                    task.part(part);
                } catch (RuntimeException | Error e) { // whatever it is, run throws it on the caller's thread
                    failure = e;
                }
                unfinished.decrementAndGet();
            }
        }
    }

    /** Ends the threads. The caller runs later tasks alone. */
    @Override
    public void close() {
        closed = true;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper);
        }
    }

    private final class Helper extends Thread {
        private final int number;
        private volatile boolean asleep;

        Helper(int number) {
            super("spikecast-" + number);
            this.number = number;
            setDaemon(true);
        }

        @Override
        public void run() {
            long done = 0;
            while (!closed) {
                done = next(done);
                work(number, done);
            }
        }

        /** Waits for another round than this one, or the end. */
        private long next(long done) {
            long start = System.nanoTime();
            while (round == done && !closed) {
                long waited = System.nanoTime() - start;
                if (waited > SPIN_NS && waited < AWAKE_NS) {
                    Thread.yield();
                } else if (waited >= AWAKE_NS) {
                    asleep = true;
                    while (round == done && !closed) {
                        LockSupport.park(Team.this);
                        Thread.interrupted(); // or else the next park would return at once
                    }
                    asleep = false;
                }
            }
            return round;
        }
    }
}
