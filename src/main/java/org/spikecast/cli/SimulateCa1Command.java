package org.spikecast.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.spikecast.io.internal.Decimal;
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

    {
        section(Section.EXPERIMENT);
    }

    private final Option<String> regime = option(
                    "--regime",
                    String.class,
                    "NAME",
                    Ca1Regime.REGULAR_BURSTING.label(),
                    "Current of a regime: "
                            + Arrays.stream(Ca1Regime.values())
                                    .map(r -> r.label() + " (" + Decimal.shortest(r.current()) + " uA/cm2)")
                                    .collect(Collectors.joining(", "))
                            + ".")
            .choices(Ca1Regime.values());
    private final Option<Double> current = option("--current", Double.class, "X", null, "Constant current, uA/cm2.")
            .byDefault("the regime's");
    private final Option<Boolean> random =
            flag("--random", "Random initial states and, unless --current is given, random currents of the regime.");
    private final Option<Integer> cells = option("--cells", Integer.class, "N", "1", "Number of cells.");
    private final Option<Double> duration = option("--duration", Double.class, "X", "500", "Time to simulate, ms.");
    private final Option<Double> burnIn = option(
                    "--burn-in", Double.class, "X", "0", "Transient that is simulated and not recorded, ms.")
            .formerly("--discard");
    private final Option<Double> sample =
            option("--sample", Double.class, "X", "0.1", "Interval at which voltages are kept, ms.");
    private final Option<String> method = option(
                    "--method",
                    String.class,
                    "NAME",
                    "rk4",
                    "rk4: classical Runge-Kutta method of fixed step; dopri5: Dormand-Prince with step-size control.")
            .choices("rk4", "dopri5");
    private final Option<Double> dt =
            option("--dt", Double.class, "X", null, "Step of rk4, ms.").byDefault(DEFAULT_DT);
    private final Option<Double> rtol = option("--rtol", Double.class, "X", null, "Relative tolerance of dopri5.")
            .byDefault(DEFAULT_RTOL);
    private final Option<Double> atol = option("--atol", Double.class, "X", null, "Absolute tolerance of dopri5.")
            .byDefault("--rtol / 100");
    private final Option<Integer> threads =
            option("--threads", Integer.class, "N", "1", "Maximum number of threads; it changes no result.");
    private final Option<Path> out = out();
    private final Option<Long> seed = seed();
    private final Option<Boolean> json = json();
    private final Ca1ParameterOptions neuron = new Ca1ParameterOptions(this);

    SimulateCa1Command() {
        super(
                "simulate ca1",
                "Simulates CA1 pyramidal neurons of nine variables and writes voltages, spikes and a report.",
                "spikecast simulate ca1 --regime irregular-bursting --duration 1000",
                "spikecast simulate ca1 --cells 20 --random --method dopri5 --out runs/ca1");
    }

    @Override
    int run(Console console, List<String> arguments) throws Exception {
        Ca1Setup setup = setup();
        double time = setup.burnInMs() + setup.durationMs();
        double steps = setup.cells() * time / (setup.control() == null ? setup.dtMs() : DEFAULT_DT);
        Kernel kernel = steps < MANY_STEPS ? new ScalarKernel() : console.kernel();
        List<String> repeatable = repeatable(arguments, seed.get());
        String warning = setup.stepWarning(kernel);
        if (warning != null) {
            console.warn(warning);
        }
        CellRecording recording = setup.simulate(kernel, threads.get());
        console.result(
                json.get(),
                Ca1Page.write(setup, recording, kernel, out.get(), repeatable),
                repeatable,
                () -> console.facts(Ca1Setup.statistics(recording)));
        return Main.DONE;
    }

    private Ca1Setup setup() {
        Ca1Regime chosen = Ca1Regime.values()[regime.choice()];
        boolean drawn = random.get();
        boolean adaptive = method.choice() == 1;
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
                burnIn.get(),
                duration.get(),
                sample.get(),
                dt.or(DEFAULT_DT),
                adaptive ? new StepControl(tolerance, atol.or(tolerance / 100)) : null);
    }
}
