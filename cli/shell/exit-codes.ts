/** The exit codes of `leapmux shell` that are not those of the program on the worker (docs/command-line.md). */

/** What ended here and not on the worker. */
export const failed = 255;
/** A login, a device or a worker's key that is not, or no longer, accepted. */
export const refused = 254;
/** As shells say it of a program that a signal ended. */
export const signalBase = 128;
export const sigpipe = 13;
