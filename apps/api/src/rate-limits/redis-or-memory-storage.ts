import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import { MemoryStorage } from './memory-storage';

/** How long a request waits for Redis. */
const TIMEOUT_MS = 250;
/** The pause before Redis is retried after a failure. */
const RETRY_MS = 5_000;

/**
 * Counts in Redis, shared with the other instances. While Redis fails, this process counts in memory, and one
 * request at a time retries Redis.
 */
@Injectable()
export class RedisOrMemoryStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly logger = new Logger(RedisOrMemoryStorage.name);
  private readonly redis: Redis;
  private readonly shared: ThrottlerStorageRedisService;
  private readonly local = new MemoryStorage();
  private isDown = false;
  private retryAt = 0;

  constructor(url: string) {
    this.redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: TIMEOUT_MS,
      connectTimeout: 10 * TIMEOUT_MS,
      // Without it, a connection to a host that disappeared would stay open for minutes.
      socketTimeout: RETRY_MS,
    });
    this.shared = new ThrottlerStorageRedisService(this.redis);
    this.redis.on('error', (error) => this.markDown(error));
  }

  async increment(
    ...request: Parameters<ThrottlerStorage['increment']>
  ): ReturnType<ThrottlerStorage['increment']> {
    const now = performance.now();
    if (this.redis.status !== 'ready' || now < this.retryAt)
      return this.local.increment(...request);
    // Only this request retries Redis; concurrent ones count in memory.
    if (this.isDown) this.retryAt = now + RETRY_MS;
    try {
      const record = await this.shared.increment(...request);
      this.markUp();
      return record;
    } catch (error) {
      this.markDown(error as Error);
      // A lost connection needs no pause: requests skip Redis until it reconnects.
      if (this.redis.status === 'ready') this.retryAt = performance.now() + RETRY_MS;
      return this.local.increment(...request);
    }
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
    this.local.onApplicationShutdown();
  }

  private markUp(): void {
    if (this.isDown) this.logger.log('Redis is available again: rate limits are shared');
    this.isDown = false;
    this.retryAt = 0;
  }

  private markDown({ message }: Error): void {
    if (!this.isDown) {
      this.logger.warn(`Redis is unavailable, so this process counts requests alone: ${message}`);
    }
    this.isDown = true;
  }
}
