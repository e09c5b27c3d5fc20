import java.util.Locale;
import org.ejml.data.DMatrixRMaj;
import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.RandomStream;
import org.spikecast.lstm.Network;
import org.spikecast.lstm.NetworkConfig;
import org.spikecast.lstm.NetworkParameters;
import org.spikecast.lstm.NetworkTape;
import org.spikecast.params.ParameterSet.Block;
import org.spikecast.train.Losses;

/** Gradient descent on one sequence with large recurrent weights: the task is to count the steps since the last pulse. */
class Explode {
    static final int T = 100, H = 32;
    static final Kernel KERNEL = Kernel.best();

    /** Arguments: factor of the recurrent weights; gradient clipping norm, 0 for no clipping. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        double factor = Double.parseDouble(arguments[0]);
        double clipNorm = Double.parseDouble(arguments[1]);
        NetworkConfig config = new NetworkConfig(1, H, 1, 1);
        NetworkParameters p = NetworkParameters.random(config, 1, RandomStream.of(2, "weights"));
        double[] weightHh = p.set().blocks().get(1).data(); // lstm.weight_hh_l0
        for (int k = 0; k < weightHh.length; k++) {
            weightHh[k] *= factor;
        }
        DMatrixRMaj x = new DMatrixRMaj(T, 1), target = new DMatrixRMaj(T, 1), dy = new DMatrixRMaj(T, 1);
        for (int t = 0; t < T; t++) {
            x.data[t] = t % 10 == 0 ? 1 : 0;
            target.data[t] = (t % 10) / 10.0;
        }
        NetworkParameters gradient = new NetworkParameters(config);
        NetworkTape tape = new NetworkTape(config, T, 1, T);
        System.out.println("updates      loss      norm of the gradient");
        for (int n = 0; n <= 600; n++) {
            Network.forward(KERNEL, p, x, null, tape);
            double loss = Losses.MEAN_SQUARED_ERROR.evaluate(KERNEL, tape.output(), target, dy);
            gradient.set().setZero();
            Network.backward(KERNEL, p, x, tape, dy, gradient, null, null);
            double squares = 0;
            for (Block block : gradient.set().blocks()) {
                squares += KERNEL.sumOfSquares(block.data().length, block.data());
            }
            double norm = Math.sqrt(squares);
            boolean ended = Double.isNaN(norm);
            if (n < 10 || n % 100 == 0 || ended) {
                System.out.println("%7d %9.3g %9.3g  %s"
                        .formatted(n, loss, norm, bar(norm))
                        .stripTrailing());
            }
            if (ended) {
                return;
            }
            double scale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1; // clipping: this line
            for (int k = 0; k < p.set().size(); k++) {
                p.set().set(k, p.set().get(k) - 0.3 * scale * gradient.set().get(k));
            }
        }
    }

    /** Two characters for each power of ten above 1e-3. */
    static String bar(double norm) {
        return "#".repeat((int) Math.max(0, Math.min(60, Math.round(2 * (StrictMath.log10(norm) + 3)))));
    }
}
