/** The timeout of tests and waits that start processes or read many calls: ample on a busy machine. */
export const TIMEOUT_MS = 60_000;
