package org.spikecast.ode.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A rooted tree. A Runge-Kutta method with stages of coefficients a_ij has order p if its weights b_i give
 *
 * <pre>
 *   sum_i b_i w_i(t) = 1 / density(t)    for every tree t of at most p nodes,
 *   w_i(leaf) = 1,    w_i([t_1 .. t_m]) = product_k sum_j a_ij w_j(t_k)
 *   density(leaf) = 1,    density([t_1 .. t_m]) = order density(t_1) .. density(t_m)
 * </pre>
 *
 * Source: J. C. Butcher, 1963; HNW, theorem II.2.13.
 *
 * @param order the number of nodes
 * @param density gamma
 * @param weights w_i of each stage
 * @param name the tree in brackets: "[[]]" is a root with one leaf
 */
public record RootedTree(int order, double density, double[] weights, String name) {
    /** All trees of at most {@code order} nodes, 1, 1, 2, 4, 9, 20, .. of each order, for a method's coefficients. */
    public static List<RootedTree> upTo(int order, double[][] a) {
        double[] ones = new double[a.length];
        Arrays.fill(ones, 1);
        List<RootedTree> trees = new ArrayList<>();
        trees.add(new RootedTree(1, 1, ones, "[]"));
        for (int nodes = 2; nodes <= order; nodes++) {
            addRooted(nodes, nodes - 1, trees.size() - 1, 1, ones, "", a, trees);
        }
        return trees;
    }

    /**
     * Adds the trees of a given number of nodes whose root carries what is given and further subtrees of {@code left}
     * nodes in all, taken from the first {@code last} + 1 trees and in descending order, so that each set of subtrees
     * comes up once.
     */
    private static void addRooted(
            int nodes,
            int left,
            int last,
            double density,
            double[] weights,
            String name,
            double[][] a,
            List<RootedTree> trees) {
        if (left == 0) {
            trees.add(new RootedTree(nodes, nodes * density, weights, "[" + name + "]"));
            return;
        }
        for (int s = last; s >= 0; s--) {
            RootedTree subtree = trees.get(s);
            if (subtree.order <= left) {
                double[] grafted = new double[a.length];
                for (int i = 0; i < a.length; i++) {
                    grafted[i] = weights[i] * sum(a[i], subtree.weights);
                }
                addRooted(
                        nodes,
                        left - subtree.order,
                        s,
                        density * subtree.density,
                        grafted,
                        name + subtree.name,
                        a,
                        trees);
            }
        }
    }

    /**
     * The absolute error of weights b in this tree's condition; at theta in 0 .. 1, that of a dense output: theta^order
     * / density.
     */
    public double residual(double[] b, double theta) {
        double power = 1;
        for (int i = 0; i < order; i++) {
            power *= theta;
        }
        return Math.abs(sum(b, weights) - power / density);
    }

    private static double sum(double[] a, double[] w) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * w[j];
        }
        return sum;
    }
}
