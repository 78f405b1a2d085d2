import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { CallKey, CallRange } from '../model/call-key';
import { reasonOf } from '../model/export-errors';
import type { CallsReader, EncodedCalls } from './calls-reader';
import { isTransient } from './transient-error';

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 2_000;

/**
 * Reads a page again if the database fails in a way that passes. That is safe, since a page is a range of keys and is
 * only sent when it is whole.
 */
export class RetryingReader implements CallsReader {
  private readonly logger = new Logger(RetryingReader.name);

  /**
   * @param seconds from the first failure of a page on in which it is tried again.
   * @param signal ends the waiting.
   */
  constructor(
    private readonly reader: CallsReader,
    private readonly seconds: number,
    private readonly signal: AbortSignal,
  ) {}

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.retry(() => this.reader.keyAfter(after, count, end));
  }

  read(range: CallRange): Promise<EncodedCalls> {
    return this.retry(() => this.reader.read(range));
  }

  private async retry<T>(work: () => Promise<T>): Promise<T> {
    let giveUpAt = Infinity;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, LAST_DELAY_MS)) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error) || performance.now() > giveUpAt) throw error;
        if (giveUpAt === Infinity) {
          giveUpAt = performance.now() + this.seconds * 1000;
          this.logger.warn(`A page is read again after: ${reasonOf(error)}`);
        }
        // Not all exports at the same moment.
        await sleep(delay * (0.5 + Math.random() / 2), undefined, { signal: this.signal });
      }
    }
  }
}
