import type { ServerResponse } from 'node:http';
import { type ExecutionContext, HttpException, HttpStatus } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerRequest, type ThrottlerStorage } from '@nestjs/throttler';
import { showLimit, showTighterLimit } from './rate-headers';

const MINUTE_MS = 60_000;

/** What a limit applies to. */
export type RateLimitScope = 'address' | 'account';

/** The rate limits. */
export interface RateLimitRules {
  /** The maximum number of requests a minute per address. */
  readonly perAddress: number;
  /** The maximum number of requests a minute per account. */
  readonly perAccount: number;
  /** The Redis server in which the instances share their counts. Default: each counts alone. */
  readonly redisUrl?: string;
  /** Returns the account of a request. */
  findAccount(request: { user?: unknown }): number | string;
  /** Called for each request that exceeds a limit. */
  onRefused(scope: RateLimitScope): void;
}

/**
 * Limits the requests a minute per address or account. Once the limit is exceeded, requests get a 429 for the
 * next minute.
 */
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    private readonly scope: RateLimitScope,
    limit: number,
    private readonly rules: Pick<RateLimitRules, 'findAccount' | 'onRefused'>,
    storage: ThrottlerStorage,
    reflector: Reflector,
  ) {
    super([{ ttl: MINUTE_MS, limit }], storage, reflector);
  }

  protected override async getTracker(request: { user?: unknown }): Promise<string> {
    return this.scope === 'address'
      ? super.getTracker(request)
      : String(this.rules.findAccount(request));
  }

  /** Counts all routes together. */
  protected override generateKey(_: ExecutionContext, tracker: string): string {
    return `calls-export:${this.scope}:${tracker}`;
  }

  /**
   * Overridden because the base class sets no headers on a refused request, and overwrites those of a limit
   * that was checked before.
   */
  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, blockDuration, throttler, getTracker, generateKey } = request;
    const { req, res } = this.getRequestResponse(context);
    const name = throttler.name ?? 'default';
    const key = generateKey(context, await getTracker(req, context), name);
    const { totalHits, timeToExpire, isBlocked, timeToBlockExpire } =
      await this.storageService.increment(key, ttl, limit, blockDuration, name);
    const response = res as ServerResponse;
    if (isBlocked) {
      this.rules.onRefused(this.scope);
      showLimit(response, { limit, remaining: 0, reset: timeToBlockExpire });
      response.setHeader('Retry-After', timeToBlockExpire);
      throw this.tooMany(limit, timeToBlockExpire);
    }
    const remaining = Math.max(0, limit - totalHits);
    showTighterLimit(response, { limit, remaining, reset: timeToExpire });
    return true;
  }

  private tooMany(limit: number, seconds: number): HttpException {
    const statusCode = HttpStatus.TOO_MANY_REQUESTS;
    const message =
      `Rate limit exceeded: at most ${limit} requests a minute per ${this.scope}. ` +
      `Try again in ${seconds} seconds.`;
    return new HttpException({ statusCode, error: 'Too Many Requests', message }, statusCode);
  }
}
