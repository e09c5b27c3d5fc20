/**
 * Ordinary differential equations y' = f(t, y), solved by explicit Runge-Kutta methods.
 *
 * <p>One noun each: {@link org.spikecast.ode.Equation} is f, {@link org.spikecast.ode.Tableau} a method's
 * coefficients, {@link org.spikecast.ode.RungeKutta} one step, {@link org.spikecast.ode.StepControl} the choice of its
 * size, {@link org.spikecast.ode.internal.LevelCrossing} an event, {@link org.spikecast.ode.Solver} the loop. After
 * construction nothing allocates memory. Source of all: E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary
 * Differential Equations I, 2nd edition, 1993, chapter II, cited as HNW.
 */
package org.spikecast.ode;
