package org.spikecast.neuron.internal;

import static org.spikecast.neuron.internal.Ca1Parameter.A_C;
import static org.spikecast.neuron.internal.Ca1Parameter.A_Q;
import static org.spikecast.neuron.internal.Ca1Parameter.CAPACITANCE;
import static org.spikecast.neuron.internal.Ca1Parameter.G_A;
import static org.spikecast.neuron.internal.Ca1Parameter.G_AHP;
import static org.spikecast.neuron.internal.Ca1Parameter.G_C;
import static org.spikecast.neuron.internal.Ca1Parameter.G_CA;
import static org.spikecast.neuron.internal.Ca1Parameter.G_KDR;
import static org.spikecast.neuron.internal.Ca1Parameter.G_L;
import static org.spikecast.neuron.internal.Ca1Parameter.G_M;
import static org.spikecast.neuron.internal.Ca1Parameter.G_NA;
import static org.spikecast.neuron.internal.Ca1Parameter.G_NAP;
import static org.spikecast.neuron.internal.Ca1Parameter.KAPPA_H;
import static org.spikecast.neuron.internal.Ca1Parameter.KAPPA_N;
import static org.spikecast.neuron.internal.Ca1Parameter.PHI;
import static org.spikecast.neuron.internal.Ca1Parameter.TAU_B;
import static org.spikecast.neuron.internal.Ca1Parameter.TAU_C;
import static org.spikecast.neuron.internal.Ca1Parameter.TAU_CA;
import static org.spikecast.neuron.internal.Ca1Parameter.TAU_Q;
import static org.spikecast.neuron.internal.Ca1Parameter.TAU_R;
import static org.spikecast.neuron.internal.Ca1Parameter.TAU_Z;
import static org.spikecast.neuron.internal.Ca1Parameter.THETA_M;
import static org.spikecast.neuron.internal.Ca1Parameter.U_CA;
import static org.spikecast.neuron.internal.Ca1Parameter.V_CA;
import static org.spikecast.neuron.internal.Ca1Parameter.V_K;
import static org.spikecast.neuron.internal.Ca1Parameter.V_L;
import static org.spikecast.neuron.internal.Ca1Parameter.V_NA;

import org.spikecast.kernel.Kernel;
import org.spikecast.kernel.internal.Ca1Constants;
import org.spikecast.neuron.Ca1Parameters;
import org.spikecast.ode.Equation;

/**
 * CA1 pyramidal neurons of one compartment, of the Hodgkin-Huxley type, each under a constant current. With S(V; theta,
 * sigma) = 1 / (1 + exp(-(V - theta) / sigma)), and for each gating variable x its S_x(V) = S(V; theta_x, sigma_x),
 *
 * <pre>
 *   C V' = I - g_L (V - V_L) - (g_Na m^3 h + g_NaP p) (V - V_Na) - I_Ca
 *            - (g_Kdr n^4 + g_A a^3 b + g_M z + g_C k c + g_AHP q) (V - V_K)              (1)
 *   I_Ca = g_Ca r^2 (V - V_Ca)                                                            (2)
 *   m = S_m(V)    p = S_p(V)    a = S_a(V)    k = Ca / (Ca + a_C)                         (3)
 *   x' = phi (S_x(V) - x) / (1 + kappa_x S_tau_x(V))    for x = h, n
 *   x' = (S_x(V) - x) / tau_x                           for x = b, z, r, c                (4)
 *   q' = (Ca^4 / (Ca^4 + a_q^4) - q) / tau_q                                              (5)
 *   Ca' = -u_Ca I_Ca - Ca / tau_Ca                                                        (6)
 * </pre>
 *
 * <p>Units: ms, mV, mS/cm2, uA/cm2, uF/cm2; Ca and the gating variables have none. The state of n cells is an array of
 * 9 n numbers, variable by variable: V of all cells, then h of all cells, and so on in the order V, h, n, b, z, r, c,
 * q, Ca. The values of a cell do not depend on the other cells.
 *
 * <p>Source: D. Golomb, C. Yue, Y. Yaari, J. Neurophysiol. 96:1912 (2006), whose names these are (z and g_M are its
 * M-type current, c and k its C-type one).
 */
public final class Ca1Neuron implements Equation {
    /** The number of variables of a cell. */
    public static final int VARIABLES = 9;

    /** The number of logistic functions of the voltage. */
    private static final int SIGMOIDS = 11;

    private static final String[] NAMES = {"V", "h", "n", "b", "z", "r", "c", "q", "Ca"};

    private static final double[] INITIAL = {
        -71.962, 0.979199, 0.0242166, 0.207565, 0.0013689, 0.005507, 0.002486, 0, 0.000787
    };

    private final Ca1Parameters parameters;
    private final double[] current;
    private final Kernel kernel;

    /** S(V) = sigma(slope V + offset), in the order of {@link Kernel#ca1Derivative}. */
    private final double[] slope = new double[SIGMOIDS];

    private final double[] offset = new double[SIGMOIDS];
    private final double[] sigmoids;
    private final Ca1Constants constants = new Ca1Constants();

    /**
     * Cells of the same parameters.
     *
     * @param current I of each cell, uA/cm2
     * @throws IllegalArgumentException if there is no current, or one is not finite
     */
    public Ca1Neuron(Ca1Parameters parameters, double[] current, Kernel kernel) {
        this.parameters = parameters;
        this.current = current.clone();
        this.kernel = kernel;
        Require.atLeast(1, "the number of cells", current.length);
        for (double i : current) {
            Require.finite("current", i);
        }
        Ca1Parameter[] all = Ca1Parameter.values();
        for (int f = 0; f < SIGMOIDS; f++) { // theta and sigma stand in pairs, in the kernel's order
            double theta = parameters.get(all[THETA_M.ordinal() + 2 * f]);
            slope[f] = 1 / parameters.get(all[THETA_M.ordinal() + 2 * f + 1]);
            offset[f] = -theta * slope[f];
        }
        Require.area("the state", SIGMOIDS, current.length);
        sigmoids = new double[SIGMOIDS * current.length];
        double aQ = parameters.get(A_Q);
        constants.perC = 1 / parameters.get(CAPACITANCE);
        constants.gL = parameters.get(G_L);
        constants.gNa = parameters.get(G_NA);
        constants.gNaP = parameters.get(G_NAP);
        constants.gKdr = parameters.get(G_KDR);
        constants.gA = parameters.get(G_A);
        constants.gM = parameters.get(G_M);
        constants.gCa = parameters.get(G_CA);
        constants.gC = parameters.get(G_C);
        constants.gAhp = parameters.get(G_AHP);
        constants.vL = parameters.get(V_L);
        constants.vNa = parameters.get(V_NA);
        constants.vK = parameters.get(V_K);
        constants.vCa = parameters.get(V_CA);
        constants.phiH = parameters.get(PHI);
        constants.kappaH = parameters.get(KAPPA_H);
        constants.phiN = parameters.get(PHI);
        constants.kappaN = parameters.get(KAPPA_N);
        constants.rateB = 1 / parameters.get(TAU_B);
        constants.rateZ = 1 / parameters.get(TAU_Z);
        constants.rateR = 1 / parameters.get(TAU_R);
        constants.rateC = 1 / parameters.get(TAU_C);
        constants.aC = parameters.get(A_C);
        constants.aQ4 = aQ * aQ * aQ * aQ;
        constants.rateQ = 1 / parameters.get(TAU_Q);
        constants.u = parameters.get(U_CA);
        constants.rateCa = 1 / parameters.get(TAU_CA);
    }

    /** The number of cells. */
    public int cells() {
        return current.length;
    }

    /** The parameters. */
    public Ca1Parameters parameters() {
        return parameters;
    }

    /** The current of a cell, uA/cm2. */
    public double current(int cell) {
        return current[cell];
    }

    /** Sets the current of a cell; a running method needs {@code RungeKutta.reset} afterwards. */
    public void setCurrent(int cell, double i) {
        Require.finite("current", i);
        current[cell] = i;
    }

    @Override
    public int dimension() {
        return VARIABLES * current.length;
    }

    @Override
    public void derivative(double t, double[] y, double[] dydt) {
        int n = current.length;
        kernel.sigmoids(SIGMOIDS, n, slope, offset, y, 0, sigmoids); // (3), (4)
        kernel.ca1Derivative(n, constants, current, sigmoids, y, dydt); // (1) to (6)
    }

    @Override
    public String component(int i) {
        int n = current.length;
        return NAMES[i / n] + (n == 1 ? "" : " of cell " + i % n);
    }

    /** The published initial state of one cell, near rest: V, h, n, b, z, r, c, q, Ca. */
    public static double[] initialState() {
        return INITIAL.clone();
    }

    /** The published initial state for a number of cells. */
    public static double[] initialState(int cells) {
        double[] state = new double[Require.area("the state", VARIABLES, cells)];
        for (int i = 0; i < state.length; i++) {
            state[i] = INITIAL[i / cells];
        }
        return state;
    }
}
