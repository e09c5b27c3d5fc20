import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * An LSTM in one file, without any library: forward pass, backward pass, gradient check, Adam, and a task to learn. Read
 * it from top to bottom, run it with {@code java MicroLstm.java}. Equations are numbered as in derivation.md, which
 * derives every line. The task: a leaky integrate-and-fire neuron is kicked at random; the network reads the kicks and
 * the spikes and predicts the neuron's voltage.
 */
class MicroLstm {
    // 1. WEIGHTS. They all stand in one array, block after block, so that the gradient is an array of the same size,
    // and the check and the optimiser are one loop each. Order and shapes are PyTorch's. A matrix of the LSTM has a
    // row for each unit of each gate: first the H rows of gate i, then those of f, g and o. There are two biases.
    static final String[] BLOCKS = {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "fc.weight", "fc.bias"};
    final int I, H, O; // inputs, hidden units, outputs
    final int wIh = 0, wHh, bIh, bHh, wFc, bFc, end; // where each block begins
    final double[] theta, grad, m, v; // weights, gradient, Adam's running means

    MicroLstm(int inputs, int hidden, int outputs, long seed) {
        I = inputs;
        H = hidden;
        O = outputs;
        wHh = 4 * H * I;
        bIh = wHh + 4 * H * H;
        bHh = bIh + 4 * H;
        wFc = bHh + 4 * H;
        bFc = wFc + O * H;
        end = bFc + O;
        theta = new double[end];
        grad = new double[end];
        m = new double[end];
        v = new double[end];
        Random random = new Random(seed);
        for (int k = 0; k < end; k++) theta[k] = (2 * random.nextDouble() - 1) / Math.sqrt(H);
    }

    // 2. FORWARD. A step reads its input x_t, and h and c of the step before. All that the backward pass will ask for
    // is kept. h[t + 1] and c[t + 1] belong to step t; h[0] and c[0] are the state before the first step, zero.
    double[][] x, target, gates, c, h, y;

    /** Runs over x and returns the loss: the mean of (y - target)^2 over all steps and outputs. */
    double forward(double[][] x, double[][] target) {
        int T = x.length;
        this.x = x;
        this.target = target;
        gates = new double[T][4 * H];
        c = new double[T + 1][H];
        h = new double[T + 1][H];
        y = new double[T][O];
        double loss = 0;
        for (int t = 0; t < T; t++) {
            for (int r = 0; r < 4 * H; r++) {
                double z = theta[bIh + r] + theta[bHh + r]; // (1)
                for (int k = 0; k < I; k++) z += theta[wIh + r * I + k] * x[t][k];
                for (int k = 0; k < H; k++) z += theta[wHh + r * H + k] * h[t][k];
                gates[t][r] = r / H == 2 ? StrictMath.tanh(z) : 1 / (1 + StrictMath.exp(-z)); // (3), (2)
            }
            for (int j = 0; j < H; j++) {
                double i = gates[t][j], f = gates[t][H + j], g = gates[t][2 * H + j], o = gates[t][3 * H + j];
                c[t + 1][j] = f * c[t][j] + i * g; // (4)
                h[t + 1][j] = o * StrictMath.tanh(c[t + 1][j]); // (5)
            }
            for (int n = 0; n < O; n++) {
                y[t][n] = theta[bFc + n]; // (6)
                for (int j = 0; j < H; j++) y[t][n] += theta[wFc + n * H + j] * h[t + 1][j];
                loss += (y[t][n] - target[t][n]) * (y[t][n] - target[t][n]) / (T * O);
            }
        }
        return loss;
    }

    // 3. BACKWARD. The chain rule, from the last step to the first. dh and dc are the derivatives of the loss with
    // respect to h_t and c_t. Each has two terms, because each is read twice: in this step, and in the next one.
    /** Fills grad with the derivative of the last loss with respect to every weight. */
    void backward() {
        int T = x.length;
        Arrays.fill(grad, 0);
        double[] dcNext = new double[H], fNext = new double[H], dzNext = new double[4 * H]; // of step t + 1
        for (int t = T - 1; t >= 0; t--) {
            double[] dh = new double[H], dc = new double[H], dz = new double[4 * H];
            for (int n = 0; n < O; n++) {
                double dy = 2 * (y[t][n] - target[t][n]) / (T * O);
                grad[bFc + n] += dy; // (7)
                for (int j = 0; j < H; j++) grad[wFc + n * H + j] += dy * h[t + 1][j]; // (7)
                for (int j = 0; j < H; j++) dh[j] += theta[wFc + n * H + j] * dy; // (8), first term
            }
            for (int j = 0; j < H; j++) {
                for (int r = 0; r < 4 * H; r++) dh[j] += theta[wHh + r * H + j] * dzNext[r]; // (8), second term
                double i = gates[t][j], f = gates[t][H + j], g = gates[t][2 * H + j], o = gates[t][3 * H + j];
                double tanhC = StrictMath.tanh(c[t + 1][j]);
                dc[j] = dh[j] * o * (1 - tanhC * tanhC) + dcNext[j] * fNext[j]; // (9)
                dz[3 * H + j] = dh[j] * tanhC * o * (1 - o); // (10)
                dz[j] = dc[j] * g * i * (1 - i); // (11)
                dz[H + j] = dc[j] * c[t][j] * f * (1 - f); // (12)
                dz[2 * H + j] = dc[j] * i * (1 - g * g); // (13)
                fNext[j] = f;
            }
            for (int r = 0; r < 4 * H; r++) { // (14): all steps share the weights, so their gradients add up
                for (int k = 0; k < I; k++) grad[wIh + r * I + k] += dz[r] * x[t][k];
                for (int k = 0; k < H; k++) grad[wHh + r * H + k] += dz[r] * h[t][k];
                grad[bIh + r] += dz[r];
                grad[bHh + r] += dz[r];
            }
            dcNext = dc;
            dzNext = dz;
        }
    }

    // 4. GRADIENT CHECK. Nobody has to believe a derivation. Move a weight a little to both sides: the loss must
    // change as the gradient says.
    /** Prints the largest error of each block, relative to the block's largest entry; returns the largest of all. */
    double check(double[][] x, double[][] target) {
        forward(x, target);
        backward();
        int[] begin = {wIh, wHh, bIh, bHh, wFc, bFc, end};
        double worst = 0;
        for (int b = 0; b < BLOCKS.length; b++) {
            double largest = 0, error = 0;
            for (int k = begin[b]; k < begin[b + 1]; k++) {
                double kept = theta[k], step = 1e-5;
                theta[k] = kept + step;
                double above = forward(x, target);
                theta[k] = kept - step;
                double difference = (above - forward(x, target)) / (2 * step);
                theta[k] = kept;
                largest = Math.max(largest, Math.abs(difference));
                error = Math.max(error, Math.abs(grad[k] - difference));
            }
            String verdict = error < 1e-6 * largest ? "right" : "WRONG";
            System.out.printf("  %-9s  %s, relative error %.0e%n", BLOCKS[b], verdict, error / largest);
            worst = Math.max(worst, error / largest);
        }
        return worst;
    }

    // 5. ADAM. A step against the gradient: for each weight the running mean of its gradient, divided by the running
    // root mean square.
    int updates;

    void update(double rate) {
        updates++;
        double correction1 = 1 - StrictMath.pow(0.9, updates), correction2 = 1 - StrictMath.pow(0.999, updates);
        for (int k = 0; k < end; k++) {
            m[k] = 0.9 * m[k] + 0.1 * grad[k];
            v[k] = 0.999 * v[k] + 0.001 * grad[k] * grad[k];
            theta[k] -= rate * (m[k] / correction1) / (Math.sqrt(v[k] / correction2) + 1e-8);
        }
    }

    // 6. THE TASK. The neuron forgets one twentieth of its voltage per step, adds its kicks, and spikes at 1, which
    // resets it to 0. Input: (kick, spike) of each step. Target: the voltage.
    static double[][][] neuron(int T, Random random) {
        double[][] input = new double[T][], voltage = new double[T][1];
        double V = 0;
        for (int t = 0; t < T; t++) {
            double kick = random.nextInt(4) == 0 ? 0.3 : 0, reached = V - V / 20 + kick;
            V = reached < 1 ? reached : 0;
            voltage[t][0] = V;
            input[t] = new double[] {kick, reached < 1 ? 0 : 1};
        }
        return new double[][][] {input, voltage};
    }

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT); // numbers are printed with a point
        MicroLstm lstm = new MicroLstm(2, 2, 1, 4);
        Random random = new Random(1);
        double[][][] data = neuron(20, random);
        System.out.println("Gradient check:");
        if (lstm.check(data[0], data[1]) > 1e-6) return; // there is no use in training with a wrong gradient
        System.out.println("Training, root mean square error of the voltage:");
        double loss = 0;
        for (int n = 1; n <= 1500; n++) {
            data = neuron(100, random);
            loss += lstm.forward(data[0], data[1]) / 300;
            lstm.backward();
            lstm.update(n <= 1000 ? 0.05 : 0.01);
            if (n % 300 == 0) System.out.printf("  after %4d updates  %.3f%n", n, Math.sqrt(loss));
            loss = n % 300 == 0 ? 0 : loss;
        }
        System.out.println("Voltage of a new run, o the neuron, + the network, @ both:");
        data = neuron(78, random);
        lstm.forward(data[0], data[1]);
        for (int row = 10; row >= 0; row--) {
            StringBuilder line = new StringBuilder("%4.1f ".formatted(row / 10.0));
            for (int t = 0; t < 78; t++) {
                boolean neuron = Math.round(10 * data[1][t][0]) == row, network = Math.round(10 * lstm.y[t][0]) == row;
                line.append(neuron ? network ? '@' : 'o' : network ? '+' : ' ');
            }
            System.out.println(line.toString().stripTrailing());
        }
        System.out.println("Forget gates of the two units, in tenths:");
        for (int j = 0; j < lstm.H; j++) {
            StringBuilder line = new StringBuilder("   f ");
            for (double[] gate : lstm.gates) line.append((int) (10 * gate[lstm.H + j]));
            System.out.println(line);
        }
    }
}
