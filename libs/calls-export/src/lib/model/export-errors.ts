import { isNativeError } from 'node:util/types';
import type { ColumnKind } from './export-column';
import { shortText } from './short-value';

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

/** The database is down, refuses or does not answer in time; the cause says more. */
export class DatabaseUnavailableError extends Error {
  /** @param isLate whether it was too slow, which may be so the next time as well. */
  constructor(cause: unknown, isLate = false) {
    super(
      isLate
        ? 'The database did not answer in time: it is busy or locked, or this export is too much for it'
        : 'The database is not available at the moment: try again soon',
      { cause },
    );
  }
}

/** The exports that ran were stopped, as by an app that ends. */
export class ExportStoppedError extends Error {}

/** An account that no call can have, since the calls' accounts are of another kind. */
export class InvalidAccountError extends TypeError {
  /** @param what an account must be. */
  constructor(what: string, cause?: unknown) {
    super(`The account must be ${what}, as those of the calls are`, { cause });
  }
}

/** An export has no place behind the call that `after` names. */
export class InvalidAfterError extends TypeError {
  /** @param why the same for a call that is gone as for another account's, so that it tells nothing of that. */
  constructor(why: 'unknown' | 'not started') {
    super(
      why === 'unknown'
        ? "after names a call that is gone or is not the account's: export from the beginning"
        : 'after names a call that has not started, so it is in no date range: export from the beginning',
    );
  }
}

/** A migration can't make accounts UUIDs, since one of them is something else. */
export class AccountTypeError extends Error {
  /** @param account the first one that was found. */
  constructor(
    table: string,
    readonly account: string,
  ) {
    super(
      `${table}.account_id can't become uuid, since ${account} is not a UUID in lower case: migrate to text, replace each account ` +
        'by its UUID, then migrate to uuid',
    );
  }
}

/** What a call's value is not, by the kind of its column. */
const NOT: Readonly<Record<ColumnKind | 'creation', string>> = {
  integer: 'a whole number',
  decimal: 'a decimal number',
  boolean: 'true or false',
  text: 'a text',
  time: 'in the years 0001 to 9999',
  creation: 'set, by which calls are put in order',
};

/** A call holds what its column of the file has no way to write. */
export class UnexportableCallError extends Error {
  /**
   * @param field the key of the column, and `kind` what its values are.
   * @param failure what a mask or a transformer has thrown. The message does not repeat it, since it may have the value.
   */
  constructor(
    readonly callId: string,
    readonly field: string,
    kind: ColumnKind | 'creation' = 'time',
    failure?: { readonly cause: unknown },
  ) {
    const why = failure
      ? `the mask or the transformer of its ${field} failed`
      : `its ${field} is not ${NOT[kind]}`;
    super(`Call ${callId} can't be exported: ${why}`, failure);
  }
}

/** Why something failed, for a line of the log. Cut, since the database's messages quote values. */
export function reasonOf(error: unknown): string {
  if (error instanceof DatabaseUnavailableError) return reasonOf(error.cause);
  if (!isNativeError(error)) return shortText(String(error));
  // A stream that was stopped by a signal.
  if (error.name === 'AbortError' && error.cause) return reasonOf(error.cause);
  // Where a host has several addresses, the message of their common error is empty.
  return shortText(error.message || String((error as { code?: string }).code ?? error.name));
}
