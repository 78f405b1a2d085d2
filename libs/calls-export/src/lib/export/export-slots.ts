import type { AccountId } from '../model/account-id';
import { TooManyExportsError } from '../model/export-errors';

/** How many exports may run in this process at a time. */
export interface ExportLimits {
  readonly maxConcurrent: number;
  /** Of them, those of one account. */
  readonly maxPerAccount: number;
}

/** Counts the exports that run in this process, so that no more do than it and the database bear. */
export class ExportSlots {
  private readonly runningOfAccount = new Map<AccountId, number>();
  private taken = 0;

  constructor(readonly limits: ExportLimits) {}

  get running(): number {
    return this.taken;
  }

  /**
   * Takes a slot for an export.
   *
   * @returns what gives the slot back.
   * @throws TooManyExportsError if none is free.
   */
  take(accountId: AccountId): () => void {
    const ofAccount = this.runningOfAccount.get(accountId) ?? 0;
    if (ofAccount >= this.limits.maxPerAccount) throw new TooManyExportsError('account', ofAccount);
    if (this.taken >= this.limits.maxConcurrent) {
      throw new TooManyExportsError('process', this.taken);
    }
    this.taken++;
    this.runningOfAccount.set(accountId, ofAccount + 1);
    return () => {
      this.taken--;
      const left = (this.runningOfAccount.get(accountId) as number) - 1;
      if (left > 0) this.runningOfAccount.set(accountId, left);
      else this.runningOfAccount.delete(accountId);
    };
  }
}
