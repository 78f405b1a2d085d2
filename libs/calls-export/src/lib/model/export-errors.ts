import { isNativeError } from 'node:util/types';
import type { ColumnKind } from './export-column';
import { shortText } from './short-value';

/**
 * An account or the process already runs as many exports as it may (`maxPerAccount`, `maxConcurrent`).
 * Over HTTP: 429 for the account, 503 for the process.
 *
 * @publicApi
 */
export class TooManyExportsError extends Error {
  /** @internal */
  constructor(
    /** Whose limit was reached. */
    readonly scope: 'account' | 'process',
    /** How many exports are running, which is the limit. */
    readonly running: number,
  ) {
    const limit = scope === 'account' ? 'Account limit' : 'Server limit';
    const exports = running === 1 ? '1 export is' : `${running} exports are`;
    super(`${limit} reached: ${exports} already running. Try again when one finishes.`);
  }
}

/**
 * The database is down, refuses the connection or did not respond in time. `cause` has the driver's error.
 * Over HTTP: 503.
 *
 * @publicApi
 */
export class DatabaseUnavailableError extends Error {
  /**
   * @param isLate whether it timed out, in which case a retry may time out as well.
   * @internal
   */
  constructor(cause: unknown, isLate = false) {
    super(
      isLate
        ? 'The database did not respond in time: it may be busy or locked, or this export may be too expensive'
        : 'The database is unavailable. Try again soon.',
      { cause },
    );
  }
}

/** All running exports were stopped, for example because the app shuts down. */
export class ExportStoppedError extends Error {}

/**
 * No call can belong to the account, because it does not fit the column of the accounts. Over HTTP: 403.
 *
 * @publicApi
 */
export class InvalidAccountError extends TypeError {
  /**
   * @param what what an account must be.
   * @internal
   */
  constructor(what: string, cause?: unknown) {
    super(`The account must be ${what}`, { cause });
  }
}

/**
 * An export can't continue after the call that `after` identifies. Over HTTP: 400.
 *
 * @publicApi
 */
export class InvalidAfterError extends TypeError {
  /**
   * @param why `unknown` both for a missing call and for another account's, so as not to reveal which ids
   * exist.
   * @internal
   */
  constructor(why: 'unknown' | 'not started') {
    super(
      why === 'unknown'
        ? 'after must be the id of an existing call of this account. Leave it out to export from the beginning.'
        : 'after must be the id of a call that has started, because a date range has no others. Leave it out to export from the beginning.',
    );
  }
}

/**
 * A migration can't change the accounts to UUIDs, because one of them is not a UUID.
 *
 * @publicApi
 */
export class AccountTypeError extends Error {
  /** @internal */
  constructor(
    table: string,
    /** The first account found that is not a UUID. */
    readonly account: string,
  ) {
    super(
      `Can't change ${table}.account_id to uuid: ${account} is not a lowercase UUID. Migrate to text, replace each account ` +
        'with its UUID, then migrate to uuid.',
    );
  }
}

/** What a value of each kind must be. */
const EXPECTED: Readonly<Record<ColumnKind | 'creation', string>> = {
  integer: 'a whole number',
  decimal: 'a decimal number',
  boolean: 'true or false',
  text: 'text',
  time: 'in the years 0001 to 9999',
  creation: 'set, because calls are sorted by it',
};

/**
 * A value of a call can't be written to the file. Over HTTP: 500, or an aborted response if the file has
 * started.
 *
 * @publicApi
 */
export class UnexportableCallError extends Error {
  /**
   * @param failure what a mask or a transformer threw. The message omits it, because it may contain the
   * value.
   * @internal
   */
  constructor(
    /** The id of the call. */
    readonly callId: string,
    /** The key of the column. */
    readonly field: string,
    kind: ColumnKind | 'creation' = 'time',
    failure?: { readonly cause: unknown },
  ) {
    const why = failure
      ? `the mask or the transformer of its ${field} failed`
      : `its ${field} is not ${EXPECTED[kind]}`;
    super(`Call ${callId} can't be exported: ${why}`, failure);
  }
}

/** Returns why something failed, for the log. Truncated, because database messages quote values. */
export function reasonOf(error: unknown): string {
  if (error instanceof DatabaseUnavailableError) return reasonOf(error.cause);
  if (!isNativeError(error)) return shortText(String(error));
  // The stream was destroyed by an AbortSignal; its reason is the cause.
  if (error.name === 'AbortError' && error.cause) return reasonOf(error.cause);
  // If a host name has several addresses, Node's AggregateError has an empty message.
  return shortText(error.message || String((error as { code?: string }).code ?? error.name));
}
