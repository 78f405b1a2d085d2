import { Inject, Injectable } from '@nestjs/common';
import type { AccountId } from './account-id';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './calls-export-options';
import { TooManyExportsError } from './export-errors';

/** Counts the exports that run in this process, so that no more do than it and the database bear. */
@Injectable()
export class ExportSlots {
  private readonly runningOfAccount = new Map<AccountId, number>();
  private taken = 0;

  constructor(@Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions) {}

  get running(): number {
    return this.taken;
  }

  /**
   * Takes a slot for an export.
   *
   * @returns what gives the slot back.
   * @throws TooManyExportsError where none is free.
   */
  take(accountId: AccountId): () => void {
    const ofAccount = this.runningOfAccount.get(accountId) ?? 0;
    if (ofAccount >= this.options.maxPerAccount)
      throw new TooManyExportsError('account', ofAccount);
    if (this.taken >= this.options.maxConcurrent)
      throw new TooManyExportsError('process', this.taken);
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
