package org.spikecast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.spikecast.io.Json;
import org.spikecast.kernel.Kernel;
import org.spikecast.lstm.LstmConfig;
import org.spikecast.model.Forecaster;
import org.spikecast.model.ModelFile;
import org.spikecast.model.Version;
import org.spikecast.params.ParameterSet;

/** {@code spikecast info}: what runs here, or what a model file holds. */
final class InfoCommand extends Command {
    private final Option<Path> model = option("--model", Path.class, "FILE", null, "Model to tell about.");
    private final Option<Boolean> json = json();

    InfoCommand() {
        super("info", "Tells version, JVM and kernels, or what a model file holds.");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Map<String, Object> facts = model.get() == null ? program() : model(ModelFile.read(model.get()));
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
            String text = fact instanceof double[] numbers ? shortened(numbers) : String.valueOf(fact);
            console.print(name + " ".repeat(Math.max(1, 28 - name.length())) + text);
        }
    }

    private static String shortened(double[] numbers) {
        int most = 4;
        String text = Arrays.toString(Arrays.copyOf(numbers, Math.min(most, numbers.length)));
        return numbers.length <= most ? text : text.replace("]", ", ... " + numbers.length + " in all]");
    }

    private static Map<String, Object> program() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("spikecast", Version.current());
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("kernel", Kernel.best().description());
        return facts;
    }

    private static Map<String, Object> model(Forecaster forecaster) {
        LstmConfig config = forecaster.network().config();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("inputs", config.inputs());
        facts.put("hidden", config.hidden());
        facts.put("layers", config.layers());
        facts.put("outputs", config.outputs());
        facts.put("parameters", forecaster.network().set().size());
        facts.put("spikecast", ModelFile.describe(forecaster));
        Map<String, Object> tensors = new LinkedHashMap<>();
        for (ParameterSet.Block block : forecaster.network().set().blocks()) {
            tensors.put(block.name(), Arrays.toString(block.shape()));
        }
        facts.put("tensors", tensors);
        return facts;
    }
}
