package org.spikecast.train.internal;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of threads, of which the caller is the first, that do the parts of a task at the same time. Handing out
 * a task allocates nothing and, if the last one is not long ago, takes about a microsecond: the threads look for the
 * next one for a while before they sleep. They are daemons.
 */
final class Workers implements AutoCloseable {
    /** A task in as many parts as there are workers. */
    @FunctionalInterface
    interface Task {
        void part(int worker);
    }

    /** How often a worker looks for the next task before it sleeps: a fraction of a millisecond. */
    private static final int LOOKS = 10_000;

    private final Thread[] threads;
    private final AtomicInteger unfinished = new AtomicInteger();
    private Task task;
    private volatile int round;
    private volatile boolean closed;
    private volatile Throwable failure;

    Workers(int count) {
        threads = new Thread[count - 1];
        for (int w = 1; w < count; w++) {
            int worker = w;
            threads[w - 1] = new Thread(() -> work(worker), "spikecast-" + w);
            threads[w - 1].setDaemon(true);
            threads[w - 1].start();
        }
    }

    int count() {
        return threads.length + 1;
    }

    /** Does all parts of a task and returns when they are done; throws what a part has thrown. */
    void run(Task task) {
        this.task = task;
        unfinished.set(threads.length);
        round++; // volatile: what was written before is seen by those who see it
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        Throwable own = null;
        try {
            task.part(0);
        } catch (RuntimeException | Error e) {
            own = e;
        }
        while (unfinished.get() > 0) {
            Thread.onSpinWait();
        }
        Throwable thrown = own != null ? own : failure;
        failure = null;
        if (thrown instanceof Error) {
            throw (Error) thrown;
        } else if (thrown != null) {
            throw (RuntimeException) thrown;
        }
    }

    private void work(int worker) {
        int done = 0;
        while (true) {
            for (int look = 0; round == done && !closed; look++) {
                if (look < LOOKS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            if (closed) {
                return;
            }
            done = round;
            try {
                task.part(worker);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            unfinished.decrementAndGet();
        }
    }

    /** Ends the threads. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
