/**
 * Run folders. {@link org.spikecast.run.RunFolder} makes, locks, resumes and completes the folder of a run; {@link
 * org.spikecast.run.Progress} receives reports of how far it is.
 */
package org.spikecast.run;
