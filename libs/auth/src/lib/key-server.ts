import type { KeyObject } from 'node:crypto';
import { Logger, ServiceUnavailableException } from '@nestjs/common';
import { fetchKeySet, type PublishedKey } from './fetch-key-set';
import { TokenRefused } from './token-refused';

/** The keys are fetched again after this time, so that a revoked key stops working. */
const FRESH_MS = 10 * 60_000;
/** How long the last keys are used while the server fails. */
const STALE_MS = 60 * 60_000;
/** The minimum time between fetches, which limits those that unknown key ids cause. */
const PAUSE_MS = 30_000;
/** The same after a failed fetch. */
const PAUSE_AFTER_FAILURE_MS = 5_000;

/**
 * Caches the keys of a key server. Concurrent requests share one fetch, and forged tokens cause at most one
 * fetch per pause.
 *
 * jose's remote key set is not used: it only pauses after a success, and drops its keys when a fetch fails.
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
   * Finds the keys that may have signed a token: several if the token has no key id or keys share one.
   *
   * @throws TokenRefused if the server has no such key.
   * @throws ServiceUnavailableException if the key is not cached and the server fails.
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
      "The key server is unavailable, so tokens can't be verified: try again soon",
    );
  }

  private named(kid: string | undefined): readonly PublishedKey[] {
    if (!isWithin(this.fetchedAt, STALE_MS)) return [];
    return kid === undefined ? this.keys : this.keys.filter((key) => key.kid === kid);
  }

  /** Fetches the keys, unless the last fetch was within the pause. */
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
      if (this.keys.length === 0) this.logger.warn('The key set has no key that can verify tokens');
    } catch (error) {
      this.isFailing = true;
      this.logger.warn(`Can't fetch the key set: ${reasonOf(error as Error)}`);
    }
    this.triedAt = Date.now();
  }
}

/**
 * Whether less than `ms` has passed. False if the clock went backwards, and for NaN, which stands for never.
 */
function isWithin(since: number, ms: number): boolean {
  const age = Date.now() - since;
  return age >= 0 && age < ms;
}

/**
 * Returns why `fetch` failed. Its cause has the reason, but an empty message if a host has several addresses.
 */
function reasonOf({ message, cause }: Error): string {
  const { message: detail, code } = Object(cause) as { message?: string; code?: string };
  return detail || code || message;
}
