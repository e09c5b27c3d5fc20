package org.spikecast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.spikecast.counts.CoupledForecaster;
import org.spikecast.io.internal.Decimal;
import org.spikecast.io.internal.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.internal.Version;
import org.spikecast.params.ParameterSet;

/** {@code spikecast info}: the program and its JVM, or the content of a model file. */
final class InfoCommand extends Command {
    private final Option<Path> model = option("--model", Path.class, "FILE", null, "Model file to describe.");
    private final Option<Boolean> json = json();

    InfoCommand() {
        super(
                "info",
                "Prints version, JVM and kernels, or what a model file holds.",
                "spikecast info",
                "spikecast info --model model.safetensors --json");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        CoupledForecaster coupled = model.get() == null ? null : CoupledForecaster.read(model.get());
        Map<String, Object> facts =
                model.get() == null ? program() : coupled == null ? model(Models.read(model.get())) : model(coupled);
        if (json.get()) {
            console.print(Json.write(facts).stripTrailing());
        } else {
            facts.forEach((name, fact) -> print(console, name, fact));
        }
        return Main.DONE;
    }

    private static void print(Console console, String name, Object fact) {
        if (fact instanceof Map<?, ?> map) {
            map.forEach((key, value) -> print(console, name + "." + key, value));
        } else {
            String text = fact instanceof double[] numbers ? shortened(numbers) : text(fact);
            console.print(name + " ".repeat(Math.max(1, 28 - name.length())) + text);
        }
    }

    private static String shortened(double[] numbers) {
        int most = Math.min(4, numbers.length);
        String text =
                Arrays.stream(numbers, 0, most).mapToObj(Decimal::shortest).collect(Collectors.joining(", "));
        return most == numbers.length ? text : text + ", ... " + numbers.length + " in all";
    }

    private static String text(Object fact) {
        return fact instanceof Double number ? Decimal.shortest(number) : String.valueOf(fact);
    }

    /**
     * Whether fused multiply-add runs in hardware: if not, Java computes it in software, with the same bits, some hundred
     * times slower.
     */
    private static boolean hasFusedMultiplyAdd() {
        long least = Long.MAX_VALUE;
        double sum = 0;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int j = 0; j < 100; j++) {
                sum = Math.fma(1.0 + j, 0.1, -sum);
            }
            least = Math.min(least, System.nanoTime() - start);
        }
        return least < 50_000 && Double.isFinite(sum); // in software 100 take 100 microseconds and more
    }

    private static Map<String, Object> program() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("spikecast", Version.current());
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("kernel", Kernel.best().description());
        facts.put("simd", Kernel.simdModulePresent() ? "on" : "off: " + Console.SIMD_HINT);
        facts.put("fused_multiply_add", hasFusedMultiplyAdd() ? "hardware" : "software: the same bits, but slow");
        return facts;
    }

    private static Map<String, Object> model(Forecaster forecaster) {
        NetworkConfig config = forecaster.network().config();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("cell", config.cell().name());
        facts.put("inputs", config.inputs());
        facts.put("hidden", config.hidden());
        facts.put("layers", config.layers());
        facts.put("outputs", config.outputs());
        facts.put("parameters", forecaster.network().set().size());
        facts.put("spikecast", forecaster.task() == null ? "none: a bare network" : ModelFile.describe(forecaster));
        facts.put("tensors", tensors(forecaster.network().set()));
        return facts;
    }

    private static Map<String, Object> model(CoupledForecaster forecaster) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("neurons", forecaster.neurons());
        facts.put("connections", forecaster.connections().target().length);
        facts.put("parameters", forecaster.parameters());
        facts.put("spikecast", forecaster.describe());
        facts.put("tensors", tensors(forecaster.parameterSet()));
        return facts;
    }

    private static Map<String, Object> tensors(ParameterSet set) {
        Map<String, Object> tensors = new LinkedHashMap<>();
        for (ParameterSet.Block block : set.blocks()) {
            tensors.put(block.name(), Arrays.toString(block.shape()));
        }
        return tensors;
    }
}
