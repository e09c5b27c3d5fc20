package org.spikecast.kernel.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.spikecast.kernel.Kernel;

/** Threads that share a task: every part once, whatever fails, waits or ends. */
class TeamTest {
    /** The contract on two threads, and on more than most matrices have panels. */
    @Nested
    class Scalar extends KernelContract {
        private static final Team TEAM = Team.sharingAll(2);

        @Override
        Kernel kernel() {
            return new ScalarKernel().onTeam(TEAM);
        }

        @AfterAll
        static void close() {
            TEAM.close();
        }
    }

    @Nested
    class Simd extends KernelContract {
        private static final Team TEAM = Team.sharingAll(5);

        @Override
        Kernel kernel() {
            return VectorKernelTest.ofWidth(512).onTeam(TEAM);
        }

        @AfterAll
        static void close() {
            TEAM.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void eachPartIsDoneOnce(int threads) {
        try (Team team = new Team(threads)) {
            for (int parts = 1; parts <= threads; parts++) {
                AtomicIntegerArray done = new AtomicIntegerArray(threads);
                for (int round = 1; round <= 2000; round++) {
                    team.run(parts, done::incrementAndGet);
                    for (int part = 0; part < threads; part++) {
                        assertEquals(part < parts ? round : 0, done.get(part));
                    }
                }
            }
        }
    }

    /** Parts that wait for each other need a thread each. */
    @Test
    void partsRunAtTheSameTime() {
        try (Team team = new Team(3)) {
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            team.run(3, part -> {
                threads.add(Thread.currentThread());
                while (threads.size() < 3) {
                    Thread.onSpinWait();
                }
            });
            assertTrue(threads.contains(Thread.currentThread()));
            threads.remove(Thread.currentThread());
            assertTrue(threads.stream().allMatch(Thread::isDaemon));
        }
    }

    @Test
    void whatFailsInAPartFailsInTheCaller() {
        try (Team team = new Team(3)) {
            for (int bad = 0; bad < 3; bad++) {
                int failing = bad;
                RuntimeException failure = new ArithmeticException("as it is");
                RuntimeException thrown = assertThrows(
                        RuntimeException.class,
                        () -> team.run(3, part -> {
                            if (part == failing) {
                                throw failure;
                            }
                        }));
                assertSame(failure, thrown);
                assertThrows(
                        StackOverflowError.class,
                        () -> team.run(3, part -> {
                            if (part == failing) {
                                throw new StackOverflowError();
                            }
                        }));
                eachPartIsDoneOnce(3);
            }
        }
    }

    @Test
    void aTaskWithinATaskRunsOnItsOwnThread() {
        try (Team team = Team.sharingAll(2)) {
            assertTrue(ran(team));
            AtomicIntegerArray done = new AtomicIntegerArray(2);
            team.run(2, part -> {
                Thread own = Thread.currentThread();
                assertFalse(team.pays(Long.MAX_VALUE));
                team.run(2, inner -> {
                    assertSame(own, Thread.currentThread());
                    done.incrementAndGet(inner);
                });
            });
            assertEquals(2, done.get(0));
            assertEquals(2, done.get(1));
        }
    }

    /** Runs a task, after which all threads are awake; whether the team would share the least of work. */
    private static boolean ran(Team team) {
        team.run(team.size(), part -> {});
        return team.pays(0);
    }

    @Test
    void onlyMuchWorkStartsOrWakesThreads() throws InterruptedException {
        try (Team team = new Team(2);
                Team alone = new Team(1)) {
            assertFalse(team.pays(2_000_000));
            assertTrue(team.pays(20_000_000));
            assertFalse(team.pays(10));
            assertFalse(alone.pays(Long.MAX_VALUE));
            team.run(2, part -> {});
            // A thread that sleeps is found by what it waits for.
            while (helpers().noneMatch(thread -> LockSupport.getBlocker(thread) == team)) {
                Thread.sleep(1);
            }
            assertFalse(team.pays(2_000_000));
            eachPartIsDoneOnce(2);
        }
    }

    private static Stream<Thread> helpers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("spikecast-"));
    }

    @Test
    void nothingIsLeftOfATeamThatIsClosed() throws InterruptedException {
        Team team = new Team(3);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        for (boolean asleep : new boolean[] {false, true}) {
            Team closing = asleep ? new Team(3) : team;
            closing.run(3, part -> {
                threads.add(Thread.currentThread());
                while (threads.size() < (asleep ? 5 : 3)) {
                    Thread.onSpinWait();
                }
            });
            while (asleep
                    && threads.stream()
                                    .filter(t -> LockSupport.getBlocker(t) == closing)
                                    .count()
                            < 2) {
                Thread.sleep(1);
            }
            closing.close();
            closing.close();
        }
        threads.remove(Thread.currentThread());
        for (Thread thread : threads) {
            thread.join();
        }
        AtomicIntegerArray done = new AtomicIntegerArray(3);
        team.run(3, done::incrementAndGet);
        assertEquals("[1, 1, 1]", done.toString(), "the caller does what there is to do");
    }

    /** Neither a caller nor a helper that is interrupted leaves out a part, and the caller's interruption lasts. */
    @Test
    void anInterruptionChangesNothing() {
        try (Team team = new Team(2)) {
            Thread.currentThread().interrupt();
            AtomicIntegerArray done = new AtomicIntegerArray(2);
            for (int round = 1; round <= 100; round++) {
                team.run(2, part -> {
                    done.incrementAndGet(part);
                    if (part == 1) {
                        helpers().forEach(Thread::interrupt);
                    }
                });
                assertEquals(round, done.get(0));
                assertEquals(round, done.get(1));
            }
            assertTrue(Thread.interrupted());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1 << 16})
    void aTeamHasAtLeastOneThread(int threads) {
        assertThrows(IllegalArgumentException.class, () -> new Team(threads));
    }

    /** The panels of a matrix are distributed, none twice, and parts differ by one panel at most. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 17, 63, 64, 1000})
    void partsBeginAtPanels(int rows) {
        for (int parts = 1; parts <= 9; parts++) {
            assertEquals(0, PackedMatrix.begin(rows, 0, parts));
            assertEquals(rows, PackedMatrix.begin(rows, parts, parts));
            int panels = (rows + 7) / 8;
            for (int part = 0; part < parts; part++) {
                int first = PackedMatrix.begin(rows, part, parts);
                int end = PackedMatrix.begin(rows, part + 1, parts);
                assertTrue(first % 8 == 0 || first == rows);
                int own = (end + 7) / 8 - (first + 7) / 8;
                assertTrue(own == panels / parts || own == (panels + parts - 1) / parts);
            }
        }
    }
}
