package org.spikecast.kernel.internal;

import java.lang.reflect.InvocationTargetException;

/**
 * The JDK's module of SIMD operations, {@value #NAME}. A JVM has it if it was started with {@code --add-modules
 * jdk.incubator.vector}, and then prints a warning and starts more slowly. Otherwise it can be added later, by the
 * method of the JDK that adds the module of a Java agent, if the JVM was started with {@code --add-exports
 * java.base/jdk.internal.module=ALL-UNNAMED}; the manifest of spikecast.jar does that. On a JDK whose method has
 * another name there is no SIMD: the scalar kernels give the same bits.
 */
public final class SimdModule {
    private static final String NAME = "jdk.incubator.vector";

    private static Boolean present;

    private SimdModule() {}

    /** Whether the JVM has the module, from its start or since this call. */
    public static synchronized boolean present() {
        if (present == null) {
            present = ModuleLayer.boot().findModule(NAME).isPresent() || add();
        }
        return present;
    }

    private static boolean add() {
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
            Class.forName("jdk.incubator.vector.DoubleVector");
            return true;
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException // the package is not exported
                | InvocationTargetException // there is no such module
                | LinkageError e) {
            return false;
        }
    }
}
