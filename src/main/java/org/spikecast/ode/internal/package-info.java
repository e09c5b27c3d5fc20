/**
 * Events of an equation: where a component crosses a level.
 *
 * <p>Not for users of the library: it changes without notice.
 */
package org.spikecast.ode.internal;
