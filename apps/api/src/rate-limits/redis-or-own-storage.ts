import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import { OwnStorage } from './own-storage';

/** A request waits at most this long for Redis. */
const TIMEOUT_MS = 250;
/** After a failure Redis is left alone for this long. */
const RETRY_MS = 5_000;

/**
 * Counts in Redis, together with the other instances. While Redis fails, each instance counts for itself, and one request
 * at a time tries Redis again.
 */
@Injectable()
export class RedisOrOwnStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly logger = new Logger(RedisOrOwnStorage.name);
  private readonly redis: Redis;
  private readonly shared: ThrottlerStorageRedisService;
  private readonly own = new OwnStorage();
  private isDown = false;
  private retryAt = 0;

  constructor(url: string) {
    this.redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: TIMEOUT_MS,
      connectTimeout: 10 * TIMEOUT_MS,
      // Without it, a connection to a host that has disappeared would stay open for many minutes.
      socketTimeout: RETRY_MS,
    });
    this.shared = new ThrottlerStorageRedisService(this.redis);
    this.redis.on('error', (error) => this.markDown(error));
  }

  async increment(
    ...request: Parameters<ThrottlerStorage['increment']>
  ): ReturnType<ThrottlerStorage['increment']> {
    const now = performance.now();
    if (this.redis.status !== 'ready' || now < this.retryAt) return this.own.increment(...request);
    // The requests that come while this one waits count for themselves.
    if (this.isDown) this.retryAt = now + RETRY_MS;
    try {
      const record = await this.shared.increment(...request);
      this.markUp();
      return record;
    } catch (error) {
      this.markDown(error as Error);
      // A lost connection needs no pause: until there is a new one, Redis is not asked.
      if (this.redis.status === 'ready') this.retryAt = performance.now() + RETRY_MS;
      return this.own.increment(...request);
    }
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
    this.own.onApplicationShutdown();
  }

  private markUp(): void {
    if (this.isDown) this.logger.log('Redis answers again: the rate limits are shared');
    this.isDown = false;
    this.retryAt = 0;
  }

  private markDown({ message }: Error): void {
    if (!this.isDown) {
      this.logger.warn(`Redis does not answer, so this process limits alone: ${message}`);
    }
    this.isDown = true;
  }
}
