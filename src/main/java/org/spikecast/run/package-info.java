/**
 * Run folders. {@link org.spikecast.run.RunFolder} makes, locks, resumes and completes the folder of a run; {@link
 * org.spikecast.run.Progress} receives progress reports.
 */
package org.spikecast.run;
