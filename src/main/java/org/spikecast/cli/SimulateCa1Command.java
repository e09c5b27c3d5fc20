package org.spikecast.cli;

import java.nio.file.Path;
import java.util.List;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.neuron.Ca1Regime;
import org.spikecast.neuron.CellRecording;
import org.spikecast.ode.StepControl;
import org.spikecast.voltage.internal.Ca1Page;
import org.spikecast.voltage.internal.Ca1Setup;

/** {@code spikecast simulate ca1}: CA1 pyramidal neurons. */
final class SimulateCa1Command extends Command {
    /** Steps of a cell from which on compiling the SIMD kernels pays, measured. */
    private static final double MANY_STEPS = 1e6;

    private static final double DEFAULT_DT = 0.01;
    private static final double DEFAULT_RTOL = 1e-8;

    private final Option<String> regime = option(
            "--regime",
            String.class,
            "NAME",
            Ca1Regime.REGULAR_BURSTING.label(),
            "Which current: regular-bursting (0.5), irregular-bursting (1.0) or regular-spiking (3.0).");
    private final Option<Double> current =
            option("--current", Double.class, "X", null, "Constant current, uA/cm2. Default: the regime's.");
    private final Option<Boolean> random = flag(
            "--random",
            "Every cell from a random initial state and, unless --current is given, under a random current of the regime.");
    private final Option<Integer> cells = option("--cells", Integer.class, "N", "1", "Cells.");
    private final Option<Double> duration = option("--duration", Double.class, "X", "500", "Time to simulate, ms.");
    private final Option<Double> discard =
            option("--discard", Double.class, "X", "0", "Time to simulate before recording, so that cells settle, ms.");
    private final Option<Double> sample =
            option("--sample", Double.class, "X", "0.1", "Interval at which voltages are kept, ms.");
    private final Option<String> method = option(
            "--method",
            String.class,
            "NAME",
            "rk4",
            "rk4: classical Runge-Kutta at a fixed step; dopri5: Dormand-Prince at steps it chooses.");
    private final Option<Double> dt = option("--dt", Double.class, "X", null, "Step of rk4, ms. Default: 0.01.");
    private final Option<Double> rtol =
            option("--rtol", Double.class, "X", null, "Relative tolerance of dopri5. Default: 1e-8.");
    private final Option<Double> atol =
            option("--atol", Double.class, "X", null, "Absolute tolerance of dopri5. Default: rtol / 100.");
    private final Option<Path> out = out();
    private final Option<Long> seed = seed();
    private final Ca1ParameterOptions neuron = new Ca1ParameterOptions(this);

    SimulateCa1Command() {
        super("simulate ca1", "Simulates CA1 pyramidal neurons of nine variables and writes voltages and spikes.");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Ca1Setup setup = setup();
        double time = setup.discardMs() + setup.durationMs();
        double steps = setup.cells() * time / (setup.control() == null ? setup.dtMs() : DEFAULT_DT);
        Kernel kernel = steps < MANY_STEPS ? new ScalarKernel() : console.kernel();
        List<String> repeatable = repeatable(arguments, seed.get());
        String warning = setup.stepWarning(kernel);
        if (warning != null) {
            console.warn(warning);
        }
        CellRecording recording = setup.simulate(kernel);
        console.closing(
                Ca1Page.write(setup, recording, kernel, out.get(), repeatable),
                Ca1Setup.statistics(recording),
                repeatable);
        return Main.DONE;
    }

    private Ca1Setup setup() {
        Ca1Regime chosen = regime.choice(Ca1Regime.values());
        boolean drawn = random.get();
        boolean adaptive = method.choice("rk4", "dopri5") == 1;
        if (adaptive && dt.get() != null) {
            throw new IllegalArgumentException("--dt is for --method rk4: dopri5 chooses its steps by --rtol");
        }
        if (!adaptive && (rtol.get() != null || atol.get() != null)) {
            throw new IllegalArgumentException("--rtol and --atol are for --method dopri5: rk4 has --dt");
        }
        double tolerance = rtol.or(DEFAULT_RTOL);
        return new Ca1Setup(
                neuron.parameters(),
                drawn,
                current.or(drawn ? chosen.lowestCurrent() : chosen.current()),
                current.or(drawn ? chosen.highestCurrent() : chosen.current()),
                seed.get(),
                cells.get(),
                discard.get(),
                duration.get(),
                sample.get(),
                dt.or(DEFAULT_DT),
                adaptive ? new StepControl(tolerance, atol.or(tolerance / 100)) : null);
    }
}
