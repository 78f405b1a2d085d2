import type { AccountId } from '../model/account-id';
import { TooManyExportsError } from '../model/export-errors';

/** How many exports may run in this process at a time. */
export interface ExportLimits {
  readonly maxConcurrent: number;
  /** Of them, those of one account. */
  readonly maxPerAccount: number;
}

/** A place among the exports that run. */
export interface ExportSlot {
  /** Is aborted when the export must not go on. */
  readonly signal: AbortSignal;
  /** Leaves the place to another export. Only the first call counts. */
  giveBack(): void;
}

/** Counts the exports that run in this process, so that no more do than it and the database bear. */
export class ExportSlots {
  /** Of each database, since two of them may have the same accounts. */
  private readonly runningOf = new WeakMap<object, Map<string, number>>();
  private readonly taken = new Set<AbortController>();

  constructor(readonly limits: ExportLimits) {}

  get running(): number {
    return this.taken.size;
  }

  /**
   * Takes a slot for an export.
   *
   * @param database where the account is.
   * @throws TooManyExportsError if none is free.
   */
  take(accountId: AccountId, database: object): ExportSlot {
    const account = String(accountId);
    const { limits, running, taken } = this;
    const runningOfAccount = this.runningOf.get(database) ?? new Map<string, number>();
    this.runningOf.set(database, runningOfAccount);
    const ofAccount = runningOfAccount.get(account) ?? 0;
    if (ofAccount >= limits.maxPerAccount) throw new TooManyExportsError('account', ofAccount);
    if (running >= limits.maxConcurrent) throw new TooManyExportsError('process', running);
    const stop = new AbortController();
    taken.add(stop);
    runningOfAccount.set(account, ofAccount + 1);
    const giveBack = () => {
      if (!taken.delete(stop)) return;
      const left = (runningOfAccount.get(account) as number) - 1;
      if (left > 0) runningOfAccount.set(account, left);
      else runningOfAccount.delete(account);
    };
    return { signal: stop.signal, giveBack };
  }

  /** Stops all exports that run. */
  stopAll(reason: Error): void {
    for (const stop of this.taken) stop.abort(reason);
  }
}
