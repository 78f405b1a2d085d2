/** A failure that its message tells all of: what was set or called wrongly, in one sentence. */
export abstract class ExpectedError extends Error {}

/**
 * Says on stderr why the process ends: in production as a line of JSON, as the log's are; else the sentence of an `ExpectedError`, or the
 * whole of another error. It needs nothing, so that it can tell of a package that is missing.
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
