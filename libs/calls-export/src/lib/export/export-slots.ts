import type { AccountId } from '../model/account-id';
import { TooManyExportsError } from '../model/export-errors';

/** How many exports may run in this process at a time. */
export interface ExportLimits {
  /** The maximum for all accounts together. */
  readonly maxConcurrent: number;
  /** The maximum per account. */
  readonly maxPerAccount: number;
}

/** The slot of a running export. */
export interface ExportSlot {
  /** Aborted when the export must stop. */
  readonly signal: AbortSignal;
  /** Frees the slot. Further calls have no effect. */
  release(): void;
}

interface AcquiredSlot {
  readonly account: string;
  readonly database: object;
  readonly stop: AbortController;
}

/** Limits how many exports run in this process, to protect the process and the database. */
export class ExportSlots {
  private readonly acquired = new Set<AcquiredSlot>();

  constructor(readonly limits: ExportLimits) {}

  /** The number of running exports. */
  get running(): number {
    return this.acquired.size;
  }

  /**
   * Acquires a slot for an export.
   *
   * @param database identifies the account's database, because two databases may have the same account ids.
   * @throws TooManyExportsError if no slot is free.
   */
  acquire(accountId: AccountId, database: object): ExportSlot {
    const account = String(accountId);
    const { limits, running, acquired } = this;
    const runningForAccount = [...acquired].filter(
      (slot) => slot.account === account && slot.database === database,
    ).length;
    if (runningForAccount >= limits.maxPerAccount) {
      throw new TooManyExportsError('account', runningForAccount);
    }
    if (running >= limits.maxConcurrent) throw new TooManyExportsError('process', running);
    const slot = { account, database, stop: new AbortController() };
    acquired.add(slot);
    return { signal: slot.stop.signal, release: () => void acquired.delete(slot) };
  }

  /** Stops all running exports. */
  stopAll(reason: Error): void {
    for (const { stop } of this.acquired) stop.abort(reason);
  }
}
