/** Pages and figures a person looks at: self-contained HTML and SVG, the same bytes on every JDK and in every locale. */
package org.spikecast.report.internal;
