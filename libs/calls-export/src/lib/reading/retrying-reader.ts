import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { EncodedCalls } from '../formats/file-format';
import type { CallKey, CallRange } from '../model/call-key';
import { reasonOf } from '../model/export-errors';
import type { PageReader } from './page-reader';
import { isStatementTimeout, isTransient } from './transient-error';

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 2_000;
/** Failures closer together than this are one incident, logged once, unless a page was read in between. */
const INCIDENT_MS = 60_000;
/** After this many timeouts, a statement is not expected to ever finish. */
const TIMEOUTS_MAX = 3;

/**
 * Retries a page after a transient database error. That is safe: a page is a range of keys, and is sent only
 * once it is complete.
 */
export class RetryingReader implements PageReader {
  private readonly logger = new Logger(RetryingReader.name);
  /**
   * No further warning is logged before this time. Shared, since one outage hits all exports of the process.
   */
  private static quietUntil = -Infinity;
  private giveUpAt = Infinity;

  /**
   * @param seconds how long to keep retrying a page, from its first failure, in seconds. It covers all
   *   statements of the page, since it limits how long the client receives nothing. Statement timeouts are
   *   retried at most twice.
   * @param signal stops the retries.
   */
  constructor(
    private readonly reader: PageReader,
    private readonly seconds: number,
    private readonly signal: AbortSignal,
  ) {}

  get mayReadAhead(): boolean {
    return this.reader.mayReadAhead;
  }

  keyAfter(after: CallKey | undefined, count: number, end?: CallKey): Promise<CallKey | undefined> {
    return this.retry(() => this.reader.keyAfter(after, count, end));
  }

  async read(range: CallRange): Promise<EncodedCalls> {
    const calls = await this.retry(() => this.reader.read(range));
    this.giveUpAt = Infinity;
    RetryingReader.quietUntil = -Infinity;
    return calls;
  }

  private async retry<T>(work: () => Promise<T>): Promise<T> {
    let timeouts = 0;
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, LAST_DELAY_MS)) {
      try {
        return await work();
      } catch (error) {
        if (isStatementTimeout(error)) timeouts++;
        const isLast = performance.now() > this.giveUpAt || timeouts === TIMEOUTS_MAX;
        if (isLast || this.signal.aborted || !isTransient(error)) throw error;
        if (this.giveUpAt === Infinity) {
          this.giveUpAt = performance.now() + this.seconds * 1000;
          this.warnOnce(error);
        }
        // Jitter, so that exports don't all retry at once.
        await sleep(delay * (0.5 + Math.random() / 2), undefined, { signal: this.signal });
      }
    }
  }

  private warnOnce(error: unknown): void {
    const now = performance.now();
    if (now > RetryingReader.quietUntil) {
      this.logger.warn(`Retrying a page after: ${reasonOf(error)}`);
    }
    RetryingReader.quietUntil = now + INCIDENT_MS;
  }
}
