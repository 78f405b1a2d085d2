/** The limit of running exports is reached, of the account or of the process. */
export class TooManyExportsError extends Error {
  constructor(
    readonly scope: 'account' | 'process',
    readonly running: number,
  ) {
    super(
      scope === 'account'
        ? `${running} exports of this account are running, which is as many as may: try again when one has ended`
        : `${running} exports are running, which is as many as may: try again soon`,
    );
  }
}

/** The database is down, refuses or does not answer in time, which is expected to pass; the cause says more. */
export class DatabaseUnavailableError extends Error {
  constructor(cause: unknown) {
    super('The database is not available at the moment: try again soon', { cause });
  }
}

/** A call holds what the format has no way to write. */
export class UnexportableCallError extends Error {
  constructor(
    readonly callId: string,
    readonly field: string,
  ) {
    super(`Call ${callId} can't be exported: its ${field} is not in the years 0001 to 9999`);
  }
}

/** Why something failed, for a line of the log. */
export function reasonOf(error: unknown): string {
  if (error instanceof DatabaseUnavailableError) return reasonOf(error.cause);
  if (!(error instanceof Error)) return String(error);
  // Where a host has several addresses, the message of their common error is empty.
  return error.message || String((error as { code?: string }).code ?? error.name);
}
