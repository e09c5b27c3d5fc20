package org.spikecast.kernel;

/**
 * The few operations on plain arrays that decide the speed of an LSTM. Matrices are row-major. A sequence of matrices
 * stands stacked by rows: block {@code s} of a stack of (rows x batch) matrices begins at {@code s * rows * batch}.
 *
 * <p>The contract is one of bits, so that every provider, on every CPU and with any SIMD width, gives the same result:
 *
 * <ul>
 *   <li>Each element of a product starts from what stands in the output and is accumulated with fused multiply-add over
 *       the inner index in ascending order.
 *   <li>A sum over many numbers runs in {@value #LANES} lanes: lane j adds up, in ascending order, the elements whose
 *       index is j modulo {@value #LANES}; the lanes are then halved, each of the lower half adding its partner of the
 *       upper half, until one is left.
 *   <li>Elementwise functions are those of {@link Elementary}, with the operations in the order that
 *       {@link ScalarKernel} shows.
 * </ul>
 *
 * <p>Kernels trust their arguments: shapes are checked by those who call them. They keep no state and may be shared.
 */
public interface Kernel {
    /** Lanes of a sum: as many as doubles fit the widest SIMD register. */
    int LANES = 8;

    /** What runs, for people: the provider's name and its SIMD width. */
    String description();

    /**
     * Y = (a + b) 1' + W (X; H): a + b is rounded once and comes first, X (xRows x batch, of one row at least) is the upper
     * part of the right factor, H the rest, Y (rows x batch). Without b, a alone; without H, the first xRows columns of W alone.
     */
    void affine(
            PackedMatrix w,
            int batch,
            double[] a,
            double[] b,
            int xRows,
            double[] x,
            int xOffset,
            double[] h,
            int hOffset,
            double[] y,
            int yOffset);

    /** Y_s += A X_s for each block s: A (rows x inner), X_s (inner x batch), Y_s (rows x batch). */
    void multiply(int blocks, PackedMatrix a, int batch, double[] x, int xOffset, double[] y, int yOffset);

    /**
     * A += sum over s of Y_s X_s', and likewise B with H if there is one: Y_s (rows x batch), X_s (xRows x batch), A (rows x
     * xRows), of one row and column at least. The inner index of the products is (block, column), blocks first. If there is an
     * r, for each block in ascending order r_i += the sum of row i of Y_s, in lanes as above, and likewise q.
     */
    void addOuterProducts(
            int blocks,
            int batch,
            int rows,
            double[] y,
            int yOffset,
            int xRows,
            double[] x,
            int xOffset,
            double[] a,
            int hRows,
            double[] h,
            int hOffset,
            double[] b,
            double[] r,
            double[] q);

    /**
     * One step of an LSTM layer, equations (2) to (5) of {@code Lstm}, for n = hidden x batch elements: the four ranges
     * of n elements in {@code gates} hold z on entry and i, f, g, o on return.
     */
    void lstmStep(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            int cellOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] hidden,
            int hiddenOffset);

    /**
     * One step back through an LSTM layer, equations (9) to (13) of {@code Lstm}: from dh (gradient of the step's h)
     * and dc (gradient that arrives at the step's c from the step after it) to dz, and dc for the step before it. dz may take the
     * place of the gates.
     */
    void lstmStepBackward(
            int n,
            double[] gates,
            int gatesOffset,
            double[] cell,
            int previousOffset,
            double[] tanhCell,
            int tanhOffset,
            double[] dHidden,
            int dHiddenOffset,
            double[] dCell,
            double[] dGates,
            int dGatesOffset);

    /** The sum of squares of n elements. */
    double sumOfSquares(int n, double[] x);

    /**
     * One update of Adam for n elements, in this order:
     *
     * <pre>
     *   g' = g + l2 theta      m = m + (1 - beta1) (g' - m)      v = beta2 v + (1 - beta2) g'^2
     *   theta = shrink theta - stepSize m / (sqrt(v) / rootCorrection + epsilon)
     * </pre>
     */
    void adamUpdate(
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
            double shrink);

    /**
     * Logistic functions of one variable: y_ij = sigma(slope_i x_j + offset_i), the argument rounded once. X is a row of n
     * elements, Y (rows x n) stands at the beginning of an array that does not hold X.
     */
    void sigmoids(int rows, int n, double[] slope, double[] offset, double[] x, int xOffset, double[] y);

    /**
     * The right-hand side of the CA1 neuron, equations (1) to (6) of {@code Ca1Neuron}, for n cells: Y, dY (9 x n) hold V,
     * h, n, b, z, r, c, q, Ca and their derivatives, S (11 x n) the logistic functions at V of m, p, a, h, n, b, z, r, c
     * and of the time constants of h and n.
     *
     * @param p 1/C, g_L, g_Na, g_NaP, g_Kdr, g_A, g_M, g_Ca, g_C, g_AHP, V_L, V_Na, V_K, V_Ca, phi_h, kappa_h, phi_n,
     *     kappa_n, 1/tau_b, 1/tau_z, 1/tau_r, 1/tau_c, a_C, a_q^4, 1/tau_q, u, 1/tau_Ca
     * @param current I of each cell
     */
    void ca1Derivative(int n, double[] p, double[] current, double[] s, double[] y, double[] dy);

    /**
     * The fastest provider that this JVM can run: the SIMD one if it is there and the JVM was started with the module
     * {@code jdk.incubator.vector}, else the scalar one.
     */
    static Kernel best() {
        if (simdModulePresent()) {
            try {
                // By name: the class must not be linked where the module is missing.
                return (Kernel) Class.forName("org.spikecast.kernel.VectorKernel")
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

    /** Whether the JVM was started with {@code --add-modules jdk.incubator.vector}. */
    static boolean simdModulePresent() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }
}
