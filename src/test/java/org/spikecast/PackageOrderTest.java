package org.spikecast;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Packages use only those below them, third-party code is used only where it is allowed, and the public part stays
 * small.
 */
class PackageOrderTest {
    /** From the bottom to the top. */
    private static final List<String> ORDER = List.of(
            "kernel", "params", "io", "ode", "neuron", "lstm", "check", "train", "model", "report", "run", "inspect",
            "counts", "voltage", "vectors", "cli");

    /** The most public types outside packages named internal. */
    private static final int MOST_PUBLIC_TYPES = 60;

    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.spikecast");

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        TreeSet<String> found = new TreeSet<>();
        for (JavaClass c : classes) {
            found.add(c.getPackageName().substring("org.spikecast.".length()).replace(".internal", ""));
        }
        assertEquals(new TreeSet<>(ORDER), found);
    }

    /** The list in the documents is the order of this test. */
    @Test
    void theDocumentedOrderIsTheOrder() throws IOException {
        String text = Files.readString(Path.of("src/docs/architecture.md"));
        String[] lines = text.substring(text.indexOf("```") + 4).split("```")[0].split("\n");
        assertEquals(ORDER, Arrays.stream(lines).map(line -> line.split(" ")[0]).toList());
    }

    @Test
    void noPackageReachesUpwards() {
        for (int p = 0; p < ORDER.size() - 1; p++) {
            String[] above = ORDER.subList(p + 1, ORDER.size()).stream()
                    .map(name -> "org.spikecast." + name + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("org.spikecast." + ORDER.get(p) + "..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(above))
                    .check(classes);
        }
    }

    /** Two uses of the learning core that do not depend on each other. */
    @Test
    void countsAndVoltageDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage("org.spikecast.voltage..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.spikecast.counts.."))
                .check(classes);
    }

    /** A type that is public only for another package is in a package named internal. */
    @Test
    void fewTypesArePublic() {
        List<String> types = classes.stream()
                .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC)
                        && !c.getEnclosingClass().isPresent())
                .filter(c -> !c.getPackageName().endsWith(".internal"))
                .map(JavaClass::getName)
                .sorted()
                .toList();
        assertTrue(types.size() <= MOST_PUBLIC_TYPES, types.size() + " public types: " + types);
    }

    @Test
    void nothingButTheJdkAndEjml() {
        noClasses()
                .should()
                .dependOnClassesThat(not(
                        resideInAnyPackage("java..", "jdk.incubator.vector..", "org.ejml..", "org.spikecast..", "")))
                .check(classes);
    }

    @Test
    void theIncubatorModuleOnlyInItsKernels() {
        noClasses()
                .that()
                .haveSimpleNameNotStartingWith("Vector")
                .or()
                .resideOutsideOfPackage("org.spikecast.kernel.internal")
                .should()
                .dependOnClassesThat(resideInAnyPackage("jdk.incubator.."))
                .check(classes);
    }

    @Test
    void onlyTheCommandLinePrintsOrExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.spikecast.cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }

    @Test
    void noTranscendentalOfMathInAnyResult() {
        for (String name : List.of("exp", "log", "tanh", "sinh", "cosh", "expm1", "log1p", "sin", "cos", "tan")) {
            noClasses().should().callMethod(Math.class, name, double.class).check(classes);
        }
        noClasses()
                .should()
                .callMethod(Math.class, "pow", double.class, double.class)
                .check(classes);
    }
}
