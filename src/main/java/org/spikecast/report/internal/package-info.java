/** Pages and figures for readers: self-contained HTML and SVG, the same bytes on every JDK and in every locale. */
package org.spikecast.report.internal;
