package org.spikecast.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A program of the documents: one source file, compiled and run in this JVM as {@code java FILE} does it in its own. */
final class JavaProgram {
    private final Class<?> main;

    private JavaProgram(Class<?> main) {
        this.main = main;
    }

    /**
     * Compiles a source.
     *
     * @param name of its class
     * @param classes folder that receives the class files
     */
    static JavaProgram compile(String name, String source, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        StringWriter messages = new StringWriter();
        List<String> options = List.of(
                "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"), "-Xlint:all", "-Werror");
        if (!compiler.getTask(messages, null, null, options, null, List.of(file))
                .call()) {
            throw new AssertionError(name + " does not compile:\n" + messages);
        }
        URL[] folder = {classes.toUri().toURL()};
        try {
            return new JavaProgram(new URLClassLoader(folder, JavaProgram.class.getClassLoader()).loadClass(name));
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** Compiles a file. */
    static JavaProgram compile(Path file, Path classes) throws IOException {
        String name = file.getFileName().toString();
        return compile(name.substring(0, name.length() - ".java".length()), Files.readString(file), classes);
    }

    /** The class of the file. */
    Class<?> main() {
        return main;
    }

    /** Runs the program; returns what it prints, with line ends of one character. */
    String run(String... arguments) throws ReflectiveOperationException {
        Method method = main.getDeclaredMethod("main", String[].class);
        method.setAccessible(true);
        return printedBy(() -> method.invoke(null, (Object) arguments));
    }

    /** Something that prints. */
    interface Action {
        void run() throws ReflectiveOperationException;
    }

    /** What an action prints. */
    static String printedBy(Action action) throws ReflectiveOperationException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        Locale locale = Locale.getDefault();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setOut(before);
            Locale.setDefault(locale);
        }
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
