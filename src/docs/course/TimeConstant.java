import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.neuron.LifParameters;
import org.spikecast.neuron.LifPopulation;
import org.spikecast.params.ParameterSet.Block;
import org.spikecast.train.Losses;

/** An LSTM of one unit learns the voltage of a LIF neuron; is the neuron's time constant in its forget gate? */
class TimeConstant {
    static final int T = 100, B = 16; // steps of 1 ms, neurons at a time
    static final Kernel KERNEL = Kernel.best();

    /** Arguments: the seed of the initial weights, the number of units, the neurons' time constants in ms. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        long seed = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1;
        int units = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
        System.out.println("tau of the neuron   -dt / ln(f) of the gate   f in silence   f in a spike   error of V");
        if (arguments.length > 2) {
            for (int k = 2; k < arguments.length; k++) {
                learn(Double.parseDouble(arguments[k]), units, seed);
            }
            return;
        }
        learn(10, units, seed);
        String picture = learn(20, units, seed);
        learn(40, units, seed);
        System.out.println();
        System.out.println(
                "Voltage for tau = 20 ms, o the neuron, + the network, @ both; below it the forget gate in tenths:");
        System.out.print(picture);
    }

    /** Trains a network, prints a row for each of its units, and returns a picture of a run. */
    static String learn(double tau, int units, long seed) {
        NetworkConfig config = new NetworkConfig(2, units, 1, 1); // reads (kick, spike), predicts the voltage V
        NetworkParameters p = NetworkParameters.random(config, 3, RandomStream.of(seed, "weights")); // forget bias 3
        Arrays.fill(p.set().blocks().get(4).data(), 1); // fc.weight: V begins as the sum of h, of the right sign
        NetworkParameters gradient = new NetworkParameters(config), m = new NetworkParameters(config);
        NetworkParameters v = new NetworkParameters(config); // m and v are Adam's running means
        NetworkTape tape = new NetworkTape(config, T, B, T);
        DMatrixRMaj x = new DMatrixRMaj(2 * T, B), voltage = new DMatrixRMaj(T, B), dy = new DMatrixRMaj(T, B);
        RandomStream kicks = RandomStream.of(1, "kicks");
        double loss = 0;
        for (int n = 1; n <= 4000; n++) {
            simulate(tau, kicks, x, voltage);
            Network.forward(KERNEL, p, x, null, tape);
            loss = Losses.MEAN_SQUARED_ERROR.evaluate(KERNEL, tape.output(), voltage, dy);
            gradient.set().setZero();
            Network.backward(KERNEL, p, x, tape, dy, gradient, null, null);
            adam(n, 0.05 * Math.min(1, 2 - n / 2000.0), p, gradient, m, v);
        }
        for (int j = 0; j < units; j++) {
            double silence = 0, spikes = 0;
            int steps = 0, spikeSteps = 0;
            for (int k = 0; k < T * B; k++) {
                int t = k / B, b = k % B;
                double f = forgetGate(tape, t, j, b);
                boolean spike = x.get(2 * t + 1, b) > 0, kick = x.get(2 * t, b) > 0;
                silence += spike || kick ? 0 : f;
                steps += spike || kick ? 0 : 1;
                spikes += spike ? f : 0;
                spikeSteps += spike ? 1 : 0;
            }
            double f = silence / steps, tauOfGate = -1 / StrictMath.log(f);
            String row = "%14.0f ms %22.2f ms %14.4f %14.4f %12.4f%n";
            System.out.printf(row, tau, tauOfGate, f, spikes / spikeSteps, Math.sqrt(loss));
        }
        return picture(tape, voltage);
    }

    /** The rows of a step hold i of all units, then f, g and o. */
    static double forgetGate(NetworkTape tape, int step, int unit, int sequence) {
        int units = tape.config().hidden();
        return tape.gates(0).get(4 * units * step + units + unit, sequence);
    }

    /** Kicks at random, some three per time constant; V after each step, and whether the neuron has spiked in it. */
    static void simulate(double tau, RandomStream random, DMatrixRMaj x, DMatrixRMaj voltage) {
        LifPopulation neurons = new LifPopulation(new LifParameters(tau, 0), B, 1, LifPopulation.Scheme.EXACT);
        double[] kick = new double[B];
        int[] spiking = new int[B];
        for (int t = 0; t < T; t++) {
            for (int b = 0; b < B; b++) {
                kick[b] = random.nextDouble() < 3 / tau ? 0.4 : 0;
                x.set(2 * t, b, kick[b]);
                x.set(2 * t + 1, b, 0);
            }
            int spikes = neurons.step(kick, spiking);
            for (int k = 0; k < spikes; k++) {
                x.set(2 * t + 1, spiking[k], 1);
            }
            for (int b = 0; b < B; b++) {
                voltage.set(t, b, neurons.voltage(b));
            }
        }
    }

    static void adam(
            int n,
            double rate,
            NetworkParameters p,
            NetworkParameters gradient,
            NetworkParameters m,
            NetworkParameters v) {
        double stepSize = rate / (1 - StrictMath.pow(0.9, n)), root = Math.sqrt(1 - StrictMath.pow(0.999, n));
        List<Block> theta = p.set().blocks(), g = gradient.set().blocks();
        for (int b = 0; b < theta.size(); b++) {
            double[] data = theta.get(b).data(), mb = m.set().blocks().get(b).data();
            double[] vb = v.set().blocks().get(b).data();
            KERNEL.adamUpdate(data.length, data, g.get(b).data(), mb, vb, 0.9, 0.999, stepSize, root, 1e-8, 0, 1);
        }
    }

    static String picture(NetworkTape tape, DMatrixRMaj voltage) {
        StringBuilder picture = new StringBuilder();
        for (int row = 10; row >= 0; row--) {
            StringBuilder line = new StringBuilder("%4.1f ".formatted(row / 10.0));
            for (int t = 0; t < T; t++) {
                boolean neuron = Math.round(10 * voltage.get(t, 0)) == row;
                boolean network = Math.round(10 * tape.output().get(t, 0)) == row;
                line.append(neuron ? network ? '@' : 'o' : network ? '+' : ' ');
            }
            picture.append(line.toString().stripTrailing()).append('\n');
        }
        picture.append("   f ");
        for (int t = 0; t < T; t++) {
            picture.append((int) (10 * forgetGate(tape, t, 0, 0)));
        }
        return picture.append('\n').toString();
    }
}
