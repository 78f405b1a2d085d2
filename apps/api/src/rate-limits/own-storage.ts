import { ThrottlerStorageService } from '@nestjs/throttler';

/**
 * Counts in this process. A request counts for the minute that follows it, so all are available again a minute after the last one;
 * Throttler's own tells when the minute of the first one ends.
 */
export class OwnStorage extends ThrottlerStorageService {
  override async increment(
    ...request: Parameters<ThrottlerStorageService['increment']>
  ): ReturnType<ThrottlerStorageService['increment']> {
    const [, ttl] = request;
    return { ...(await super.increment(...request)), timeToExpire: Math.ceil(ttl / 1000) };
  }
}
