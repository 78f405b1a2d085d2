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

interface TakenSlot {
  readonly account: string;
  readonly database: object;
  readonly stop: AbortController;
}

/** Counts the exports that run in this process, so that no more do than it and the database bear. */
export class ExportSlots {
  private readonly taken = new Set<TakenSlot>();

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
    // Two databases may have the same accounts.
    const ofAccount = [...taken].filter(
      (slot) => slot.account === account && slot.database === database,
    ).length;
    if (ofAccount >= limits.maxPerAccount) throw new TooManyExportsError('account', ofAccount);
    if (running >= limits.maxConcurrent) throw new TooManyExportsError('process', running);
    const slot = { account, database, stop: new AbortController() };
    taken.add(slot);
    return { signal: slot.stop.signal, giveBack: () => void taken.delete(slot) };
  }

  /** Stops all exports that run. */
  stopAll(reason: Error): void {
    for (const { stop } of this.taken) stop.abort(reason);
  }
}
