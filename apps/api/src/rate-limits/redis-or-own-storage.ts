import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type ThrottlerStorage, ThrottlerStorageService } from '@nestjs/throttler';
import { Redis } from 'ioredis';

/** A request does not wait longer for Redis. */
const TIMEOUT_MS = 250;

/** Counts in Redis, together with the other instances; while Redis does not answer, each counts for itself. */
@Injectable()
export class RedisOrOwnStorage implements ThrottlerStorage, OnApplicationShutdown {
  private readonly logger = new Logger(RedisOrOwnStorage.name);
  private readonly redis: Redis;
  private readonly shared: ThrottlerStorageRedisService;
  private readonly own = new ThrottlerStorageService();
  private isDown = false;

  constructor(url: string) {
    this.redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: TIMEOUT_MS,
      connectTimeout: 10 * TIMEOUT_MS,
    });
    this.shared = new ThrottlerStorageRedisService(this.redis);
    this.redis.on('ready', () => {
      if (this.isDown) this.logger.log('Redis answers again: the rate limits are shared');
      this.isDown = false;
    });
    this.redis.on('error', (error) => {
      if (!this.isDown) {
        this.logger.warn(`Redis does not answer, so this process limits alone: ${error.message}`);
      }
      this.isDown = true;
    });
  }

  async increment(
    ...request: Parameters<ThrottlerStorage['increment']>
  ): ReturnType<ThrottlerStorage['increment']> {
    try {
      return await this.shared.increment(...request);
    } catch {
      return this.own.increment(...request);
    }
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
    this.own.onApplicationShutdown();
  }
}
