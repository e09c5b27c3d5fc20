import java.util.Arrays;
import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkState;
import org.spikecast.lstm.NetworkTape;

/** How long the gradient of a loss at the last step still is n steps before it. */
class Vanish {
    static final int T = 101, H = 16;
    static final Kernel KERNEL = Kernel.best();

    /** Arguments: forget biases. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        double[][] x = new double[T][1];
        RandomStream random = RandomStream.of(1, "input");
        for (double[] step : x) {
            step[0] = random.nextGaussian();
        }
        int lines = arguments.length;
        double[][] lengths = new double[lines + 1][];
        lengths[0] = plain(x);
        String head = "steps back   plain tanh ";
        for (int k = 0; k < lines; k++) {
            lengths[k + 1] = lstm(Double.parseDouble(arguments[k]), x);
            head += "%11s ".formatted("LSTM, " + arguments[k]);
        }
        System.out.println(head.stripTrailing());
        for (int n = 0; n < T; n += 10) {
            StringBuilder row = new StringBuilder("%10d ".formatted(n));
            for (double[] length : lengths) {
                row.append("%12.0e".formatted(length[n]));
            }
            System.out.println(row);
        }
        System.out.println();
        System.out.println(
                "The same, from 1e-30 at the left edge to 1e+02 at the right: p plain, 1 2 3 ... the LSTMs in order:");
        for (int n = 0; n < T; n += 5) {
            char[] line = new char[65];
            Arrays.fill(line, ' ');
            for (int k = 0; k <= lines; k++) {
                long place = Math.round(60 + 2 * StrictMath.log10(lengths[k][n]));
                if (place >= 0) {
                    line[(int) place] = k == 0 ? 'p' : (char) ('0' + k);
                }
            }
            System.out.printf("%10d |%s%n", n, new String(line).stripTrailing());
        }
    }

    /** |dL/dc_t| for t = T - 1, T - 2 ..., relative to the first: one tape per step, and the state's gradient handed on. */
    static double[] lstm(double forgetBias, double[][] x) {
        NetworkConfig config = new NetworkConfig(1, H, 1, 1);
        NetworkParameters p = NetworkParameters.random(config, forgetBias, RandomStream.of(1, "weights"));
        NetworkTape[] tapes = new NetworkTape[T];
        NetworkState state = NetworkState.zeros(config, 1);
        for (int t = 0; t < T; t++) {
            tapes[t] = new NetworkTape(config, 1, 1, 1);
            Network.forward(KERNEL, p, new DMatrixRMaj(x[t]), state, tapes[t]);
            tapes[t].copyFinalState(state);
        }
        NetworkParameters gradient = new NetworkParameters(config);
        NetworkState dState = NetworkState.zeros(config, 1);
        double[] length = new double[T];
        for (int n = 0; n < T; n++) {
            int t = T - 1 - n;
            DMatrixRMaj dy = new DMatrixRMaj(new double[] {n == 0 ? 1 : 0}); // L is the last output
            Network.backward(KERNEL, p, new DMatrixRMaj(x[t]), tapes[t], dy, gradient, null, dState);
            length[n] = length(dState.part(1).data) / (n == 0 ? 1 : length[0]); // dState is now that of step t - 1
        }
        length[0] = 1;
        return length;
    }

    /** The same of |dL/dh_t| in h_t = tanh(w x_t + U h_(t-1)), with weights drawn as the LSTM's are. */
    static double[] plain(double[][] x) {
        RandomStream random = RandomStream.of(1, "weights");
        double[] w = random(H, random), u = random(H * H, random), dh = random(H, random);
        double[][] h = new double[T + 1][H];
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < H; j++) {
                double z = w[j] * x[t][0];
                for (int k = 0; k < H; k++) {
                    z += u[j * H + k] * h[t][k];
                }
                h[t + 1][j] = StrictMath.tanh(z);
            }
        }
        double[] length = new double[T];
        for (int n = 0; n < T; n++) {
            length[n] = length(dh) / (n == 0 ? 1 : length[0]);
            double[] before = new double[H];
            for (int j = 0; j < H; j++) {
                double dz = dh[j] * (1 - h[T - n][j] * h[T - n][j]);
                for (int k = 0; k < H; k++) {
                    before[k] += u[j * H + k] * dz;
                }
            }
            dh = before;
        }
        length[0] = 1;
        return length;
    }

    static double[] random(int n, RandomStream random) {
        double[] numbers = new double[n];
        for (int k = 0; k < n; k++) {
            numbers[k] = (2 * random.nextDouble() - 1) / Math.sqrt(H);
        }
        return numbers;
    }

    static double length(double[] v) {
        return Math.sqrt(KERNEL.sumOfSquares(v.length, v));
    }
}
