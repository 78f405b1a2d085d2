import type { ServerResponse } from 'node:http';
import { type ExecutionContext, HttpException, HttpStatus } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerRequest, type ThrottlerStorage } from '@nestjs/throttler';
import { showLimit, showTighterLimit } from './rate-headers';

const MINUTE_MS = 60_000;

/** Whose requests a limit counts. */
export type RateLimitSubject = 'address' | 'account';

/** How requests are limited. */
export interface RateLimitRules {
  /** How many requests a minute an address may send. */
  readonly perAddress: number;
  /** How many requests a minute an account may send. */
  readonly perAccount: number;
  /** Where the instances count together. Default: each counts for itself. */
  readonly redisUrl?: string;
  /** Finds the account that a request opens. Requests of one account are counted together. */
  findAccount(request: { user?: unknown }): number | string;
  /** Is told of each request that a limit refuses. */
  onRefused(subject: RateLimitSubject): void;
}

/** Lets in so many requests a minute of each subject. One that sends more is answered 429 for the next minute. */
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    private readonly subject: RateLimitSubject,
    limit: number,
    private readonly rules: Pick<RateLimitRules, 'findAccount' | 'onRefused'>,
    storage: ThrottlerStorage,
    reflector: Reflector,
  ) {
    super([{ ttl: MINUTE_MS, limit }], storage, reflector);
  }

  protected override async getTracker(request: { user?: unknown }): Promise<string> {
    return this.subject === 'address'
      ? super.getTracker(request)
      : String(this.rules.findAccount(request));
  }

  /** One count for all routes. */
  protected override generateKey(_: ExecutionContext, tracker: string): string {
    return `calls-export:${this.subject}:${tracker}`;
  }

  /** Throttler's own sets the headers only of a request that it lets in, over those of the limit before. */
  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, blockDuration, throttler, getTracker, generateKey } = request;
    const { req, res } = this.getRequestResponse(context);
    const name = throttler.name ?? 'default';
    const key = generateKey(context, await getTracker(req, context), name);
    const { totalHits, timeToExpire, isBlocked, timeToBlockExpire } =
      await this.storageService.increment(key, ttl, limit, blockDuration, name);
    const response = res as ServerResponse;
    if (isBlocked) {
      this.rules.onRefused(this.subject);
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
    const message = `More than ${limit} requests a minute came from this ${this.subject}: try again in ${seconds} seconds`;
    return new HttpException({ statusCode, error: 'Too Many Requests', message }, statusCode);
  }
}
