package org.spikecast.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The handling of SIGINT and SIGTERM. A command that can be resumed writes a checkpoint and ends; a second signal ends
 * the process at once. Other commands end at once.
 */
final class Interruption {
    /** Exit codes by signal, 128 + its number. */
    private static final Map<String, Integer> CODES = Map.of("INT", 130, "TERM", 143);

    private final Console console;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean ownsProcess;

    private volatile int code;
    private volatile String goOn;

    Interruption(Console console) {
        this.console = console;
    }

    /** Enables the handling of signals: the process runs this command only. */
    void ownProcess() {
        ownsProcess = true;
    }

    boolean ownsProcess() {
        return ownsProcess;
    }

    /** Whether a signal has arrived. */
    boolean isRequested() {
        return code != 0;
    }

    /** The exit code that belongs to the signal. */
    int code() {
        return code;
    }

    /** The command line that resumes the command. */
    String goOn() {
        return goOn;
    }

    /**
     * Handles signals from now on.
     *
     * @param line that resumes the command
     */
    void handle(String line) {
        goOn = line;
        if (!ownsProcess) {
            return;
        }
        try {
            // By reflection: the class is in every JDK known, but not in the platform that javac accepts.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            for (Map.Entry<String, Integer> known : CODES.entrySet()) {
                Object proxy = Proxy.newProxyInstance(
                        Interruption.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                            request(known.getValue());
                            return null;
                        });
                Object number = signal.getConstructor(String.class).newInstance(known.getKey());
                signal.getMethod("handle", signal, handler).invoke(null, number, proxy);
            }
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            Runtime.getRuntime().addShutdownHook(new Thread(this::finishInHook, "interruption"));
        }
    }

    /** The handling without sun.misc.Signal: the JVM is shutting down, with the exit code of the signal. */
    private void finishInHook() {
        if (ended.getCount() > 0) {
            request(CODES.get("INT"));
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Handles a signal. */
    void request(int exitCode) {
        boolean second = isRequested();
        code = exitCode;
        if (second) {
            System.exit(exitCode);
        }
        console.log("spikecast: interrupted: writing a checkpoint; interrupt again to end at once");
    }

    /** The command has ended. */
    void end() {
        ended.countDown();
    }
}
