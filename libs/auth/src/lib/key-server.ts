import type { KeyObject } from 'node:crypto';
import { Logger, ServiceUnavailableException } from '@nestjs/common';
import { fetchKeySet, type PublishedKey } from './fetch-key-set';
import { TokenRefused } from './token-refused';

/** After this time the keys are fetched again, so that one that is withdrawn stops working. */
const FRESH_MS = 10 * 60_000;
/** For this long the keys last fetched are used if the server fails. */
const KEPT_MS = 60 * 60_000;
/** A token that names an unknown key has the keys fetched again, but no sooner than this. */
const PAUSE_MS = 30_000;
/** The same after a fetch that failed. */
const PAUSE_AFTER_FAILURE_MS = 5_000;

/**
 * The keys of a key server. Requests share one fetch, and tokens that are made up cause no more than one per pause, whether the
 * server works or fails. (jose's remote key set pauses only after a success, and forgets its keys as soon as a fetch fails.)
 */
export class KeyServer {
  private readonly logger = new Logger('Auth');
  private keys: readonly PublishedKey[] = [];
  private fetchedAt = NaN;
  private triedAt = NaN;
  private isFailing = false;
  private fetching?: Promise<void>;

  constructor(private readonly uri: string) {}

  /**
   * The keys that may have signed a token: one, or several if the token or the set gives no key ids.
   *
   * @throws TokenRefused if the server has no such key.
   * @throws ServiceUnavailableException if the key is unknown while the server fails.
   */
  async find(algorithm: string, kid: string | undefined): Promise<readonly KeyObject[]> {
    if (!isWithin(this.fetchedAt, FRESH_MS)) await this.refresh();
    if (this.named(kid).length === 0) await this.refresh();
    const named = this.named(kid);
    if (named.length > 0) {
      const fitting = named.filter(({ algorithms }) => algorithms.includes(algorithm));
      if (fitting.length === 0) throw new TokenRefused('algorithm');
      return fitting.map(({ key }) => key);
    }
    if (!this.isFailing) throw new TokenRefused('unknown_key');
    throw new ServiceUnavailableException(
      'The server of the keys that verify tokens does not answer: try again soon',
    );
  }

  private named(kid: string | undefined): readonly PublishedKey[] {
    if (!isWithin(this.fetchedAt, KEPT_MS)) return [];
    return kid === undefined ? this.keys : this.keys.filter((key) => key.kid === kid);
  }

  /** Fetches the keys, unless they were just fetched. */
  private async refresh(): Promise<void> {
    const pause = this.isFailing ? PAUSE_AFTER_FAILURE_MS : PAUSE_MS;
    if (isWithin(this.triedAt, pause)) return;
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    await this.fetching;
  }

  private async fetch(): Promise<void> {
    try {
      this.keys = await fetchKeySet(this.uri);
      this.fetchedAt = Date.now();
      this.isFailing = false;
      if (this.keys.length === 0) this.logger.warn('The key set has no key that verifies tokens');
    } catch (error) {
      this.isFailing = true;
      this.logger.warn(`Can't fetch the key set: ${reasonOf(error as Error)}`);
    }
    this.triedAt = Date.now();
  }
}

/** Whether no more time has passed. A clock that was put back counts as having passed it, and so does NaN, which is never. */
function isWithin(since: number, ms: number): boolean {
  const age = Date.now() - since;
  return age >= 0 && age < ms;
}

/** `fetch` says only that it failed; the reason is in the cause, whose message is empty if a host has several addresses. */
function reasonOf({ message, cause }: Error): string {
  const { message: detail, code } = Object(cause) as { message?: string; code?: string };
  return detail || code || message;
}
