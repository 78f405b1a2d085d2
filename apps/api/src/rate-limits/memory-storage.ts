import { ThrottlerStorageService } from '@nestjs/throttler';

/**
 * Counts the requests of this process.
 *
 * A request counts for one minute, so all requests are available again a minute after the last one.
 * `timeToExpire` is set accordingly; in the base class, it is the end of the first request's minute.
 */
export class MemoryStorage extends ThrottlerStorageService {
  override async increment(
    ...request: Parameters<ThrottlerStorageService['increment']>
  ): ReturnType<ThrottlerStorageService['increment']> {
    const [, ttl] = request;
    return { ...(await super.increment(...request)), timeToExpire: Math.ceil(ttl / 1000) };
  }
}
