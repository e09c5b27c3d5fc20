package org.spikecast.kernel;

import org.spikecast.kernel.internal.AdamUpdate;
import org.spikecast.kernel.internal.Ca1Constants;
import org.spikecast.kernel.internal.Ca1Derivative;
import org.spikecast.kernel.internal.Elementary;
import org.spikecast.kernel.internal.GruStep;
import org.spikecast.kernel.internal.LstmStep;
import org.spikecast.kernel.internal.MatrixView;
import org.spikecast.kernel.internal.PackedMatrix;
import org.spikecast.kernel.internal.PlainProducts;
import org.spikecast.kernel.internal.RnnStep;
import org.spikecast.kernel.internal.ScalarKernel;
import org.spikecast.kernel.internal.SimdModule;
import org.spikecast.kernel.internal.Tail;
import org.spikecast.kernel.internal.Team;

/**
 * The few operations on plain arrays that decide the speed of a recurrent network. Matrices are row-major. A sequence
 * of matrices stands stacked by rows: block {@code s} of a stack of (rows x batch) matrices begins at
 * {@code s * rows * batch}.
 *
 * <p>The contract is one of bits, so that every provider, on every CPU and with any SIMD width, gives the same result:
 *
 * <ul>
 *   <li>Each element of a product starts from what stands in the output and is accumulated with fused multiply-add over
 *       the inner index in ascending order.
 *   <li>A sum over many numbers runs in {@value #LANES} lanes: lane j adds up, in ascending order, the elements whose
 *       index is j modulo {@value #LANES}; the lanes are then halved, each of the lower half adding its partner of the
 *       upper half, until one is left.
 *   <li>Elementwise functions are those of {@link Elementary}, with the operations in the order of the plain code
 *       that the methods here run.
 * </ul>
 *
 * <p>The methods here implement that contract in plain code, to read and to test against: {@link PlainProducts},
 * {@link LstmStep}, {@link GruStep}, {@link AdamUpdate}, {@link Ca1Derivative}. A provider overrides the methods that
 * it computes faster.
 *
 * <p>Kernels do not check their arguments: the caller checks shapes. They keep no state and may be shared.
 */
public interface Kernel {
    /** Lanes of a sum: as many as doubles fit the widest SIMD register. */
    int LANES = 8;

    /** The provider's name and its SIMD width, as text for readers. */
    String description();

    /**
     * The same kernel with operations divided among threads, for one caller at a time; this one where the provider does
     * not divide them.
     */
    default Kernel onTeam(Team team) {
        return this;
    }

    /**
     * Y = (a + b) 1' + W (X; H): a + b is rounded once and comes first, X (of one row at least) is the upper part of
     * the right factor, H the rest. Without b, a alone. Without H, the first columns
     * of W alone, as many as X has rows; and X and Y may be stacks of matrices, with Y_s made of X_s for each of them.
     */
    default void affine(PackedMatrix w, double[] a, double[] b, MatrixView x, MatrixView h, MatrixView y) {
        PlainProducts.affine(w, a, b, x, h, y);
    }

    /** Y += A X; or, where X is a stack of matrices, Y_s += A X_s for each of them. */
    default void multiply(PackedMatrix a, MatrixView x, MatrixView y) {
        PlainProducts.multiply(a, x, y);
    }

    /**
     * A = sum over s of Y_s X_s', and likewise B with H if there is one: Y, X and H are stacks of {@code blocks} blocks, A
     * and B have one row and column at least. The inner index of the products is (block, column), blocks first. If
     * there is an r, for each block in ascending order r_i += the sum of row i of Y_s, in lanes as above, and likewise
     * q.
     *
     * @param add whether the sums are added to the numbers in A, B, r and q, or replace them, as if these were 0
     */
    default void outerProducts(
            boolean add,
            int blocks,
            MatrixView y,
            MatrixView x,
            double[] a,
            MatrixView h,
            double[] b,
            double[] r,
            double[] q) {
        PlainProducts.outerProducts(add, blocks, y, x, a);
        if (h != null) {
            PlainProducts.outerProducts(add, blocks, y, h, b);
        }
        if (r != null) {
            PlainProducts.rowSums(add, blocks, y, r, q);
        }
    }

    /** The same with one right factor, and r if there is one. */
    default void outerProducts(boolean add, int blocks, MatrixView y, MatrixView x, double[] a, double[] r) {
        outerProducts(add, blocks, y, x, a, null, null, r, null);
    }

    /**
     * One step of an LSTM layer, equations (2) to (5) of {@code Lstm}; all (H x B), but for the gates, four of them
     * one below the other.
     *
     * @param gates z on entry; g and the tails of i, f and o ({@link Tail}) on return
     * @param cLast c_(t-1)
     * @param c receives c_t
     * @param slopes receives 1 - g^2 and, below it, 1 - tanh(c_t)^2; null where no gradient is wanted
     * @param h receives h_t
     */
    default void lstmStep(MatrixView gates, MatrixView cLast, MatrixView c, MatrixView slopes, MatrixView h) {
        LstmStep.forward(0, h.size(), gates, cLast, c, slopes, h);
    }

    /**
     * One step back through an LSTM layer, equations (9) to (13) of {@code Lstm}.
     *
     * @param gates g and the tails of i, f and o
     * @param slopes 1 - g^2 and 1 - tanh(c_t)^2
     * @param h h_t
     * @param dh gradient of the step's h
     * @param dc gradient that arrives at the step's c from the step after it; receives that for the step before it
     * @param dz receives the gradient of z; may be the gates
     */
    default void lstmStepBackward(
            MatrixView gates,
            MatrixView cLast,
            MatrixView slopes,
            MatrixView h,
            MatrixView dh,
            MatrixView dc,
            MatrixView dz) {
        LstmStep.backward(0, dh.size(), gates, cLast, slopes, h, dh, dc, dz);
    }

    /**
     * One step of a GRU layer, equations (2) to (5) of {@code Gru}; all (H x B), but for gates and q, three of them
     * one below the other.
     *
     * @param gates a_t on entry; n and the tails of r and z ({@link Tail}) on return
     * @param q q_t on entry; 1 - n^2 in the place of q_r on return
     * @param h receives h_t
     */
    default void gruStep(MatrixView gates, MatrixView q, MatrixView hLast, MatrixView h) {
        GruStep.forward(0, h.size(), gates, q, hLast, h);
    }

    /**
     * One step back through a GRU layer, equations (10) to (13) of {@code Gru}.
     *
     * @param gates n and the tails of r and z
     * @param q q_n and, in the place of q_r, 1 - n^2
     * @param dh gradient of the step's h
     * @param dhLast gradient of h_(t-1), to which dh_t z is added
     * @param da receives the gradient of a_t; may be the gates
     * @param dq receives the gradient of q_t; may be q
     */
    default void gruStepBackward(
            MatrixView gates,
            MatrixView q,
            MatrixView hLast,
            MatrixView dh,
            MatrixView dhLast,
            MatrixView da,
            MatrixView dq) {
        GruStep.backward(0, dh.size(), gates, q, hLast, dh, dhLast, da, dq);
    }

    /**
     * One step of a layer of a plain tanh network, equation (5) of {@code Rnn}; all (H x B).
     *
     * @param z z_t
     * @param h receives h_t
     */
    default void rnnStep(MatrixView z, MatrixView h) {
        System.arraycopy(z.data(), z.offset(), h.data(), h.offset(), h.size());
        tanh(h);
    }

    /**
     * One step back through such a layer, equation (9) of {@code Rnn}.
     *
     * @param h h_t
     * @param dh gradient of the step's h
     * @param dz receives the gradient of z_t; may be z_t
     */
    default void rnnStepBackward(MatrixView h, MatrixView dh, MatrixView dz) {
        RnnStep.backward(h, dh, dz);
    }

    /** The sum of squares of n elements. */
    default double sumOfSquares(int n, double[] x) {
        return PlainProducts.sumOfSquares(n, x);
    }

    /**
     * One update of Adam for n elements, in this order:
     *
     * <pre>
     *   g' = g + l2 theta      m = m + (1 - beta1) (g' - m)      v = beta2 v + (1 - beta2) g'^2
     *   theta = shrink theta - stepSize m / (sqrt(v) / rootCorrection + epsilon)
     * </pre>
     */
    default void adamUpdate(
            int n,
            double[] theta,
            double[] gradient,
            double[] m,
            double[] v,
            double beta1,
            double beta2,
            double stepSize,
            double rootCorrection,
            double epsilon,
            double l2,
            double shrink) {
        AdamUpdate.update(0, n, theta, gradient, m, v, beta1, beta2, stepSize, rootCorrection, epsilon, l2, shrink);
    }

    /**
     * Logistic functions of one variable: y_ij = sigma(slope_i x_j + offset_i), the argument rounded once. X is a row
     * of n elements, Y (rows x n) stands at the beginning of an array that does not hold X.
     */
    default void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y) {
        Ca1Derivative.sigmoids(rows, n, slope, offset, x, xOffset, y);
    }

    /** X = sigma(X), of {@link Elementary}. */
    default void sigma(MatrixView x) {
        for (int j = x.offset(); j < x.offset() + x.size(); j++) {
            x.data()[j] = Elementary.sigma(x.data()[j]);
        }
    }

    /** X = tanh(X), of {@link Elementary}. */
    default void tanh(MatrixView x) {
        for (int j = x.offset(); j < x.offset() + x.size(); j++) {
            x.data()[j] = Elementary.tanh(x.data()[j]);
        }
    }

    /**
     * The right-hand side of the CA1 neuron, equations (1) to (6) of {@code Ca1Neuron}, for n cells: Y, dY (9 x n)
     * hold V, h, n, b, z, r, c, q, Ca and their derivatives, S (11 x n) the logistic functions at V of m, p, a, h, n,
     * b, z, r, c and of the time constants of h and n.
     *
     * @param current I of each cell
     */
    default void ca1Derivative(int n, Ca1Constants p, double[] current, double[] s, double[] y, double[] dy) {
        for (int j = 0; j < n; j++) {
            Ca1Derivative.ofCell(j, n, p, current, s, y, dy);
        }
    }

    /**
     * The fastest provider that this JVM can run: the SIMD one if it is there and the JVM has the module
     * {@code jdk.incubator.vector} or lets the program add it, else the scalar one.
     */
    static Kernel best() {
        if (simdModulePresent()) {
            try {
                // By name: the class must not be linked where the module is missing.
                return (Kernel) Class.forName("org.spikecast.kernel.internal.VectorKernel")
                        .getDeclaredConstructor()
                        .newInstance();
            } catch (ClassNotFoundException e) {
                return new ScalarKernel();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("The SIMD kernels are there but cannot be loaded", e);
            }
        }
        return new ScalarKernel();
    }

    /**
     * Whether the JVM has the module {@code jdk.incubator.vector}: it was started with {@code --add-modules
     * jdk.incubator.vector}, or it lets the program add it, which then happens.
     */
    static boolean simdModulePresent() {
        return SimdModule.present();
    }
}
