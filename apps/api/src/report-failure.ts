/** A configuration or usage error whose message says everything in one sentence, so no stack is printed. */
export abstract class ExpectedError extends Error {}

/**
 * Prints to stderr why the process exits: a JSON line like those of the log in production; otherwise the
 * message of an `ExpectedError`, or any other error with its stack. It has no imports, so that it can report
 * a missing package.
 */
export function reportFailure(error: unknown): void {
  if (process.env['NODE_ENV'] !== 'production') {
    console.error(error instanceof ExpectedError ? error.message : error);
    return;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const line = {
    level: 'fatal',
    pid: process.pid,
    timestamp: Date.now(),
    message,
    context: 'Api',
    ...(!(error instanceof ExpectedError) && { stack }),
  };
  console.error(JSON.stringify(line));
}
