import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { EncodedCalls } from '../formats/file-format';
import type { CallKey, CallRange } from '../model/call-key';
import { reasonOf } from '../model/export-errors';
import type { PageReader } from './page-reader';
import { isStatementTimeout, isTransient } from './transient-error';

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 2_000;
/** Failures that follow each other so closely are one incident, unless a page has been read between them. */
const INCIDENT_MS = 60_000;
/** A statement that has run out of its time so often is one that does not get done. */
const TIMEOUTS_MAX = 3;

/**
 * Reads a page again if the database fails in a way that passes. That is safe, since a page is a range of keys and is
 * only sent when it is whole.
 */
export class RetryingReader implements PageReader {
  private readonly logger = new Logger(RetryingReader.name);
  /** Until when no further warning is due: all exports of the process see the same database fail. */
  private static quietUntil = -Infinity;
  private giveUpAt = Infinity;

  /**
   * @param seconds from the first failure on in which a page is tried again: all its statements together, since what counts is
   *   how long the client hears nothing.
   *   One that takes too long is tried three times, however short that was.
   * @param signal ends the waiting.
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
        // Not all exports at the same moment.
        await sleep(delay * (0.5 + Math.random() / 2), undefined, { signal: this.signal });
      }
    }
  }

  private warnOnce(error: unknown): void {
    const now = performance.now();
    if (now > RetryingReader.quietUntil) {
      this.logger.warn(`A page is read again after: ${reasonOf(error)}`);
    }
    RetryingReader.quietUntil = now + INCIDENT_MS;
  }
}
