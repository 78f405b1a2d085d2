import { type ExecutionContext, HttpException, HttpStatus } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import {
  ThrottlerGuard,
  type ThrottlerLimitDetail,
  type ThrottlerStorage,
} from '@nestjs/throttler';

const MINUTE_MS = 60_000;

/** Whose requests are counted, and by what of a request they are known. */
type Subject = 'address' | 'account';

/** Lets in so many requests a minute of each subject. One that sends more is answered 429 for the next minute. */
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    private readonly subject: Subject,
    limit: number,
    storage: ThrottlerStorage,
    reflector: Reflector,
  ) {
    super([{ ttl: MINUTE_MS, limit }], storage, reflector);
  }

  protected override async getTracker(request: { user?: { account_id: number } }): Promise<string> {
    return this.subject === 'address'
      ? super.getTracker(request)
      : String(request.user?.account_id);
  }

  /** One count for all routes. */
  protected override generateKey(_: ExecutionContext, tracker: string): string {
    return `calls-export:${this.subject}:${tracker}`;
  }

  protected override async throwThrottlingException(
    _: ExecutionContext,
    { limit, timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    const statusCode = HttpStatus.TOO_MANY_REQUESTS;
    const message = `More than ${limit} requests a minute came from this ${this.subject}: try again in ${timeToBlockExpire} seconds`;
    throw new HttpException({ statusCode, error: 'Too Many Requests', message }, statusCode);
  }
}
