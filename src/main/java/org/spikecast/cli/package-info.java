/**
 * The command line: each command declares its options, calls the library and prints. {@code Main} is the program.
 */
package org.spikecast.cli;
